import type { PlayRecord } from '../../simulator/record.ts';
import type { PlayOptions } from '../../simulator/scenario/play.ts';

/** A deployment did not go as its scenario expects; the message has a line for each difference. */
export class ExpectationError extends Error {
  override readonly name = 'ExpectationError';
}

/** Of `playScenario`. */
export interface PlayScenarioOptions extends Omit<PlayOptions, 'readings'> {
  /** Readings of what AWS does not document that win over the file's own, by id. */
  readings?: Readonly<Record<string, string>>;
}

/**
 * Plays a scenario file with built hooks, and holds it against what it expects.
 *
 * @throws ScenarioError when the file is wrong, or a hook of it is not built; ExpectationError when it went otherwise,
 *   or expects nothing
 */
export async function playScenario(file: string, options: PlayScenarioOptions = {}): Promise<PlayRecord> {
  const { readings = {}, dist = 'dist', ...others } = options;
  // Only now: most tests of a hook need no simulator, and should not wait for it to be loaded.
  const [{ loadScenario }, { play }] = await Promise.all([
    import('../../simulator/scenario/load.ts'),
    import('../../simulator/scenario/play.ts'),
  ]);
  const record = await play(await loadScenario(file, { dist, readings }), { dist, ...others });
  if (record.expectation === undefined) throw new ExpectationError(`${file}: no deployment of it says what to expect`);
  if (!record.expectation.met) throw new ExpectationError(`${file}:\n${record.expectation.failures.join('\n')}`);
  return record;
}
