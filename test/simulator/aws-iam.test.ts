import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  SimulatePrincipalPolicyCommand,
  type SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { startAws } from './aws-fixture.ts';

const ROLE = 'arn:aws:iam::123456789012:role/team/hook';
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:approval';
const TRUST = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] };

function statement(effect: string, action: string, resource: string, condition?: object): object {
  const one = { Effect: effect, Action: action, Resource: resource, ...(condition && { Condition: condition }) };
  return { Version: '2012-10-17', Statement: [one] };
}

async function started() {
  const fixture = await startAws();
  fixture.aws.roles.put('hook', {
    path: '/team/',
    trust: TRUST,
    inline: { invoke: statement('Allow', 'lambda:InvokeFunction', FUNCTION) },
    attached: [{ arn: 'arn:aws:iam::123456789012:policy/logs', document: statement('Allow', 'logs:*', '*') }],
  });
  return { ...fixture, iam: new IAMClient(fixture.config) };
}

it('gives a role with its trust policy, URL-encoded', async () => {
  const { iam } = await started();
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'hook' }));
  expect(Role).toMatchObject({ RoleName: 'hook', Path: '/team/', Arn: ROLE });
  expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22Version/);
  expect(JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))).toEqual(TRUST);
});

it('gives its policies, inline and attached', async () => {
  const { iam } = await started();
  const RoleName = 'hook';
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['invoke']);
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'invoke' }));
  expect(decodeURIComponent(inline.PolicyDocument ?? '')).toContain('lambda:InvokeFunction');
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  expect(AttachedPolicies).toEqual([{ PolicyName: 'logs', PolicyArn: 'arn:aws:iam::123456789012:policy/logs' }]);
  const PolicyArn = AttachedPolicies?.[0]?.PolicyArn ?? '';
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId ?? '';
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toContain('logs:*');
});

it.each([
  ['role', new GetRoleCommand({ RoleName: 'lost' }), 'The role with name lost cannot be found.'],
  [
    'inline policy',
    new GetRolePolicyCommand({ RoleName: 'hook', PolicyName: 'toString' }),
    'The role policy with name toString cannot be found.',
  ],
])('says NoSuchEntity of a %s that is not there', async (_, command, message) => {
  const { iam } = await started();
  // Each command has its own type; the client takes either.
  await expect(iam.send(command as GetRoleCommand)).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message,
    $metadata: { httpStatusCode: 404 },
  });
});

describe('SimulatePrincipalPolicy', () => {
  const simulate = async (asked: Partial<SimulatePrincipalPolicyCommandInput>, change: object = {}) => {
    const { iam, aws } = await started();
    aws.roles.change('hook', (role) => ({ ...role, ...change }));
    const command = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: ROLE,
      ActionNames: ['lambda:InvokeFunction'],
      ResourceArns: [FUNCTION],
      ...asked,
    });
    const { EvaluationResults = [] } = await iam.send(command);
    return EvaluationResults.map(({ EvalActionName, EvalDecision }) => `${EvalActionName} ${EvalDecision}`);
  };

  it('says of each action whether the role may', async () => {
    expect(await simulate({ ActionNames: ['lambda:InvokeFunction', 'lambda:GetPolicy'] })).toEqual([
      'lambda:InvokeFunction allowed',
      'lambda:GetPolicy implicitDeny',
    ]);
  });

  it('counts attached policies', async () => {
    const asked = { ActionNames: ['logs:PutLogEvents'], ResourceArns: ['*'] };
    expect(await simulate(asked)).toEqual(['logs:PutLogEvents allowed']);
    expect(await simulate(asked, { attached: [] })).toEqual(['logs:PutLogEvents implicitDeny']);
  });

  it.each([
    [
      'an explicit deny',
      { attached: [{ arn: 'arn:aws:iam::123456789012:policy/no', document: statement('Deny', '*', '*') }] },
      'explicitDeny',
    ],
    [
      'a boundary',
      { boundary: { arn: 'arn:aws:iam::123456789012:policy/b', document: statement('Allow', 's3:*', '*') } },
      'implicitDeny',
    ],
    ['another resource', { inline: { one: statement('Allow', 'lambda:*', `${FUNCTION}:live`) } }, 'implicitDeny'],
  ])('knows %s', async (_, change, decision) => {
    expect(await simulate({}, change)).toEqual([`lambda:InvokeFunction ${decision}`]);
  });

  it('decides conditions by the context that is given', async () => {
    const condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
    const change = { inline: { pass: statement('Allow', 'iam:PassRole', '*', condition) } };
    const asked = { ActionNames: ['iam:PassRole'], ResourceArns: [ROLE] };
    const entry = (value: string) => [
      { ContextKeyName: 'iam:PassedToService', ContextKeyValues: [value], ContextKeyType: 'string' as const },
    ];
    expect(await simulate(asked, change)).toEqual(['iam:PassRole implicitDeny']);
    expect(await simulate({ ...asked, ContextEntries: entry('ecs-tasks.amazonaws.com') }, change)).toEqual([
      'iam:PassRole allowed',
    ]);
    expect(await simulate({ ...asked, ContextEntries: entry('ec2.amazonaws.com') }, change)).toEqual([
      'iam:PassRole implicitDeny',
    ]);
  });

  it.each([
    ['an unknown role', { PolicySourceArn: `${ROLE}2` }, 'NoSuchEntityException'],
    ['an unknown action', { ActionNames: ['lambda:Fly'] }, 'InvalidInputException'],
  ])('refuses %s', async (_, asked, name) => {
    await expect(simulate(asked)).rejects.toMatchObject({ name });
  });
});

it('names the condition keys that the policies ask for and the request does not bring', async () => {
  const { iam, aws } = await started();
  const condition = { StringEquals: { 'aws:ResourceTag/team': 'shop', 'ecs:cluster': 'x' } };
  const inline = { one: statement('Allow', 'ecs:DescribeServices', '*', condition) };
  aws.roles.change('hook', (role) => ({ ...role, inline }));
  const ask = async (ResourceArns: string[]) => {
    const { EvaluationResults } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: ROLE,
        ActionNames: ['ecs:DescribeServices'],
        ResourceArns,
        ContextEntries: [{ ContextKeyName: 'ECS:Cluster', ContextKeyValues: ['x'], ContextKeyType: 'string' }],
      }),
    );
    return EvaluationResults?.[0];
  };
  const missing = ['aws:ResourceTag/team'];
  expect(await ask(['*'])).toMatchObject({ EvalDecision: 'implicitDeny', MissingContextValues: missing });
  expect(await ask(['arn:aws:ecs:eu-west-1:123456789012:service/shop/ui'])).toMatchObject({
    MissingContextValues: [],
    ResourceSpecificResults: [{ EvalResourceDecision: 'implicitDeny', MissingContextValues: missing }],
  });
});
