import '../hooks/quiet.ts';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { consumerAudit } from './readings/consumer-audit.ts';
import { type Difference, explaining, type ReadScenario } from './readings/differences.ts';
import { exploreReadings } from './readings/explore.ts';

/** Every reading, or a difference that is listed and argued; and nothing is listed that does not come. */
export function describeReadings(scenarios: readonly ReadScenario[]): void {
  it.each(scenarios)('$file holds under every reading', { timeout: 300_000 }, async ({ file, cap, differences }) => {
    const scenario = await loadScenario(file);

    const { plays, unplayed } = await exploreReadings(scenario, cap, consumerAudit);

    const other = plays.filter(({ failures }) => failures.length > 0);
    const explained = other.map((one) => explaining(differences, one.deviations));
    const not = unplayed > 0 ? `, ${unplayed} branches not played` : '';
    console.log(
      `all readings of ${file}: ${plays.length} plays${not}, ${other.length} with a difference that is argued`,
    );
    expect(other.filter((_, index) => explained[index]?.length === 0)).toEqual([]);
    const comes = ({ readings }: Difference) => other.some((one) => isDeepStrictEqual(one.deviations, readings));
    expect(differences.filter((one) => !comes(one))).toEqual([]);
    expect(plays.length).toBeGreaterThan(1);
  });
}
