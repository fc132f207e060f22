import { describe, expect, it } from 'vitest';
import { changing } from '../../simulator/aws/cloudwatch/traffic.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { CANARY, LINEAR, MINUTE, type Play, useWorld } from './canary-hook-world.ts';

holdToReasons();

const world = useWorld();
const BAD = 0.03;

/** A canary of 10 % that has baked for 15 minutes, and ECS at its second step. */
async function baked(errors = 0.005, options = {}): Promise<Play> {
  const play = world().deploy(options).traffic({ from: -70, to: 0, weight: 0 });
  await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
  play.traffic({ from: 0, to: 16, weight: 10, errors });
  world().advance(16);
  return play.at('PRODUCTION_TRAFFIC_SHIFT', 100);
}

describe('a canary deployment', () => {
  it('is noted at its first step', async () => {
    const play = world().deploy();
    expect(await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Noted that green bakes at 10 % of the traffic; judged when the next step begins',
    });
    const at = new Date(world().now).toISOString().replace('.000', '');
    expect(JSON.parse(world().aws.parameters.get(play.record)?.value ?? '')).toEqual({
      steps: [{ weight: 10, seen: at, since: at }],
    });
    expect(play.calls).not.toContain('monitoring:GetMetricData');
  });

  it('waits at its second step until the data are published, then passes with the numbers', async () => {
    const play = await baked();
    const [first, last, ...more] = await play.looks();
    expect(first).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      callBackDelay: 180,
      reason: expect.stringMatching(/^Green at 10 % since \d\d:\d\d UTC: WAIT \(running\) at look 0 of 1/),
    });
    expect(more).toEqual([]);
    expect(last?.hookStatus).toBe('SUCCEEDED');
    expect(last?.reason).toMatch(
      /PASS errors5xx: canary \d+\/\d{3} \(.*%\) v baseline \d+\/\d{4} .*p=.*could have seen ≥.*PASS latency: canary 0\.1/,
    );
  });

  it('fails with the numbers that decided it', async () => {
    const last = await (await baked(BAD)).decision();
    expect(last?.hookStatus).toBe('FAILED');
    expect(last?.reason).toMatch(
      /^Green at 10 % from .*FAIL \(fail\) at look 1 of 1: .*FAIL errors5xx: canary \d+\/\d+ \(.*rate ratio \d.*p=.* ≤ /,
    );
    const [judgement] = world().judgements().slice(-1);
    expect(judgement).toMatchObject({
      decision: 'fail',
      sampleRatio: { matches: true, expected: expect.closeTo(0.1) },
    });
  });

  it('asks ECS and the record at the first look of a step, and CloudWatch alone from then on', async () => {
    const play = await baked();
    await play.look();
    expect(play.calls).toEqual([
      'ecs:DescribeServiceDeployments',
      'ecs:DescribeServiceDeployments',
      'ssm:GetParameter',
      'ecs:DescribeServiceRevisions',
      'ssm:PutParameter',
      'monitoring:GetMetricData',
    ]);
    await play.look(1);
    expect(play.calls).toEqual(['monitoring:GetMetricData']);
  });

  it('in audit mode it is let through, and the log says that it would have failed', async () => {
    const last = await (await baked(BAD, { config: { mode: 'audit' } })).decision();
    expect(last).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringMatching(/^Audit mode, would have been/),
    });
    expect(world().output.decisions().at(-1)).toMatchObject({ wouldFail: true });
  });

  it('is judged the same however often it is asked', async () => {
    const play = await baked(BAD);
    const early = await Promise.all([play.invoke(), play.invoke()]);
    expect(early.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    world().advance(4);
    const late = await Promise.all([play.invoke(), play.invoke()]);
    expect(late[0]).toEqual({ ...late[1], hookDetails: late[0]?.hookDetails });
    expect(late[0]?.hookStatus).toBe('FAILED');
    world().advance(1);
    expect((await play.invoke()).reason).toBe(late[0]?.reason);
  });

  it('is not noted anew when its first step is asked again', async () => {
    const play = world().deploy();
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    const value = world().aws.parameters.get(play.record)?.value;
    expect(await play.look(5)).toMatchObject({ hookStatus: 'SUCCEEDED' });
    expect(world().aws.parameters.get(play.record)?.value).toBe(value);
  });

  it.each([
    ['gone', undefined],
    ['not JSON', '{'],
    ['of another form', '{"steps":[{"weight":"10"}]}'],
    ['without its times', '{"steps":[{"weight":10,"seen":"soon"}]}'],
  ])('is judged all the same when its record is %s', async (_, value) => {
    for (const [errors, status] of [
      [BAD, 'FAILED'],
      [0.005, 'SUCCEEDED'],
    ] as const) {
      const play = await baked(errors);
      const { parameters } = world().aws;
      if (value === undefined) parameters.delete(play.record);
      else
        parameters.put({ name: play.record, value, type: 'String', overwrite: true }, 'arn:aws:iam::123456789012:root');
      const last = await play.decision();
      expect(last?.hookStatus, last?.reason).toBe(status);
    }
  });
});

