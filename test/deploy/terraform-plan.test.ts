import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { logicalId } from '../../scripts/deploy/names.ts';
import { hookIds, ROOT } from '../fixtures/sources.ts';
import { Stack } from './cloudformation.ts';
import { asTemplate, comparable } from './terraform-as-template.ts';
import { HAS_TERRAFORM, plan } from './terraform-plan.ts';

const IDS = hookIds();
const TEMPLATE = parse(readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8'));
const POLICY = 'ssm:/ecs-hooks-policy/admission';

/** The same in both: the module's variables and the template's parameters. */
const VARIABLES = {
  cluster: 'unicorn-watch',
  service: 'notifications',
  name_prefix: 'prod-hooks',
  parameter_prefix: '/prod/hooks',
  log_retention_days: 90,
  alarm_topic_arn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
  enhanced_scanning: true,
  repositories: 'team/*',
  work_queues: 'sightings*',
  consumer_switch_schedule_expression: 'rate(15 minutes)',
  load_test_task_family: 'k6',
  load_test_task_roles: 'k6-*',
  traffic_generator: true,
  generator_image: 'generator:1',
  generator_namespace: 'unicorn-watch',
  generator_subnets: ['subnet-1'],
  generator_security_groups: ['sg-1'],
  allowed_targets: 'http://catalog:8080',
};
const PARAMETERS = Object.fromEntries(
  Object.entries(VARIABLES).map(([name, value]) => {
    const parameter = name.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
    return [parameter, value === true ? 'true' : value];
  }),
);

const folder = mkdtempSync(join(tmpdir(), 'ecs-lifecycle-hooks-terraform-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Without Terraform on the machine the rest of the module's tests must do. */
describe.skipIf(!HAS_TERRAFORM)('Terraform works out what the SAM template makes', { timeout: 180_000 }, () => {
  it('of all hooks and the traffic generators', () => {
    const hooks = Object.fromEntries(IDS.map((id) => [id, id === 'admission' ? { policy: POLICY } : {}]));
    const stack = new Stack(TEMPLATE, {
      ...PARAMETERS,
      ...Object.fromEntries(IDS.map((id) => [logicalId(id), 'true'])),
      AdmissionPolicy: POLICY,
    });
    expectSame(asTemplate(plan(join(folder, 'all'), { ...VARIABLES, hooks })), stack);
  });

  it.each(IDS)('of %s alone', (id) => {
    const stack = new Stack(TEMPLATE, { Cluster: 'prod', RestrictInvokeRole: 'false', [logicalId(id)]: 'true' });
    const variables = { cluster: 'prod', restrict_invoke_role: false, hooks: { [id]: {} } };
    expectSame(asTemplate(plan(join(folder, id), variables)), stack);
  });

  it('and adds what is given to the defaults that it knows', () => {
    const hooks = { approval: { defaults: '{"quorum":2}', policy: '{"mode":"enforce"}' } };
    const { ApprovalFunction } = asTemplate(plan(join(folder, 'given'), { cluster: 'prod', hooks }));
    expect(ApprovalFunction?.properties).toMatchObject({
      Environment: {
        Variables: {
          HOOK_DEFAULTS: {
            parameterPrefix: '/ecs-hooks',
            notifyTopicArn: 'arn:aws:sns:eu-west-1:123456789012:ecs-hooks-approvals',
            quorum: 2,
          },
          HOOK_POLICY: { mode: 'enforce' },
        },
      },
    });
  });

  it.each<[string, object, string]>([
    ['no hook', { hooks: {} }, 'Choose at least one of: admission, '],
    ['a hook that there is not', { hooks: { 'no-such-hook': {} } }, 'Choose at least one of: admission, '],
    [
      'defaults that are no JSON',
      { hooks: { canary: { defaults: 'x' } } },
      'The defaults of a hook must be a JSON object',
    ],
    [
      'a policy that is no JSON',
      { hooks: { canary: { policy: 'x' } } },
      'The policy of a hook must be a JSON object, or ssm:NAME.',
    ],
    ['a cluster that is no name', { cluster: 'a/b' }, 'cluster must match'],
    ['another retention', { log_retention_days: 2 }, 'log_retention_days must be one of'],
    ['a task without its roles', { load_test_task_family: 'k6' }, 'load_test_task_family needs load_test_task_roles'],
    ['a generator without its image', { traffic_generator: true }, 'traffic_generator needs generator_image'],
    [
      'a generator in a pattern',
      { traffic_generator: true, cluster: 'prod-*' },
      'traffic_generator needs load_test_cluster',
    ],
    [
      'a schedule for all services',
      { hooks: { 'consumer-switch': {} }, consumer_switch_schedule_expression: 'rate(1 hour)' },
      'consumer_switch_schedule_expression needs service to be one name',
    ],
  ])('but refuses %s', (name, variables, message) => {
    expect(saidOf(() => plan(join(folder, name), { cluster: 'prod', hooks: { canary: {} }, ...variables }))).toContain(
      message,
    );
  });
});

function expectSame(planned: ReturnType<typeof asTemplate>, stack: Stack): void {
  expect(Object.keys(planned).sort()).toEqual(stack.resources().sort());
  for (const id of stack.resources()) {
    expect(planned[id]?.type, id).toBe(TEMPLATE.Resources[id].Type);
    const expected = comparable(withNames(stack, stack.properties(id)));
    expect(withoutNothing(planned[id]?.properties), id).toEqual(withoutNothing(expected));
  }
}

/** A reference to a function or a log group is one to its name. */
function withNames(stack: Stack, properties: unknown): unknown {
  return JSON.parse(JSON.stringify(properties), (_, value) => {
    if (!/(?:Function|Logs)$/.test(String(value)) || !stack.resources().includes(String(value))) return value;
    const { FunctionName, LogGroupName } = stack.properties(String(value));
    return FunctionName ?? LogGroupName;
  });
}

/** An empty list, as of actions of an alarm, says what no list says. */
function withoutNothing(properties: unknown): unknown {
  return JSON.parse(
    JSON.stringify(properties, (_, value) => (Array.isArray(value) && value.length === 0 ? undefined : value)),
  );
}

/** What Terraform prints, its frames and line breaks taken away. */
function saidOf(run: () => unknown): string {
  try {
    run();
    return 'nothing was refused';
  } catch (error) {
    return String(Object(error).stderr).replaceAll(/[\s│╷╵]+/g, ' ');
  }
}
