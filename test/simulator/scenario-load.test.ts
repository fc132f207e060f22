import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Duration } from '../../simulator/scenario/duration.ts';
import { loadScenario, parseScenario } from '../../simulator/scenario/load.ts';
import { ScenarioError } from '../../simulator/scenario/problem.ts';

const GOOD = `name: small
identities:
  ana: arn:aws:sts::123456789012:assumed-role/Approver/ana
functions:
  judge: { answers: [SUCCEEDED] }
services:
  ui:
    cluster: c
    loadBalancing: { kind: alb, testListener: true }
    running: { name: r1, images: { app: a:1 } }
    deploymentConfiguration:
      strategy: BLUE_GREEN
      alarms: { alarmNames: [errors], enable: true, rollback: true }
      lifecycleHooks:
        - { function: judge, lifecycleStages: [POST_SCALE_UP] }
        - { targetType: PAUSE, lifecycleStages: [PRE_SCALE_UP] }
deployments:
  - title: one
    service: ui
    revision: { name: r2, images: { app: a:2 } }
    events:
      - { after: 1m30s, stop: ROLLBACK }
    expect: { status: SUCCESSFUL }
`;

/** The good file with one line changed. */
function changed(from: string, to: string): string {
  if (!GOOD.includes(from)) throw new Error(`the file has no ${from}`);
  return GOOD.replace(from, to);
}

function mistakes(text: string, options: Parameters<typeof parseScenario>[2] = {}): string[] {
  try {
    parseScenario(text, 'my.yaml', options);
  } catch (error) {
    if (error instanceof ScenarioError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a good file', () => {
  it('comes with the defaults filled in and durations in milliseconds', () => {
    const scenario = parseScenario(GOOD, 'my.yaml');

    expect(scenario).toMatchObject({
      name: 'small',
      description: '',
      region: 'eu-west-1',
      accountId: '123456789012',
      start: '2026-03-02T09:00:00Z',
      seed: 1,
      readings: {},
      durations: {},
      topics: [],
      parameters: {},
      functions: { judge: { answers: ['SUCCEEDED'] } },
      deployments: [{ title: 'one', events: [{ after: 90_000, stop: 'ROLLBACK' }], expect: { status: 'SUCCESSFUL' } }],
    });
    expect(scenario.services.ui?.deploymentConfiguration.lifecycleHooks).toEqual([
      { targetType: 'AWS_LAMBDA', function: 'judge', lifecycleStages: ['POST_SCALE_UP'] },
      { targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] },
    ]);
  });

  it('means the same written as JSON', () => {
    const scenario = parseScenario(GOOD, 'my.yaml');
    const events = [{ after: '1m30s', stop: 'ROLLBACK' }];
    const [deployment] = scenario.deployments;
    const json = JSON.stringify({ ...scenario, deployments: [{ ...deployment, events }] });

    expect(parseScenario(json, 'my.json')).toEqual(scenario);
  });

  it('takes readings from the caller over its own', () => {
    const text = changed('name: small', 'name: small\nreadings: { abortStop: rejected, executionId: fresh }');

    const scenario = parseScenario(text, 'my.yaml', { readings: { executionId: 'stable' } });

    expect(scenario.readings).toEqual({ abortStop: 'rejected', executionId: 'stable' });
  });

  it('may use anchors and aliases', () => {
    const text = changed('revision: { name: r2, images: { app: a:2 } }', 'revision: *r').replace(
      'running: {',
      'running: &r {',
    );

    expect(parseScenario(text, 'my.yaml').deployments[0]?.revision).toEqual({ name: 'r1', images: { app: 'a:1' } });
  });
});

describe('durations', () => {
  it.each([
    [0, 0],
    ['250ms', 250],
    ['1.5s', 1500],
    ['0.0001s', 0],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(Duration.parse(text)).toBe(ms);
  });

  it.each([5, '5', '', 'm', '5 m', '-5m', '5w', '1h30', ' 5m', null])('%j is none', (text) => {
    expect(Duration.safeParse(text).success).toBe(false);
  });
});

