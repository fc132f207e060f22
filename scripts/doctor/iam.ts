import {
  type EvaluationResult,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateSimulatePrincipalPolicy,
  type Role,
} from '@aws-sdk/client-iam';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { type Decision, evaluate, missingKeys, type NamedPolicy } from '../../simulator/aws/iam/evaluate.ts';
import { type Asked, ask } from './ask.ts';
import type { Clients } from './clients.ts';

/** What a role ought to be allowed: each action on each resource. */
export interface Wish {
  actions: readonly string[];
  resources: readonly string[];
  context?: Readonly<Record<string, string>>;
}

export interface Refusal {
  action: string;
  resource: string;
  decision: Exclude<Decision, 'allowed'>;
  /** Condition keys of the policies that are not known beforehand, and might let it pass. */
  missing: readonly string[];
}

/** @param arn a role's; its name alone would find another role of that name under another path */
export async function findRole({ iam }: Clients, arn: string): Promise<Asked<Role>> {
  const asked = await ask(iam.send(new GetRoleCommand({ RoleName: nameOf(arn) })));
  if (asked.kind !== 'told') return asked;
  const { Role: role } = asked.value;
  if (role?.Arn === arn) return { kind: 'told', value: role };
  return { kind: 'absent', why: `the role of this name is ${role?.Arn}` };
}

/** A policy document as IAM gives it: URL-encoded JSON (RFC 3986). */
export function documentOf(text: string | undefined): JsonObject | undefined {
  try {
    const document = parseJson(decodeURIComponent(text ?? ''));
    return isJsonObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What of the wishes the role is refused: IAM's own simulator says, or, where the caller may not ask it, the role's
 * policies, read and evaluated here. Resource-based policies have no part in it, nor has here an organization's.
 */
export async function refusals(clients: Clients, role: Role, wishes: readonly Wish[]): Promise<Asked<Refusal[]>> {
  const asked = singly(wishes);
  const simulated = await ask(simulateAll(clients, role.Arn ?? '', asked));
  if (simulated.kind !== 'unseen' || simulated.permission === undefined) return simulated;
  const read = await ask(readPolicies(clients, role));
  if (read.kind === 'told') return ask(evaluateAll(role, read.value, asked));
  if (read.kind === 'absent') return read;
  return {
    ...read,
    ...(read.permission !== undefined && { permission: `${simulated.permission} (or ${read.permission})` }),
  };
}

interface Single {
  actions: readonly string[];
  resource: string;
  context: Readonly<Record<string, string>>;
}

/** All actions on one resource together, so that few requests will do. */
function singly(wishes: readonly Wish[]): Single[] {
  const gathered = new Map<string, Single & { actions: string[] }>();
  for (const { actions, resources, context = {} } of wishes) {
    for (const resource of resources) {
      const key = JSON.stringify([resource, context]);
      const single = gathered.get(key) ?? { actions: [], resource, context };
      single.actions.push(...actions.filter((action) => !single.actions.includes(action)));
      gathered.set(key, single);
    }
  }
  return [...gathered.values()];
}

/** One resource to a request: the answer about several has one decision for all of them. */
async function simulateAll({ iam }: Clients, role: string, asked: readonly Single[]): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const { actions, resource, context } of asked) {
    const pages = paginateSimulatePrincipalPolicy(
      { client: iam },
      {
        PolicySourceArn: role,
        ActionNames: [...actions],
        ResourceArns: [resource],
        ContextEntries: Object.entries(context).map(([key, value]) => ({
          ContextKeyName: key,
          ContextKeyValues: [value],
          ContextKeyType: 'string',
        })),
      },
    );
    const results: EvaluationResult[] = [];
    for await (const { EvaluationResults = [] } of pages) results.push(...EvaluationResults);
    const silent = actions.filter((action) => !results.some(({ EvalActionName }) => EvalActionName === action));
    if (silent.length > 0) throw new Error(`iam:SimulatePrincipalPolicy answered nothing about ${silent.join(', ')}`);
    refused.push(...results.flatMap((result) => refusalOf(result, resource)));
  }
  return refused;
}

function refusalOf(result: EvaluationResult, resource: string): Refusal[] {
  const { EvalActionName: action = '', EvalDecision: decision, MissingContextValues: missing = [] } = result;
  if (decision === 'allowed') return [];
  const ofResource = (result.ResourceSpecificResults ?? []).flatMap((one) => one.MissingContextValues ?? []);
  const denied = decision === 'explicitDeny' ? decision : 'implicitDeny';
  return [{ action, resource, decision: denied, missing: [...new Set([...missing, ...ofResource])] }];
}

interface Policies {
  identityPolicies: NamedPolicy[];
  boundary?: NamedPolicy;
}

async function readPolicies(clients: Clients, role: Role): Promise<Policies> {
  const { iam } = clients;
  const RoleName = role.RoleName ?? '';
  const identityPolicies: NamedPolicy[] = [];
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName })) {
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      identityPolicies.push({ name: PolicyName, policy: documentOf(PolicyDocument) ?? {} });
    }
  }
  for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName })) {
    for (const { PolicyArn = '' } of AttachedPolicies) identityPolicies.push(await readManaged(clients, PolicyArn));
  }
  const boundary = role.PermissionsBoundary?.PermissionsBoundaryArn;
  return { identityPolicies, ...(boundary !== undefined && { boundary: await readManaged(clients, boundary) }) };
}

async function readManaged({ iam }: Clients, arn: string): Promise<NamedPolicy> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  const VersionId = Policy?.DefaultVersionId ?? 'v1';
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId }));
  return { name: arn, policy: documentOf(PolicyVersion?.Document) ?? {} };
}

async function evaluateAll(role: Role, policies: Policies, asked: readonly Single[]): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  const { identityPolicies, boundary } = policies;
  const documents = [...identityPolicies, ...(boundary === undefined ? [] : [boundary])].map(({ policy }) => policy);
  const principal = role.Arn ?? '';
  const accountId = principal.split(':')[4] ?? '';
  for (const { actions, resource, context } of asked) {
    const missing = missingKeys(documents, context);
    const listed = Object.fromEntries(Object.entries(context).map(([key, value]) => [key, [value]]));
    for (const action of actions) {
      const decision = await evaluate({ principal, action, resource, accountId, context: listed, ...policies });
      if (decision !== 'allowed') refused.push({ action, resource, decision, missing });
    }
  }
  return refused;
}

export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
