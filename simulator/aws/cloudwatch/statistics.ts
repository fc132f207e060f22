import type { Bucket } from './series.ts';

/** @returns the statistic of one period, or undefined when it cannot be known from what was published */
export type Statistic = (bucket: Bucket) => number | undefined;

const PLAIN: Readonly<Record<string, Statistic>> = {
  SampleCount: ({ sampleCount }) => sampleCount,
  Average: ({ sum, sampleCount }) => sum / sampleCount,
  Sum: ({ sum }) => sum,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
};

/** The statistics that GetMetricStatistics takes as Statistics, in the order of the API reference. */
export const PLAIN_STATISTICS: readonly string[] = Object.keys(PLAIN);

/**
 * Reads a Stat as CloudWatch spells it: `Sum`, `p99.9`, `tm90`, `TM(2%:98%)`, `PR(:0.3)`, `IQM` and so on (CloudWatch
 * user guide, page "CloudWatch statistics definitions").
 * @returns undefined when it is no statistic
 */
export function parseStatistic(text: string): Statistic | undefined {
  if (Object.hasOwn(PLAIN, text)) return PLAIN[text];
  if (text === 'IQM') return overValues(trimmed('mean', { unit: 'percent', low: 25, high: 75 }));
  return parsePercentile(text) ?? parseRange(text);
}

/** `p95`, and the short forms with one percentage, `tm99` being TM(:99%). */
function parsePercentile(text: string): Statistic | undefined {
  const [, name, digits] = /^(p|tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/.exec(text) ?? [];
  const percent = Number(digits);
  if (name === undefined || percent > 100) return undefined;
  if (name === 'p') return overValues((sample) => atRank(sample, rankOf(sample, percent)));
  const kind = TRIMMED[name.toUpperCase()];
  return kind === undefined ? undefined : overValues(trimmed(kind, { unit: 'percent', low: 0, high: percent }));
}

const TRIMMED: Readonly<Record<string, TrimmedKind>> = { TM: 'mean', TC: 'count', TS: 'sum', WM: 'winsorized' };

function parseRange(text: string): Statistic | undefined {
  const number = String.raw`(-?\d+(?:\.\d{1,10})?)?(%?)`;
  const [, name = '', low, lowSign, high, highSign] =
    new RegExp(String.raw`^(TM|TC|TS|WM|PR)\(${number}:${number}\)$`).exec(text) ?? [];
  if (name === '' || (low === undefined && high === undefined)) return undefined;
  const isPercent = lowSign === '%' || highSign === '%';
  if ((low === undefined) !== (lowSign === '') && isPercent) return undefined;
  if ((high === undefined) !== (highSign === '') && isPercent) return undefined;
  const range: Range = isPercent
    ? { unit: 'percent', low: Number(low ?? 0), high: Number(high ?? 100) }
    : { unit: 'value', low: Number(low ?? Number.NEGATIVE_INFINITY), high: Number(high ?? Number.POSITIVE_INFINITY) };
  if (range.low >= range.high || (isPercent && (range.low < 0 || range.high > 100))) return undefined;
  if (name === 'PR') return isPercent ? undefined : overValues(percentileRank(range));
  const kind = TRIMMED[name];
  return kind === undefined ? undefined : overValues(trimmed(kind, range));
}

/** Distinct values in ascending order with their frequencies. */
interface Sample {
  values: number[];
  counts: number[];
  total: number;
}

interface Range {
  unit: 'percent' | 'value';
  low: number;
  high: number;
}

type TrimmedKind = 'mean' | 'count' | 'sum' | 'winsorized';

/** Statistics that need the values themselves. CloudWatch has none of them where a value is negative. */
function overValues(statistic: (sample: Sample) => number | undefined): Statistic {
  return (bucket) => {
    if (bucket.minimum < 0) return undefined;
    const sample = sampleOf(bucket);
    return sample === undefined ? undefined : statistic(sample);
  };
}

/** @returns undefined when a part is a statistic set that hides its values (same page, "Requirements to use percentiles") */
function sampleOf(bucket: Bucket): Sample | undefined {
  const frequency = new Map<number, number>();
  const add = (value: number, count: number) => frequency.set(value, (frequency.get(value) ?? 0) + count);
  for (const { values, counts, minimum, maximum, sum, sampleCount } of bucket.parts) {
    if (values !== undefined) {
      for (const [index, value] of values.entries()) add(value, counts?.[index] ?? 1);
    } else if (minimum === maximum && sum === minimum * sampleCount) add(minimum, sampleCount);
    else return undefined;
  }
  const sorted = [...frequency].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const values = sorted.map(([value]) => value);
  const counts = sorted.map(([, count]) => count);
  return { values, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** Nearest rank: p99 is the largest of the values that remain without the highest 1 %. */
function rankOf({ total }: Sample, percent: number): number {
  // Binary fractions must not push 95 % of 20 to the 20th value.
  return Math.max(Math.ceil((percent / 100) * total - 1e-9), Math.min(1, total));
}

/** The value that the rank, counted from 1, falls on. */
function atRank({ values, counts }: Sample, rank: number): number | undefined {
  let passed = 0;
  for (const [index, count] of counts.entries()) {
    passed += count;
    if (passed >= rank) return values[index];
  }
  return values.at(-1);
}

function trimmed(kind: TrimmedKind, range: Range): (sample: Sample) => number | undefined {
  return (sample) => {
    const kept = range.unit === 'percent' ? betweenRanks(sample, range) : betweenValues(sample, range);
    if (kind === 'count') return kept.total;
    if (kind === 'sum') return sumOf(kept);
    if (kept.total === 0) return undefined;
    return kind === 'mean' ? sumOf(kept) / kept.total : winsorizedMean(sample, kept, range);
  };
}

/** What is left of a sample without its lowest and highest shares. */
function betweenRanks(sample: Sample, { low, high }: Range): Sample {
  const from = Math.floor((low / 100) * sample.total + 1e-9);
  const to = rankOf(sample, high);
  let passed = 0;
  const counts = sample.counts.map((count) => {
    const kept = Math.min(passed + count, to) - Math.max(passed, from);
    passed += count;
    return Math.max(kept, 0);
  });
  return { values: sample.values, counts, total: counts.reduce((sum, count) => sum + count, 0) };
}

/** Absolute boundaries: the lower one is exclusive, the higher one inclusive. */
function betweenValues({ values, counts }: Sample, { low, high }: Range): Sample {
  const kept = counts.map((count, index) => {
    const value = values[index] ?? Number.NaN;
    return value > low && value <= high ? count : 0;
  });
  return { values, counts: kept, total: kept.reduce((sum, count) => sum + count, 0) };
}

/** Values outside count as the boundary: the outermost value that is kept, or the number that was given. */
function winsorizedMean(sample: Sample, kept: Sample, { unit, low, high }: Range): number {
  const inside = sample.values.filter((_, index) => (kept.counts[index] ?? 0) > 0);
  const lowEdge = unit === 'value' ? low : (inside[0] ?? 0);
  const highEdge = unit === 'value' ? high : (inside.at(-1) ?? 0);
  const clamped = sample.values.map((value) => Math.min(Math.max(value, lowEdge), highEdge));
  return sumOf({ ...sample, values: clamped }) / sample.total;
}

function percentileRank(range: Range): (sample: Sample) => number {
  return (sample) => (100 * betweenValues(sample, range).total) / sample.total;
}

function sumOf({ values, counts }: Sample): number {
  return values.reduce((sum, value, index) => sum + value * (counts[index] ?? 0), 0);
}
