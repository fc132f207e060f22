/** Compares events among requests: the conditional test, exact over all looks, that allows for rates which wobble. */
import { countSequence, criticalCount, type Increment } from '../statistics/count-sequence.ts';
import { rateToReach } from '../statistics/detectable.ts';
import { type Dispersion, lastingDispersion, type RateMinute } from '../statistics/dispersion.ts';
import { liftedLevel } from '../statistics/lift.ts';
import { rateRatio, rateRatioInterval } from '../statistics/rate-ratio.ts';
import { spent } from '../statistics/spending.ts';
import { type Comparison, directionsOf, type Impossible, stronger } from './comparison.ts';
import { COUNT_LIMITS, type CountLimits, type CountMetric, type CountSide, MINUTE, type Settings } from './input.ts';
import { type Effect, finite, type Test } from './result.ts';
import { earlier, type Timeline, timeOf, valuesOf } from './window.ts';

/** Minutes of both sides between two looks. */
interface Stretch {
  canary: readonly RateMinute[];
  baseline: readonly RateMinute[];
  /** Events of both sides times the canary's share of the requests, minute by minute. */
  expected: number;
}

interface Totals {
  x: number;
  n: number;
  y: number;
  m: number;
}

/**
 * The laws of the test are as long as there are events, and take as much time and memory. Of more than this, several
 * count as one: by then a rate is known to a part in a few hundred, and seeming a little less sure only adds caution.
 */
const MOST_EVENTS = 500_000;

/** Events of the canary against the baseline's, over all looks so far. */
export function compareCounts(metric: CountMetric, line: Timeline, settings: Settings): Comparison | Impossible {
  const limits: CountLimits = { ...COUNT_LIMITS, ...metric.limits };
  const seen = metric.compare === 'history' ? againstHistory(metric, line) : concurrent(metric, line);
  const canary = seen.flatMap((stretch) => stretch.canary);
  const baseline = seen.flatMap((stretch) => stretch.baseline);
  const totals = totalsOf(canary, baseline);
  const problem = tooLittle(totals, canary.length, baseline.length, limits, settings);
  if (problem) return problem;
  const { dispersion, whole, increments } = countedInLots(metric, line, seen, totals);
  const fair = { x: whole.canary, n: whole.here, y: whole.events - whole.canary, m: whole.there };
  const spending = spendingOf(whole, line, settings);
  const directions = directionsOf(metric.direction ?? 'increase');
  const each = (level: number) => level / directions.length;
  return {
    canary: { events: totals.x, requests: totals.n, value: totals.x / totals.n, minutes: canary.length },
    baseline: { events: totals.y, requests: totals.m, value: totals.y / totals.m, minutes: baseline.length },
    effect: effectOf(fair, whole.dispersion, settings),
    constant: false,
    test: (level) =>
      stronger(directions.map((way) => testOf(way, increments, spending(each(level), way), dispersion.value))),
    relevant: (way) => isRelevant(fair, limits, way),
    detectable: (level) => {
      const [way = 'increase'] = directions;
      return detectableRate(
        fair,
        whole.dispersion,
        limits,
        spending(each(level), way).at(-1) ?? 0,
        settings.power,
        way,
      );
    },
    tolerable: (rate) => Math.abs(rate - fair.y / fair.m) <= limits.tolerance,
  };
}

/** What came in between the looks, and in all, with how much the rate varies between minutes. */
function countedInLots(metric: CountMetric, line: Timeline, seen: readonly Stretch[], { x, y }: Totals) {
  const lot = Math.max(1, (x + y) / MOST_EVENTS);
  const stretches = seen.map(({ canary, baseline, expected }) => {
    return { canary: lotsOf(canary, lot), baseline: lotsOf(baseline, lot), expected: expected / lot };
  });
  const past = lotsOf(minutesBefore(metric.history, line), lot);
  const canary = stretches.flatMap((stretch) => stretch.canary);
  const baseline = stretches.flatMap((stretch) => stretch.baseline);
  const dispersion = lastingDispersion(metric.compare === 'history' ? [past] : [past, baseline]);
  const allowed = cautious(dispersion);
  return {
    dispersion,
    whole: incrementOf({ canary, baseline, expected: sumOf(stretches, 'expected') }, allowed),
    increments: stretches.map((stretch) => incrementOf(stretch, allowed)),
  };
}

function lotsOf(minutes: readonly RateMinute[], lot: number): readonly RateMinute[] {
  if (lot === 1) return minutes;
  return minutes.map(({ events, requests }) => ({ events: events / lot, requests: requests / lot }));
}

