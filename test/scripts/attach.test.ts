import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, aws_ec2 as ec2, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { isJsonObject } from '../../shared/schema.ts';
import { readHcl } from './hcl.ts';
import { run } from './run.ts';

// Processes of their own, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:prod-approval';
const ROLE = 'arn:aws:iam::123456789012:role/ecs-hooks-invoke';
const BASE = ['--hook', 'approval', '--function-arn', ARN, '--role-arn', ROLE];

const attach = (...args: string[]) => run('attach', args);
const validate = (...args: string[]) => run('validate', args);
const NOTHING = { code: 0, out: '1 service, 1 lifecycle hook: 0 errors, 0 warnings, 0 notes\n', err: '' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attach-'));
});
afterAll(async () => rm(folder, { recursive: true }));

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Texts that every format must quote: its own quotes, templates and line ends. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: what HCL takes for a template
const URL = "https://ui.example.com/?a='b'&c=${d}&e=%{f}&g=$(h)&i=`j`";
const PRINCIPAL = 'arn:aws:sts::123456789012:assumed-role/Approver/*';
const DETAILS = { approvers: [PRINCIPAL], testUrl: URL, quorum: 2, timeoutMinutes: 50 };
const FULL = [
  ...BASE,
  ...['--stage', 'POST_TEST_TRAFFIC_SHIFT', '--stage', 'PRE_PRODUCTION_TRAFFIC_SHIFT'],
  ...['--details', JSON.stringify(DETAILS), '--timeout-minutes', '60', '--timeout-action', 'ROLLBACK'],
];
const STAGES = ['POST_TEST_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT'];

/** What it must be in ECS's own names, whatever the format. */
const BLOCK = {
  hookTargetArn: ARN,
  roleArn: ROLE,
  lifecycleStages: STAGES,
  hookDetails: DETAILS,
  timeoutConfiguration: { timeoutInMinutes: 60, action: 'ROLLBACK' },
};
const PASCAL = {
  HookTargetArn: ARN,
  RoleArn: ROLE,
  LifecycleStages: STAGES,
  HookDetails: JSON.stringify(DETAILS),
  TimeoutConfiguration: { TimeoutInMinutes: 60, Action: 'ROLLBACK' },
};

