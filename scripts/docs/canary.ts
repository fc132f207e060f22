import { CountMetric, GaugeMetric } from '../../hooks/canary/config.ts';
import { smallestDetectableRate } from '../../hooks/canary/statistics/detectable.ts';
import { configTable } from './tables.ts';

/** Keys of the hook's configuration that its page explains in tables of their own. */
export const CANARY_ELSEWHERE = ['metrics'];

const REQUESTS = [30, 60, 300, 600, 1800, 6000];
const BASELINE_RATES = [0, 0.001, 0.005, 0.01, 0.05];
/** Of the requests that both sides have, those that green has. */
const GREEN_SHARE = 0.1;

/** The smallest error rate of green that is found four times in five, by its requests and blue's error rate. */
export function detectableTable(): string {
  const rows = REQUESTS.map((n) => {
    const m = Math.round((n * (1 - GREEN_SHARE)) / GREEN_SHARE);
    const rates = BASELINE_RATES.map((rate) => smallestDetectableRate({ n, m, rate, alpha: 0.01, power: 0.8 }));
    return `| ${n} | ${rates.map(percent).join(' | ')} |`;
  });
  const heads = BASELINE_RATES.map((rate) => `blue ${percent(rate)}`);
  return [`| green's requests | ${heads.join(' | ')} |`, `|---|${heads.map(() => '---|').join('')}`, ...rows].join(
    '\n',
  );
}

/** Two digits: the last one is where another day's chance would differ. */
function percent(rate: number): string {
  return `${Number((rate * 100).toPrecision(2))} %`;
}

/** The keys that a count and a gauge have beside their queries. */
export function metricTables(): string {
  const count = configTable(CountMetric, ['id', 'kind', 'events', 'requests', 'wall']);
  const gauge = configTable(GaugeMetric, ['id', 'kind', 'values', 'samples', 'wall']);
  return `### A count\n\n${count}\n\n### A gauge\n\n${gauge}`;
}