describe('a linear deployment', () => {
  const config = { warmUpMinutes: 1 };

  async function step(play: Play, weight: number, carriesOn = 12, errors: number | ((at: number) => number) = 0.005) {
    const last = await play.at('PRODUCTION_TRAFFIC_SHIFT', weight).decision();
    if (weight < 100) play.traffic({ from: 0, to: carriesOn, weight, errors });
    world().advance(carriesOn);
    return last;
  }

  it.each([true, false])('passes step by step, each judged on its own minutes, state carried: %s', async (carries) => {
    const play = world().deploy({ configuration: LINEAR, config }).traffic({ from: -70, to: 0, weight: 0 });
    play.carries = carries;
    const answers = [];
    for (const weight of [20, 40, 60, 80, 100]) {
      const last = await step(play, weight);
      answers.push(last);
      expect(last?.hookStatus, last?.reason).toBe('SUCCEEDED');
    }
    expect(answers.map((answer) => /Green at (\d+) % from/.exec(answer?.reason ?? '')?.[1])).toEqual([
      undefined,
      '20',
      '40',
      '60',
      '80',
    ]);
  });

  it('fails at the step after the one that turned bad, and not before', async () => {
    const play = world().deploy({ configuration: LINEAR, config }).traffic({ from: -70, to: 0, weight: 0 });
    expect((await step(play, 20))?.hookStatus).toBe('SUCCEEDED');
    expect((await step(play, 40, 12, changing(0.005, [world().now + 7 * MINUTE, 0.04])))?.hookStatus).toBe('SUCCEEDED');
    const last = await step(play, 60);
    expect(last).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('Green at 40 % from') });
  });

  it('keeps its record within a standard parameter at the smallest steps', async () => {
    const configuration = {
      strategy: 'LINEAR',
      linearConfiguration: { stepPercent: 3, stepBakeTimeInMinutes: 0 },
    } as const;
    const play = world().deploy({ configuration, config: { holdMinutes: 6, onNoData: 'pass', onUnreadable: 'pass' } });
    for (let weight = 3; weight < 100; weight += 3) await play.at('PRODUCTION_TRAFFIC_SHIFT', weight).decision();
    const value = world().aws.parameters.get(play.record)?.value ?? '';
    expect(JSON.parse(value).steps).toHaveLength(33);
    expect(value.length).toBeLessThan(4096);
  });
});

describe('PRE_PRODUCTION_TRAFFIC_SHIFT', () => {
  it('has nothing to judge before the first step', async () => {
    const play = world().deploy();
    expect(await play.at('PRE_PRODUCTION_TRAFFIC_SHIFT', 0).look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'No traffic has moved yet, so there is nothing to judge',
    });
  });

  it.each([
    ['well', 0.005, 'SUCCEEDED'],
    ['badly', BAD, 'FAILED'],
  ])('judges the step before by itself, which fared %s, before traffic moves on', async (_, errors, status) => {
    const play = world().deploy().traffic({ from: -70, to: 0, weight: 0 });
    await play.at('PRE_PRODUCTION_TRAFFIC_SHIFT', 0).look();
    play.traffic({ from: 0, to: 25, weight: 10, errors });
    world().advance(16);
    const last = await play.at('PRE_PRODUCTION_TRAFFIC_SHIFT', 10).decision();
    expect(last?.hookStatus, last?.reason).toBe(status);
    expect(last?.reason).toContain('Green at 10 % from');
  });

  it('waits for the bake where ECS asks before it', async () => {
    const play = world().deploy().traffic({ from: -70, to: 0, weight: 0 });
    await play.at('PRE_PRODUCTION_TRAFFIC_SHIFT', 0).look();
    play.traffic({ from: 0, to: 25, weight: 10, errors: BAD });
    world().advance(1);
    const answers = await play.at('PRE_PRODUCTION_TRAFFIC_SHIFT', 10).looks();
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FAILED']);
  });
});

