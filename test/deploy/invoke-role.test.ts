/** The role by which ECS invokes the hooks: who may assume it, and what it may invoke. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { logicalId } from '../../scripts/deploy/names.ts';
import { invokePolicy } from '../../scripts/deploy/roles.ts';
import { ROOT } from '../fixtures/sources.ts';
import { Stack } from './cloudformation.ts';
import { HOOKS } from './hooks.ts';
import { allowedBy } from './iam.ts';
import { filled } from './policy.ts';

const PLACE = { partition: 'aws', region: 'eu-west-1', accountId: '123456789012' };
const ROLE = 'arn:aws:iam::123456789012:role/ecs-hooks-InvokeRole';
const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function';
const TEMPLATE = parse(readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8'));
const chosen = Object.fromEntries(HOOKS.map(({ name }) => [logicalId(name), 'true']));
const stack = new Stack(TEMPLATE, { ...chosen, Cluster: 'prod', LoadTestCluster: 'load' });

async function assumes(principal: string, contextVariables: Record<string, string>): Promise<unknown> {
  const trust = stack.properties('InvokeRole').AssumeRolePolicyDocument;
  const answer = await runSimulation(
    {
      request: {
        principal,
        action: 'sts:AssumeRole',
        resource: { resource: ROLE, accountId: PLACE.accountId },
        contextVariables,
      },
      identityPolicies: [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: trust,
    },
    {},
  );
  return answer.resultType === 'error' ? answer.errors : answer.overallResult;
}

const OWN = {
  'aws:SourceAccount': '123456789012',
  'aws:SourceArn': 'arn:aws:ecs:eu-west-1:123456789012:service/prod/ui',
};

it.each<[string, string, Record<string, string>, string]>([
  ['ECS for a service of the account', 'ecs.amazonaws.com', OWN, 'Allowed'],
  ['ECS that does not say for whom', 'ecs.amazonaws.com', {}, 'Allowed'],
  ['ECS for another account', 'ecs.amazonaws.com', { ...OWN, 'aws:SourceAccount': '210987654321' }, 'ImplicitlyDenied'],
  [
    'ECS for something of another account',
    'ecs.amazonaws.com',
    { 'aws:SourceArn': 'arn:aws:ecs:eu-west-1:210987654321:service/prod/ui' },
    'ImplicitlyDenied',
  ],
  ['tasks', 'ecs-tasks.amazonaws.com', OWN, 'ImplicitlyDenied'],
  ['Lambda', 'lambda.amazonaws.com', OWN, 'ImplicitlyDenied'],
  ['a user', 'arn:aws:iam::123456789012:user/ana', OWN, 'ImplicitlyDenied'],
])('assumed by %s', async (_, principal, context, result) => {
  expect(await assumes(principal, context)).toBe(result);
});

it.each<[string, string, boolean]>([
  ['lambda:InvokeFunction', `${FUNCTION}:ecs-hooks-approval`, true],
  ['lambda:InvokeFunction', `${FUNCTION}:ecs-hooks-approval:live`, true],
  ['lambda:InvokeFunction', `${FUNCTION}:ecs-hooks-consumer-switch`, true],
  ['lambda:InvokeFunction', `${FUNCTION}:ecs-hooks-approval2`, false],
  ['lambda:InvokeFunction', `${FUNCTION}:payroll`, false],
  ['lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:210987654321:function:ecs-hooks-approval', false],
  ['lambda:UpdateFunctionCode', `${FUNCTION}:ecs-hooks-approval`, false],
  ['lambda:GetFunction', `${FUNCTION}:ecs-hooks-approval`, false],
])('%s on %s: %s', async (action, resource, expected) => {
  const allows = allowedBy(filled(invokePolicy(HOOKS), { NamePrefix: 'ecs-hooks' }), PLACE);
  expect(await allows({ action, resource, context: {} })).toBe(expected);
});

it('the template says the same of the functions that it makes', () => {
  const Shape = z.tuple([z.object({ PolicyDocument: z.object({ Statement: z.array(z.unknown()) }) })]);
  const [{ PolicyDocument }] = Shape.parse(stack.properties('InvokeRole').Policies);
  const [statement] = filled(invokePolicy(HOOKS), { NamePrefix: 'ecs-hooks' }).Statement;
  const byName = (arn: string) => `${logicalId(/ecs-hooks-([\w-]+)/.exec(arn)?.[1] ?? '')}Function.Arn`;
  const resources = (statement?.Resource ?? []).map((arn) => `${byName(arn)}${arn.endsWith(':*') ? ':*' : ''}`);
  expect(PolicyDocument.Statement).toEqual([{ ...statement, Action: 'lambda:InvokeFunction', Resource: resources }]);
});
