import { type AnyHook, FRAMEWORK_PERMISSIONS } from '../../shared/hook.ts';
import { type Grant, grantsOf, LOGS, LOST_EVENTS, POLICY_PARAMETERS, withCompanions } from './permissions.ts';

export interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
  Condition?: Grant['condition'];
}

export interface Policy {
  Version: '2012-10-17';
  Statement: Statement[];
}

/** A statement, and the template's condition for it. */
export interface ConditionalStatement {
  statement: Statement;
  when: Grant['when'];
}

/**
 * What a hook's role may do: what its declaration and the framework ask for, on the resources of the table.
 *
 * @throws Error when it declares an action that the table does not have
 */
export function statementsOf(hook: AnyHook): ConditionalStatement[] {
  const actions = withCompanions([...hook.permissions, ...frameworkOnly(hook)]);
  const granted = actions.flatMap((action) => grantsOf(hook.name, action).map((grant) => ({ action, grant })));
  return gather([
    ...granted,
    { action: 'ssm:GetParameter', grant: POLICY_PARAMETERS },
    { action: 'logs:CreateLogStream', grant: LOGS },
    { action: 'logs:PutLogEvents', grant: LOGS },
    ...(hook.onServiceEvent === undefined ? [] : [{ action: 'sqs:SendMessage', grant: LOST_EVENTS }]),
  ]);
}

/** The policy of one hook's role with all its statements; names in `${}` are the template's parameters. */
export function policyOf(hook: AnyHook): Policy {
  return { Version: '2012-10-17', Statement: statementsOf(hook).map(({ statement }) => statement) };
}

/** The framework's GetParameter is for the policy's parameter alone, which has a grant of its own. */
function frameworkOnly({ permissions }: AnyHook): string[] {
  return FRAMEWORK_PERMISSIONS.filter((action) => action !== 'ssm:GetParameter' && !permissions.includes(action));
}

/** One statement for all actions with the same grant; a second one under the same name gets a number. */
function gather(granted: readonly { action: string; grant: Grant }[]): ConditionalStatement[] {
  const byGrant = new Map<string, ConditionalStatement>();
  const taken = new Map<string, number>();
  for (const { action, grant } of granted) {
    const key = JSON.stringify(grant);
    const known = byGrant.get(key);
    if (known !== undefined) {
      known.statement.Action.push(action);
      continue;
    }
    const turn = (taken.get(grant.sid) ?? 0) + 1;
    taken.set(grant.sid, turn);
    byGrant.set(key, { statement: statementOf(grant, action, turn), when: grant.when });
  }
  return [...byGrant.values()];
}

function statementOf({ sid, resources, condition }: Grant, action: string, turn: number): Statement {
  return {
    Sid: turn === 1 ? sid : `${sid}${turn}`,
    Effect: 'Allow',
    Action: [action],
    Resource: [...resources],
    ...(condition && { Condition: condition }),
  };
}
