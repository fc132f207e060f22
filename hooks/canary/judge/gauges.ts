/** Compares summaries by the minute, such as average latency: rank tests on pairs of minutes, with the shift's interval. */
import { studentUpperQuantile } from '../statistics/beta.ts';
import type { Interval } from '../statistics/binomial.ts';
import { normalUpperQuantile } from '../statistics/normal.ts';
import { rankSumTest } from '../statistics/rank-sum.ts';
import { type Shift, shiftBetween, shiftOfPairs } from '../statistics/shift.ts';
import { signedRankTest } from '../statistics/signed-rank.ts';
import { nominalLevels, spent } from '../statistics/spending.ts';
import { median } from '../statistics/summary.ts';
import { unequalSpreadTest } from '../statistics/unequal-spread.ts';
import { type Comparison, directionsOf, type Impossible, stronger } from './comparison.ts';
import { GAUGE_LIMITS, type GaugeLimits, type GaugeMetric, type GaugeSide, type Settings } from './input.ts';
import { type Effect, finite, type SideNumbers, type Test } from './result.ts';
import { earlier, type Timeline, timeOf, valuesOf } from './window.ts';

/** Values of one side, and the minute of each. */
type ByMinute = ReadonlyMap<number, number>;

interface Sides {
  canary: ByMinute;
  baseline: ByMinute;
  /** The same minutes on both sides: what moves both cancels. */
  paired: boolean;
}

/** The p that each look must reach, by the level of the whole run. */
export type Levels = (level: number) => readonly number[];

/** They take a millisecond to compute and depend on the plan alone, so a warm function keeps the last few. */
const KNOWN = new Map<string, readonly number[]>();
const MOST_KNOWN = 100;

/** @returns the p that each look must reach */
export function levelsOf(line: Timeline, { spending }: Settings): Levels {
  const times = line.reached.map((look) => timeOf(line, look));
  return (level) => {
    const key = `${spending} ${level} ${times.join()}`;
    const known = KNOWN.get(key);
    if (known) return known;
    const cumulative = times.map((time) => spent(spending, level, time));
    const levels = nominalLevels(times, cumulative);
    if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
    KNOWN.set(key, levels);
    return levels;
  };
}

/** Values of the canary against the baseline's, over all looks so far. */
export function compareGauges(
  metric: GaugeMetric,
  line: Timeline,
  settings: Settings,
  levels: Levels,
): Comparison | Impossible {
  const limits: GaugeLimits = { ...GAUGE_LIMITS, ...metric.limits };
  const needed = samplesNeeded(metric.statistic);
  if (needed === undefined)
    return { verdict: 'error', cause: 'unread', why: `there is no percentile ${metric.statistic}` };
  const sides = sidesOf(metric, line, needed);
  if ('why' in sides) return sides;
  const problem = tooLittle(sides, settings);
  if (problem) return problem;
  const ratio = [...sides.canary.values(), ...sides.baseline.values()].every((value) => value > 0);
  const shift = shiftOf(sides, ratio, 1 - settings.confidence);
  const directions = directionsOf(metric.direction ?? 'increase');
  const centre = median([...sides.baseline.values()]);
  return {
    canary: numbersOf(sides.canary),
    baseline: numbersOf(sides.baseline),
    effect: effectOf(shift, ratio, settings.confidence),
    constant: isConstant(sides.canary) || isConstant(sides.baseline),
    test: (level) =>
      stronger(directions.map((direction) => testOf(direction, sides, ratio, line, levels(level / directions.length)))),
    relevant: (direction) => isRelevant(shift.estimate, centre, ratio, limits, direction),
    detectable: (level) => {
      const atLooks = levels(level / directions.length);
      const atLook = atLooks.findLast((one) => one > 0) ?? 0;
      // Beyond the plan nothing is left to find anything with: what shows only then must not pass for healthy.
      const late = (way: 'increase' | 'decrease') =>
        isRelevant(shift.estimate, centre, ratio, limits, way) &&
        pAt(sides, Number.POSITIVE_INFINITY, ratio, way === 'increase' ? 1 : -1) <= atLook;
      if (atLooks.at(-1) === 0 && directions.some(late)) return Number.NaN;
      const found = detectableShift(shift, sides, atLook, settings);
      const worse = directions[0] === 'decrease' ? -found : found;
      return atLeastRelevant(ratio ? Math.exp(worse) : worse, limits, centre, ratio);
    },
    tolerable: (found) => Math.abs(ratio ? Math.log(found) : found / centre) <= tolerated(limits, ratio),
  };
}

