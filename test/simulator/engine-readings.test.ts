import { describe, expect, it } from 'vitest';
import { explore, type Play } from '../../simulator/engine/all-readings.ts';
import { type Choices, parseChoices, type Readings } from '../../simulator/engine/readings.ts';
import { READINGS } from '../../simulator/engine/readings-table.ts';
import { lambdaHook, playUpdate } from './engine-kit.ts';

async function playAll<T>(play: (readings: Readings) => T, cap = 1000, fixed: Choices = {}) {
  const plays: Play<T>[] = [];
  let unplayed = 0;
  const onCapped = (left: number): void => {
    unplayed = left;
  };
  for await (const one of explore(async (readings) => play(readings), { cap, fixed, onCapped })) plays.push(one);
  return { plays, unplayed };
}

describe('the table', () => {
  it.each(Object.entries(READINGS))('%s has a default among its two or more values, and a source', (_, reading) => {
    const values: readonly string[] = reading.values;
    expect(values).toContain(reading.default);
    expect(new Set(values).size).toBe(values.length);
    expect(values.length).toBeGreaterThan(1);
    expect(reading.description).toMatch(/^[A-Z].+\.$/);
    expect(reading.source.length).toBeGreaterThan(10);
  });

  it('rejects unknown readings and values by name', () => {
    expect(parseChoices({ stepBake: 'with-hooks' })).toEqual({ stepBake: 'with-hooks' });
    expect(() => parseChoices({ stepbake: 'with-hooks' })).toThrow(
      'Unknown reading "stepbake". Readings: trafficShiftOrder,',
    );
    expect(() => parseChoices({ stepBake: 'never' })).toThrow(
      'Reading "stepBake" cannot be "never". Values: after-hooks, before-hooks, with-hooks',
    );
    expect(() => parseChoices({ toString: 'x' })).toThrow('Unknown reading');
  });
});

describe('explore', () => {
  /** Asks for stepBake only when the shift comes first. */
  const dependent = (readings: Readings): string => {
    const order = readings.reading('trafficShiftOrder');
    return order === 'shift-first' ? `${order} ${readings.reading('stepBake')}` : order;
  };

  it('plays each combination once, and multiplies nothing that does not matter', async () => {
    const { plays, unplayed } = await playAll(dependent);
    expect(plays.map((play) => play.result)).toEqual([
      'shift-first after-hooks',
      'hook-first',
      'concurrent',
      'shift-first before-hooks',
      'shift-first with-hooks',
    ]);
    expect(plays[0]).toMatchObject({
      deviations: 0,
      choices: { trafficShiftOrder: 'shift-first', stepBake: 'after-hooks' },
    });
    expect(plays[1]?.choices).toEqual({ trafficShiftOrder: 'hook-first' });
    expect(unplayed).toBe(0);
  });

  it('covers the whole product of independent readings', async () => {
    const ids = ['trafficShiftOrder', 'stepBake', 'executionId'] as const;
    const { plays } = await playAll((readings) => ids.map((id) => readings.reading(id)).join());
    expect(plays).toHaveLength(18);
    expect(new Set(plays.map((play) => play.result)).size).toBe(18);
    expect(plays.map((play) => play.deviations)).toEqual([...plays.map((play) => play.deviations)].sort());
  });

  it('asks only once for a reading that is consulted twice', async () => {
    const { plays } = await playAll((readings) =>
      [readings.reading('executionId'), readings.reading('executionId')].join(),
    );
    expect(plays.map((play) => play.result)).toEqual(['stable,stable', 'fresh,fresh']);
  });

  it('stops at the cap, single deviations first, and says what is left', async () => {
    const ids = ['trafficShiftOrder', 'stepBake', 'executionId'] as const;
    const { plays, unplayed } = await playAll((readings) => ids.map((id) => readings.reading(id)).join(), 6);
    expect(plays.map((play) => play.deviations)).toEqual([0, 1, 1, 1, 1, 1]);
    expect(unplayed).toBeGreaterThan(0);
  });

  it('does not say so when the cap was just enough', async () => {
    const { plays, unplayed } = await playAll(dependent, 5);
    expect([plays.length, unplayed]).toEqual([5, 0]);
  });

  it('keeps to fixed readings', async () => {
    const { plays } = await playAll(dependent, 100, { stepBake: 'with-hooks' });
    expect(plays.map((play) => play.result)).toEqual(['shift-first with-hooks', 'hook-first', 'concurrent']);
  });

  it('plays a deployment under every reading that it meets', async () => {
    const statuses = new Map<string, number>();
    const play = async (readings: Readings): Promise<string> => {
      const { deployment } = await playUpdate(
        { strategy: 'CANARY', lifecycleHooks: [lambdaHook('h', ['PRODUCTION_TRAFFIC_SHIFT'])] },
        { choices: readings, scripts: { h: (_, call) => ({ hookStatus: call === 2 ? 'FAILED' : 'SUCCEEDED' }) } },
      );
      return deployment.status;
    };
    for await (const one of explore(play, { cap: 500 })) {
      statuses.set(one.result, (statuses.get(one.result) ?? 0) + 1);
      // No hook waits and no answer is odd, so that these cannot matter.
      expect(Object.keys(one.choices)).not.toContain('hookDetailsMerge');
      expect(Object.keys(one.choices)).not.toContain('alarmWindow');
    }
    // Step weights: 2. Shift first: 3 bakes, and 2 ways back from 100 %. Concurrent: 3 bakes, from 5 %. Hook first: 1.
    expect([...statuses.keys()]).toEqual(['ROLLBACK_SUCCESSFUL']);
    expect(statuses.get('ROLLBACK_SUCCESSFUL')).toBe(2 * (3 * 2 + 3 + 1));
  });
});
