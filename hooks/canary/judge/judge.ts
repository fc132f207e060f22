/** The judge: is the canary worse than the baseline? Pure: the same input gives the same answer. */
import { holmByLevel } from '../statistics/holm.ts';
import { dataProblem, readProblem, trafficSplit } from './checks.ts';
import { type Comparison, type Impossible, NO_NUMBERS } from './comparison.ts';
import { compareCounts } from './counts.ts';
import { explainComparison, explainJudgement, explainProblem, titleOf } from './explain.ts';
import { compareGauges, type Levels, levelsOf } from './gauges.ts';
import { type JudgeInput, type Metric, SETTINGS, type Settings } from './input.ts';
import { overall } from './overall.ts';
import type { Judgement, MetricResult, SampleRatioResult, Test, Verdict } from './result.ts';
import { scoreOf } from './score.ts';
import { percent } from './text.ts';
import { wallHit } from './walls.ts';
import { type Timeline, timeline, valuesOf } from './window.ts';

/** A metric with what can be said about it before the others are known. */
interface Case {
  metric: Metric;
  outcome: Comparison | Impossible | { hit: string } | { standing: true };
}

/**
 * Judges all metrics at the last planned look that the data have reached.
 * @throws RangeError when the plan is impossible, or two metrics have one id
 */
export function judge(input: JudgeInput): Judgement {
  const settings: Settings = { ...SETTINGS, ...input.settings };
  check(input, settings);
  const line = timeline(input, settings);
  const split = trafficSplit(input, line, settings);
  const levels = levelsOf(line, settings);
  const cases = input.metrics.map((metric) => ({ metric, outcome: outcomeOf(metric, line, settings, split, levels) }));
  const metrics = resultsOf(cases, line, settings);
  const deciding = metrics.filter(({ critical, verdict }) => critical && verdict !== 'muted');
  const { decision, verdict } = overall(deciding, line.final, settings);
  return {
    decision,
    verdict,
    sentence: explainJudgement(decision, verdict, deciding, line),
    look: { number: line.reached.length, of: line.of, final: line.final, next: line.next },
    window: { from: line.from, to: line.reached.at(-1) ?? line.from },
    sampleRatio: split ?? null,
    metrics,
    score: scoreOf(metrics, input.groups),
  };
}