/** A per-minute percentile of few values is their maximum: ten values must lie beyond it. Undefined: no percentile. */
function samplesNeeded(statistic: string): number | undefined {
  const match = /^p(\d{1,2}(?:\.\d+)?|100)$/i.exec(statistic);
  if (!match) return /^p[\d.]/i.test(statistic) ? undefined : 0;
  const percent = Number(match[1]);
  return percent < 100 ? Math.ceil(1000 / (100 - percent) - 1e-9) : undefined;
}

function sidesOf(metric: GaugeMetric, line: Timeline, needed: number): Sides | Impossible {
  const to = line.reached.at(-1) ?? line.from;
  if (needed > 0 && metric.canary.samples === undefined) {
    const why = `canary has no SampleCount, without which a ${metric.statistic} cannot be trusted`;
    return { verdict: 'error', cause: 'too-few-samples', why };
  }
  const now = (side: GaugeSide | undefined) =>
    trusted(valuesOf(side?.values, line, to), valuesOf(side?.samples, line, to), needed);
  const canary = now(metric.canary);
  const paired = metric.compare !== 'history';
  const baseline = paired
    ? now(metric.baseline)
    : trusted(earlier(metric.history?.values, line), earlier(metric.history?.samples, line), needed);
  if (needed > 0 && canary.size === 0 && (metric.canary.samples?.points.length ?? 0) > 0) {
    const why = `canary had too few requests a minute for ${metric.statistic}, which needs ${needed}: compare Average or p50, or count requests over a limit`;
    return { verdict: 'inconclusive', cause: 'too-few-samples', why };
  }
  if (!paired) return { canary, baseline, paired };
  const both = (of: ByMinute, other: ByMinute) => new Map([...of].filter(([minute]) => other.has(minute)));
  return { canary: both(canary, baseline), baseline: both(baseline, canary), paired };
}

function trusted(values: ByMinute, samples: ByMinute, needed: number): ByMinute {
  if (needed === 0) return values;
  return new Map([...values].filter(([minute]) => (samples.get(minute) ?? 0) >= needed));
}

function tooLittle({ canary, baseline, paired }: Sides, { minMinutes }: Settings): Impossible | undefined {
  const minutes = Math.min(canary.size, baseline.size);
  if (minutes >= minMinutes) return undefined;
  const shared = paired
    ? `canary and baseline have ${minutes} minutes in common`
    : `canary or baseline has ${minutes} minutes`;
  return { verdict: 'inconclusive', cause: 'too-little', why: `${shared}, of ${minMinutes} that are needed` };
}

function testOf(
  direction: 'increase' | 'decrease',
  sides: Sides,
  ratio: boolean,
  line: Timeline,
  levels: readonly number[],
): Test {
  const sign = direction === 'increase' ? 1 : -1;
  let [p, crossedAt] = [1, null as number | null];
  line.reached.forEach((look, index) => {
    p = pAt(sides, look, ratio, sign);
    if (crossedAt === null && p <= (levels[index] ?? 0)) crossedAt = index + 1;
  });
  const name = sides.paired ? 'signed-rank' : 'rank-sum';
  return { name, p, threshold: levels.at(-1) ?? 0, direction, crossedAt, dispersion: null };
}

