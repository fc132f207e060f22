import type { Role } from '@aws-sdk/client-iam';
import { describeError } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { count } from '../../shared/text.ts';
import { evaluate, missingKeys, statementsOf } from '../../simulator/aws/iam/evaluate.ts';
import type { HookAround, ServiceAround } from './around.ts';
import type { Unseen } from './ask.ts';
import type { Clients } from './clients.ts';
import { documentOf, findRole, type Refusal, refusals, type Wish } from './iam.ts';
import { type Line, right, unknown, warning, wrong } from './line.ts';

/** The role by which ECS invokes a hook: whether ECS may assume it, and it may invoke the function. */
export async function invokeRoleLines(around: ServiceAround, roleArn: string, functionArn: string): Promise<Line[]> {
  const { account } = around.place;
  const owner = roleArn.split(':')[4];
  if (owner !== account) {
    return [wrong('invoke role', `is of account ${owner}, the service of ${account}`, 'make a role in this account')];
  }
  const asked = await findRole(around.clients, roleArn);
  if (asked.kind === 'unseen') return [unknown('invoke role', asked)];
  const todo = 'make it, or mend roleArn: deploy/template.yaml has one';
  if (asked.kind === 'absent') return [wrong('invoke role', `there is no role ${roleArn} (${asked.why})`, todo)];
  const role = asked.value;
  const trust = { role, principal: 'ecs.amazonaws.com', accountId: account, source: around.serviceArn };
  return [await trustLine({ check: 'invoke role', ...trust }), await invokeLine(around, role, functionArn)];
}

interface Trust {
  check: string;
  role: Role;
  /** That assumes the role. */
  principal: string;
  accountId: string;
  /** On whose behalf: an ARN. */
  source: string;
}

async function trustLine(asked: Trust): Promise<Line> {
  const { check, role, principal } = asked;
  const trust = documentOf(role.AssumeRolePolicyDocument);
  if (trust === undefined) return wrong(check, 'its trust policy cannot be read', TRUST(principal));
  try {
    if (!(await mayAssume(asked, trust))) return await mistrustLine(asked, trust);
    const isConditional = statementsOf(trust).some(({ Condition }) => Condition !== undefined);
    return right(check, `trusts ${principal}${isConditional ? ', under conditions that are met here' : ''}`);
  } catch (error) {
    return unknown(check, { why: `its trust policy: ${describeError(error)}` });
  }
}

const TRUST = (principal: string) => `let ${principal} do sts:AssumeRole`;

/** What a service brings when it assumes a role (IAM user guide, "The confused deputy problem"). */
function sourceOf({ accountId, source }: Trust) {
  return { 'aws:SourceAccount': [accountId], 'aws:SourceArn': [source] };
}

async function mayAssume(asked: Trust, resourcePolicy: JsonObject): Promise<boolean> {
  const { principal, role, accountId } = asked;
  const request = { principal, action: 'sts:AssumeRole', resource: role.Arn ?? '', accountId };
  const decision = await evaluate({ ...request, context: sourceOf(asked), identityPolicies: [], resourcePolicy });
  return decision === 'allowed';
}

/** Why it may not be assumed. */
async function mistrustLine(asked: Trust, trust: JsonObject): Promise<Line> {
  const { check, principal, accountId, source } = asked;
  const statements = statementsOf(trust);
  const conditions = statements.flatMap(({ Condition }) => (Condition === undefined ? [] : JSON.stringify(Condition)));
  const bare = statements.map(({ Condition: _, ...rest }) => rest);
  if (conditions.length === 0 || !(await mayAssume(asked, { ...trust, Statement: bare }))) {
    return wrong(check, `its trust policy does not let ${principal} assume it`, TRUST(principal));
  }
  const missing = missingKeys([trust], sourceOf(asked));
  if (missing.length > 0) {
    const why = `its trust policy has conditions on ${missing.join(', ')}, which ${principal} may not bring`;
    return unknown(check, { why });
  }
  const text = `the conditions of its trust policy exclude ${source}: ${conditions.join(' and ')}`;
  return wrong(check, text, `write aws:SourceAccount ${accountId} and aws:SourceArn ${source}, or no condition`);
}