function check({ metrics }: JudgeInput, { alpha, power, confidence }: Settings): void {
  const ids = metrics.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new RangeError(`two metrics are called ${twice}`);
  for (const [name, value] of Object.entries({ alpha, power, confidence }))
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie between 0 and 1: ${value}`);
}

function outcomeOf(
  metric: Metric,
  line: Timeline,
  settings: Settings,
  split: SampleRatioResult | undefined,
  levels: Levels,
): Case['outcome'] {
  const hit = wallHit(metric, line);
  if (hit !== undefined) return { hit };
  const unread = readProblem(metric);
  if (unread) return unread;
  if (line.reached.length === 0)
    return { verdict: 'inconclusive', cause: 'too-little', why: 'the first look is still to come' };
  const missing = dataProblem(metric, line, settings);
  if (missing) return missing;
  if (metric.compare === 'none') return behindWall(metric, line, settings);
  if (split && !split.matches && metric.compare !== 'history') return mismatch(split);
  return metric.kind === 'count'
    ? compareCounts(metric, line, settings)
    : compareGauges(metric, line, settings, levels);
}

/** Below its wall in enough minutes: that is all that can be asked of it. */
function behindWall(metric: Metric, line: Timeline, { minMinutes }: Settings): Impossible | { standing: true } {
  if (!metric.wall) return { verdict: 'error', cause: 'unread', why: 'compared with nothing, and without a wall' };
  const series = metric.kind === 'count' ? metric.canary.requests : metric.canary.values;
  const minutes = valuesOf(series, line, line.reached.at(-1) ?? line.from).size;
  if (minutes >= minMinutes) return { standing: true };
  const why = `canary has ${minutes} minutes, of ${minMinutes} that are needed`;
  return { verdict: 'inconclusive', cause: 'too-little', why };
}

function mismatch({ observed, expected }: SampleRatioResult): Impossible {
  const why = `traffic does not match the weight: the canary had ${percent(observed)} of the requests instead of ${percent(expected)}`;
  return { verdict: 'inconclusive', cause: 'sample-ratio', why };
}

/** Each family of tests has its α: a metric of its own, the critical ones that share, the ones that are only reported. */
function resultsOf(cases: readonly Case[], line: Timeline, settings: Settings): MetricResult[] {
  const compared = cases.flatMap(({ metric, outcome }) => ('test' in outcome ? [{ metric, comparison: outcome }] : []));
  const found = new Map<string, { test: Test; level: number }>();
  for (const family of Map.groupBy(compared, ({ metric }) => familyOf(metric)).values()) {
    const rejects = (index: number, level: number) => {
      const test = family[index]?.comparison.test(level);
      return test !== undefined && test.crossedAt !== null;
    };
    holmByLevel(family.length, settings.alpha, rejects).forEach(({ level }, index) => {
      const one = family[index];
      if (one) found.set(one.metric.id, { test: one.comparison.test(level), level });
    });
  }
  return cases.map(({ metric, outcome }) => {
    const tested = found.get(metric.id);
    if ('test' in outcome && tested) return comparedResult(metric, outcome, tested, line, settings);
    return otherResult(metric, outcome);
  });
}

function familyOf(metric: Metric): string {
  const { id, kind, critical = true, alpha = kind === 'count' && critical ? 'own' : 'shared' } = metric;
  if (metric.muted || !critical) return 'reported';
  return alpha === 'own' ? `own ${id}` : 'shared';
}

function comparedResult(
  metric: Metric,
  comparison: Comparison,
  { test, level }: { test: Test; level: number },
  line: Timeline,
  settings: Settings,
): MetricResult {
  const value = comparison.detectable(level);
  const detectable = Number.isFinite(value) ? { power: settings.power, value } : null;
  const relevant = test.crossedAt !== null && comparison.relevant(test.direction);
  const judged = relevant ? 'fail' : canPass(comparison, value) ? 'pass' : 'inconclusive';
  const small = test.crossedAt !== null && !relevant;
  const cause = judged !== 'inconclusive' ? 'compared' : comparison.constant ? 'constant' : 'undetectable';
  const sentence = explainComparison({ metric, verdict: judged, comparison, test, detectable, small }, line);
  const { canary, baseline, effect } = comparison;
  return { ...head(metric, judged), cause, canary, baseline, effect, test, detectable, sentence };
}

function canPass(comparison: Comparison, detectable: number): boolean {
  return !comparison.constant && Number.isFinite(detectable) && comparison.tolerable(detectable);
}

function otherResult(metric: Metric, outcome: Case['outcome']): MetricResult {
  const empty = { canary: NO_NUMBERS, baseline: NO_NUMBERS, effect: null, test: null, detectable: null };
  if ('hit' in outcome)
    return { ...head(metric, 'fail'), ...empty, cause: 'wall', sentence: `FAIL ${titleOf(metric)}: ${outcome.hit}` };
  if ('verdict' in outcome)
    return {
      ...head(metric, outcome.verdict),
      ...empty,
      cause: outcome.cause,
      sentence: explainProblem(metric, outcome),
    };
  return { ...head(metric, 'pass'), ...empty, cause: 'wall', sentence: `PASS ${titleOf(metric)}: below its wall` };
}

function head(metric: Metric, judged: Exclude<Verdict, 'muted'>) {
  const { id, kind, critical = true, muted = false, query = null, group = 'all' } = metric;
  const verdict: Verdict = muted ? 'muted' : judged;
  return { id, title: titleOf(metric), kind, verdict, judged, critical, query, group };
}