/** p of the minutes up to a look. Unpaired sides must convince the test that allows for unequal spread as well. */
function pAt({ canary, baseline, paired }: Sides, look: number, ratio: boolean, sign: number): number {
  const minutes = [...canary.keys()].filter((minute) => minute < look);
  const x = minutes.map((minute) => sign * scaled(canary.get(minute) ?? Number.NaN, ratio));
  if (paired) {
    const other = minutes.map((minute) => sign * scaled(baseline.get(minute) ?? Number.NaN, ratio));
    return signedRankTest(
      x.map((value, index) => value - (other[index] ?? 0)),
      'greater',
    ).p;
  }
  const y = [...baseline.values()].map((value) => sign * scaled(value, ratio));
  if (x.length < 2 || y.length < 2) return 1;
  return Math.max(rankSumTest(x, y, 'greater').p, unequalSpreadTest(x, y, 'greater').p);
}

function shiftOf({ canary, baseline, paired }: Sides, ratio: boolean, outside: number): Shift {
  const x = [...canary.values()].map((value) => scaled(value, ratio));
  if (!paired)
    return shiftBetween(
      x,
      [...baseline.values()].map((value) => scaled(value, ratio)),
      outside,
    );
  const other = [...canary.keys()].map((minute) => scaled(baseline.get(minute) ?? Number.NaN, ratio));
  return shiftOfPairs(
    x.map((value, index) => value - (other[index] ?? 0)),
    outside,
  );
}

function scaled(value: number, ratio: boolean): number {
  return ratio ? Math.log(value) : value;
}

function effectOf(shift: Shift, ratio: boolean, confidence: number): Effect {
  const shown = (value: number) => finite(ratio ? Math.exp(value) : value);
  return {
    measure: ratio ? 'ratio' : 'difference',
    value: shown(shift.estimate),
    lower: Number.isFinite(shift.lower) ? shown(shift.lower) : null,
    upper: Number.isFinite(shift.upper) ? shown(shift.upper) : null,
    confidence,
  };
}

function isRelevant(
  shift: number,
  centre: number,
  ratio: boolean,
  limits: GaugeLimits,
  direction: 'increase' | 'decrease',
): boolean {
  const worse = direction === 'increase' ? shift : -shift;
  // On the ratio's scale the shift is a logarithm; as a difference it is measured against the baseline's middle.
  const factor = ratio ? Math.exp(worse) : 1 + worse / Math.abs(centre);
  const difference = ratio ? Math.abs(centre * Math.expm1(shift)) : worse;
  return factor >= limits.ratio && difference >= limits.difference;
}

/** From the width of the interval: the test finds what lies its own critical value and that of the power away from nothing. */
function detectableShift(
  shift: Interval,
  { canary, baseline, paired }: Sides,
  level: number,
  settings: Settings,
): number {
  const width = shift.upper - shift.lower;
  if (!Number.isFinite(width) || level <= 0) return Number.NaN;
  const degrees = paired ? canary.size - 1 : canary.size + baseline.size - 2;
  const error = width / 2 / studentUpperQuantile((1 - settings.confidence) / 2, degrees);
  return error * (studentUpperQuantile(level, degrees) + normalUpperQuantile(1 - settings.power));
}

/** What is too small to matter is not found, however sharp the test. */
function atLeastRelevant(found: number, limits: GaugeLimits, centre: number, ratio: boolean): number {
  if (ratio) return found >= 1 ? Math.max(found, limits.ratio) : Math.min(found, 1 / limits.ratio);
  return Math.sign(found) * Math.max(Math.abs(found), (limits.ratio - 1) * Math.abs(centre), limits.difference);
}

function tolerated(limits: GaugeLimits, ratio: boolean): number {
  return ratio ? Math.log(limits.tolerance) : limits.tolerance - 1;
}

function isConstant(values: ByMinute): boolean {
  return new Set(values.values()).size <= 1;
}

function numbersOf(values: ByMinute): SideNumbers {
  return { events: null, requests: null, value: finite(median([...values.values()])), minutes: values.size };
}
