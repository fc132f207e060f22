import { AwsError } from '../errors.ts';
import { noSuchEntity, type Role, type RoleStore } from '../iam/role-store.ts';
import { simulatePrincipalPolicy } from '../iam/simulate.ts';
import { optionalString } from '../input.ts';
import type { JsonObject, ServiceDefinition } from '../service.ts';
import { queryServiceErrors } from './common-errors.ts';

const CREATED = new Date('2026-01-05T10:00:00Z');
/** Managed policies have one version here. */
const VERSION = 'v1';

/** What IAM tells of roles and their policies (IAM API reference). Documents come URL-encoded, as from IAM. */
export function iamService(roles: RoleStore): ServiceDefinition {
  return {
    id: 'iam',
    protocol: { kind: 'query', xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/' },
    operations: operations(roles),
    resource: (_operation, input, { partition, accountId }) =>
      String(
        input.PolicySourceArn ?? input.PolicyArn ?? `arn:${partition}:iam::${accountId}:role/${input.RoleName ?? '*'}`,
      ),
    errors: queryServiceErrors({
      serverError: new AwsError(
        'ServiceFailure',
        'The request processing has failed because of an unknown error, exception or failure.',
        500,
      ),
      notFound: (_operation, { RoleName }) => noSuchEntity(`The role with name ${RoleName} cannot be found.`),
      accessDenied: (message) => new AwsError('AccessDenied', message, 403),
      action: (operation) => `iam:${operation}`,
    }),
  };
}

function operations(roles: RoleStore): ServiceDefinition['operations'] {
  const roleOf = (input: JsonObject) => roles.get(optionalString(input, 'RoleName') ?? '');
  const managedOf = (input: JsonObject) => roles.managed(optionalString(input, 'PolicyArn') ?? '');
  return {
    GetRole: (input) => ({ Role: roleShape(roleOf(input)) }),
    ListRolePolicies: (input) => ({ PolicyNames: Object.keys(roleOf(input).inline ?? {}), IsTruncated: false }),
    GetRolePolicy: (input) => inlinePolicy(roleOf(input), optionalString(input, 'PolicyName') ?? ''),
    ListAttachedRolePolicies: (input) => ({
      AttachedPolicies: (roleOf(input).attached ?? []).map(({ arn }) => ({
        PolicyName: nameOf(arn),
        PolicyArn: arn,
      })),
      IsTruncated: false,
    }),
    GetPolicy: (input) => {
      const { arn } = managedOf(input);
      return { Policy: { PolicyName: nameOf(arn), Arn: arn, DefaultVersionId: VERSION, IsAttachable: true } };
    },
    GetPolicyVersion: (input) => ({
      PolicyVersion: {
        Document: encoded(managedOf(input).document),
        VersionId: VERSION,
        IsDefaultVersion: true,
        CreateDate: CREATED,
      },
    }),
    SimulatePrincipalPolicy: (input, context) => simulatePrincipalPolicy(roles, input, context),
  };
}

function roleShape({ name, arn, path, trust, boundary }: Role): object {
  return {
    Path: path ?? '/',
    RoleName: name,
    RoleId: `AROA${Buffer.from(name).toString('hex').toUpperCase().padEnd(17, '0').slice(0, 17)}`,
    Arn: arn,
    CreateDate: CREATED,
    AssumeRolePolicyDocument: encoded(trust),
    ...(boundary && {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary.arn },
    }),
    MaxSessionDuration: 3600,
  };
}

function inlinePolicy({ name, inline = {} }: Role, policy: string): object {
  const document = Object.hasOwn(inline, policy) ? inline[policy] : undefined;
  if (document === undefined) throw noSuchEntity(`The role policy with name ${policy} cannot be found.`);
  return { RoleName: name, PolicyName: policy, PolicyDocument: encoded(document) };
}

function encoded(document: object): string {
  return encodeURIComponent(JSON.stringify(document));
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
