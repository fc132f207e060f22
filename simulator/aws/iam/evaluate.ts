import { isObject } from '../input.ts';

/**
 * Evaluates policies by \@cloud-copilot/iam-simulate, which knows every action's resource types and condition keys.
 * It is loaded when it is first asked, since it brings the whole Service Authorization Reference with it.
 */

export interface Question {
  /** An ARN, or a service such as `ecs.amazonaws.com`. */
  principal: string;
  action: string;
  resource: string;
  accountId: string;
  context: Readonly<Record<string, readonly string[]>>;
  identityPolicies: readonly NamedPolicy[];
  boundary?: NamedPolicy;
  /** Such as a role's trust policy. */
  resourcePolicy?: object;
}

export interface NamedPolicy {
  name: string;
  policy: object;
}

export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

const DECISIONS = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
} as const;

/** @throws Error when a policy is malformed, or the action or the resource is none that IAM knows */
export async function evaluate(question: Question): Promise<Decision> {
  const { runSimulation } = await import('@cloud-copilot/iam-simulate');
  const { principal, action, resource, accountId, context, identityPolicies, boundary, resourcePolicy } = question;
  const contextVariables = Object.fromEntries(
    Object.entries(context).map(([key, values]): [string, string | string[]] => [
      key,
      values.length === 1 ? values.join() : [...values],
    ]),
  );
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId }, contextVariables },
      identityPolicies: [...identityPolicies],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(boundary && { permissionBoundaryPolicies: [boundary] }),
      ...(resourcePolicy && { resourcePolicy }),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(`${action} on ${resource}: ${result.errors.message}`);
  return DECISIONS[result.overallResult];
}

/** The condition keys that policies ask for and a request does not bring; what depends on them cannot be decided. */
export function missingKeys(policies: readonly object[], context: Readonly<Record<string, unknown>>): string[] {
  const given = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const wanted = policies.flatMap(statementsOf).flatMap(({ Condition }) => keysOf(Condition));
  return [...new Set(wanted)].filter((key) => !given.has(key.toLowerCase())).sort();
}

/** The statements of a policy, of which there may be one without a list. */
export function statementsOf(policy: object): Record<string, unknown>[] {
  const list: unknown = 'Statement' in policy ? policy.Statement : [];
  return (Array.isArray(list) ? list : [list]).filter(isObject);
}

function keysOf(condition: unknown): string[] {
  return isObject(condition)
    ? Object.values(condition).flatMap((keys) => (isObject(keys) ? Object.keys(keys) : []))
    : [];
}
