/** One sentence a metric, with the numbers that decided it. */
import type { Comparison, Impossible } from './comparison.ts';
import type { Metric } from './input.ts';
import type { Detectable, Effect, Judgement, MetricResult, SideNumbers, Test, Verdict } from './result.ts';
import { chance, count, factor, percent, plain } from './text.ts';
import type { Timeline } from './window.ts';

export interface Explained {
  metric: Metric;
  verdict: Exclude<Verdict, 'muted'>;
  comparison: Comparison;
  test: Test;
  detectable: Detectable | null;
  /** Significant, but too small to matter. */
  small: boolean;
}

export function titleOf({ id, title }: Metric): string {
  return title ?? id;
}

/** Such as: FAIL 5xx: canary 12/1000 (1.20 %) v baseline 45/9000 (0.50 %), rate ratio 2.4 [1.16, 4.61], p = … */
export function explainComparison(explained: Explained, line: Timeline): string {
  const { metric, verdict, comparison, test, detectable, small } = explained;
  const sides = `canary ${side(comparison.canary, metric)} v baseline ${side(comparison.baseline, metric)}`;
  const parts = [
    sides,
    effectText(comparison.effect, metric),
    testText(test, line),
    detectableText(detectable, comparison.effect, metric),
  ];
  if (small) parts.push('too small to matter');
  if (verdict === 'inconclusive')
    parts.push(comparison.constant ? 'nothing varies: is it alive?' : 'too little to be sure');
  return `${verdict.toUpperCase()} ${titleOf(metric)}: ${parts.join(', ')}`;
}

export function explainProblem(metric: Metric, { verdict, why }: Impossible): string {
  return `${verdict.toUpperCase()} ${titleOf(metric)}: ${why}`;
}

/** What was decided, and by which metrics. */
export function explainJudgement(
  decision: Judgement['decision'],
  verdict: Judgement['verdict'],
  deciding: readonly MetricResult[],
  line: Timeline,
): string {
  const passed = deciding.filter((metric) => metric.judged === 'pass').length;
  const others = deciding.filter((metric) => metric.judged === verdict);
  const tally = `${passed} of ${deciding.length} deciding metrics pass`;
  const look = `look ${line.reached.length} of ${Math.max(line.of, line.reached.length)}`;
  const cause =
    verdict === 'pass' || others.length === 0 ? '' : `; ${others.map(({ sentence }) => sentence).join('; ')}`;
  return `${decision.toUpperCase()} (${verdict}) at ${look}: ${tally}${cause}`;
}

function side(numbers: SideNumbers, { unit }: Metric): string {
  if (numbers.events !== null && numbers.requests !== null)
    return `${count(numbers.events)}/${count(numbers.requests)} (${percent(numbers.value ?? 0)})`;
  return `${plain(numbers.value ?? Number.NaN, unit)} (median of ${numbers.minutes} minutes)`;
}

function effectText({ measure, value, lower, upper }: Effect, { unit }: Metric): string {
  if (value === null && !lower) return `${measure} unknown`;
  if (measure !== 'difference') return `${measure} ${factor(value)} [${factor(lower ?? 0)}, ${factor(upper)}]`;
  const bound = (number: number | null, sign: string) => (number === null ? `${sign}∞` : plain(number, unit));
  return `difference ${plain(value ?? Number.NaN, unit)} [${bound(lower, '-')}, ${bound(upper, '')}]`;
}

function testText({ p, threshold, crossedAt }: Test, { reached, of }: Timeline): string {
  const number = reached.length;
  const look = number >= of ? `last of ${of} ${of === 1 ? 'look' : 'looks'}` : `look ${number} of ${of}`;
  // A p of 0 is one too small for a double, not an impossible one.
  const shown = p === 0 ? 'p<1e-300' : `p=${chance(p)}`;
  if (crossedAt !== null && crossedAt < number) return `${shown}, significant since look ${crossedAt} (${look})`;
  if (threshold === 0) return `${shown}, where none could be significant (${look})`;
  return `${shown} ${p <= threshold ? '≤' : '>'} ${chance(threshold)} (${look})`;
}

function detectableText(detectable: Detectable | null, { measure }: Effect, { kind, unit }: Metric): string {
  if (detectable === null) return 'could not have seen any effect';
  const { value } = detectable;
  if (kind === 'count') return `could have seen ≥${percent(value)}`;
  if (measure === 'difference') return `could have seen a difference of ${value < 0 ? '≤' : '≥'}${plain(value, unit)}`;
  return `could have seen ${value < 1 ? '≤' : '≥'}${unit === undefined ? '' : 'a ratio of '}${factor(value)}`;
}
