import { describe, expect, it } from 'vitest';
import { wantedOf } from '../../tasks/traffic-generator/result.ts';
import { holdToReasons } from '../fixtures/reasons.ts';
import { encoded, shardResult } from '../fixtures/shard-result.ts';
import { claim, LOAD, type Play, useWorld } from './load-test-world.ts';

holdToReasons();

const world = useWorld();

/** Through the whole test: started, generated, judged. */
async function tested(play: Play, more?: Parameters<Play['generate']>[0]) {
  await play.look();
  play.generate(more);
  return play.look(70);
}

describe('the start', () => {
  it('is none for an event that comes when the deployment is being rolled back', async () => {
    const play = world().deploy();
    world().statuses.set(play.arn, 'ROLLBACK_IN_PROGRESS');
    expect(await play.look()).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'No load test is begun: the deployment is ROLLBACK_IN_PROGRESS',
    });
    expect(world().calls).toEqual(['GetParametersByPath', 'DescribeServiceDeployments']);
    expect(world().queue).toEqual([]);
  });

  it('sends every shard once, with all that a generator needs', async () => {
    const play = world().deploy({ rampSeconds: 5 });
    const answer = await play.look();
    expect(answer).toMatchObject({
      hookStatus: 'IN_PROGRESS',
      reason: 'Started the load test: 100 requests a second for 75 s, in 2 shards',
    });
    expect(world().calls).toEqual([
      ...['GetParametersByPath', 'DescribeServiceDeployments'],
      ...['PutParameter', 'SendMessageBatch'],
    ]);
    expect(world().queue).toMatchObject([
      {
        v: 1,
        shard: 1,
        of: 2,
        deployment: play.arn,
        resultParameter: `${play.path()}/green-1`,
        stopParameter: `${play.path()}/stop`,
        plan: {
          stages: [
            { rate: 0, rampTo: 50, seconds: 5 },
            { rate: 50, seconds: 70 },
          ],
          warmUpSeconds: 15,
          testHeader: { name: 'x-amzn-ecs-blue-green-test' },
        },
      },
      { shard: 2, resultParameter: `${play.path()}/green-2` },
    ]);
  });

  it('asks for the whole rate and the whole duration, as the generators count them', async () => {
    await world().deploy({ rampSeconds: 20, shards: 4 }).look();
    const wanted = world().queue.map((shard) => wantedOf(shard).requests);
    expect(wanted).toEqual([1500, 1500, 1500, 1500]);
  });

  it('is one, however many looks begin at the same time', async () => {
    const play = world().deploy();
    const answers = await Promise.all([play.invoke(), play.invoke(), play.invoke()]);
    expect(answers.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS']);
    expect(world().queue).toHaveLength(2);
  });

  it('is not repeated by a look that has lost its memory, once the shards are taken', async () => {
    const play = world().deploy();
    const details = play.hookDetails;
    await play.look();
    for (const { resultParameter } of world().queue) play.put(resultParameter, claim());
    play.hookDetails = details;
    await play.look(60);
    expect(world().queue).toHaveLength(2);
  });

  it('sends again what nobody has taken, and only that, when the function stopped half way', async () => {
    const play = world().deploy();
    world().after = (name) => {
      if (name === 'SendMessageBatch') throw new Error('socket hang up');
    };
    expect((await play.look()).hookStatus).toBe('IN_PROGRESS');
    const [first] = world().queue.splice(0);
    play.put(first?.resultParameter ?? '', claim());
    world().after = () => {};
    await play.look(31);
    expect(world().queue.map(({ resultParameter }) => resultParameter)).toEqual([`${play.path()}/green-2`]);
  });

  it.each(['before', 'after'] as const)('leaves no call %s which a crash doubles the load', async (when) => {
    for (let crash = 1; crash <= 12; crash += 1) {
      world().reset();
      const play = world().deploy({ generator: { cluster: 'tools', service: 'generators', tasks: 2 } });
      world()[when] = (_, nth) => {
        if (nth === crash) throw new Error('the function was ended');
      };
      const ran = new Map<string, number>();
      let answer = await play.look();
      for (let look = 0; look < 12 && answer.hookStatus === 'IN_PROGRESS'; look += 1) {
        // A generator runs a shard for which there is no parameter yet, and drops the message of another.
        for (const { resultParameter } of world().queue.splice(0)) {
          if (play.value(resultParameter) !== undefined) continue;
          ran.set(resultParameter, (ran.get(resultParameter) ?? 0) + 1);
          play.put(resultParameter, shardResult());
        }
        answer = await play.look(31);
      }
      expect(answer, `after call ${crash}`).toMatchObject({ hookStatus: 'SUCCEEDED' });
      expect([...ran.values()], `after call ${crash}`).toEqual([1, 1]);
    }
  });

  it('takes as many batches as SQS asks for, and a FIFO queue sees one message for one shard', async () => {
    await world().deploy({ shards: 25 }).look();
    expect([world().batches, world().queue.length]).toEqual([3, 25]);
    expect(world().entries[0]).not.toHaveProperty('MessageGroupId');
    const play = world().deploy({ queueUrl: `${LOAD.queueUrl}.fifo` });
    await play.look();
    const id = `${play.id}-POST_TEST_TRAFFIC_SHIFT-1-green-2`;
    expect(world().entries[1]).toMatchObject({ MessageGroupId: id, MessageDeduplicationId: id });
  });

  it.each([
    [true, 'FAILED'],
    [false, 'IN_PROGRESS'],
  ])('tells shards that SQS does not take (sender fault: %s)', async (SenderFault, status) => {
    world().failed = [{ Id: '0', SenderFault, Code: 'InvalidMessageContents', Message: 'no' }];
    expect(await world().deploy().look()).toMatchObject({
      hookStatus: status,
      reason: expect.stringContaining('sqs:SendMessageBatch did not take 1 of 2 shards: InvalidMessageContents: no'),
    });
  });

  it.each([
    ['no queue', { queueUrl: undefined }, 'queueUrl is missing'],
    ['no targets', { targets: [] }, 'targets is empty'],
    ['a percentile that the load cannot tell', { thresholds: { p999Ms: 500 } }, 'p999Ms needs 10000 requests'],
    ['a load longer than the wait', { durationSeconds: 4000 }, 'more than timeoutMinutes (1 h)'],
    [
      'blue without a header',
      { baseline: 'blue', testHeader: false, tolerance: { p50Ms: { ratio: 2 } } },
      'baseline is blue',
    ],
    ['a tolerance of nothing', { tolerance: { p50Ms: { ratio: 2 } } }, 'baseline is none'],
    ['a baseline for nothing', { baseline: 'previous' }, 'tolerance says nothing'],
  ])('is refused with %s', async (_, config, problem) => {
    const answer = await world().deploy(config).look();
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining(problem) });
    expect(world().queue).toEqual([]);
  });
});

