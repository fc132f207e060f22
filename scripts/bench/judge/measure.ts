/** Plays a case many times and counts who rolls it back. */
import { judge } from '../../../hooks/canary/judge/judge.ts';
import { normalUpperQuantile } from '../../../hooks/canary/statistics/normal.ts';
import type { Case } from './cells.ts';
import { type Random, randomFrom } from './random.ts';
import { RIVALS } from './rivals.ts';
import { inputOf, metricsOf, type Run, simulate } from './world.ts';

export interface Measured {
  runs: number;
  /** Runs that our judge rolled back, and the minutes of data it had seen by then. */
  ours: number;
  minutes: number[];
  /** Runs that ended without a verdict of ours. */
  undecided: number;
  /** In the order of RIVALS. */
  rivals: number[];
}

/** Every case has its own stream of random numbers, so that one can be repeated alone. */
export function measure(one: Case, runs: number, seed: number): Measured {
  const random = randomFrom(seed);
  const result: Measured = { runs, ours: 0, minutes: [], undecided: 0, rivals: RIVALS.map(() => 0) };
  for (let run = 0; run < runs; run += 1) {
    const played = simulate(one.cell, random);
    const verdict = ourVerdict(one, played);
    if (verdict.decision === 'fail') {
      result.ours += 1;
      result.minutes.push(verdict.minute);
    } else if (verdict.decision === 'wait') result.undecided += 1;
    countRivals(one, played, random, result.rivals);
  }
  return result;
}

/** At a look every five minutes, as the hook would be called. */
function ourVerdict({ cell, metrics }: Case, run: Run) {
  const all = metricsOf(run);
  const judged = metrics.map((metric) => all[metric]);
  for (let minute = 5; ; minute += 5) {
    const { decision } = judge(inputOf(cell, run, minute, judged));
    if (decision === 'fail' || minute >= cell.minutes) return { decision, minute };
  }
}

function countRivals({ metrics }: Case, run: Run, random: Random, counts: number[]): void {
  RIVALS.forEach((rival, index) => {
    if (rival.rollsBack(run, metrics, random)) counts[index] = (counts[index] ?? 0) + 1;
  });
}

/** Wilson's 95 % interval of a share. */
export function wilson(count: number, runs: number): { lower: number; upper: number } {
  const z = normalUpperQuantile(0.025);
  const share = count / runs;
  const middle = (share + z ** 2 / (2 * runs)) / (1 + z ** 2 / runs);
  const half = (z * Math.sqrt((share * (1 - share)) / runs + z ** 2 / (4 * runs ** 2))) / (1 + z ** 2 / runs);
  return { lower: Math.max(0, middle - half), upper: Math.min(1, middle + half) };
}
