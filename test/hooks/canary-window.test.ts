import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { BLUE_GREEN, type DeployOptions, LINEAR, MINUTE, type Play, useWorld } from './canary-hook-world.ts';

const world = useWorld();

/** The last judgement's result of a metric. */
function resultOf(id: string): JsonObject {
  const metrics = world().judgements().at(-1)?.metrics;
  const found: unknown = Array.isArray(metrics) ? metrics.find((metric) => metric.id === id) : undefined;
  if (!isJsonObject(found)) throw new Error(`no ${id} was judged`);
  return found;
}

/** What Service Connect publishes of the whole service; minutes from now. */
function catalog(play: Play, from: number, to: number, errors: number): void {
  const common = { namespace: 'AWS/ECS', unit: 'Count' };
  const answered = { TargetDiscoveryName: play.service };
  play.every(from, to, (timestamp) => ({
    ...{ ...common, timestamp, metricName: 'RequestCount', dimensions: { DiscoveryName: play.service } },
    value: 1000,
  }));
  play.every(from, to, (timestamp) => ({
    ...{ ...common, timestamp, metricName: 'HTTPCode_Target_5XX_Count', dimensions: answered },
    value: errors + ((timestamp / MINUTE) % 2),
  }));
  play.every(from, to, (timestamp) => ({
    ...{ ...common, timestamp, metricName: 'TargetResponseTime', dimensions: answered, unit: 'Seconds' },
    value: 0.1 + ((timestamp / MINUTE) % 7) / 1000,
  }));
}

function deployCatalog(options: DeployOptions): Play {
  const service = `catalog-${world().now}`;
  const metrics = [{ preset: 'service-connect', discoveryName: service }];
  return world().deploy({ ...options, config: { ...options.config, metrics } }, service);
}

describe("what both sides share is compared with the time when all traffic was blue's", () => {
  it('which ends where the deployment began, as far as is known', async () => {
    const play = deployCatalog({ configuration: BLUE_GREEN, config: { holdMinutes: 15 } });
    catalog(play, -90, 0, 5);
    // The shift itself takes long; what green did in it says nothing about blue.
    catalog(play, 0, 80, 5);
    world().advance(45);
    await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision();
    const { baseline } = resultOf('connectErrors5xx');
    expect(baseline).toMatchObject({ minutes: 60, requests: 60_000 });
  });

  it('which ends before the first step that was noted', async () => {
    const play = deployCatalog({ config: { historyMinutes: 30 } });
    catalog(play, -60, 0, 5);
    catalog(play, 0, 20, 7);
    // Ten minutes pass before traffic moves, and those are blue's too; the bake might have come before the hook.
    world().advance(20);
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    catalog(play, 0, 40, 50);
    world().advance(16);
    const last = await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).decision();
    expect(last).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('FAIL connectErrors5xx') });
    expect(resultOf('connectErrors5xx').baseline).toMatchObject({ minutes: 30, events: 5.5 * 25 + 7.5 * 5 });
  });

  it('of which the younger part counts alone, where blue is young', async () => {
    const blueSince = world().now - 20 * MINUTE;
    const play = deployCatalog({ configuration: BLUE_GREEN, config: { holdMinutes: 15 }, blueSince });
    catalog(play, -90, -20, 200);
    catalog(play, -20, 40, 5);
    await play.at('POST_PRODUCTION_TRAFFIC_SHIFT').decision();
    expect(resultOf('connectErrors5xx').baseline).toMatchObject({ minutes: 20, events: 5.5 * 20 });
  });
});

describe('a step', () => {
  it('is judged on its own minutes, however long the decision waits', async () => {
    const config = { onInconclusive: 'wait', timeoutMinutes: 60 };
    const play = world().deploy({ config }).traffic({ from: -70, to: 0, weight: 0, rpm: 30 });
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 10).look();
    play.traffic({ from: 0, to: 16, weight: 10, rpm: 30 }).traffic({ from: 16, to: 90, weight: 100 });
    world().advance(16);
    const answers = await play.at('PRODUCTION_TRAFFIC_SHIFT', 100).looks(200);
    expect(answers.at(-1)).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringMatching(/^Waited 1 h/) });
    const looks = world().judgements().slice(1);
    expect(looks.length).toBeGreaterThan(50);
    expect(new Set(looks.map(({ window }) => JSON.stringify(window))).size).toBe(1);
  });

  it('has its share of α', async () => {
    const play = world().deploy({ configuration: LINEAR }).traffic({ from: -70, to: 0, weight: 0 });
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 20).look();
    play.traffic({ from: 0, to: 13, weight: 20 });
    world().advance(13);
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 40).decision();
    // Four of five steps bake.
    expect(resultOf('latency').test).toMatchObject({ threshold: expect.closeTo(0.01 / 4, 6) });
  });

  it('ends where the next one was first seen, and begins when it was let through', async () => {
    const play = world().deploy({ configuration: LINEAR }).traffic({ from: -70, to: 0, weight: 0 });
    await play.at('PRODUCTION_TRAFFIC_SHIFT', 20).look();
    play.traffic({ from: 0, to: 13, weight: 20 });
    world().advance(13);
    const seen = world().now;
    expect((await play.at('PRODUCTION_TRAFFIC_SHIFT', 40).decision())?.hookStatus).toBe('SUCCEEDED');
    const { steps } = JSON.parse(world().aws.parameters.get(play.record)?.value ?? '');
    expect(steps[1]).toMatchObject({ weight: 40 });
    expect(Date.parse(steps[1].seen)).toBe(seen);
    expect(Date.parse(steps[1].since)).toBeGreaterThan(seen + 2 * MINUTE);
  });
});