describe('the verdict', () => {
  it('passes with its numbers, and keeps them as a baseline', async () => {
    const play = world().deploy();
    expect(await tested(play)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Load test passed: errors 0 % ≤ 1 %, p95 100 ms ≤ 150 ms over 6,000 requests at 100 % of the wanted rate',
    });
    const accepted = JSON.parse(play.value(`/ecs-hooks/load-test/prod/${play.service}/accepted`) ?? '');
    expect(accepted.last).toMatchObject({ deploymentArn: play.arn, requests: 6000, values: { p95Ms: 100.031 } });
  });

  it('fails a slow green, and is no baseline', async () => {
    const play = world().deploy();
    expect(await tested(play, () => shardResult(184))).toMatchObject({
      hookStatus: 'FAILED',
      reason: 'Load test failed: p95 184 ms > 150 ms over 6,000 requests at 100 % of the wanted rate, errors 0 %',
    });
    expect(play.value(`/ecs-hooks/load-test/prod/${play.service}/accepted`)).toBeUndefined();
  });

  it('fails a dead green: its refused connections are its errors', async () => {
    const answer = await tested(world().deploy(), () => ({ ...shardResult(0), errorsByKind: { connect: 3000 } }));
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('errors 100 % > 1 % (6,000 connect), p95 could not be told from 0 latencies'),
    });
  });

  it('is from merged histograms: one slow shard in ten shows in the tail', async () => {
    const play = world().deploy({ shards: 10, thresholds: { p95Ms: 600 } });
    await play.look();
    const answers = play.generate(({ shard }) => shardResult(shard === 1 ? 1000 : 10, 600));
    expect(answers).toHaveLength(10);
    expect(await play.look(70)).toMatchObject({
      hookStatus: 'FAILED',
      // Averaging the ten shards' own percentiles would give 109 ms.
      reason: expect.stringMatching(/p95 1,000 ms > 600 ms/),
    });
  });
});

