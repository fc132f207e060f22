import { AwsError } from '../errors.ts';
import { optionalObjects, optionalString, optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { type Decision, evaluate, missingKeys } from './evaluate.ts';
import type { Role, RoleStore } from './role-store.ts';

/**
 * SimulatePrincipalPolicy for a role: each action on each resource. As at IAM, the trust policy and resource-based
 * policies have no part in it.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export async function simulatePrincipalPolicy(
  roles: RoleStore,
  input: JsonObject,
  { accountId }: OperationContext,
): Promise<object> {
  const role = roles.byArn(optionalString(input, 'PolicySourceArn') ?? '');
  const actions = optionalStrings(input, 'ActionNames') ?? [];
  const resources = optionalStrings(input, 'ResourceArns') ?? ['*'];
  if (actions.length === 0) throw invalidInput('ActionNames must not be empty.');
  const context = contextOf(input);
  const asked = actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
  const missing = missingKeys(policiesOf(role), context);
  const results: object[] = [];
  for (const { action, resource } of asked) {
    const decision = await decide({ role, action, resource, accountId, context });
    const told = { MatchedStatements: [], MissingContextValues: missing };
    results.push({
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: decision,
      ...told,
      // Of a resource that was named, the missing keys are here.
      ...(resource !== '*' && {
        MissingContextValues: [],
        ResourceSpecificResults: [{ EvalResourceName: resource, EvalResourceDecision: decision, ...told }],
      }),
    });
  }
  return { EvaluationResults: results, IsTruncated: false };
}

function policiesOf({ inline = {}, attached = [], boundary }: Role): object[] {
  const managed = boundary === undefined ? attached : [...attached, boundary];
  return [...Object.values(inline), ...managed.map(({ document }) => document)];
}

interface Asked {
  role: Role;
  action: string;
  resource: string;
  accountId: string;
  context: Record<string, string[]>;
}

async function decide({ role, ...asked }: Asked): Promise<Decision> {
  const inline = Object.entries(role.inline ?? {}).map(([name, policy]) => ({ name, policy }));
  const attached = (role.attached ?? []).map(({ arn, document }) => ({ name: arn, policy: document }));
  const { boundary } = role;
  try {
    return await evaluate({
      ...asked,
      principal: role.arn,
      identityPolicies: [...inline, ...attached],
      ...(boundary && { boundary: { name: boundary.arn, policy: boundary.document } }),
    });
  } catch (error) {
    throw invalidInput(error instanceof Error ? error.message : String(error));
  }
}

/** An empty list comes as an empty text (Smithy documentation, page "AWS query protocol"). */
function contextOf(input: JsonObject): Record<string, string[]> {
  if (input.ContextEntries === '') return {};
  return Object.fromEntries(
    (optionalObjects(input, 'ContextEntries') ?? []).map((entry) => [
      optionalString(entry, 'ContextKeyName') ?? '',
      optionalStrings(entry, 'ContextKeyValues') ?? [],
    ]),
  );
}

function invalidInput(message: string): AwsError {
  return new AwsError('InvalidInput', message);
}
