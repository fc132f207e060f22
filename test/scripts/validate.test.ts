import { describe, expect, it } from 'vitest';
import {
  bakes,
  canary,
  type Fields,
  findingsOf,
  H,
  hook,
  LAMBDA,
  pause,
  pauseBlock,
  service,
  stages,
  timeout,
} from './validate-kit.ts';

describe('a lifecycle hook', () => {
  it.each<[string, Fields]>([
    ['as it should be', {}],
    ['with hookDetails as an object', { hookDetails: { quorum: 2 } }],
    ['with hookDetails as a string', { hookDetails: '{"quorum":2}' }],
    ['of an alias', { hookTargetArn: `${LAMBDA('prod-approval')}:live` }],
    ['in another partition', { roleArn: 'arn:aws-cn:iam::123456789012:role/path/x' }],
    ['that pauses for two weeks', { hookTargetArn: undefined, roleArn: undefined, ...pause(20_160) }],
    ['of another make, away from the shifts', { hookTargetArn: LAMBDA('mine'), hookDetails: { any: 'thing' } }],
  ])('%s has no finding', async (_, more) => {
    expect(await findingsOf(service([hook(more)]))).toEqual([]);
  });

  it.each<[string, Fields, string, RegExp]>([
    ['no stage', { lifecycleStages: [] }, 'lifecycleStages: error', /never runs: write one of POST_TEST_TRAFFIC_SHIFT/],
    ['stages missing', { lifecycleStages: undefined }, 'lifecycleStages: error', /never runs/],
    ['a stage twice', { lifecycleStages: stages(2) }, 'lifecycleStages[1]: warning', /twice/],
    [
      'no such stage',
      { lifecycleStages: ['POST_TEST'] },
      'lifecycleStages[0]: error',
      /no stage is called "POST_TEST"/,
    ],
    ['small letters', { lifecycleStages: ['pre_scale_up'] }, 'lifecycleStages[0]: error', /mean PRE_SCALE_UP\?/],
    ['a stage without hooks', { lifecycleStages: ['SCALE_UP'] }, 'lifecycleStages[0]: error', /no hook at SCALE_UP/],
    [
      'a stage of another hook',
      { lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] },
      'lifecycleStages[0]: error',
      /the approval hook answers FAILED at PRODUCTION_TRAFFIC_SHIFT: write POST_TEST_TRAFFIC_SHIFT or /,
    ],
    ['no role', { roleArn: undefined }, 'roleArn: error', /no role: write the ARN/],
    ['no function', { hookTargetArn: undefined }, 'hookTargetArn: error', /no function/],
    ['a function by name', { hookTargetArn: 'approval' }, 'hookTargetArn: error', /is no ARN of a Lambda function/],
    ['a role by name', { roleArn: 'invoke' }, 'roleArn: error', /is no ARN of a role/],
    ['another type', { targetType: 'SQS' }, 'targetType: error', /write AWS_LAMBDA or PAUSE/],
    ['a time-out of nothing', timeout(0), 'timeoutConfiguration.timeoutInMinutes: error', /from 1 to 1440 for AWS_LA/],
    ['over a day', timeout(1441), 'timeoutConfiguration.timeoutInMinutes: error', /from 1 to 1440 for AWS_LAMBDA/],
    ['half a minute', timeout(1400.5), 'timeoutConfiguration.timeoutInMinutes: error', /a whole number/],
    ['CONTINUE', timeout(1440, 'CONTINUE'), 'timeoutConfiguration.action: warning', /fails open.*write ROLLBACK/],
    ['another action', timeout(1440, 'STOP'), 'timeoutConfiguration.action: error', /write ROLLBACK/],
    ['a wrong key', { hookDetails: { qourum: 2 } }, 'hookDetails: error', /hookDetails.qourum is not a known key/],
    ['the same in a string', { hookDetails: '{"quorum":0}' }, 'hookDetails: error', /quorum must be at least 1, not 0/],
    ['broken JSON', { hookDetails: '{"quorum":' }, 'hookDetails: error', /is not JSON/],
    ['a bare string', { hookDetails: '"quorum"' }, 'hookDetails: error', /is no JSON object: write an object/],
    ['a list', { hookDetails: [2] }, 'hookDetails: error', /is no JSON object/],
    ['the memory of a hook', { hookDetails: { _state: '{}' } }, 'hookDetails: error', /leave it out/],
    [
      'an ECS that gives up before the hook does by default',
      timeout(60),
      'timeoutConfiguration.timeoutInMinutes: warning',
      /ECS gives up after 60 minutes, the hook only after timeoutMinutes 1380 \(its default\)/,
    ],
    [
      'or as it is told to',
      { ...timeout(60), hookDetails: { timeoutMinutes: 60 } },
      'timeoutConfiguration.timeoutInMinutes: error',
      /write a timeoutMinutes below 60/,
    ],
    ['1440 against 1440', { hookDetails: { timeoutMinutes: 1440 } }, 'hookDetails: error', /gives up after 1440/],
    [
      'a function of another make at a shift',
      { hookTargetArn: LAMBDA('mine'), lifecycleStages: ['TEST_TRAFFIC_SHIFT'] },
      'lifecycleStages: note',
      /calls it again in a rollback/,
    ],
    ['no metrics for a canary', canary({}), 'hookDetails: warning', /metrics is missing.*unless HOOK_DEFAULTS/],
  ])('with %s', async (_, more, where, what) => {
    const [found, ...others] = await findingsOf(service([hook(more)], { strategy: 'LINEAR' }));

    expect(found).toMatch(what);
    expect(found?.startsWith(`${H}[0].${where}: `), found).toBe(true);
    expect(others).toEqual([]);
  });

  it.each<[string, Fields, string, RegExp]>([
    ['at a shift', { lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] }, 'lifecycleStages[0]: error', /Pause Hook/],
    ['at RECONCILE_SERVICE', { lifecycleStages: ['RECONCILE_SERVICE'] }, 'lifecycleStages[0]: warning', /disagree/],
    ['for too long', timeout(20_161), 'timeoutConfiguration.timeoutInMinutes: error', /to 20160 for PAUSE/],
    ['and a function', { hookTargetArn: LAMBDA('approval') }, 'hookTargetArn: warning', /leave it out/],
    ['that goes on by itself', timeout(60, 'CONTINUE'), 'timeoutConfiguration.action: warning', /fails open/],
  ])('PAUSE %s', async (_, more, where, what) => {
    const block = hook({ hookTargetArn: undefined, roleArn: undefined, targetType: 'PAUSE', ...more });
    const [found, ...others] = await findingsOf(service([block]));

    expect(found).toMatch(what);
    expect(found?.startsWith(`${H}[0].${where}: `), found).toBe(true);
    expect(others).toEqual([]);
  });

  it('is recognised by the longest name, and by what the caller says first', async () => {
    const wrong = { hookDetails: { nonsense: 1 } };
    const gate = LAMBDA('gate');

    expect(await findingsOf(service([hook({ hookTargetArn: gate, ...wrong })]))).toEqual([]);
    expect(await findingsOf(service([hook({ hookTargetArn: LAMBDA('preapproval'), ...wrong })]))).toEqual([]);
    expect(await findingsOf(service([hook({ hookTargetArn: gate, ...wrong })]), 'json', [[gate, 'approval']])).toEqual([
      expect.stringContaining('hookDetails.nonsense is not a known key'),
    ]);
  });
});