describe('what could not run', () => {
  const TABLE: [string, Record<string, unknown>, string][] = [
    [
      'a generator that was too slow',
      { sent: 2600, wanted: { rate: 50, requests: 3000 } },
      'sent 86.7 % of the wanted requests',
    ],
    ['a name that does not resolve', { errorsByKind: { dns: 3000 } }, 'could not send 6000 of 6000 requests'],
    ['a generator that broke', { endedBy: 'error', problem: 'EMFILE' }, 'the generator ended with EMFILE'],
    ['a generator that was stopped', { endedBy: 'stopped' }, 'the generator was stopped'],
    ['a damaged histogram', { histogram: encoded([1, 2, 3]).slice(0, 30) }, 'a histogram that cannot be read'],
    [
      'a generator that was late itself',
      { ...shardResult(180), lateness: { p99: 60_000, max: 90_000 } },
      '60 ms late (p99)',
    ],
    ['a damaged result', { sent: 'many' }, 'a result that cannot be read: result.sent'],
  ];

  it.each(TABLE)('is %s: run again, then FAILED', async (_, more, why) => {
    const play = world().deploy({ maxRuns: 2 });
    const answer = await tested(play, () => more);
    expect(answer).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: expect.stringContaining(why) });
    expect(answer.reason).toContain('run 2 of 2 follows');
    await play.look(30);
    expect(world().queue.map(({ resultParameter }) => resultParameter)).toEqual([
      `${play.path(2)}/green-1`,
      `${play.path(2)}/green-2`,
    ]);
    play.generate(() => more);
    expect(await play.look(70)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^The load test could not run: .*\(run 2 of 2\)$/),
    });
  });

  it.each(TABLE)('is %s: as the operator says', async (_, more) => {
    const fail = await tested(world().deploy({ onCouldNotRun: 'fail' }), () => more);
    expect(fail.hookStatus).toBe('FAILED');
    const succeed = await tested(world().deploy({ onCouldNotRun: 'succeed' }), () => more);
    expect(succeed).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: expect.stringContaining('onCouldNotRun is succeed'),
    });
  });

  it('is shards that nobody took: stopped, and told', async () => {
    const play = world().deploy({ onCouldNotRun: 'fail' });
    await play.look();
    expect(await play.look(399)).toMatchObject({ hookStatus: 'IN_PROGRESS' });
    expect(await play.look(60)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('2 of 2 shards gave no result by 2026-'),
    });
    expect(play.value(`${play.path()}/stop`)).toBeDefined();
  });

  it('is not waited for longer than timeoutMinutes: stopped, and told', async () => {
    const play = world().deploy({ timeoutMinutes: 10 });
    world().before = () => {
      throw new Error('connection refused');
    };
    await play.look();
    world().before = () => {};
    await play.look(300);
    expect(await play.look(301)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/^The load test is not done: 0 of 2 shards are done.*onTimeout is fail$/),
    });
    expect(play.value(`${play.path()}/stop`)).toBeDefined();
  });

  it('is shards that ran one after the other', async () => {
    const later = { startedAt: '2026-03-02T09:01:20Z', endedAt: '2026-03-02T09:02:20Z' };
    const answer = await tested(world().deploy(), ({ shard }) => (shard === 1 ? {} : later));
    expect(answer.reason).toContain('ran together for 0 % of their time: fewer tasks than shards');
  });

  it('but failed requests are failed at any rate', async () => {
    const answer = await tested(world().deploy(), () => ({ sent: 1500, errorsByKind: { timeout: 600 } }));
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('errors 40 % > 1 %') });
  });
});

