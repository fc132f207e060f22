import { describe, expect, it } from 'vitest';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { neverCame, unmet } from '../../simulator/scenario/expectations.ts';
import type { Expectation } from '../../simulator/scenario/schema.ts';
import type { Happening } from '../../simulator/scenario/schema-happening.ts';
import { deployment, one, playOf, service } from './scenario-kit.ts';

/** Judge waits once and fails; a PAUSE hook times out and lets go on; ECS rolls back after the shift. */
async function played(): Promise<DeploymentRecord> {
  const { deployments } = await playOf({
    functions: {
      judge: { answers: ['IN_PROGRESS', { hookStatus: 'FAILED', reason: 'error rate 4.1 %' }, 'SUCCEEDED'] },
      idle: { answers: ['SUCCEEDED'] },
      broken: { answers: [{ error: 'boom' }] },
    },
    services: {
      ui: service([
        { function: 'judge', lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] },
        {
          targetType: 'PAUSE',
          lifecycleStages: ['POST_SCALE_UP'],
          timeoutConfiguration: { timeoutInMinutes: 5, action: 'CONTINUE' },
        },
      ]),
    },
    deployments: [deployment()],
  });
  return one(deployments);
}

const STAGES: Expectation['stages'] = [
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'TEST_TRAFFIC_SHIFT',
  'CLEAN_UP',
];
const MET: Expectation = {
  status: 'ROLLBACK_SUCCESSFUL',
  statusReason: 'PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed',
  reason: { judge: 'error rate', idle: 'never invoked' },
  invocations: { judge: 3, idle: 0 },
  hooks: { judge: 'FAILED', pause: 'TIMED_OUT' },
  messages: 2,
  stages: STAGES,
  traffic: [100, 0],
};

describe('an expectation', () => {
  it('that is met in all its parts says nothing', async () => {
    expect(unmet(MET, await played(), 2)).toEqual([]);
  });

  it.each<[Partial<Expectation>, string]>([
    [
      { status: 'SUCCESSFUL' },
      'expected status "SUCCESSFUL", got "ROLLBACK_SUCCESSFUL: Service deployment rolled back because',
    ],
    [{ statusReason: 'alarm' }, 'expected statusReason with "alarm", got "Service deployment rolled back because'],
    [{ reason: { judge: 'latency' } }, 'expected last reason of judge with "latency", got "error rate 4.1 %"'],
    [{ reason: { idle: 'x' } }, 'expected last reason of idle with "x", got "never invoked"'],
    [{ invocations: { judge: 2 } }, 'expected invocations of judge 2, got 3'],
    [{ hooks: { judge: 'SUCCEEDED' } }, 'expected hook judge "SUCCEEDED", got "FAILED"'],
    [{ hooks: { idle: 'SUCCEEDED' } }, 'expected hook idle "SUCCEEDED", got "never run"'],
    [{ hooks: { pause: 'SUCCEEDED' } }, 'expected hook pause "SUCCEEDED", got "TIMED_OUT"'],
    [{ messages: 0 }, 'expected messages 0, got 2'],
    [{ stages: ['PRE_SCALE_UP'] }, 'expected stages ["PRE_SCALE_UP"], got ["PRE_SCALE_UP","SCALE_UP",'],
    [{ traffic: [100] }, 'expected traffic [100], got [100,0]'],
  ])('%j that is not met says one sentence', async (wrong, sentence) => {
    const found = unmet({ ...MET, ...wrong }, await played(), 2);

    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`the deployment: ${sentence}`);
  });

  it('names the kind of an outcome that is no answer', async () => {
    const record = one(
      (
        await playOf({
          functions: { broken: { answers: [{ error: 'boom' }] } },
          services: { ui: service([{ function: 'broken', lifecycleStages: ['POST_SCALE_UP'] }]) },
        })
      ).deployments,
    );

    expect(unmet({ status: 'ROLLBACK_SUCCESSFUL', reason: { broken: 'function-error' } }, record, 0)).toEqual([]);
  });
});

it('an event that found no occasion is named with its stage and step', async () => {
  const toCome: Happening[] = [
    { after: 0, stage: 'BAKE_TIME', stop: 'ABORT' },
    { after: 0, stage: 'PRODUCTION_TRAFFIC_SHIFT', step: 3, continue: 'CONTINUE' },
  ];

  expect(neverCame(await played(), toCome)).toEqual([
    'the deployment: the event stop never came, since BAKE_TIME was not reached',
    'the deployment: the event continue never came, since PRODUCTION_TRAFFIC_SHIFT of step 3 was not reached',
  ]);
});
