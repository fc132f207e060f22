import { DescribeServiceDeploymentsCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it, vi } from 'vitest';
import { at, eventFixture, inPartition, SOURCE, TARGET, withDetails } from '../../library/testing/events.ts';
import { HOOK_STAGES } from '../../shared/stages.ts';
import { fail, succeed } from '../../shared/verdict.ts';
import { mockAws, ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { type ProbeInput, probe, rig, START } from '../fixtures/probe.ts';

const aws = mockAws();
captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');

describe('rule 1: the event is parsed', () => {
  it('check is given the deployment, its configuration, the time, and a deadline', async () => {
    const check = vi.fn((_: ProbeInput) => succeed('fine'));
    await rig(probe({ check }), { remaining: 60_000 }).look(withDetails(EVENT, { threshold: 7, timeoutMinutes: 10 }));
    expect(check).toHaveBeenCalledOnce();
    expect(check.mock.lastCall?.[0]).toMatchObject({
      deployment: { stage: 'POST_TEST_TRAFFIC_SHIFT', direction: 'forward', targetRevisionArn: TARGET, service: 'ui' },
      config: { threshold: 7, timeoutMinutes: 10, pollSeconds: 30 },
      state: undefined,
      now: START,
      deadline: new Date(START.getTime() + 600_000),
      functionName: 'probe-function',
    });
  });

  it.each([
    ['the flat form', eventFixture('flat-old-form').event, 'PRODUCTION_TRAFFIC_SHIFT'],
    ['hookDetails as a string', eventFixture('hook-details-string').event, 'POST_TEST_TRAFFIC_SHIFT'],
    ['another partition', inPartition(EVENT, 'aws-us-gov', 'us-gov-east-1'), 'POST_TEST_TRAFFIC_SHIFT'],
  ])('%s is accepted', async (_, event, stage) => {
    const check = vi.fn((_input: ProbeInput) => succeed('fine'));
    expect(await rig(probe({ check })).look(event)).toMatchObject({ hookStatus: 'SUCCEEDED', reason: 'fine' });
    expect(check.mock.lastCall?.[0].deployment.stage).toBe(stage);
  });

  it.each([
    // Before the shift the description says which step it is; while traffic is moving it may show either side of it.
    ['PRE_PRODUCTION_TRAFFIC_SHIFT', 12.5],
    ['PRODUCTION_TRAFFIC_SHIFT', undefined],
    ['TEST_TRAFFIC_SHIFT', undefined],
  ] as const)('without weights at %s the weight is %s, from the description', async (stage, targetWeight) => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).resolves({
      serviceDeployments: [
        { status: 'IN_PROGRESS', targetServiceRevision: { arn: TARGET, requestedProductionTrafficWeight: 12.5 } },
      ],
    });
    const check = vi.fn((_input: ProbeInput) => succeed('fine'));
    const stages = ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'] as const;
    await rig(probe({ check, stages })).look(at(stage, {}));
    expect(check.mock.lastCall?.[0].deployment.targetWeight).toBe(targetWeight);
  });

  it('a description that says no status and no weight takes nothing away, and hinders nobody', async () => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).resolves({ serviceDeployments: [{}] });
    const check = vi.fn((_input: ProbeInput) => succeed('fine'));
    const stages = ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'] as const;
    for (const stage of stages) {
      const answer = await rig(probe({ check, stages })).look(at(stage, { [TARGET]: 0, [SOURCE]: 0 }));
      expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: 'fine' });
      expect(check.mock.lastCall?.[0].deployment).toMatchObject({ direction: 'forward', targetWeight: 0 });
    }
    expect(aws.calls()).toHaveLength(2);
  });

  it.each(['PRE_SCALE_UP', 'POST_TEST_TRAFFIC_SHIFT', 'RECONCILE_SERVICE'] as const)(
    'at %s, which has no weights, nobody is asked for them',
    async (stage) => {
      const check = () => succeed('fine');
      expect(await rig(probe({ check, stages: [stage] })).look(at(stage))).toMatchObject({ hookStatus: 'SUCCEEDED' });
      expect(aws.calls()).toEqual([]);
    },
  );

  it('reads the configuration in a string like that in an object', async () => {
    const check = vi.fn((_input: ProbeInput) => succeed('fine'));
    const hook = rig(probe({ check }));
    await hook.look(eventFixture('hook-details-string').event);
    await hook.look(eventFixture('hook-details-object').event);
    const [first, second] = check.mock.calls.map(([{ config }]) => config);
    expect(first).toMatchObject({ pollSeconds: 45, timeoutMinutes: 90 });
    expect(second).toEqual(first);
  });

  it.each([
    [undefined, /^Not an ECS lifecycle event: event\.lifecycleStage is missing/],
    [null, /^Not an ECS lifecycle event: event must be of type object, not null$/],
    [{}, /event\.lifecycleStage is missing.*event\.resourceArn is missing.*event\.executionDetails is missing/],
    [{ ...EVENT, resourceArn: 'x' }, /resourceArn must be the ARN of a service-deployment, not "x"$/],
    [withDetails(EVENT, 'Test string'), /^hookDetails must be a JSON object, or a string that holds one/],
    [withDetails(EVENT, 7), /^hookDetails must be a JSON object/],
  ])('%j is FAILED with the path, without asking anybody', async (event, reason) => {
    const check = vi.fn();
    const answer = await rig(probe({ check, defaults: { firstDeployment: 'skip' } })).look(event);
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringMatching(reason) });
    expect(check).not.toHaveBeenCalled();
    expect(aws.calls()).toEqual([]);
  });
});

