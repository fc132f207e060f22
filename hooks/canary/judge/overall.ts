/** From the verdicts of the metrics to that of the run. */
import type { Choice, Settings } from './input.ts';
import type { Judgement, MetricResult } from './result.ts';

const WORST: readonly Choice[] = ['fail', 'wait', 'pass'];

/**
 * A critical metric that fails decides at once. Otherwise nothing is decided before the last look; then every metric
 * that neither passes nor fails takes what the operator chose for its case, and the worst choice wins.
 * @param deciding metrics that are critical and not muted
 */
export function overall(
  deciding: readonly MetricResult[],
  final: boolean,
  settings: Settings,
): Pick<Judgement, 'decision' | 'verdict'> {
  if (deciding.some(({ judged }) => judged === 'fail')) return { decision: 'fail', verdict: 'fail' };
  if (!final) return { decision: 'wait', verdict: 'running' };
  // Nothing that could decide is a mistake in the configuration, never a pass.
  if (deciding.length === 0)
    return { decision: settings.onError === 'pass' ? 'wait' : settings.onError, verdict: 'error' };
  const cases = [
    { verdict: 'error', choice: settings.onError },
    { verdict: 'nodata', choice: settings.onNoData },
    { verdict: 'inconclusive', choice: settings.onInconclusive },
  ] as const;
  const open = cases.filter(({ verdict }) => deciding.some(({ judged }) => judged === verdict));
  const worst = open.toSorted((a, b) => WORST.indexOf(a.choice) - WORST.indexOf(b.choice))[0];
  return worst ? { decision: worst.choice, verdict: worst.verdict } : { decision: 'pass', verdict: 'pass' };
}