describe('the generator service', () => {
  const generator = { cluster: 'tools', service: 'generators', tasks: 3 };

  it('is raised for the test, and lowered after it', async () => {
    await tested(world().deploy({ generator }));
    expect(world().desiredCounts).toEqual([3, 0]);
  });

  it('is lowered to what another deployment still needs', async () => {
    const [one, other] = [world().deploy({ generator }), world().deploy({ generator })];
    await one.look();
    const first = world().queue.splice(0);
    await other.look();
    const second = world().queue.splice(0);
    expect(world().desired).toBe(6);
    for (const { resultParameter } of first) one.put(resultParameter, shardResult());
    await one.look(70);
    expect(world().desired).toBe(3);
    for (const { resultParameter } of second) other.put(resultParameter, shardResult());
    await other.look(1);
    expect(world().desired).toBe(0);
  });

  it('is raised again when somebody lowered it too early', async () => {
    const play = world().deploy({ generator });
    await play.look();
    world().desired = 0;
    await play.look(30);
    expect(world().desired).toBe(3);
  });

  it('is lowered when the test could not run, too', async () => {
    const play = world().deploy({ generator, onCouldNotRun: 'fail' });
    await play.look();
    await play.look(500);
    expect(world().desired).toBe(0);
  });
});

describe('a rollback', () => {
  it('stops every run, and is never hindered', async () => {
    const play = world().deploy({ generator: { cluster: 'tools', service: 'generators', tasks: 3 } });
    await play.look();
    const path = play.path();
    play.stage = 'TEST_TRAFFIC_SHIFT';
    play.direction = 'rollback';
    expect(await play.look(5)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: 'Rolling back: 1 load test run stopped',
    });
    expect(play.value(`${path}/stop`)).toBeDefined();
    expect(world().desired).toBe(0);
  });

  it('is not held up when nothing can be stopped', async () => {
    const play = world().deploy();
    await play.look();
    play.stage = 'TEST_TRAFFIC_SHIFT';
    play.direction = 'rollback';
    world().before = (name) => {
      if (name === 'PutParameter') throw new Error('connection refused');
    };
    let answer = await play.look();
    for (let look = 0; look < 20 && answer.hookStatus === 'IN_PROGRESS'; look += 1) answer = await play.look(30);
    expect(answer.hookStatus).toBe('SUCCEEDED');
  });

  it('has not begun when ECS shifts the test traffic forward', async () => {
    const play = world().deploy();
    play.stage = 'TEST_TRAFFIC_SHIFT';
    expect((await play.look()).hookStatus).toBe('SUCCEEDED');
    expect(world().queue).toEqual([]);
  });
});

describe('a baseline', () => {
  const previous = { baseline: 'previous', tolerance: { p95Ms: { ratio: 1.2, floor: 5 } }, thresholds: {} };

  it('is the last release whose deployment ended well', async () => {
    const first = world().deploy(previous);
    expect((await tested(first, () => shardResult(100))).reason).toContain('not compared: no accepted release');
    world().statuses.set(first.arn, 'SUCCESSFUL');
    const second = world().deploy(previous, first.service);
    // Passes here, but is rolled back afterwards: no measure for the third.
    expect((await tested(second, () => shardResult(120))).hookStatus).toBe('SUCCEEDED');
    world().statuses.set(second.arn, 'ROLLBACK_SUCCESSFUL');
    const third = await tested(world().deploy(previous, first.service), () => shardResult(140));
    expect(third).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('p95 140 ms > 125 ms (1.2 × 100 ms of revision 2222222222222222222 + 5 ms)'),
    });
  });

  it('of another load is none', async () => {
    const first = world().deploy(previous);
    await tested(first, () => shardResult(100));
    world().statuses.set(first.arn, 'SUCCESSFUL');
    const second = await tested(world().deploy({ ...previous, rate: 200 }, first.service), () => shardResult(900));
    expect(second.reason).toContain('not compared: the last accepted release was measured under another load');
  });

  it('that is missing is refused, if so configured', async () => {
    const answer = await tested(world().deploy({ ...previous, onNoBaseline: 'fail' }));
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('onNoBaseline is fail') });
  });

  it('blue is measured at the same time, without the test header', async () => {
    const play = world().deploy({ ...previous, baseline: 'blue' });
    await play.look();
    const shards = play.generate(({ resultParameter }) => shardResult(resultParameter.includes('/blue-') ? 50 : 100));
    expect(shards.map(({ plan }) => plan.testHeader?.name)).toEqual([
      'x-amzn-ecs-blue-green-test',
      'x-amzn-ecs-blue-green-test',
      undefined,
      undefined,
    ]);
    expect(await play.look(70)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('p95 100 ms > 65 ms (1.2 × 50 ms of blue + 5 ms)'),
    });
  });

  it('blue is not there on the first deployment', async () => {
    world().hasSource = false;
    const answer = await tested(world().deploy({ ...previous, baseline: 'blue' }));
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining('no blue revision') });
  });
});
