import * as fc from 'fast-check';
import type { AnyHook } from '../../../shared/hook.ts';
import type { World } from '../matrix/world.ts';
import { type Case, casesOf, dealings, disturbancesOf, slowMs } from './cases.ts';
import { violations } from './invariants.ts';
import { Theatre } from './play.ts';
import type { Trace } from './trace.ts';
import { ENDS_TOO_SOON } from './worlds.ts';

export interface Violation {
  /** `POST_SCALE_UP, accepted: look 1 killed before call 2, ssm:PutParameter`. */
  at: string;
  what: string;
}

export interface Repeats {
  worlds: number;
  /** Cases by kind; `random` are those of fast-check. */
  cases: Record<Case['kind'] | 'random', number>;
  violations: Violation[];
}

/**
 * Plays every case of every world.
 *
 * @param runs random cases for each world
 * @throws Error when a world does not come out as it should without any disturbance
 */
export async function runRepeats(hook: AnyHook, worlds: readonly World[], runs: number): Promise<Repeats> {
  const result: Repeats = {
    worlds: worlds.length,
    cases: { doubled: 0, late: 0, delayed: 0, 'at once': 0, overlapping: 0, killed: 0, random: 0 },
    violations: [],
  };
  await new Theatre(hook).open(async (theatre) => {
    for (const world of worlds) await runWorld(theatre, world, runs, result);
  });
  return result;
}

async function runWorld(theatre: Theatre, world: World, runs: number, result: Repeats): Promise<void> {
  await theatre.rehearse(world);
  const plain = await theatre.play(world);
  const wanted = world.expected === 'rollback' ? 'SUCCEEDED' : world.expected;
  const found = violations(world, plain, plain);
  if (plain.final?.hookStatus !== wanted || found.length > 0) {
    throw new Error(`${world.hook}, ${world.name}, comes to ${JSON.stringify(plain.final)} ${found.join('; ')}`);
  }
  for (const { kind, name, disturbances } of casesOf(plain, slowMs(world))) {
    const trace = await theatre.play(world, disturbances);
    result.cases[kind] += 1;
    result.violations.push(...violations(world, plain, trace).map((what) => ({ at: `${world.name}: ${name}`, what })));
  }
  if (!ENDS_TOO_SOON.has(world.name)) await runRandom(theatre, world, plain, runs, result);
}

async function runRandom(
  theatre: Theatre,
  world: World,
  plain: Trace,
  numRuns: number,
  result: Repeats,
): Promise<void> {
  const property = fc.asyncProperty(dealings(plain, slowMs(world)), async (dealt) => {
    const trace = await theatre.play(world, disturbancesOf(dealt));
    result.cases.random += 1;
    const found = violations(world, plain, trace);
    if (found.length > 0) throw new Error(found.join('; '));
  });
  const details = await fc.check(property, { numRuns });
  if (details.failed) {
    const what = `${details.errorInstance instanceof Error ? details.errorInstance.message : 'failed'}`;
    result.violations.push({ at: `${world.name}: random, ${fc.stringify(details.counterexample)}`, what });
  }
}
