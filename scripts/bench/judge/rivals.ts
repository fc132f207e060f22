/** What others would have decided about the same run. True: roll back. */
import { fisherTest } from '../../../hooks/canary/statistics/fisher.ts';
import { classify, KAYENTA } from './kayenta.ts';
import type { Random } from './random.ts';
import type { Run, Side } from './world.ts';

export type Metrics = readonly ('errors' | 'latency')[];

export interface Rival {
  name: string;
  rollsBack(run: Run, metrics: Metrics, random: Random): boolean;
}

const LIMIT = 0.01;

export const RIVALS: readonly Rival[] = [
  { name: 'any minute > 1 %', rollsBack: ({ green }, metrics) => has(metrics, 'errors') && minutesOver(green) >= 1 },
  { name: '3 minutes > 1 %', rollsBack: ({ green }, metrics) => has(metrics, 'errors') && minutesOver(green) >= 3 },
  {
    name: 'Fisher at the end, α = .01',
    rollsBack: ({ green, blue }, metrics) =>
      has(metrics, 'errors') && fisherTest(totals(green, blue), 'greater') <= 0.01,
  },
  {
    name: 'like Kayenta',
    rollsBack: (run, metrics, random) =>
      metrics.some((metric) => {
        const [green, blue] =
          metric === 'errors' ? [rates(run.green), rates(run.blue)] : [run.green.latency, run.blue.latency];
        return classify(green, blue, KAYENTA, random.normal) === 'High';
      }),
  },
];

function has(metrics: Metrics, one: 'errors' | 'latency'): boolean {
  return metrics.includes(one);
}

function rates({ errors, requests }: Side): number[] {
  return errors.map((count, minute) => count / (requests[minute] ?? 0));
}

function minutesOver(side: Side): number {
  return rates(side).filter((rate) => rate > LIMIT).length;
}

function totals(green: Side, blue: Side) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { x: sum(green.errors), n: sum(green.requests), y: sum(blue.errors), m: sum(blue.requests) };
}
