import { judge } from '../../../hooks/canary/judge/judge.ts';
import { shownRatio, spread } from '../statistics.ts';
import { randomFrom } from './random.ts';
import { inputOf, metricsOf, simulate } from './world.ts';

const CELL = { rpm: 600, share: 0.1, minutes: 1440, blueErrors: 0.005, greenErrors: 0.005 };

/** 500 metrics of a day, half of them counts, judged at their one look; milliseconds, beside the JSON round trip of them. */
export function judgeDay(seed: number, times: number): { judged: number[]; roundTrip: number[] } {
  const random = randomFrom(seed);
  const metrics = Array.from({ length: 250 }, (_, index) => {
    const { errors, latency } = metricsOf(simulate(CELL, random));
    return [
      { ...errors, id: `errors ${index}` },
      { ...latency, id: `latency ${index}` },
    ];
  }).flat();
  const input = inputOf(CELL, simulate(CELL, random), CELL.minutes, metrics);
  const once = { ...input, plan: { from: input.plan.from, minutes: CELL.minutes } };
  const rounds = Array.from({ length: times }, () => ({
    judged: milliseconds(() => judge(once)),
    roundTrip: milliseconds(() => JSON.parse(JSON.stringify(once))),
  }));
  return { judged: rounds.map(({ judged }) => judged), roundTrip: rounds.map(({ roundTrip }) => roundTrip) };
}

export async function benchJudge(rounds: number): Promise<string[]> {
  const { judged, roundTrip } = judgeDay(20_260_105, Math.min(rounds, 5));
  return [
    `| 500 metrics of a day, judged by the canary hook | ${spread(judged).median.toFixed(0)} ms here |`,
    `| … as a ratio to the JSON round trip of them | ${shownRatio(judged, roundTrip)} |`,
  ];
}

function milliseconds(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
