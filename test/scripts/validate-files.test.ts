import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { run } from './run.ts';
import {
  canary,
  type Fields,
  file,
  findingsOf,
  folderOfFiles,
  H,
  hook,
  LAMBDA,
  ROLE,
  service,
  timeout,
} from './validate-kit.ts';

// Processes of their own, beside whatever else the machine does.
vi.setConfig({ testTimeout: 120_000 });

const TEMPLATE = `
Parameters: { Approval: { Type: String } }
Conditions: { Prod: !Equals [!Ref AWS::Region, eu-west-1] }
Resources:
  ApprovalFunction:
    Type: AWS::Serverless::Function
    Properties: { Handler: index.handler }
  Switch:
    Type: AWS::Lambda::Function
    Properties: { FunctionName: prod-consumer-switch }
  Rule:
    Type: AWS::Events::Rule
    Properties: { EventPattern: { detail-type: [ECS Deployment State Change] } }
  Ui:
    Type: AWS::ECS::Service
    Properties:
      DeploymentConfiguration:
        Strategy: BLUE_GREEN
        LifecycleHooks:
          - HookTargetArn: !GetAtt ApprovalFunction.Arn
            RoleArn: !GetAtt Role.Arn
            LifecycleStages: [POST_TEST_TRAFFIC_SHIFT]
            HookDetails: '{"quorum": 1}'
          - HookTargetArn: !GetAtt [Switch, Arn]
            RoleArn: !Sub arn:aws:iam::\${AWS::AccountId}:role/x
            LifecycleStages: [PRODUCTION_TRAFFIC_SHIFT]
          - Fn::If:
              - Prod
              - HookTargetArn: !Sub 'arn:\${AWS::Partition}:lambda:eu-west-1:1:function:approval'
                RoleArn: !Ref Role
                LifecycleStages: [PRE_SCALE_UP]
              - !Ref AWS::NoValue
          - !Ref AWS::NoValue
`;
const T = 'Resources.Ui.Properties.DeploymentConfiguration';