/** α that may be spent up to each look, of a level that is lifted by what whole numbers would leave unused. */
function spendingOf({ here, there, dispersion, events }: Increment, line: Timeline, { spending }: Settings) {
  const times = line.reached.map((look) => timeOf(line, look));
  const likely = events / Math.max(times.at(-1) ?? 1, Number.EPSILON);
  const known = new Map<string, number[]>();
  return (level: number, way: 'increase' | 'decrease'): number[] => {
    const cached = known.get(`${way} ${level}`);
    if (cached) return cached;
    const shares = way === 'increase' ? { here, there, dispersion } : { here: there, there: here, dispersion };
    const lifted = liftedLevel(level, shares, likely);
    const cumulative = times.map((time) => spent(spending, lifted, time));
    known.set(`${way} ${level}`, cumulative);
    return cumulative;
  };
}

/** Too small an estimate would be a false alarm, so its error is added, in full once the dispersion stands out from it. */
function cautious({ value, error }: Dispersion): number {
  return value + Math.min(value, error);
}

/** Only those minutes in which both sides had requests. */
function concurrent({ canary, baseline }: CountMetric, line: Timeline): Stretch[] {
  const [here, there] = [ratesOf(canary, line), ratesOf(baseline, line)];
  return betweenLooks(line).map(({ from, to }) => {
    const pairs = [...here].flatMap(([at, one]) => {
      const other = there.get(at);
      return other && at >= from && at < to ? [{ one, other }] : [];
    });
    const expected = pairs.reduce(
      (sum, { one, other }) => sum + ((one.events + other.events) * one.requests) / (one.requests + other.requests),
      0,
    );
    return { canary: pairs.map(({ one }) => one), baseline: pairs.map(({ other }) => other), expected };
  });
}

/** The baseline before the run stands in, dealt out to the looks as the run's time is, so that every look stays fixed. */
function againstHistory({ canary, history }: CountMetric, line: Timeline): Stretch[] {
  const here = ratesOf(canary, line);
  const past = minutesBefore(history, line);
  const upTo = (look: number) => Math.round(past.length * timeOf(line, look));
  return betweenLooks(line).map(({ from, to }) => {
    const run = [...here].filter(([at]) => at >= from && at < to).map(([, minute]) => minute);
    const baseline = past.slice(upTo(from), upTo(to));
    const { x, n, y, m } = totalsOf(run, baseline);
    return { canary: run, baseline, expected: n + m === 0 ? 0 : ((x + y) * n) / (n + m) };
  });
}

function betweenLooks({ from, reached }: Timeline): { from: number; to: number }[] {
  return reached.map((to, index) => ({ from: reached[index - 1] ?? from, to }));
}

/** Events of a minute with requests are 0 where absent, but unknown where they are no number. */
function ratesOf(side: CountSide | undefined, line: Timeline): Map<number, RateMinute> {
  const to = line.reached.at(-1) ?? line.from;
  return joined(side, valuesOf(side?.requests, line, to), valuesOf(side?.events, line, to));
}

function minutesBefore(side: CountSide | undefined, line: Timeline): RateMinute[] {
  return [...joined(side, earlier(side?.requests, line), earlier(side?.events, line)).values()];
}

function joined(side: CountSide | undefined, requests: Map<number, number>, events: Map<number, number>) {
  const unknown = (side?.events.points ?? []).filter(({ value }) => !(value >= 0 && Number.isFinite(value)));
  const broken = new Set(unknown.map(({ at }) => Math.floor(at / MINUTE) * MINUTE));
  const rates = new Map<number, RateMinute>();
  for (const [at, count] of requests)
    if (count > 0 && !broken.has(at)) rates.set(at, { events: Math.round(events.get(at) ?? 0), requests: count });
  return rates;
}

function totalsOf(canary: readonly RateMinute[], baseline: readonly RateMinute[]): Totals {
  return {
    x: sumOf(canary, 'events'),
    n: sumOf(canary, 'requests'),
    y: sumOf(baseline, 'events'),
    m: sumOf(baseline, 'requests'),
  };
}

function sumOf<K extends string>(parts: readonly Record<K, number>[], key: K): number {
  return parts.reduce((total, part) => total + part[key], 0);
}

