import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes in use on the heap, when everything that nobody refers to is gone. */
export async function heapInUse(): Promise<number> {
  if (typeof collect !== 'function') throw new Error('this Node.js does not show its garbage collector');
  // What finalisers let go of is collected by the second.
  for (let n = 0; n < 2; n += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

/** How many of each kind of handle and request keep the event loop busy, by name. */
export function handles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Bytes a deployment, by least squares. */
export function slope(samples: readonly { deployments: number; heap: number }[]): number {
  const n = samples.length;
  const meanX = samples.reduce((sum, { deployments }) => sum + deployments, 0) / n;
  const meanY = samples.reduce((sum, { heap }) => sum + heap, 0) / n;
  const above = samples.reduce((sum, { deployments, heap }) => sum + (deployments - meanX) * (heap - meanY), 0);
  return above / samples.reduce((sum, { deployments }) => sum + (deployments - meanX) ** 2, 0);
}