describe('a CloudFormation template', () => {
  it('with every kind of intrinsic function has no finding', async () => {
    expect(await findingsOf(TEMPLATE, 'yaml')).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ['a hook by GetAtt', '"quorum": 1', `"quorum": 0`, /^\S+\[0\]\.HookDetails: error: hookDetails.quorum/],
    ['the branch of an If', '[PRE_SCALE_UP]', '[BAKE_TIME]', /^\S+\[2\]\.Fn::If\[1\]\.LifecycleStages\[0\]: error/],
    [
      'a function by its name',
      '[PRODUCTION_TRAFFIC_SHIFT]',
      '[PRE_SCALE_UP]',
      /^\S+\[1\]\.LifecycleStages\[0\]: error/,
    ],
    ['no rule for the switch', 'ECS Deployment State Change', 'x', /^\S+\[1\]\.HookTargetArn: warning: no EventBridge/],
    ['details unseen', `'{"quorum": 1}'`, '!Sub "{}"', /^\S+\[0\]\.HookDetails: note: cannot be seen/],
    ['a stage unseen', '[PRE_SCALE_UP]', '[!Ref Stage]', /LifecycleStages\[0\]: note: cannot be seen/],
    ['long bakes', 'Strategy: BLUE_GREEN', LONG, /^\S+DeploymentConfiguration: error: 2880 minutes of bake.*1980/],
    ['long linear bakes', 'Strategy: BLUE_GREEN', LONG_LINEAR, /error: 2115 minutes of bake/],
  ])('%s', async (_, before, after, what) => {
    const [found, ...others] = await findingsOf(TEMPLATE.replace(before, after), 'yaml');

    expect(found).toMatch(what);
    expect(found?.startsWith(T)).toBe(true);
    expect(others).toEqual([]);
  });

  it.each<[string, string]>([
    ['an output of a nested stack', '!GetAtt Hooks.Outputs.ApprovalFunctionArn'],
    ['the same as a list', '!GetAtt [Hooks, Outputs.ApprovalFunctionArn]'],
    ['an import', '!ImportValue hooks-ApprovalFunctionArn'],
    ['a parameter', '!Ref ApprovalFunctionArn'],
    ['an alias', '!Ref ApprovalFunction'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as Fn::Sub has it
    ['a name that is put together', '!Sub arn:aws:lambda:eu-west-1:1:function:${Prefix}-approval'],
  ])('knows the function by %s', async (_, reference) => {
    const wrong = TEMPLATE.replace('!GetAtt ApprovalFunction.Arn', reference).replace('"quorum": 1', '"quorum": 0');

    expect(await findingsOf(wrong, 'yaml')).toEqual([expect.stringContaining('hookDetails.quorum must be at least 1')]);
  });

  it('is judged in both lists of an If', async () => {
    const hooks = (stage: string) => [{ HookTargetArn: { Ref: 'Approval' }, RoleArn: ROLE, LifecycleStages: [stage] }];
    const lists = { 'Fn::If': ['Prod', hooks('PRE_SCALE_UP'), hooks('BAKE_TIME')] };
    const Properties = { DeploymentConfiguration: { Strategy: 'BLUE_GREEN', LifecycleHooks: lists } };

    expect(await findingsOf({ Resources: { Ui: { Type: 'AWS::ECS::Service', Properties } } })).toEqual([
      expect.stringMatching(
        /LifecycleHooks\.Fn::If\[2\]\[0\]\.LifecycleStages\[0\]: error: ECS calls no hook at BAKE_/,
      ),
    ]);
  });

  it('has hookDetails as text', async () => {
    expect(await findingsOf(TEMPLATE.replace(`'{"quorum": 1}'`, '{ quorum: 1 }'), 'yaml')).toEqual([
      `${T}.LifecycleHooks[0].HookDetails: warning: CloudFormation documents a JSON object as a string: write it in quotes`,
    ]);
  });

  it('adds the time-outs that are written', async () => {
    const details = 'HookDetails: \'{"quorum": 1}\'';
    const long = `TimeoutConfiguration: { TimeoutInMinutes: 1440 }\n            ${details}`;
    const bake = 'Strategy: BLUE_GREEN\n        BakeTimeInMinutes: 541';

    const over = await findingsOf(TEMPLATE.replace(details, long).replace('Strategy: BLUE_GREEN', bake), 'yaml');

    expect(over).toEqual([expect.stringMatching(/LifecycleHooks: warning: 541 minutes of bake time and 1440 of hook/)]);
    expect(
      await findingsOf(
        TEMPLATE.replace(details, long).replace('Strategy: BLUE_GREEN', bake.replace('541', '540')),
        'yaml',
      ),
    ).toEqual([]);
  });

  it('in a folder of cdk.out, also nested', async () => {
    const out = join(folderOfFiles(), 'cdk.out');
    await mkdir(join(out, 'assembly'), { recursive: true });
    const Properties = { DeploymentConfiguration: { LifecycleHooks: [{ LifecycleStages: [] }] } };
    const template = { Resources: { Ui: { Type: 'AWS::ECS::Service', Properties } } };
    await writeFile(join(out, 'assembly', 'Ui.template.json'), JSON.stringify(template));
    await writeFile(join(out, 'manifest.json'), '{}');

    const { code, out: text } = await run('validate', [out]);

    expect(code).toBe(1);
    expect(text).toContain(
      'cdk.out/assembly/Ui.template.json:Resources.Ui.Properties.DeploymentConfiguration.Lifecycle',
    );
  });
});

const BOTH = { lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'] };

const LONG = `Strategy: CANARY
        BakeTimeInMinutes: 1440
        CanaryConfiguration: { CanaryBakeTimeInMinutes: 1440 }`;
const LONG_LINEAR = `Strategy: LINEAR
        LinearConfiguration: { StepPercent: 12.5, StepBakeTimeInMinutes: 300 }`;

describe('a plan of Terraform', () => {
  const plan = (after: Fields, after_unknown: Fields = {}, actions = ['update']) => ({
    format_version: '1.2',
    resource_changes: [
      {
        address: 'module.ui.aws_ecs_service.this[0]',
        type: 'aws_ecs_service',
        change: { actions, after, after_unknown },
      },
      { address: 'aws_ecs_service.old', type: 'aws_ecs_service', change: { actions: ['delete'], after: null } },
    ],
  });
  const block = (more: Fields = {}) => ({
    hook_target_arn: LAMBDA('approval'),
    role_arn: ROLE,
    lifecycle_stages: ['POST_TEST_TRAFFIC_SHIFT'],
    hook_details: '{"quorum":2}',
    ...more,
  });
  const configuration = (hooks: Fields[], more: Fields = {}) => ({
    deployment_configuration: [{ strategy: 'BLUE_GREEN', bake_time_in_minutes: '15', lifecycle_hook: hooks, ...more }],
  });

  it('has no finding where all is well, and where only the apply will tell', async () => {
    const unknown = { deployment_configuration: [{ lifecycle_hook: [{ hook_target_arn: true, role_arn: true }] }] };
    const { hook_target_arn: _target, role_arn: _role, ...known } = block();

    expect(await findingsOf(plan(configuration([block()])))).toEqual([]);
    const [said, ...others] = await findingsOf(plan(configuration([known]), unknown));
    expect(said).toMatch(
      /lifecycle_hook\[0\]\.hook_details: note: not checked, since its function cannot be seen: --map/,
    );
    expect(others).toEqual([]);
  });

  it('may be told which hook it is, by the path that the note has', async () => {
    const unknown = { deployment_configuration: [{ lifecycle_hook: [{ hook_target_arn: true }] }] };
    const wrong = plan(configuration([block({ hook_target_arn: undefined, hook_details: '{"quorum":0}' })]), unknown);
    const [note = ''] = await findingsOf(wrong);
    const [, path = ''] = /--map '(.+)=<hook>'/.exec(note) ?? [];

    expect(await findingsOf(wrong, 'json', [[path, 'approval']])).toEqual([expect.stringContaining('quorum must be')]);
  });

  it('is judged with its own names', async () => {
    const wrong = [block({ lifecycle_stages: ['SCALE_UP'] }), block({ hook_details: '"text"', role_arn: '' })];

    expect(await findingsOf(plan(configuration(wrong, { bake_time_in_minutes: '2000' })))).toEqual([
      expect.stringMatching(
        /^module\.ui\.aws_ecs_service\.this\[0\]\.deployment_configuration\[0\]\.lifecycle_hook\[0\]\.lifecycle_stages\[0\]: error: ECS calls no hook at SCALE_UP/,
      ),
      expect.stringContaining('lifecycle_hook[1].role_arn: error: no role'),
      expect.stringContaining('lifecycle_hook[1].hook_details: error: "\\"text\\"" is no JSON object'),
      expect.stringContaining('deployment_configuration[0].bake_time_in_minutes: error: "2000"'),
    ]);
  });

  it('says what it could not see', async () => {
    const unknown = { deployment_configuration: [{ lifecycle_hook: [{ hook_details: true }] }] };

    expect(await findingsOf(plan(configuration([block({ hook_details: undefined })]), unknown))).toEqual([
      expect.stringMatching(/lifecycle_hook\[0\]\.hook_details: note: cannot be seen/),
    ]);
  });

  it('is a state, too', async () => {
    const values = configuration([block({ lifecycle_stages: [] })]);
    const child = { resources: [{ address: 'module.a.aws_ecs_service.b', type: 'aws_ecs_service', values }] };

    expect(
      await findingsOf({ format_version: '1.0', values: { root_module: { resources: [], child_modules: [child] } } }),
    ).toEqual([expect.stringMatching(/^module\.a\.aws_ecs_service\.b\.deployment_configuration\[0\]\.lifecycle_hook/)]);
  });
});

describe.concurrent('the command', () => {
  const validate = (...args: string[]) => run('validate', args);

  it('prints file, path, severity and what to write, and ends with 1 for an error', async () => {
    const path = await file(service([hook({ roleArn: undefined })]));

    expect(await validate(path)).toEqual({
      code: 1,
      err: '',
      out: `${path}:${H}[0].roleArn: error: no role: write the ARN of the one by which ECS may call lambda:InvokeFunction\n1 service, 1 lifecycle hook: 1 error, 0 warnings, 0 notes\n`,
    });
  });

  it('ends with 0 for a warning, and with 1 when that is asked for', async () => {
    const path = await file(service([hook(timeout(1440, 'CONTINUE'))]));

    expect((await validate(path)).code).toBe(0);
    expect((await validate(path, '--strict')).code).toBe(1);
  });

  it('prints JSON', async () => {
    const path = await file(service([hook(timeout(1440, 'CONTINUE'))]));
    const good = await file(service([hook()]));
    const { code, out } = await validate(good, path, '--json');

    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      services: 2,
      lifecycleHooks: 2,
      findings: [
        { file: path, path: `${H}[0].timeoutConfiguration.action`, severity: 'warning', message: expect.any(String) },
      ],
    });
  });

  it('reads standard input', async () => {
    const path = await file(service([hook({ roleArn: undefined })]));
    const validated = promisify(execFile)('sh', ['-c', `"${process.execPath}" scripts/validate.ts - < "${path}"`]);

    await expect(validated).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^standard input:deploymentConfiguration\.lifecycleHooks\[0\]\.roleArn: error/),
    });
  });

  it('passes over what is something else, when asked to, and over nothing else', async () => {
    const path = await file(service([hook({ roleArn: undefined })]));
    const ended = await validate('package.json', 'docs/simulator.md', path, '--skip-unknown');

    expect(ended).toMatchObject({ code: 1, out: expect.stringContaining('1 service, 1 lifecycle hook: 1 error') });
    expect(await validate('package.json', '--skip-unknown')).toMatchObject({ code: 0 });
    expect(await validate('no/such.json', '--skip-unknown')).toMatchObject({ code: 2 });
  });

  it('knows what each function has itself', async () => {
    const path = await file(service([hook(), hook({ hookTargetArn: LAMBDA('load-test'), ...BOTH })]));
    const given = ['--policy', 'approval={"quorum":0}', '--defaults', 'load-test={"rate":0}'];
    const { out } = await validate(path, ...given);

    expect(out.match(/error: .*/g)).toEqual([
      'error: HOOK_POLICY.quorum must be at least 1, not 0',
      expect.stringMatching(/^error: HOOK_DEFAULTS\.rate /),
    ]);
  });

  it('knows what the function has itself', async () => {
    const path = await file(service([hook(canary({}))], { strategy: 'CANARY' }));

    expect((await validate(path)).out).toContain('warning: hookDetails.metrics is missing');
    expect((await validate(path, '--defaults', '{"metrics":[{"preset":"alb"}]}')).out).toContain('0 warnings');
    expect((await validate(path, '--policy', '{"metrics":[]}')).out).toContain('error: HOOK_POLICY.metrics');
  });

  it.each<[string, unknown, string[], RegExp]>([
    ['no file', undefined, [], /^npm run validate -- /],
    ['a file that is not there', undefined, ['no/such.json'], /^no\/such.json: cannot be read: ENOENT/],
    ['a file that is neither JSON nor YAML', '{"a": [', [], /: neither JSON nor YAML: /],
    ['a file of something else', { name: 'ui' }, [], /: neither an ECS service .* nor a CloudFormation template/],
    ['an empty file', '', [], /: neither an ECS service/],
    ['a folder without templates', undefined, ['hooks'], /^hooks: no \*.template.json/],
    ['an unknown hook', {}, ['--map', 'a=b'], /^--map takes NAME=HOOK with one of admission, .*, not "a=b"\n$/],
    ['a map of nothing', {}, ['--map', '=approval'], /^--map takes NAME=HOOK/],
    ['a policy that is no object', {}, ['--policy', '[]'], /^--policy must be a JSON object, not "\[\]"\n$/],
    ['a policy of no hook', {}, ['--policy', 'x={}'], /^--policy: x is none of the hooks admission, .*\n$/],
    [
      'a service that ECS does not have',
      { services: [], failures: [{ arn: 'arn:aws:ecs:eu-west-1:123456789012:service/c/ui', reason: 'MISSING' }] },
      [],
      /: ECS has no service arn:aws:ecs:eu-west-1:123456789012:service\/c\/ui: MISSING\n$/,
    ],
    ['an unknown option', {}, ['--boat'], /^Unknown option '--boat'/],
  ])('ends with 2, with a sentence and no stack, for %s', async (_, content, args, expected) => {
    const { code, out, err } = await validate(...(content === undefined ? [] : [await file(content)]), ...args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/^ +at .*:\d+:\d+/m);
  });
});
