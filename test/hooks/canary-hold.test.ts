import { describe, expect, it } from 'vitest';
import { changing } from '../../simulator/aws/cloudwatch/traffic.ts';
import { BLUE_GREEN, CANARY, MINUTE, type Play, useWorld } from './canary-hook-world.ts';

const world = useWorld();
const HOLD = { holdMinutes: 20, everyMinutes: 5 };

/** Blue/green after the whole shift: all traffic is green's from now on, blue's before. */
function shifted(options = {}, traffic = {}): Play {
  const play = world().deploy({ configuration: BLUE_GREEN, config: HOLD, ...options });
  play.traffic({ from: -70, to: 0, weight: 0 });
  play.traffic({ from: 0, to: 40, weight: 100, ...traffic });
  return play.at('POST_PRODUCTION_TRAFFIC_SHIFT');
}

describe('held open after the shift of a blue/green deployment', () => {
  it('is judged at every look against blue before the shift, and passes at the end', async () => {
    const play = shifted();
    const began = world().now;
    const answers = await play.looks();
    expect(answers.at(-1)?.hookStatus, answers.at(-1)?.reason).toBe('SUCCEEDED');
    expect(answers.at(-1)?.reason).toMatch(/PASS errors5xx: canary \d+\/\d{5} .* v baseline \d+\/\d{5}/);
    const minutes = (world().now - began) / MINUTE;
    expect(minutes).toBeGreaterThanOrEqual(23);
    expect(minutes).toBeLessThan(26);
    const numbers = world()
      .judgements()
      .map(({ look }) => look);
    expect(numbers.at(-1)).toMatchObject({ number: 4, of: 4, final: true });
    expect(answers.length).toBeLessThanOrEqual(6);
  });

  it('fails at the first look that shows it, long before the end', async () => {
    const play = shifted({}, { errors: 0.03 });
    const began = world().now;
    expect((await play.decision())?.hookStatus).toBe('FAILED');
    expect((world().now - began) / MINUTE).toBeLessThan(12);
  });

  it('fails at the look after it turned bad', async () => {
    const play = shifted({}, { errors: changing(0.005, [world().now + 11 * MINUTE, 0.08]) });
    const began = world().now;
    expect((await play.decision())?.hookStatus).toBe('FAILED');
    const minutes = (world().now - began) / MINUTE;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThan(22);
  });

  it('finds a latency that has risen by a fifth', async () => {
    const last = await shifted({}, { latency: 0.12 }).decision();
    expect(last).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('FAIL latency') });
  });

  it('is one call of CloudWatch a look once it has begun', async () => {
    const play = shifted();
    await play.look();
    for (let look = 0; look < 3; look += 1) {
      await play.look(2);
      expect(play.calls).toEqual(['monitoring:GetMetricData']);
    }
  });

  it('hits a wall whatever blue did', async () => {
    const play = world().deploy({ configuration: BLUE_GREEN, config: HOLD });
    play.traffic({ from: -70, to: 0, weight: 0 }).traffic({ from: 0, to: 40, weight: 100 });
    play.hosts('green', 4, 10, 1);
    const last = await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision();
    expect(last).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('unhealthyHosts: canary up to 1 is above the wall of 0 for 2 minutes'),
    });
  });

  it('is inconclusive, and fails by policy, when blue is younger than what must be known of it', async () => {
    const play = shifted({ blueSince: world().now - 3 * MINUTE });
    const last = await play.decision();
    expect(last).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringMatching(/FAIL \((inconclusive|nodata)\)/),
    });
    const allowed = await shifted({ blueSince: world().now - 15 * MINUTE }).decision();
    expect(allowed?.hookStatus, allowed?.reason).toBe('SUCCEEDED');
  });

  it('does not compare with what the target group held before blue', async () => {
    // The occupant before blue failed a lot: with it in the history nothing would be noticed.
    const play = world().deploy({ configuration: BLUE_GREEN, config: HOLD, blueSince: world().now - 30 * MINUTE });
    play.traffic({ from: -70, to: -30, weight: 0, blueErrors: 0.2 });
    play.traffic({ from: -30, to: 0, weight: 0 }).traffic({ from: 0, to: 40, weight: 100, errors: 0.03 });
    expect((await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision())?.hookStatus).toBe('FAILED');
  });
});

describe('held open at a traffic step', () => {
  it.each([
    [0.005, 'SUCCEEDED'],
    [0.03, 'FAILED'],
  ])('is judged against blue over the same minutes: %d errors, %s', async (errors, status) => {
    const play = world().deploy({ configuration: CANARY, config: HOLD }).traffic({ from: -70, to: 0, weight: 0 });
    // Both sides get worse at once: not green's fault.
    play.traffic({ from: 0, to: 40, weight: 10, errors: errors + 0.02, blueErrors: 0.025 });
    const last = await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).decision();
    expect(last?.hookStatus, last?.reason).toBe(status);
    if (status === 'SUCCEEDED') expect(last?.reason).toContain('Noted that green bakes at 10 %');
  });

  it('goes on from its beginning when what it remembered is lost', async () => {
    const play = world().deploy({ configuration: CANARY, config: HOLD }).traffic({ from: -70, to: 0, weight: 0 });
    play.traffic({ from: 0, to: 60, weight: 10 });
    const began = world().now;
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    await play.look(12);
    play.hookDetails = undefined;
    expect((await play.decision())?.hookStatus).toBe('SUCCEEDED');
    expect((world().now - began) / MINUTE).toBeLessThan(26);
  });
});

describe('a headless service', () => {
  const QUEUE = {
    config: { ...HOLD, metrics: [{ preset: 'sqs', queueName: 'jobs', maxAgeSeconds: 120 }] },
    loadBalancers: () => [],
  };

  it.each([
    [60, 'SUCCEEDED', 'PASS oldestMessage: below its wall'],
    [180, 'FAILED', 'above the wall of 120 for 2 minutes'],
  ])('is judged by its queue: oldest message %d s, %s', async (age, status, reason) => {
    const play = world().deploy({ configuration: BLUE_GREEN, ...QUEUE });
    const dimensions = { QueueName: 'jobs' };
    play.every(0, 40, (timestamp) => ({
      namespace: 'AWS/SQS',
      metricName: 'ApproximateAgeOfOldestMessage',
      dimensions,
      timestamp,
      value: age,
      unit: 'Seconds',
    }));
    const last = await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision();
    expect(last).toMatchObject({ hookStatus: status, reason: expect.stringContaining(reason) });
    world().advance(60);
  });
});

describe('the first deployment of a service', () => {
  it('is not judged unless told so', async () => {
    const answer = await world().deploy({ first: true }).at('PRODUCTION_TRAFFIC_SHIFT', 100).look();
    expect(answer).toMatchObject({ hookStatus: 'SUCCEEDED', reason: expect.stringContaining('first deployment') });
  });

  it('has no blue to be compared with, and says so', async () => {
    const config = { ...HOLD, firstDeployment: 'run' };
    const play = world()
      .deploy({ configuration: BLUE_GREEN, config, first: true })
      .traffic({ from: 0, to: 40, weight: 100 });
    const last = await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision();
    expect(last).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('there is no blue revision to compare with, as on a first deployment'),
    });
  });
});