describe('rule 4: the configuration is layered, and bad configuration is FAILED', () => {
  const ssm = { HOOK_POLICY: 'ssm:/platform/wrapper-policy' };

  it('a service cannot loosen HOOK_POLICY', async () => {
    const hook = probe({ check: () => fail('bad') });
    const env = { HOOK_POLICY: '{"mode":"enforce"}' };
    expect(await rig(hook).look(withDetails(EVENT, { mode: 'audit' }))).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(await rig(hook, { env }).look(withDetails(EVENT, { mode: 'audit' }))).toMatchObject({
      hookStatus: 'FAILED',
    });
  });

  it.each([
    [{ treshold: 5 }, {}, 'hookDetails.treshold is not a known key (known: threshold, label, mode,'],
    [
      { threshold: '5', pollSeconds: 0 },
      {},
      'threshold must be of type number, not "5"; hookDetails.pollSeconds must be',
    ],
    [{}, { HOOK_DEFAULTS: '{' }, 'HOOK_DEFAULTS must be a JSON object, not text that is not JSON'],
    [{ mode: 'audit', nonsense: 1 }, {}, 'hookDetails.nonsense is not a known key'],
  ])('%j with %j is FAILED with every problem', async (details, env, problem) => {
    const check = vi.fn();
    const answer = await rig(probe({ check }), { env }).look(withDetails(EVENT, details));
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(problem) });
    expect(answer).toMatchObject({ hookDetails: details });
    expect(check).not.toHaveBeenCalled();
  });

  it.each([
    ['ParameterNotFound', 'FAILED'],
    ['AccessDeniedException', 'FAILED'],
    ['ThrottlingException', 'IN_PROGRESS'],
  ])('a HOOK_POLICY that answers %s is %s, never no policy', async (name, hookStatus) => {
    aws.ssm.on(GetParameterCommand).rejects(ssmError(name, 'words'));
    const check = vi.fn();
    const answer = await rig(probe({ check }), { env: ssm }).look(EVENT);
    expect(answer).toMatchObject({ hookStatus, reason: expect.stringContaining(`${name}: words`) });
    expect(check).not.toHaveBeenCalled();
  });
});

describe('rule 12: at a stage that it does not serve a hook is FAILED', () => {
  it.each(HOOK_STAGES)('%s', async (stage) => {
    const check = vi.fn(() => succeed('fine'));
    const hook = probe({ check, stages: ['POST_SCALE_UP', 'PRODUCTION_TRAFFIC_SHIFT'] });
    const answer = await rig(hook).look(withDetails(at(stage), { mode: 'audit' }));
    if (stage === 'POST_SCALE_UP' || stage === 'PRODUCTION_TRAFFIC_SHIFT') {
      expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED' });
    } else {
      expect(answer).toMatchObject({
        hookStatus: 'FAILED',
        reason: `The probe hook does not serve ${stage}; attach it at POST_SCALE_UP or PRODUCTION_TRAFFIC_SHIFT`,
      });
      expect(check).not.toHaveBeenCalled();
    }
  });
});