async function invokeLine({ clients }: ServiceAround, role: Role, functionArn: string): Promise<Line> {
  const check = 'invoke permission';
  const wish = { actions: ['lambda:InvokeFunction'], resources: [functionArn] };
  const asked = await refusals(clients, role, [wish]);
  if (asked.kind !== 'told') return unknown(check, asked);
  const [refused] = asked.value;
  if (refused === undefined) return right(check, `${role.RoleName} may invoke the function`);
  return refusedLine(check, role, [refused]);
}

/** What depends on conditions that nobody knows beforehand is not known to be refused. */
function refusedLine(check: string, { RoleName }: Role, refused: readonly Refusal[]): Line {
  const certain = refused.filter(({ decision, missing }) => decision === 'explicitDeny' || missing.length === 0);
  if (certain.length > 0) return wrong(check, `${RoleName} is refused ${told(certain)}`, allow(certain));
  const keys = [...new Set(refused.flatMap(({ missing }) => missing))].sort().join(', ');
  return unknown(check, { why: `whether ${RoleName} may do ${told(refused)} depends on conditions on ${keys}` });
}

interface RoleNeeds {
  own: readonly Wish[];
  logs: readonly Wish[];
  /** Why not all of the hook's own needs are known. */
  unseen: Unseen | undefined;
}

/** The function's own role: whether Lambda may assume it, and it may do what the hook needs for this service. */
export async function functionRoleLines(
  { clients, fn, functionArn, place }: HookAround,
  { own, logs, unseen }: RoleNeeds,
): Promise<Line[]> {
  const arn = fn.Role ?? '';
  const asked = await findRole(clients, arn);
  if (asked.kind === 'unseen') return [unknown('function role', asked)];
  if (asked.kind === 'absent') {
    return [wrong('function role', `there is no role ${arn} (${asked.why})`, 'deploy the function again')];
  }
  const role = asked.value;
  const trust = { role, principal: 'lambda.amazonaws.com', accountId: place.account, source: functionArn };
  const permissions = await permissionLine(clients, role, 'permissions', own);
  return [
    await trustLine({ check: 'function role', ...trust }),
    permissions.mark === 'right' && unseen !== undefined ? unknown('permissions', unseen) : permissions,
    await permissionLine(clients, role, 'logs', logs),
  ];
}

async function permissionLine(
  clients: Clients,
  role: Role,
  check: 'permissions' | 'logs',
  wishes: readonly Wish[],
): Promise<Line> {
  const asked = await refusals(clients, role, wishes);
  if (asked.kind !== 'told') return unknown(check, asked);
  const name = role.RoleName;
  if (asked.value.length === 0) {
    const actions = new Set(wishes.flatMap((wish) => wish.actions));
    return right(check, `${name} may do the ${count(actions.size, 'action')} that are needed here`);
  }
  const line = refusedLine(check, role, asked.value);
  return check === 'logs' && line.mark === 'wrong'
    ? warning(check, `${line.text}: no decision is logged`, line.todo)
    : line;
}

function told(refused: readonly Refusal[]): string {
  const texts = refused.map(({ action, resource, decision }) => {
    return `${action} on ${resource}${decision === 'explicitDeny' ? ' (by an explicit deny)' : ''}`;
  });
  return texts.sort().join('; ');
}

function allow(refused: readonly Refusal[]): string {
  const actions = [...new Set(refused.map(({ action }) => action))].join(', ');
  const isDenied = refused.some(({ decision }) => decision === 'explicitDeny');
  return isDenied ? `take out the statement that denies ${actions}` : `allow ${actions} there (deploy/policies has it)`;
}
