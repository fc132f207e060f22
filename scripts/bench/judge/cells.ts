/** What is measured, and how good it must be. */
import type { Metrics } from './rivals.ts';
import type { Cell } from './world.ts';

export interface Case {
  name: string;
  cell: Cell;
  metrics: Metrics;
  /** Share of runs rolled back: at most for healthy releases, at least for bad ones. None: shown for the record. */
  goal: { most: number } | { least: number } | null;
}

const NOISES = [
  { name: 'binomial', most: 0.01 },
  { name: 'gamma 4', shape: 4, most: 0.015 },
  { name: 'gamma 1', shape: 1, most: 0.035 },
];

const ERRORS = 0.005;

/** Healthy releases: both sides are alike, errors and latency are judged at a look every five minutes. */
export const HEALTHY: readonly Case[] = NOISES.flatMap(({ name, most, shape }) =>
  [60, 600, 6000].flatMap((rpm) =>
    [0.05, 0.1].flatMap((share) =>
      [10, 30].map(
        (minutes): Case => ({
          name: `${name}, ${rpm} rpm, ${100 * share} %, ${minutes} min`,
          cell: healthy({ rpm, share, minutes, ...(shape === undefined ? {} : { shape }) }),
          metrics: ['errors', 'latency'],
          goal: { most },
        }),
      ),
    ),
  ),
);

/** Noise that no goal speaks of. */
export const BEYOND: readonly Case[] = [
  { name: 'gamma 1, the same on both sides', cell: healthy({ shape: 1, common: true }) },
  { name: 'gamma 4, the same for 5 minutes, each side its own', cell: healthy({ shape: 4, stretch: 5 }) },
  { name: 'gamma 1, the same for 5 minutes, each side its own', cell: healthy({ shape: 1, stretch: 5 }) },
  { name: 'latency wobbles by 30 % on both sides', cell: healthy({ latencyWobble: 0.3 }) },
  { name: 'requests gamma 1 (exponential latency)', cell: healthy({ latencyShape: 1, rpm: 600 }) },
].map(({ name, cell }) => ({
  name: `${name}, ${cell.rpm} rpm, 10 %, 30 min`,
  cell,
  metrics: ['errors', 'latency'],
  goal: null,
}));

/** Bad releases. */
export const BAD: readonly Case[] = [
  bad('errors 0.5 % → 2 %, 600 rpm, 10 %, 10 min', { greenErrors: 0.02 }, 0.8),
  bad('errors 0.5 % → 2 %, 600 rpm, 10 %, 30 min', { greenErrors: 0.02, minutes: 30 }, 0.98),
  bad('errors 0 → 2 %, 600 rpm, 5 %, 10 min', { blueErrors: 0, greenErrors: 0.02, share: 0.05 }, 0.95),
  bad('errors 0 → 2 %, 300 rpm, 10 %, 10 min', { blueErrors: 0, greenErrors: 0.02, rpm: 300 }, 0.95),
  bad('errors 0.5 % → 1 %, 6000 rpm, 10 %, 30 min', { greenErrors: 0.01, rpm: 6000, minutes: 30 }),
  bad('errors 0.5 % → 2 %, gamma 4, 6000 rpm, 10 %, 30 min', { greenErrors: 0.02, shape: 4, rpm: 6000, minutes: 30 }),
  bad('errors 0.5 % → 2 %, gamma 1, 6000 rpm, 10 %, 30 min', { greenErrors: 0.02, shape: 1, rpm: 6000, minutes: 30 }),
  ...[4, 2, 1].map((latencyShape) =>
    slow(`latency +20 %, requests gamma ${latencyShape}`, { latencyShape }, latencyShape === 2 ? 0.95 : undefined),
  ),
  slow('latency +20 %, requests gamma 2, both sides wobble by 30 %', { latencyWobble: 0.3 }),
];

function healthy(cell: Partial<Cell>): Cell {
  return { rpm: 6000, share: 0.1, minutes: 30, blueErrors: ERRORS, greenErrors: ERRORS, ...cell };
}

function bad(name: string, cell: Partial<Cell>, least?: number): Case {
  return {
    name,
    cell: healthy({ rpm: 600, minutes: 10, ...cell }),
    metrics: ['errors', 'latency'],
    goal: least === undefined ? null : { least },
  };
}

function slow(name: string, cell: Partial<Cell>, least?: number): Case {
  return bad(`${name}, 60 canary rpm, 10 min`, { slower: 1.2, ...cell }, least);
}