describe('what AWS does not say', () => {
  const CASES = [
    ['well', 0.005, 'SUCCEEDED'],
    ['badly', BAD, 'FAILED'],
  ] as const;

  describe.each(CASES)('of a canary that fares %s', (_how, errors, status) => {
    it('traffic moves after the hooks', async () => {
      const play = world().deploy().traffic({ from: -70, to: 2, weight: 0 });
      await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
      // Two minutes later it has moved, and goes on while the second step is judged.
      play.traffic({ from: 2, to: 30, weight: 10, errors });
      world().advance(17);
      expect((await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).decision())?.hookStatus).toBe(status);
    });

    it('traffic moves before the hooks', async () => {
      const play = await baked(errors);
      play.traffic({ from: 0, to: 20, weight: 100 });
      expect((await play.decision())?.hookStatus).toBe(status);
    });

    it('the bake comes before the hooks of its step', async () => {
      const play = world().deploy().traffic({ from: -70, to: 0, weight: 0 });
      play.traffic({ from: 0, to: 16, weight: 10, errors });
      world().advance(16);
      await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
      const last = await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).decision();
      expect(last?.hookStatus, last?.reason).toBe(status);
    });

    it.each([
      ['the step that begins', [10, 100]],
      ['the step that ends', [0, 10]],
    ])('the events have no weights, and ECS describes %s', async (_, described) => {
      for (const carries of [true, false]) {
        const play = world().deploy().traffic({ from: -70, to: 0, weight: 0 });
        Object.assign(play, { carries, tellsWeights: false });
        const at = (weight: number | undefined) => {
          play.more = { targetServiceRevision: { arn: play.greenArn, requestedProductionTrafficWeight: weight ?? 0 } };
          return play.at('PRODUCTION_TRAFFIC_SHIFT').decision();
        };
        expect((await at(described[0]))?.reason).toContain('bakes at 10 %');
        play.traffic({ from: 0, to: 20, weight: 10, errors });
        world().advance(16);
        const last = await at(described[1]);
        expect(last?.hookStatus, last?.reason).toBe(status);
      }
    });
  });

  it('a linear step whose bake comes before its hooks is judged with the weight that it had', async () => {
    const play = world().deploy({ configuration: LINEAR }).traffic({ from: -70, to: 0, weight: 0 });
    for (const weight of [20, 40, 60]) {
      play.traffic({ from: 0, to: 12, weight });
      world().advance(12);
      const last = await play.at('PRODUCTION_TRAFFIC_SHIFT', weight).decision();
      expect(last?.hookStatus, last?.reason).toBe('SUCCEEDED');
      if (weight > 20)
        expect(world().judgements().at(-1)).toMatchObject({ sampleRatio: { expected: expect.closeTo(weight / 100) } });
    }
  });

  it('an event without weights is not taken for the step that the memory is of', async () => {
    const play = world().deploy({ configuration: LINEAR }).traffic({ from: -70, to: 0, weight: 0 });
    Object.assign(play, { carries: true, tellsWeights: false });
    const at = (weight: number) => {
      play.more = { targetServiceRevision: { arn: play.greenArn, requestedProductionTrafficWeight: weight } };
      return play.at('PRODUCTION_TRAFFIC_SHIFT').decision();
    };
    await at(20);
    play.traffic({ from: 0, to: 16, weight: 20 });
    world().advance(12);
    expect((await at(40))?.hookStatus).toBe('SUCCEEDED');
    play.traffic({ from: 0, to: 16, weight: 40, errors: BAD });
    world().advance(12);
    expect((await at(60))?.hookStatus).toBe('FAILED');
  });
});

describe('a rollback', () => {
  it('is let through at once, and the record removed', async () => {
    const play = world().deploy();
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    expect(world().aws.parameters.get(play.record)).toBeDefined();
    expect(await play.at('PRODUCTION_TRAFFIC_SHIFT', 0).look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Rolling back: the record of the traffic steps is removed',
    });
    expect(play.calls).toEqual(['ssm:DeleteParameters']);
    expect(world().aws.parameters.get(play.record)).toBeUndefined();
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
  });

  it.each(['throttle', 'access-denied', 'server-error', 'unavailable', 'cut', 'malformed-body', 'hang'] as const)(
    'is let through at once when the record cannot be removed: %s',
    async (kind) => {
      const play = world().deploy();
      const fault = world().aws.faults.add({ service: 'ssm', kind, always: true });
      const answer = await play.at('PRODUCTION_TRAFFIC_SHIFT', 0).look();
      fault.remove();
      expect(answer.hookStatus).toBe('SUCCEEDED');
      expect(world().output.decisions().at(-1)).toMatchObject({
        level: 'ERROR',
        trouble: expect.stringContaining('left behind'),
      });
    },
  );

  it('is let through whatever the configuration is', async () => {
    const play = world().deploy({ config: { metrics: 'none', holdMinutes: -1 } });
    expect((await play.at('PRODUCTION_TRAFFIC_SHIFT', 0).look()).hookStatus).toBe('SUCCEEDED');
  });
});

describe('old records', () => {
  it('are removed after retainDays at the end of a later deployment, its own and younger ones kept', async () => {
    const old = world().deploy();
    await old.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    world().advance(20 * 1440);
    const young = world().deploy({}, old.service);
    await young.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    world().advance(11 * 1440);
    const play = world().deploy({ configuration: CANARY }, old.service).traffic({ from: -70, to: 0, weight: 0 });
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    play.traffic({ from: 0, to: 16, weight: 10 });
    world().advance(16);
    expect((await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).decision())?.hookStatus).toBe('SUCCEEDED');
    const left = [old, young, play].map(({ record }) => world().aws.parameters.get(record) !== undefined);
    expect(left).toEqual([false, true, true]);
  });
});
