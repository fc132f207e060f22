import { AwsError } from '../aws/errors.ts';
import { explore } from '../engine/all-readings.ts';
import { type Choices, isReadingId, type Readings } from '../engine/readings.ts';
import { READINGS } from '../engine/readings-table.ts';
import { play } from './play.ts';
import type { Scenario } from './schema.ts';

/** What one or more plays came to. */
export interface Outcome {
  /** In how many of the plays it came to this. */
  times: number;
  met: boolean;
  /** The status of each deployment; none when ECS refuses the services under these readings. */
  statuses: string[];
  failures: readonly string[];
  /** Readings of the first such play that differ from the fixed ones and the defaults. */
  example: Readonly<Record<string, string>>;
}

/** What the plays under all readings came to. */
export interface AllReadings {
  plays: number;
  /** Branches that were found but not played because of the cap. */
  unplayed: number;
  /** The different outcomes, the most frequent first. */
  outcomes: Outcome[];
}

type Result = Pick<Outcome, 'met' | 'statuses' | 'failures'>;

/** Plays a scenario under every combination of readings that it can tell apart, each in a world of its own. */
export async function playAllReadings(
  scenario: Scenario,
  options: { cap: number; fixed: Choices; dist: string; onPlay?: (plays: number) => void },
): Promise<AllReadings> {
  const { cap, fixed, dist } = options;
  const found = new Map<string, Outcome>();
  let unplayed = 0;
  let plays = 0;
  const onCapped = (count: number) => {
    unplayed = count;
  };
  for await (const { choices, result } of explore((readings) => playOnce(scenario, readings, dist), {
    cap,
    fixed,
    onCapped,
  })) {
    plays += 1;
    options.onPlay?.(plays);
    const key = JSON.stringify(result);
    const known = found.get(key);
    if (known === undefined) found.set(key, { times: 1, ...result, example: deviating(choices, fixed) });
    else known.times += 1;
  }
  return { plays, unplayed, outcomes: [...found.values()].sort((a, b) => b.times - a.times) };
}

async function playOnce(scenario: Scenario, readings: Readings, dist: string): Promise<Result> {
  try {
    const { deployments, expectation } = await play(scenario, { readings, dist });
    const { met, failures } = expectation ?? { met: true, failures: [] };
    return { met, statuses: deployments.map(({ status }) => status), failures };
  } catch (error) {
    // By this reading ECS takes no such service: that, too, is worth knowing.
    if (!(error instanceof AwsError)) throw error;
    return { met: false, statuses: [], failures: [`ECS refuses: ${error.name}: ${error.message}`] };
  }
}

function deviating(choices: Readonly<Record<string, string>>, fixed: Choices): Record<string, string> {
  const usual = (id: string) => (isReadingId(id) ? (fixed[id] ?? READINGS[id].default) : undefined);
  return Object.fromEntries(Object.entries(choices).filter(([id, value]) => value !== usual(id)));
}
