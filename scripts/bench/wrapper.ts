import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { shownRatio, spread } from './statistics.ts';

/** Batches are short, so that there are some between two disturbances. */
const BATCHES_A_ROUND = 10;
const PROBE = fileURLToPath(new URL('./wrapper-probe.ts', import.meta.url));
/** Microseconds of CPU time of one call; the two are pairs, measured in turn. */
const Measured = z.strictObject({ wrapped: z.array(z.number()), alone: z.array(z.number()) });

/** What the framework adds to a warm invocation: the handler of a hook that makes one AWS call, beside that call alone. */
export async function benchWrapper(rounds: number): Promise<string[]> {
  const child = spawn(process.execPath, [PROBE, String(rounds * BATCHES_A_ROUND)], {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const result = await text(child.stdio[3] as NodeJS.ReadableStream); // a pipe to read from, as asked for above
  if (result === '') throw new Error(`${PROBE} wrote no result`);
  const { wrapped, alone } = Measured.parse(JSON.parse(result));
  const added = spread(wrapped.map((time, at) => time - (alone[at] ?? Number.NaN)));
  const quiet = spread(wrapped).lower - spread(alone).lower;
  return [
    `| a warm invocation beyond its AWS call | ${quiet.toFixed(0)} µs of CPU time in the quieter quarter, ${added.median.toFixed(0)} µs (${added.lower.toFixed(0)}–${added.upper.toFixed(0)}) in all, here |`,
    `| … as a ratio to that call, answered at once | ${shownRatio(wrapped, alone)} |`,
  ];
}