describe.concurrent('every format can be read back, and validate finds nothing in it', () => {
  it('json', async () => {
    const { code, out, err } = await attach(...FULL);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual({ lifecycleHooks: [BLOCK] });
    expect(await validate(await file('hooks.json', out))).toEqual(NOTHING);
  });

  it('cloudformation, with hookDetails as a string', async () => {
    const { out } = await attach(...FULL, '--format', 'cloudformation');
    const { DeploymentConfiguration: configuration } = parse(out);
    const indented = out.replaceAll(/^(?=.)/gm, '      ');
    const strategy = '      DeploymentConfiguration:\n        Strategy: BLUE_GREEN';
    const properties = indented.replace('      DeploymentConfiguration:', strategy);
    const template = `Resources:\n  Ui:\n    Type: AWS::ECS::Service\n    Properties:\n${properties}`;

    expect(configuration).toEqual({ LifecycleHooks: [PASCAL] });
    expect(await validate(await file('template.yaml', template))).toEqual(NOTHING);
  });

  it('cdk, as aws-cdk-lib synthesises it', async () => {
    const { out } = await attach(...FULL, '--format', 'cdk');
    const app = new App({ outdir: join(folder, 'cdk.out') });
    const stack = new Stack(app, 'Ui', { env: { account: '123456789012', region: 'eu-west-1' } });
    // The constructs' own types do not hold under exactOptionalPropertyTypes.
    const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['eu-west-1a'] }) as ec2.IVpc;
    const taskDefinition = new ecs.FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('ui', { image: ecs.ContainerImage.fromRegistry('ui:1') });
    const deploymentStrategy = ecs.DeploymentStrategy.BLUE_GREEN;
    const cluster = new ecs.Cluster(stack, 'Cluster', { vpc }) as ecs.ICluster;
    const service = new ecs.FargateService(stack, 'Service', { cluster, taskDefinition, deploymentStrategy });
    new Function('service', out.replace(' as ecs.CfnService', ''))(service);
    const template = app.synth().getStackByName('Ui').template;
    const [synthesised] = Object.values<{ Type: string; Properties: Record<string, object> }>(
      template.Resources,
    ).filter(({ Type: type }) => type === 'AWS::ECS::Service');

    expect(synthesised?.Properties.DeploymentConfiguration).toMatchObject({ LifecycleHooks: [PASCAL] });
    expect(await validate(join(folder, 'cdk.out'))).toEqual(NOTHING);
  });

  it('terraform, with jsonencode', async () => {
    const { out } = await attach(...FULL, '--format', 'terraform');
    const { deployment_configuration: blocks } = readHcl(out);
    const [configuration] = Array.isArray(blocks) ? blocks.filter(isJsonObject) : [];
    const [hook] = Array.isArray(configuration?.lifecycle_hook) ? configuration.lifecycle_hook : [];
    const after = { deployment_configuration: [{ strategy: 'BLUE_GREEN', ...configuration }] };
    const change = { actions: ['create'], after, after_unknown: {} };
    const plan = {
      format_version: '1.2',
      resource_changes: [{ address: 'aws_ecs_service.ui', type: 'aws_ecs_service', change }],
    };

    expect(out).toContain('hook_details     = jsonencode({\n');
    expect(hook).toMatchObject({ hook_target_arn: ARN, role_arn: ROLE, lifecycle_stages: STAGES });
    expect(hook.timeout_configuration).toEqual([{ timeout_in_minutes: 60, action: 'ROLLBACK' }]);
    expect(JSON.parse(hook.hook_details)).toEqual(DETAILS);
    expect(await validate(await file('plan.json', plan))).toEqual(NOTHING);
  });

  it('cli, as a shell runs it', async () => {
    const { out } = await attach(...FULL, '--format', 'cli', '--strategy', 'BLUE_GREEN', '--service', "u'i");
    const script = `aws() { for word in "$@"; do printf '%s\\0' "$word"; done; }; CLUSTER=c; ${out}`;
    const { stdout } = await promisify(execFile)('sh', ['-c', script]);
    const words = stdout.split('\0').slice(0, -1);
    const json = words.at(-1) ?? '';

    expect(words.slice(0, -1)).toEqual(
      ['ecs', 'update-service', '--cluster', 'c', '--service', "u'i", '--deployment-configuration'], //
    );
    expect(JSON.parse(json)).toEqual({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 15, lifecycleHooks: [BLOCK] });
    expect(await validate(await file('cli.json', json))).toEqual(NOTHING);
  });
});

describe.concurrent('hookDetails', () => {
  const detailsOf = async (...args: string[]) => {
    const { code, out, err } = await attach(...BASE, ...args);
    return { code, err, details: code === 0 ? JSON.parse(out).lifecycleHooks[0].hookDetails : undefined };
  };

  it('come from a file, and single keys on top of it, as JSON or else as text', async () => {
    const path = await file('details.json', { quorum: 2, requireReason: 'never' });

    expect(await detailsOf('--details-file', path, '--set', 'quorum=3', '--set', 'requireReason=always')).toEqual({
      code: 0,
      err: '',
      details: { quorum: 3, requireReason: 'always' },
    });
  });

  it('may be set deep within', async () => {
    const loadTest = [
      '--hook',
      'load-test',
      '--function-arn',
      ARN.replace('approval', 'load-test'),
      '--role-arn',
      ROLE,
    ];
    const { code, err } = await attach(...loadTest, '--set', 'thresholds.p95Ms=nonsense');

    expect(code).toBe(1);
    expect(err).toContain('hookDetails.thresholds.p95Ms must be of type number, not "nonsense"');
  });

  it('are none where none are given', async () => {
    expect(await detailsOf()).toEqual({ code: 0, err: '', details: {} });
  });

  it('are checked with what the function has itself', async () => {
    const canary = ['--hook', 'canary', '--function-arn', ARN.replace('approval', 'canary'), '--role-arn', ROLE];
    const alone = await attach(...canary);
    const defaults = JSON.stringify({ metrics: [{ preset: 'alb' }] });
    const together = await attach(...canary, '--defaults', defaults);

    expect(alone).toMatchObject({ code: 1, out: '', err: expect.stringContaining('hookDetails.metrics is missing') });
    expect(together).toMatchObject({ code: 0, err: '' });
  });
});