describe('a mistake is told with file, line and path', () => {
  it.each([
    [
      'an unknown key',
      changed('cluster: c', 'cluster: c\n    colour: red'),
      [/^my.yaml:9: services.ui.colour is not a known key$/],
    ],
    [
      'two unknown keys, each at its line',
      changed('name: small', 'name: small\nfoo: 1\nbar: 2'),
      [/^my.yaml:2: foo is not a known key$/, /^my.yaml:3: bar is not a known key$/],
    ],
    [
      'a key that is missing',
      changed('    cluster: c\n', ''),
      [/^my.yaml:7: services.ui.cluster is missing \(string expected\)$/],
    ],
    [
      'a wrong word',
      changed('kind: alb', 'kind: tcp'),
      [/^my.yaml:9: services.ui.loadBalancing.kind must be "alb" or .*, not "tcp"$/],
    ],
    [
      'a wrong type',
      changed('testListener: true', 'testListener: maybe'),
      [/^my.yaml:9: .*testListener must be of type boolean, not "maybe"$/],
    ],
    [
      'a duration without a unit',
      changed('1m30s', '90'),
      [/^my.yaml:22: deployments\[0\].events\[0\].after must be a duration such as .*, not 90$/],
    ],
    [
      'a duration with a wrong unit',
      changed('1m30s', '90x'),
      [/^my.yaml:22: .*after must be a duration such as .*, not "90x"$/],
    ],
    [
      'an account id',
      changed('name: small', 'name: small\naccountId: "12"'),
      [/^my.yaml:2: accountId must have 12 digits, not "12"$/],
    ],
    [
      'a Region',
      changed('name: small', 'name: small\nregion: Ireland'),
      [/^my.yaml:2: region must be a Region such as/],
    ],
    ['a start', changed('name: small', 'name: small\nstart: monday'), [/^my.yaml:2: start must be a time such as/]],
    [
      'a name that cannot stand in an ARN',
      changed('judge: {', '"a:b": {'),
      [/^my.yaml:5: functions.a:b must be a name of/],
    ],
    [
      'an unknown duration',
      changed('name: small', 'name: small\ndurations: { scaleup: 3s }'),
      [/^my.yaml:2: durations.scaleup is not a known key$/],
    ],
    [
      'a wrong answer',
      changed('[SUCCEEDED]', '[SUCCEEDED, MAYBE]'),
      [/^my.yaml:5: functions.judge.answers\[1\] must be SUCCEEDED, .*, not "MAYBE"$/],
    ],
    [
      'an answer of two forms',
      changed('[SUCCEEDED]', '[{ error: x, raw: 1 }]'),
      [/^my.yaml:5: functions.judge.answers\[0\] must have hookStatus/],
    ],
    [
      'a wrong part of an answer',
      changed('[SUCCEEDED]', '[{ hookStatus: FAILED, reason: 503 }]'),
      [/^my.yaml:5: functions.judge.answers\[0\].reason must be of type string, not 503$/],
    ],
    [
      'an empty answer',
      changed('[SUCCEEDED]', '[{}]'),
      [/^my.yaml:5: functions.judge.answers\[0\] must have hookStatus/],
    ],
    [
      'a stage without hooks',
      changed('[POST_SCALE_UP]', '[SCALE_UP]'),
      [/^my.yaml:15: .*lifecycleHooks\[0\].lifecycleStages\[0\] must be "RECONCILE_SERVICE" or/],
    ],
    [
      'a kind of fault',
      changed('stop: ROLLBACK', 'fault: { service: ssm, kind: boom }'),
      [/^my.yaml:22: .*fault.kind must be "throttle" or/],
    ],
    [
      'no deployment',
      `${GOOD.split('deployments:')[0]}deployments: []`,
      [/^my.yaml:17: deployments must be at least 1 items, not \[\]$/],
    ],
    ['an empty file', '', [/^my.yaml:1: the scenario must be of type object, not null$/]],
    ['a list', '- a\n', [/^my.yaml:1: the scenario must be of type object, not \["a"\]$/]],
    ['broken YAML', 'name: [small\n', [/^my.yaml:2: Flow sequence/]],
    ['a key given twice', changed('name: small', 'name: small\nname: large'), [/^my.yaml:2: Map keys must be unique$/]],
    ['an alias of nothing', changed('cluster: c', 'cluster: *c'), [/^my.yaml:\d+: .*alias.* c$/i]],
    ['a tag that nobody knows', changed('name: small', 'name: !boat small'), [/^my.yaml:1: Unresolved tag: !boat$/]],
    ['two documents', `${GOOD}---\n${GOOD}`, [/^my.yaml:24: .*multiple documents/]],
    [
      'within an alias, at the text that it stands for',
      changed('revision: { name: r2, images: { app: a:2 } }', 'revision: *r').replace(
        'running: { name: r1',
        'running: &r { nam: r1',
      ),
      [
        /^my.yaml:10: services.ui.running.name is missing/,
        /^my.yaml:10: services.ui.running.nam is/,
        /^my.yaml:20: deployments\[0\].revision.name is missing/,
        /^my.yaml:10: deployments\[0\].revision.nam is/,
      ],
    ],
  ])('%s', (_what, text, expected) => {
    const found = mistakes(text);

    expect(found).toHaveLength(expected.length);
    for (const [index, line] of found.entries()) expect(line).toMatch(expected[index] ?? /nothing/);
  });
});

