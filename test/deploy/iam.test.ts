/** IAM checked, not believed: the calls that plays made are held against the generated policies. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { KNOWN_ACTIONS } from '../../scripts/deploy/permissions.ts';
import type { Policy } from '../../scripts/deploy/policies.ts';
import { FRAMEWORK_PERMISSIONS } from '../../shared/hook.ts';
import { ROOT } from '../fixtures/sources.ts';
import { elsewhere, kindOf, NEVER } from './elsewhere.ts';
import { HOOKS } from './hooks.ts';
import { type Allows, allowedBy } from './iam.ts';
import {
  again,
  byTask,
  callsOf,
  firstOnly,
  type Played,
  type RoleCall,
  scaled,
  scenarioFile,
  switched,
  untilSwitched,
} from './plays.ts';
import { filled } from './policy.ts';
import { actionOf, type Question, questionsOf } from './requests.ts';

const PLACE = { partition: 'aws', region: 'eu-west-1', accountId: '123456789012' };

/** Without processes that run at real speed, but for the task of byTask. */
const QUICK = [
  () => scenarioFile('admission'),
  () => scenarioFile('approval-trouble'),
  () => scenarioFile('approval-votes'),
  () => scenarioFile('canary-approval'),
  () => scenarioFile('catalog'),
  () => scenarioFile('ui'),
  () => scenarioFile('ui', again),
  scaled,
  switched,
  byTask,
];
/** With real generators and real workers. */
const REAL = [() => scenarioFile('catalog-load', firstOnly), () => scenarioFile('notifications', untilSwitched)];
/** A bound for what hangs, beside whatever else the machine does. */
const PATIENCE = 280_000;

/** Hooks that ask something of AWS; what the framework asks alone, they show too. */
const ASKING = HOOKS.filter(({ permissions }) => permissions.length > 0);
/** Those whose calls the plays above do not show have a scenario of their own, as `npm run new` makes it. */
const OWN = ASKING.map(({ name }) => name)
  .filter((name) => name !== 'admission' && existsSync(join(ROOT, `simulator/scenarios/${name}.yaml`)))
  .map((name) => () => scenarioFile(name));

const plays: Played[] = [];

beforeAll(async () => {
  const inTurn = async (scenarios: typeof QUICK) => {
    for (const scenario of scenarios) plays.push(await callsOf(scenario()));
  };
  await Promise.all([inTurn(QUICK), inTurn([...REAL, ...OWN])]);
}, PATIENCE);

/** What a role asked IAM for, each question once. */
function asked(role: string): Question[] {
  const all = plays.flatMap(({ calls }) => calls.filter((call) => call.role === role && isItsOwn(call)));
  const questions = all.flatMap((call) => questionsOf(call, PLACE));
  return [...new Map(questions.map((question) => [JSON.stringify(question), question])).values()];
}

/** What a worker does to its queue is not the gate's affair. */
function isItsOwn({ role, service }: RoleCall): boolean {
  return role !== 'consumer-gate' || service !== 'sqs';
}

/** The policy of a role, rendered for the service that the question is about and for nothing beside it. */
function policyFor(role: string, { resource }: Question): Allows {
  const path = /:service[\w-]*\/([^/]+)\/([^/]+)|parameter\/ecs-hooks\/[\w-]+\/([^/]+)\/([^/]+)/.exec(resource);
  const [, ecsCluster, ecsService, ssmCluster, ssmService] = path ?? [];
  const named = ecsService ?? ssmService;
  return rendered(role, {
    Cluster: ecsCluster ?? ssmCluster ?? 'unicorn-watch',
    // The generators are another service's, and have a parameter of their own.
    Service: named === undefined || named === 'load-generators' ? 'catalog' : named,
    WorkQueues: /:sqs:.*:([^:]+)$/.exec(resource)?.[1] ?? 'none',
  });
}

const POLICIES = new Map<string, Allows>();

function rendered(role: string, names: Readonly<Record<string, string>>): Allows {
  const key = JSON.stringify([role, names]);
  const known = POLICIES.get(key) ?? allowedBy(render(role, names), PLACE);
  POLICIES.set(key, known);
  return known;
}

function render(role: string, names: Readonly<Record<string, string>>): Policy {
  const folder = HOOKS.some(({ name }) => name === role) ? 'policies' : 'roles';
  const policy: Policy = JSON.parse(readFileSync(join(ROOT, 'deploy', folder, `${role}.json`), 'utf8'));
  return filled(policy, {
    NamePrefix: 'ecs-hooks',
    ParameterPrefix: '/ecs-hooks',
    PolicyParameters: '/ecs-hooks-policy/*',
    Repositories: 'unicorn-watch/*',
    ApprovalTopicName: 'ui-approvals',
    LoadQueueName: 'load-shards',
    GeneratorService: 'load-generators',
    LoadTestCluster: 'unicorn-watch',
    LoadTestTaskFamily: 'k6',
    LoadTestTaskRoles: 'k6-task',
    FunctionName: `ecs-hooks-${role}`,
    ...names,
  });
}

it('the plays went as they were to go', () => {
  expect(plays.filter(({ met }) => met === false).map(({ title }) => title)).toEqual([]);
  expect(new Set(plays.flatMap(({ calls }) => calls.map(({ role }) => role)))).toEqual(
    new Set([...ASKING.map(({ name }) => name), 'traffic-generator', 'consumer-gate']),
  );
});

describe.each(ASKING)('the calls of $name', ({ name, permissions }) => {
  const declared = [...new Set([...permissions, ...FRAMEWORK_PERMISSIONS])].sort();

  it('are what it declares: nothing else, and nothing that no play has seen', () => {
    const calls = plays.flatMap((play) => play.calls.filter(({ role }) => role === name));
    expect([...new Set(calls.map(actionOf))].sort()).toEqual(declared);
  });
});

