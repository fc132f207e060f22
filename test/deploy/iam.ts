import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Policy } from '../../scripts/deploy/policies.ts';
import type { Place, Question } from './requests.ts';

/** Whether a role of this account with no policy but this one may do it. @throws Error when IAM has no such question */
export type Allows = (question: Question) => Promise<boolean>;

/** Asks IAM's rules, and each question once. */
export function allowedBy(policy: Policy, { partition, accountId }: Place): Allows {
  const answers = new Map<string, Promise<boolean>>();
  const identityPolicies = [{ name: 'role', policy }];
  return (question) => {
    const key = JSON.stringify(question);
    const known = answers.get(key) ?? ask(question);
    answers.set(key, known);
    return known;
  };

  async function ask({ action, resource, context }: Question): Promise<boolean> {
    // Another account's resource counts as this one's: what is asked is what the role's own policy says.
    const request = {
      principal: `arn:${partition}:iam::${accountId}:role/hook`,
      action,
      resource: { resource, accountId },
      contextVariables: { ...context },
    };
    const simulation = { request, identityPolicies, serviceControlPolicies: [], resourceControlPolicies: [] };
    const answer = await runSimulation(simulation, {});
    const told = `${action} on ${resource}`;
    if (answer.resultType === 'error') throw new Error(`${told}: ${JSON.stringify(answer.errors)}`);
    if (answer.resultType === 'single' && answer.result.ignoredContextKeys?.length) {
      throw new Error(`${told} has no context key ${answer.result.ignoredContextKeys.join(', ')}`);
    }
    return answer.overallResult === 'Allowed';
  }
}
