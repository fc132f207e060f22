import { describe, expect, it } from 'vitest';
import { at, DEPLOYMENT_ID, rollback, withDetails } from '../../library/testing/events.ts';
import { fail, succeed, wait } from '../../shared/verdict.ts';
import { mockAws } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { type ProbeCheck, probe, remembering, rig } from '../fixtures/probe.ts';

mockAws();
const output = captureOutput();
const EVENT = at('POST_TEST_TRAFFIC_SHIFT');
const boom = () => Promise.reject(new Error('boom'));

describe('rule 10: one decision line per invocation', () => {
  it('says what was decided, of what, why, on what evidence, how long it took and at which attempt', async () => {
    const check = () => fail('latency 900 ms', { p99: 900 });
    await rig(probe({ check })).look(withDetails(EVENT, remembering({ looks: 6 })));
    expect(output.decisions()).toEqual([
      {
        level: 'INFO',
        message: 'decision',
        sampling_rate: 0,
        timestamp: expect.any(String),
        hook: 'probe',
        stage: 'POST_TEST_TRAFFIC_SHIFT',
        direction: 'forward',
        cluster: 'unicorn-watch',
        service: 'ui',
        deployment: DEPLOYMENT_ID,
        revision: '7823415960271834513',
        status: 'FAILED',
        reason: 'latency 900 ms',
        evidence: { p99: 900 },
        durationMs: expect.any(Number),
        attempt: 7,
      },
    ]);
  });

  it.each<[string, ProbeCheck, unknown, object, object]>([
    ['a success', () => succeed('fine'), EVENT, { level: 'INFO', status: 'SUCCEEDED', attempt: 1 }, { Succeeded: 1 }],
    ['a failure', () => fail('bad'), EVENT, { level: 'INFO', status: 'FAILED' }, { Failed: 1 }],
    ['a wait', () => wait('looking'), EVENT, { level: 'INFO', status: 'IN_PROGRESS' }, { InProgress: 1 }],
    ['an error', boom, EVENT, { level: 'ERROR', status: 'IN_PROGRESS', trouble: 'boom' }, { InProgress: 1, Errors: 1 }],
    ['a rollback', boom, rollback(), { level: 'INFO', status: 'SUCCEEDED', direction: 'rollback' }, { Succeeded: 1 }],
    [
      'a wrong stage',
      boom,
      at('PRE_SCALE_UP'),
      { level: 'ERROR', status: 'FAILED', stage: 'PRE_SCALE_UP' },
      { Failed: 1, Errors: 1 },
    ],
    [
      'a broken event',
      boom,
      {},
      { level: 'ERROR', status: 'FAILED', service: 'unknown' },
      { Failed: 1, Errors: 1, stage: 'unknown' },
    ],
  ])('%s: one line, and one record of metrics', async (_, check, event, decision, metrics) => {
    await rig(probe({ check })).look(event);
    expect(output.decisions()).toMatchObject([decision]);
    expect(output.decisions()[0]).not.toHaveProperty('evidence');
    expect(output.metrics()).toMatchObject([{ hook: 'probe', Duration: expect.any(Number), ...metrics }]);
    expect(output.lines()).toHaveLength(2);
    // Nothing else is counted: the metrics are those, the duration, and the three dimensions.
    const counted = Object.keys(output.metrics()[0] ?? {}).filter(
      (key) => !['_aws', 'service', 'hook', 'stage', 'Duration'].includes(key),
    );
    expect(counted.sort()).toEqual(
      Object.keys(metrics)
        .filter((key) => key !== 'stage')
        .sort(),
    );
  });

  it('stays one line, whatever a hook or a caller writes into it', async () => {
    const forged = 'bad\n{"message":"decision","status":"SUCCEEDED"}\r\n\u2028x';
    await rig(probe({ check: () => fail(forged, { note: forged }) })).look(EVENT);
    await rig(probe({ check: () => Promise.reject(new Error(forged)) })).look(EVENT);
    await rig(probe({})).look({ ...EVENT, lifecycleStage: forged });
    expect(output.decisions()).toHaveLength(3);
    expect(output.lines()).toHaveLength(6);
    for (const { reason, trouble } of output.decisions()) expect(`${reason} ${trouble}`).not.toMatch(/[\n\r\u2028]/);
  });

  it('evidence of one look does not show in the next', async () => {
    let looks = 0;
    const hook = rig(probe({ check: () => (++looks === 1 ? succeed('fine', { n: 1 }) : boom()) }));
    await hook.look(EVENT);
    await hook.look(EVENT);
    expect(output.decisions()[1]).not.toHaveProperty('evidence');
  });

  it('a log of the hook itself comes before it', async () => {
    await rig(
      probe({
        check: ({ log }) => {
          log.warn('slow', { ms: 900 });
          return succeed('fine');
        },
      }),
    ).look(EVENT);
    expect(output.records().map(({ message }) => message)).toEqual(['slow', 'decision', undefined]);
  });
});

describe('rule 10: no secret in it', () => {
  const SECRET = 'hunter2-hunter2';
  it.each<[string, ProbeCheck, object]>([
    ['configuration', () => fail('bad'), { label: SECRET }],
    ['configuration, on an error', boom, { label: SECRET }],
    ['the state', () => wait('looking'), remembering({ state: { seen: 15_432_678 } }, { label: SECRET })],
    ['a hook that returns its state', () => wait('looking', { state: { seen: 15_432_678 } }), {}],
  ])('%s is not printed', async (_, check, details) => {
    const env = {
      HOOK_DEFAULTS: JSON.stringify({ label: SECRET }),
      HOOK_POLICY: '{"threshold":1}',
      AWS_SESSION_TOKEN: SECRET,
    };
    await rig(probe({ check }), { env }).look(withDetails(EVENT, details));
    expect(output.decisions()).toHaveLength(1);
    expect(output.text()).not.toContain(SECRET);
    expect(output.text()).not.toContain('15432678');
    expect(output.text()).not.toContain('hookDetails":');
  });
});