/** What no play has seen a task do, and why it may all the same. */
const UNSEEN: Readonly<Record<string, readonly string[]>> = {
  // A generator that is stopped gives its claim back; test/tasks/traffic-generator-life.test.ts plays that.
  'traffic-generator': ['ssm:DeleteParameters'],
};

it.each(['traffic-generator', 'consumer-gate'])('%s may do what it was seen to do, and nothing more', (role) => {
  const policy = render(role, { Cluster: 'c', Service: 's' });
  const seen = asked(role).map(({ action }) => action);
  const allowed = new Set(policy.Statement.flatMap(({ Action }) => Action));
  expect(allowed).toEqual(new Set([...seen, ...(UNSEEN[role] ?? [])]));
});

describe.each([...ASKING.map(({ name }) => name), 'traffic-generator', 'consumer-gate'])('the policy of %s', (role) => {
  it('allows every call that the plays have seen', async () => {
    const questions = asked(role);
    expect(questions.length).toBeGreaterThan(1);
    for (const question of questions) expect(await policyFor(role, question)(question), told(question)).toBe(true);
  });

  it('denies the same in another account, Region, cluster, service, prefix and folder, and on other names', async () => {
    let tried = 0;
    for (const question of asked(role)) {
      const allows = policyFor(role, question);
      for (const other of elsewhere(question)) {
        tried += 1;
        expect(await allows(other), told(other)).toBe(false);
      }
    }
    expect(tried).toBeGreaterThan(10);
  });

  it('denies other actions on the same', async () => {
    let tried = 0;
    for (const question of asked(role)) {
      for (const action of NEVER[kindOf(question.resource)] ?? []) {
        tried += 1;
        const other = { action, resource: question.resource, context: {} };
        expect(await policyFor(role, question)(other), told(other)).toBe(false);
      }
    }
    expect(tried).toBeGreaterThan(1);
  });

  it('speaks of actions, resources and context keys that IAM has, and of everything only where IAM has no less', async () => {
    const policy = render(role, { Cluster: 'prod', Service: 'shop', WorkQueues: 'orders' });
    const allows = allowedBy(policy, PLACE);
    for (const { Action, Resource, Condition = {} } of policy.Statement) {
      const context = Object.assign({}, ...Object.values(Condition));
      for (const [action, pattern] of Action.flatMap((one) => Resource.map((resource) => [one, resource] as const))) {
        if (pattern === '*') expect(UNSCOPED).toContain(action);
        const question = { action, resource: concrete(action, pattern), context };
        expect(await allows(question), told(question)).toBe(true);
      }
    }
  });
});

/** The Service Authorization Reference has no resource type for these, or none that they are used on. */
const UNSCOPED = [
  'cloudwatch:GetMetricData',
  'cloudwatch:PutMetricData',
  'ecs:DescribeTaskDefinition',
  'inspector2:ListCoverage',
  'inspector2:ListFindings',
];

/** One of those that a pattern stands for. */
function concrete(action: string, pattern: string): string {
  if (pattern === '*') return pattern;
  return pattern.replaceAll('*', action.startsWith('logs:') ? 'log-stream:one' : '1');
}

it('every action of the table is one that a hook has', () => {
  const used = HOOKS.flatMap(({ name }) => render(name, { Cluster: 'c', Service: 's', WorkQueues: 'q' }).Statement);
  const actions = new Set(used.flatMap(({ Action }) => Action));
  expect(KNOWN_ACTIONS.filter((action) => !actions.has(action))).toEqual([]);
});

const CATALOG = { Cluster: 'unicorn-watch', Service: 'catalog', WorkQueues: 'notifications' };
const ARN = (service: string, path: string) => `arn:aws:${service}:eu-west-1:123456789012:${path}`;

it.each<[string, string, string]>([
  ['approval', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks/approval/unicorn-watch/checkout/1/PRE_SCALE_UP')],
  ['approval', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks/consumer/unicorn-watch/catalog')],
  ['approval', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks-policy/approval')],
  ['approval', 'sns:Publish', ARN('sns', 'alarms')],
  ['admission', 'ssm:DeleteParameters', ARN('ssm', 'parameter/ecs-hooks-policy/admission')],
  ['admission', 'ecr:BatchGetImage', 'arn:aws:ecr:eu-west-1:210987654321:repository/unicorn-watch/ui'],
  ['consumer-switch', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks/consumer/unicorn-watch/checkout')],
  ['consumer-switch', 'sqs:ReceiveMessage', ARN('sqs', 'notifications')],
  ['consumer-switch', 'sqs:SendMessage', ARN('sqs', 'notifications')],
  ['load-test', 'ecs:UpdateService', ARN('ecs', 'service/unicorn-watch/catalog')],
  ['load-test', 'ecs:DescribeServices', ARN('ecs', 'service/unicorn-watch/catalog')],
  ['load-test', 'sqs:ReceiveMessage', ARN('sqs', 'load-shards')],
  ['load-test', 'iam:PassRole', 'arn:aws:iam::123456789012:role/admin'],
  ['traffic-generator', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks/approval/unicorn-watch/catalog/1/x')],
  ['traffic-generator', 'sqs:SendMessage', ARN('sqs', 'load-shards')],
  ['consumer-gate', 'ssm:PutParameter', ARN('ssm', 'parameter/ecs-hooks/consumer/unicorn-watch/catalog')],
])('%s may not %s on %s', async (role, action, resource) => {
  const context = action === 'iam:PassRole' ? { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } : {};
  expect(await rendered(role, CATALOG)({ action, resource, context })).toBe(false);
});

function told({ action, resource, context }: Question): string {
  return `${action} on ${resource} ${JSON.stringify(context)}`;
}
