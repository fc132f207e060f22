import { type Config, LATENCIES, type Latency } from './config.ts';
import { errorRateOf, type Measured, requestsFor } from './measured.ts';
import { grouped, milliseconds, percent } from './numbers.ts';

/** `could-not-run` says nothing about green. */
export interface Judged {
  readonly outcome: 'pass' | 'fail' | 'could-not-run';
  readonly reason: string;
  /** Green failed more requests than it may. */
  readonly errorsFailed: boolean;
}

export type Baseline = Pick<Measured, 'values' | 'latencies' | 'errors' | 'requests'>;

export interface JudgeInput {
  readonly green: Measured;
  /** What green is compared with, and what the reason calls it; absent when there is none. */
  readonly baseline?: { readonly name: string; readonly of: Baseline };
  readonly config: Pick<Config, 'thresholds' | 'tolerance'>;
}

type Word = 'failed' | 'kept' | 'unknown';
interface Finding {
  readonly of: 'errors' | 'latency';
  readonly word: Word;
  readonly text: string;
}

/**
 * Green against its thresholds, and against its baseline where there is one. A threshold that too few requests speak
 * of is neither kept nor failed: unless another one fails, the test could not tell.
 */
export function judge({ green, baseline, config }: JudgeInput): Judged {
  const { thresholds, tolerance } = config;
  const findings: Finding[] = [absoluteErrors(green, thresholds.errorRate)];
  for (const latency of LATENCIES) {
    const limit = thresholds[latency];
    if (limit !== undefined) findings.push(absolute(green, latency, limit));
  }
  if (baseline !== undefined) {
    for (const latency of LATENCIES) {
      const allowed = tolerance[latency];
      if (allowed !== undefined) findings.push(relative(green, baseline, latency, allowed));
    }
    if (tolerance.errorRate !== undefined) findings.push(relativeErrors(green, baseline, tolerance.errorRate));
  }
  const failed = findings.filter(({ word }) => word === 'failed');
  const unknown = findings.filter(({ word }) => word === 'unknown');
  const told = failed.length > 0 ? failed : findings.filter(({ word }) => word === 'kept');
  const parts = [...told, ...unknown].map(({ text }) => text).join(', ');
  const errorsFailed = failed.some(({ of }) => of === 'errors');
  const reason = `${parts} ${circumstances(green, failed.length > 0 && !errorsFailed)}`;
  if (failed.length > 0) return { outcome: 'fail', reason, errorsFailed };
  const isKnown = green.requests > 0 && unknown.length === 0;
  return { outcome: isKnown ? 'pass' : 'could-not-run', reason, errorsFailed };
}

function circumstances(green: Measured, withErrors: boolean): string {
  const errors = withErrors ? `, errors ${percent(errorRateOf(green))}` : '';
  return `over ${grouped(green.requests)} requests at ${percent(green.achievedRate)} of the wanted rate${errors}`;
}

function absoluteErrors(green: Measured, limit: number): Finding {
  const rate = errorRateOf(green);
  const text = `errors ${percent(rate)} ${rate > limit ? '>' : '≤'} ${percent(limit)}`;
  return {
    of: 'errors',
    word: rate > limit ? 'failed' : 'kept',
    text: rate > limit ? `${text}${kindsOf(green)}` : text,
  };
}

function absolute(green: Measured, latency: Latency, limit: number): Finding {
  const missing = tooFew(green, latency);
  if (missing !== undefined) return missing;
  const value = green.values[latency];
  const isOver = value > limit;
  return {
    of: 'latency',
    word: isOver ? 'failed' : 'kept',
    text: `${nameOf(latency)} ${compared(value, limit)}`,
  };
}

interface Allowance {
  ratio: number;
  floor: number;
}

function relative(
  green: Measured,
  { name, of }: { name: string; of: Baseline },
  latency: Latency,
  allowed: Allowance,
): Finding {
  const missing = tooFew(green, latency) ?? tooFew(of, latency, name);
  if (missing !== undefined) return missing;
  const limit = of.values[latency] * allowed.ratio + allowed.floor;
  const isOver = green.values[latency] > limit;
  const text = `${nameOf(latency)} ${compared(green.values[latency], limit)}`;
  const from = `${allowed.ratio} × ${milliseconds(of.values[latency])} of ${name}`;
  return {
    of: 'latency',
    word: isOver ? 'failed' : 'kept',
    text: `${text} (${from} + ${milliseconds(allowed.floor)})`,
  };
}

function relativeErrors(green: Measured, { name, of }: { name: string; of: Baseline }, allowed: Allowance): Finding {
  const rate = errorRateOf(green);
  const limit = errorRateOf(of) * allowed.ratio + allowed.floor;
  const isOver = rate > limit;
  const from = `${allowed.ratio} × ${percent(errorRateOf(of))} of ${name} + ${percent(allowed.floor)}`;
  return {
    of: 'errors',
    word: isOver ? 'failed' : 'kept',
    text: `errors ${percent(rate)} ${isOver ? '>' : '≤'} ${percent(limit)} (${from})`,
  };
}

/** With all digits where three would say that a value is more than itself. */
function compared(value: number, limit: number): string {
  const [left, right] = [milliseconds(value), milliseconds(limit)];
  if (value > limit) return left === right ? `${value} ms > ${limit} ms` : `${left} > ${right}`;
  return `${left} ≤ ${right}`;
}

function tooFew({ latencies }: Pick<Measured, 'latencies'>, latency: Latency, whose?: string): Finding | undefined {
  const needed = requestsFor(latency);
  if (latencies >= needed) return undefined;
  const of = whose === undefined ? '' : ` of ${whose}`;
  return {
    of: 'latency',
    word: 'unknown',
    text: `${nameOf(latency)}${of} could not be told from ${grouped(latencies)} latencies (${grouped(needed)} needed)`,
  };
}

/** The kinds of errors, the most frequent first. */
function kindsOf({ errorsByKind }: Measured): string {
  const kinds = Object.entries(errorsByKind).sort(([, a], [, b]) => b - a);
  return kinds.length === 0
    ? ''
    : ` (${kinds
        .slice(0, 3)
        .map(([kind, n]) => `${grouped(n)} ${kind}`)
        .join(', ')})`;
}

function nameOf(latency: Latency): string {
  if (latency === 'maxMs') return 'slowest';
  return latency === 'p999Ms' ? 'p99.9' : latency.replace('Ms', '');
}