describe('names must be defined, and keys go together', () => {
  it.each([
    [
      'a service',
      changed('service: ui', 'service: uu'),
      /^my.yaml:19: deployments\[0\].service: uu is not one of services \(ui\)$/,
    ],
    [
      'a function',
      changed('function: judge', 'function: jury'),
      /^my.yaml:15: .*lifecycleHooks\[0\].function: jury is not one of functions \(judge\)$/,
    ],
    [
      'a Lambda hook without function',
      changed('function: judge, ', ''),
      /^my.yaml:15: .*lifecycleHooks\[0\]: an AWS_LAMBDA hook needs function$/,
    ],
    [
      'a PAUSE hook with function',
      changed('targetType: PAUSE,', 'targetType: PAUSE, function: judge,'),
      /^my.yaml:16: .*lifecycleHooks\[1\].function: a PAUSE hook has none$/,
    ],
    [
      'a PAUSE hook with hookDetails',
      changed('targetType: PAUSE,', 'targetType: PAUSE, hookDetails: {},'),
      /^my.yaml:16: .*lifecycleHooks\[1\].hookDetails: a PAUSE hook has none$/,
    ],
    [
      'an approver',
      changed('stop: ROLLBACK', 'approve: { by: bob, decision: accept }'),
      /^my.yaml:22: .*approve.by: bob is not one of identities \(ana\)$/,
    ],
    [
      'who puts a parameter',
      changed('stop: ROLLBACK', 'putParameter: { by: bob, name: /a, value: b }'),
      /^my.yaml:22: .*putParameter.by: bob is not/,
    ],
    [
      'a function in a fault',
      changed('stop: ROLLBACK', 'lambdaFault: { function: jury, kind: throttled }'),
      /^my.yaml:22: .*lambdaFault.function: jury is not/,
    ],
    [
      'an alarm',
      changed('stop: ROLLBACK', 'alarm: { name: heat, state: ALARM }'),
      /^my.yaml:22: .*alarm.name: heat is none of the alarms that a service watches \(errors\)$/,
    ],
    [
      'an event of nothing',
      changed('1m30s, stop: ROLLBACK', '1m30s'),
      /^my.yaml:22: deployments\[0\].events\[0\]: an event has one of .*; this one has none$/,
    ],
    [
      'an event of two things',
      changed('stop: ROLLBACK', 'stop: ROLLBACK, continue: CONTINUE'),
      /^my.yaml:22: .*this one has stop and continue$/,
    ],
    ['a step of no stage', changed('stop: ROLLBACK', 'step: 2, stop: ROLLBACK'), /^my.yaml:22: .*step: needs a stage$/],
    [
      'a fault with two lengths',
      changed('stop: ROLLBACK', 'fault: { service: ssm, kind: cut, times: 2, for: 1m }'),
      /^my.yaml:22: .*fault: has times and for; one says how long it lasts$/,
    ],
    [
      'a function in the expectation',
      changed('status: SUCCESSFUL', 'status: SUCCESSFUL, reason: { jury: x }'),
      /^my.yaml:23: .*expect.reason.jury: jury is not one of functions/,
    ],
    [
      'answers of an unknown function',
      changed('service: ui', 'service: ui\n    answers: { jury: [FAILED] }'),
      /^my.yaml:20: .*answers.jury: jury is not one of functions/,
    ],
    [
      'answers of a built hook',
      changed('judge: { answers: [SUCCEEDED] }', 'judge: {}').replace(
        'service: ui',
        'service: ui\n    answers: { judge: [FAILED] }',
      ),
      /^my.yaml:20: .*answers.judge: function judge runs a built hook/,
    ],
    [
      'a reading',
      changed('name: small', 'name: small\nreadings: { foo: bar }'),
      /^my.yaml:2: readings.foo: Unknown reading "foo"/,
    ],
    [
      "a reading's value",
      changed('name: small', 'name: small\nreadings: { abortStop: maybe }'),
      /^my.yaml:2: readings.abortStop: .*cannot be "maybe"\. Values: stops, rejected$/,
    ],
  ])('%s', (_what, text, expected) => {
    expect(mistakes(text)).toEqual([expect.stringMatching(expected)]);
  });
});