it.concurrent('says what validate must be told when the name of the function does not', async () => {
  const other = ARN.replace('prod-approval', 'gate');
  const { code, out, err } = await attach(...BASE.slice(0, 3), other, '--role-arn', ROLE);
  const path = await file('other.json', out);

  expect({ code, err }).toEqual({
    code: 0,
    err: `note: the function's name does not end in approval: give validate --map ${other}=approval\n`,
  });
  expect(await validate(path, '--map', `${other}=approval`)).toEqual(NOTHING);
});

describe.concurrent('exit 1, and nothing printed, for what the hook would refuse', () => {
  it.each<[string, string[], string]>([
    ['a wrong value', ['--set', 'quorum=0'], 'hookDetails: error: hookDetails.quorum must be at least 1, not 0\n'],
    ['an unknown key', ['--set', 'qourum=1'], 'hookDetails.qourum is not a known key'],
    ['a key of the prototype', ['--set', '__proto__=1'], 'hookDetails.__proto__ is not a known key'],
    ['the memory of a deployment', ['--set', '_state={}'], 'hookDetails._state is the memory'],
    ['a stage that it does not serve', ['--stage', 'PRODUCTION_TRAFFIC_SHIFT'], 'the approval hook answers FAILED at'],
    ['a stage without hooks', ['--stage', 'BAKE_TIME'], 'ECS calls no hook at BAKE_TIME'],
    ['a misspelt stage', ['--stage', 'POST_SCALEUP'], 'do you mean POST_SCALE_UP?'],
    ['an ECS that gives up first', ['--set', 'timeoutMinutes=60', '--timeout-minutes', '60'], 'ECS gives up after 60'],
    ['a role that is none', ['--role-arn', 'admin'], 'roleArn: error: "admin" is no ARN of a role'],
    ['a function that is none', ['--function-arn', 'approval'], '"approval" is no ARN of a Lambda function'],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await attach(...BASE, ...args);

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
  });
});

describe.concurrent('exit 2, with a sentence and no stack, for a wrong call', () => {
  it.each<[string, string[], string]>([
    ['nothing', [], 'npm run attach -- --hook <id>'],
    ['no such hook', ['--hook', 'aproval'], '--hook must be one of admission, approval'],
    ['no function', ['--hook', 'approval', '--role-arn', ROLE], '--function-arn is missing'],
    ['no role', BASE.slice(0, 4), '--role-arn is missing'],
    ['a format that is none', [...BASE, '--format', 'pulumi'], '--format must be one of json, cloudformation'],
    ['details that are no object', [...BASE, '--details', '[1]'], '--details must be a JSON object, not "[1]"'],
    ['two kinds of details', [...BASE, '--details', '{}', '--details-file', 'x'], 'not both'],
    ['a file that is not there', [...BASE, '--details-file', 'no/such'], '--details-file: ENOENT'],
    ['a key without value', [...BASE, '--set', 'quorum'], '--set takes KEY=VALUE, not "quorum"'],
    ['a value without key', [...BASE, '--set', '=1'], '--set takes KEY=VALUE, not "=1"'],
    ['a time-out of no time', [...BASE, '--timeout-minutes', '0'], '--timeout-minutes must be a whole number from 1'],
    ['a time-out over a day', [...BASE, '--timeout-minutes', '1441'], 'from 1 to 1440, not "1441"'],
    ['an action that is none', [...BASE, '--timeout-action', 'WAIT'], '--timeout-action must be ROLLBACK or CONTINUE'],
    ['a bake of nothing', [...BASE, '--bake-minutes', '5'], '--bake-minutes goes with --strategy'],
    ['a strategy without stages', [...BASE, '--strategy', 'ROLLING'], '--strategy must be BLUE_GREEN'],
    ['defaults that are no object', [...BASE, '--defaults', '7'], '--defaults must be a JSON object'],
    ['an unknown option', [...BASE, '--boat'], "Unknown option '--boat'"],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await attach(...args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^ +at .*:\d+:\d+/m);
  });
});

it.concurrent('CONTINUE is printed, with a warning', async () => {
  const { code, out, err } = await attach(...BASE, '--timeout-action', 'CONTINUE');

  expect(code).toBe(0);
  expect(JSON.parse(out).lifecycleHooks[0].timeoutConfiguration).toEqual({
    timeoutInMinutes: 1440,
    action: 'CONTINUE',
  });
  expect(err).toMatch(/^lifecycleHooks\[0\]\.timeoutConfiguration\.action: warning: fails open/);
});
