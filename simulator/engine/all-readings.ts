import { type Choices, parseChoices, Readings } from './readings.ts';
import { READINGS } from './readings-table.ts';

export interface Play<T> {
  /** Every reading that the play consulted, with the value it saw. */
  choices: Readonly<Record<string, string>>;
  /** How many of them differ from the default (or from `fixed`). */
  deviations: number;
  result: T;
}

export interface ExploreOptions {
  /** At most so many plays. */
  cap: number;
  /** Readings that are not to be varied. */
  fixed?: Choices;
  /** Told when the cap was hit, with the number of branches already found and not played; each may hold more. */
  onCapped?: (unplayed: number) => void;
}

interface Branch {
  choices: Readonly<Record<string, string>>;
  deviations: number;
}

/**
 * Plays a scenario under every combination of readings that it can tell apart.
 *
 * A play branches only over the readings that it consulted, in the order in which it did, so that a reading that
 * matters in one branch is not multiplied in the others, and no combination is played twice. Plays come in order of
 * their deviations from the default: when the cap is hit, all single deviations were played before any pair.
 *
 * `play` must be deterministic for given readings.
 */
export async function* explore<T>(
  play: (readings: Readings) => Promise<T>,
  options: ExploreOptions,
): AsyncGenerator<Play<T>, void, void> {
  const levels: Branch[][] = [[{ choices: options.fixed ?? {}, deviations: 0 }]];
  let played = 0;
  for (let level = levels.shift(); level !== undefined; level = levels.shift()) {
    const next: Branch[] = [];
    for (const [index, branch] of level.entries()) {
      if (played === options.cap) {
        options.onCapped?.(level.length - index + next.length);
        return;
      }
      const readings = new Readings(parseChoices(branch.choices));
      const result = await play(readings);
      played += 1;
      next.push(...alternatives(branch, readings));
      yield { choices: Object.fromEntries(readings.consulted()), deviations: branch.deviations, result };
    }
    if (next.length > 0) levels.push(next);
  }
}

/** One branch for each other value of each reading that was left to its default; the readings asked before stay as they were. */
function alternatives(branch: Branch, readings: Readings): Branch[] {
  const branches: Branch[] = [];
  let settled: Readonly<Record<string, string>> = branch.choices;
  for (const [id, value] of readings.consulted()) {
    if (id in settled) continue;
    for (const other of READINGS[id].values) {
      if (other !== value) branches.push({ choices: { ...settled, [id]: other }, deviations: branch.deviations + 1 });
    }
    settled = { ...settled, [id]: value };
  }
  return branches;
}