describe('what AWS would refuse is told in its words', () => {
  it.each([
    [
      'an identity',
      changed('assumed-role/Approver/ana', 'role/Approver'),
      /^my.yaml:3: identities.ana: not the ARN of an IAM or STS principal/,
    ],
    [
      'a topic',
      changed('name: small', 'name: small\ntopics: [ok, not ok]'),
      /^my.yaml:2: topics\[1\]: InvalidParameter: Invalid parameter: Topic Name$/,
    ],
    [
      'a parameter',
      changed('name: small', 'name: small\nparameters: { aws-x: y }'),
      /^my.yaml:2: parameters.aws-x: ValidationException: Parameter name: can't be prefixed/,
    ],
    [
      "a function's timeout",
      changed('{ answers: [SUCCEEDED] }', '{ timeoutSeconds: 901 }'),
      /^my.yaml:5: functions.judge: timeoutSeconds must be a whole number from 1 to 900, not 901$/,
    ],
    [
      "a function's environment",
      changed('{ answers: [SUCCEEDED] }', '{ environment: { AWS_REGION: x } }'),
      /^my.yaml:5: functions.judge: .*reserved keys.*AWS_REGION$/,
    ],
    [
      'a service of a fault',
      changed('stop: ROLLBACK', 'fault: { service: boat, kind: cut }'),
      /^my.yaml:22: deployments\[0\].events\[0\].fault: the endpoint has no service boat \(it has ssm, /,
    ],
    [
      'an operation of a fault',
      changed('stop: ROLLBACK', 'fault: { service: ssm, operation: GetBoat, kind: cut }'),
      /^my.yaml:22: .*fault: ssm has no operation GetBoat here \(it has PutParameter, /,
    ],
    [
      'a strategy',
      changed('strategy: BLUE_GREEN', 'strategy: BLUE_GREEN\n      canaryConfiguration: {}'),
      /^my.yaml:7: services.ui: InvalidParameterException: canaryConfiguration is only valid when/,
    ],
    [
      'a PAUSE hook at a shift',
      changed('lifecycleStages: [PRE_SCALE_UP]', 'lifecycleStages: [TEST_TRAFFIC_SHIFT]'),
      /^my.yaml:7: services.ui: InvalidParameterException: Invalid lifecycle stage provided for Pause Hook$/,
    ],
    [
      'a revision',
      changed('kind: alb, testListener: true', 'kind: headless').replace(
        'name: r2,',
        'name: r2, networkingFault: { kind: two-target-groups-serving },',
      ),
      /^my.yaml:20: deployments\[0\].revision: InvalidParameterException: Revision r2 has a networkingFault/,
    ],
  ])('%s', (_what, text, expected) => {
    expect(mistakes(text)).toEqual([expect.stringMatching(expected)]);
  });

  it('by the readings that the caller chose', () => {
    const text = changed('lifecycleStages: [PRE_SCALE_UP]', 'lifecycleStages: [RECONCILE_SERVICE]');

    expect(mistakes(text)).toEqual([]);
    expect(mistakes(text, { readings: { pauseAtReconcile: 'rejected' } })).toEqual([
      'my.yaml:7: services.ui: InvalidParameterException: Invalid lifecycle stage provided for Pause Hook',
    ]);
  });

  it('a service that is neither there nor deployed', () => {
    const other =
      'services:\n  idle: { cluster: c, loadBalancing: { kind: headless }, deploymentConfiguration: { strategy: ROLLING } }';

    expect(mistakes(changed('services:', other))).toEqual(['my.yaml:7: services.idle neither runs nor is deployed']);
  });
});

describe('on disk', () => {
  const folder = mkdtemp(join(tmpdir(), 'scenario-'));
  afterAll(async () => rm(await folder, { recursive: true }));

  it('a file that cannot be read is named, with the reason', async () => {
    await expect(loadScenario('no/such.yaml')).rejects.toThrow(/^no\/such.yaml: cannot be read: ENOENT/);
  });

  it('a hook that is not built is named with its place, and what to do', async () => {
    const file = join(await folder, 'a.yaml');
    await writeFile(file, changed('judge: { answers: [SUCCEEDED] }', 'judge: { artifact: approval }'));

    await expect(loadScenario(file, { dist: 'no/dist' })).rejects.toThrow(
      `${file}:5: functions.judge: there is no built hook at no/dist/approval/index.cjs: run "npm run build" first`,
    );
    await expect(loadScenario(file)).resolves.toMatchObject({ name: 'small' });
  });
});