function tooLittle(
  { x, n, y, m }: Totals,
  minutes: number,
  others: number,
  { minRequests }: CountLimits,
  { minMinutes }: Settings,
): Impossible | undefined {
  if (x > n || y > m) {
    const why = `canary has more events than requests (${x}/${n}, baseline ${y}/${m}): they are not of the same requests`;
    return { verdict: 'error', cause: 'unread', why };
  }
  if (minutes < minMinutes || others < minMinutes) {
    const why = `canary and baseline have ${Math.min(minutes, others)} minutes in common, of ${minMinutes} that are needed`;
    return { verdict: 'inconclusive', cause: 'too-little', why };
  }
  if (n >= minRequests) return undefined;
  return {
    verdict: 'inconclusive',
    cause: 'too-little',
    why: `canary had ${n} requests, of ${minRequests} that are needed`,
  };
}

/** The share is weighed by the events of each minute, so that weights which change within a stretch mislead nobody. */
function incrementOf({ canary, baseline, expected }: Stretch, dispersion: number): Increment {
  const { n, m, ...parts } = totalsOf(canary, baseline);
  const [x, y] = [Math.round(parts.x), Math.round(parts.y)];
  const events = x + y;
  const share = events > 0 ? expected / (parts.x + parts.y) : n / Math.max(1, n + m);
  return {
    canary: x,
    events,
    here: Math.max(x, share * (n + m)),
    there: Math.max(y, (1 - share) * (n + m)),
    dispersion: spreadOver(dispersion, canary, baseline),
  };
}

/** The dispersion of the whole stretch's rate: minutes average it out, the more evenly the better. */
function spreadOver(dispersion: number, canary: readonly RateMinute[], baseline: readonly RateMinute[]): number {
  if (dispersion === 0 || canary.length === 0 || baseline.length === 0) return 0;
  const unevenness = (minutes: readonly RateMinute[]) =>
    minutes.reduce((total, { requests }) => total + requests ** 2, 0) / sumOf(minutes, 'requests') ** 2;
  return (dispersion * (unevenness(canary) + unevenness(baseline))) / 2;
}

function testOf(
  direction: 'increase' | 'decrease',
  increments: readonly Increment[],
  cumulative: readonly number[],
  dispersion: number,
): Test {
  const looks = countSequence(direction === 'increase' ? increments : increments.map(mirrored), cumulative);
  const last = looks.at(-1);
  const first = looks.findIndex(({ crossed }) => crossed);
  return {
    name: 'conditional-count',
    p: last?.p ?? 1,
    threshold: last?.threshold ?? 0,
    direction,
    crossedAt: first === -1 ? null : first + 1,
    dispersion,
  };
}

/** Too few events here are too many there. */
function mirrored({ canary, events, here, there, dispersion }: Increment): Increment {
  return { canary: events - canary, events, here: there, there: here, dispersion };
}

function isRelevant({ x, n, y, m }: Totals, limits: CountLimits, direction: 'increase' | 'decrease'): boolean {
  const [worse, other, events] = direction === 'increase' ? [x / n, y / m, x] : [y / m, x / n, y];
  return events >= limits.minEvents && worse >= limits.ratio * other && worse - other >= limits.difference;
}

function effectOf(totals: Totals, dispersion: number, { confidence }: Settings): Effect {
  const { x, n, y, m } = totals;
  const share = n / (n + m);
  const spread = 1 + 2 * dispersion * share * (1 - share) * Math.max(0, x + y - 1);
  const bounds = rateRatioInterval(totals, 1 - confidence, spread);
  return {
    measure: 'rate ratio',
    value: finite(rateRatio(totals)),
    lower: finite(bounds.lower),
    upper: finite(bounds.upper),
    confidence,
  };
}

function detectableRate(
  { n, y, m }: Totals,
  dispersion: number,
  limits: CountLimits,
  level: number,
  power: number,
  direction: 'increase' | 'decrease',
): number {
  if (direction === 'increase') {
    const significant = criticalCount(y, { here: n, there: m, dispersion }, level);
    const relevant = Math.max((limits.ratio * y) / m, y / m + limits.difference) * n;
    return rateToReach(Math.max(significant, Math.ceil(relevant), limits.minEvents), n, power);
  }
  // So few events here that those there are too many: sought from the baseline's count, which stays as it is.
  const found = (few: number) =>
    y >= criticalCount(few, { here: m, there: n, dispersion }, level) &&
    isRelevant({ x: few, n, y, m }, limits, 'decrease');
  if (!found(0)) return Number.NaN;
  let [most, tooMany] = [0, Math.floor((n * y) / m) + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (found(middle)) most = middle;
    else tooMany = middle;
  }
  return 1 - rateToReach(n - most, n, power);
}