describe('a service', () => {
  const metrics = [{ preset: 'alb' }];
  const eleven = Array.from({ length: 11 }, () => hook());
  const balancer = (advancedConfiguration?: Fields) => ({
    loadBalancers: [{ containerName: 'ui', advancedConfiguration }],
  });

  it.each<[string, Fields, string, RegExp]>([
    ['11 hooks', service(eleven), `${H}: error`, /11 hooks of type AWS_LAMBDA.*at most 10/],
    [
      'no strategy',
      service([hook()], { strategy: undefined }),
      'deploymentConfiguration.strategy: error',
      /write BLUE/,
    ],
    ['ROLLING', service([hook()], { strategy: 'ROLLING' }), 'deploymentConfiguration.strategy: error', /no gates/],
    [
      'ROLLING with PRE_SCALE_UP only',
      service([hook({ lifecycleStages: ['PRE_SCALE_UP'] })], { strategy: 'ROLLING' }),
      'deploymentConfiguration.strategy: warning',
      /does not document/,
    ],
    [
      'no such strategy',
      service([hook()], { strategy: 'BLUEGREEN' }),
      'deploymentConfiguration.strategy: error',
      /wri/,
    ],
    ['hooks that are no list', service({ a: 1 }), `${H}: error`, /is no list/],
    ['a bake over a day', service([], bakes(1441)), 'deploymentConfiguration.bakeTimeInMinutes: error', /0 to 1440/],
    ['a bake missing', service([], bakes(undefined)), 'deploymentConfiguration.bakeTimeInMinutes: warning', /asks for/],
    [
      'a canary of 0.05 %',
      service([], { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.05 } }),
      'deploymentConfiguration.canaryConfiguration.canaryPercent: error',
      /from 0.1 to 100/,
    ],
    [
      'a step of 2 %',
      service([], { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2 } }),
      'deploymentConfiguration.linearConfiguration.stepPercent: error',
      /from 3 to 100/,
    ],
    [
      "another strategy's settings",
      service([], { linearConfiguration: { stepPercent: 10 } }),
      'deploymentConfiguration.linearConfiguration: error',
      /only valid with the strategy LINEAR/,
    ],
    [
      'alarms without names',
      service([], { alarms: { enable: true, rollback: true, alarmNames: [] } }),
      'deploymentConfiguration.alarms.alarmNames: error',
      /none is named/,
    ],
    [
      'alarms that do not go back',
      service([], { alarms: { enable: true, rollback: false, alarmNames: ['a'] } }),
      'deploymentConfiguration.alarms.rollback: warning',
      /write true/,
    ],
    [
      'another controller',
      service([hook()], {}, { deploymentController: { type: 'CODE_DEPLOY' } }),
      'deploymentController.type: error',
      /write ECS/,
    ],
    [
      'a load balancer without its two groups',
      service([hook()], {}, balancer()),
      'loadBalancers[0].advancedConfiguration: error',
      /write alternateTargetGroupArn/,
    ],
    [
      'hooks at test traffic, and no test listener',
      service([hook()], {}, balancer({ productionListenerRule: 'x' })),
      'loadBalancers[0].advancedConfiguration.testListenerRule: warning',
      /no test traffic reaches green/,
    ],
    [
      'a canary hook without traffic steps',
      service([hook(canary({ metrics }))]),
      `${H}[0].hookDetails: warning`,
      /all traffic moves at once: write holdMinutes/,
    ],
  ])('with %s', async (_, content, where, what) => {
    const [found, ...others] = await findingsOf(content);

    expect(found).toMatch(what);
    expect(found?.startsWith(`${where}: `), found).toBe(true);
    expect(others).toEqual([]);
  });

  it.each<[string, Fields]>([
    [
      'a canary',
      service([hook(canary({ metrics }))], { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.3 } }),
    ],
    ['ten of each', service([...eleven.slice(1), ...Array.from({ length: 10 }, () => hook(pauseBlock()))])],
    ['no hooks', service([], { strategy: 'ROLLING' })],
    ['as describe-services prints it', { services: [service([hook()])], failures: [] }],
    ['a list of none', { services: [] }],
  ])('%s has no finding', async (_, content) => {
    expect(await findingsOf(content)).toEqual([]);
  });
});
