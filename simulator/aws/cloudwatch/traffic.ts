import { Noise } from './noise.ts';

const MINUTE = 60_000;

/** A figure that stays, or what it is in the minute that begins at a simulated time, milliseconds since the epoch. */
export type Timed<T> = T | ((at: number) => T);

/** How long requests take: lognormal, which has the long right tail of real latencies. */
export interface Latency {
  medianSeconds: number;
  /** Standard deviation of the logarithm; 0.5 without it: the mean is then 13 % above the median, p99 at 3.2 medians. */
  spread?: number;
}

/** One side of the traffic, such as a target group or a revision. */
export interface Side {
  /** The share of the requests that it gets, beside the weights of the other sides. */
  weight: Timed<number>;
  /** The probability that a request fails. */
  errorRate: Timed<number>;
  latency: Timed<Latency>;
}

export interface TrafficPlan<Name extends string = string> {
  seed: number;
  requestsPerMinute: Timed<number>;
  sides: Readonly<Record<Name, Side>>;
  /**
   * The shape of a gamma factor of mean 1 by which each minute's requests wobble beyond chance: 4 for lively traffic,
   * 1 for wild one. Without it the requests of a minute are Poisson.
   */
  loadShape?: number;
  /** The same for each side's error rate: errors that come in bursts. Without it they are binomial. */
  errorShape?: number;
}

/** What one side got in one minute. */
export interface MinuteOfTraffic {
  /** The beginning of the minute. */
  at: number;
  requests: number;
  errors: number;
  /** Seconds, as many distinct ones as are kept; their frequencies add up to the requests. */
  latencies: { values: number[]; counts: number[] };
}

/** Latencies drawn for a minute and side; beyond it each stands for several requests. */
const MAX_LATENCIES = 200;

/**
 * @param changes from when each value holds, in order of time
 * @returns a figure that jumps: `first` before the first change, then what the changes say
 */
export function changing<T>(first: T, ...changes: readonly (readonly [from: number, value: T])[]): (at: number) => T {
  return (at) => changes.findLast(([from]) => at >= from)?.[1] ?? first;
}

/**
 * One minute of a plan. It follows from the plan and the minute alone: minutes may be asked for in any order, and a
 * change of one side later, or of its errors now, leaves the noise of everything else as it was.
 * @param at any time of the minute
 */
export function minuteOfTraffic<Name extends string>(
  plan: TrafficPlan<Name>,
  at: number,
): Record<Name, MinuteOfTraffic> {
  const minute = Math.floor(at / MINUTE);
  const begin = minute * MINUTE;
  const { seed, requestsPerMinute, loadShape, errorShape } = plan;
  const load = new Noise(seed, minute, 0);
  let left = load.poisson(valueAt(requestsPerMinute, begin) * wobble(load, loadShape));
  const sides: [string, Side][] = Object.entries(plan.sides);
  let weightLeft = sides.reduce((sum, [, { weight }]) => sum + valueAt(weight, begin), 0);
  const minutes = sides.map(([name, side], index): [string, MinuteOfTraffic] => {
    const weight = valueAt(side.weight, begin);
    const requests = weight > 0 ? load.binomial(left, weight / weightLeft) : 0;
    left -= requests;
    weightLeft -= weight;
    const chance = new Noise(seed, minute, index + 1, 0);
    const errorRate = Math.min(1, valueAt(side.errorRate, begin) * wobble(chance, errorShape));
    const errors = chance.binomial(requests, errorRate);
    const latencies = drawLatencies(new Noise(seed, minute, index + 1, 1), requests, valueAt(side.latency, begin));
    return [name, { at: begin, requests, errors, latencies }];
  });
  // The keys are the plan's own; fromEntries forgets that.
  return Object.fromEntries(minutes) as Record<Name, MinuteOfTraffic>;
}

/** The whole minutes that begin from `from` on and before `to`, milliseconds since the epoch. */
export function* minutesOfTraffic<Name extends string>(
  plan: TrafficPlan<Name>,
  from: number,
  to: number,
): Generator<Record<Name, MinuteOfTraffic>> {
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at < to; at += MINUTE) yield minuteOfTraffic(plan, at);
}

function drawLatencies(
  noise: Noise,
  requests: number,
  { medianSeconds, spread = 0.5 }: Latency,
): MinuteOfTraffic['latencies'] {
  const drawn = Math.min(requests, MAX_LATENCIES);
  const values = Array.from({ length: drawn }, () => medianSeconds * Math.exp(spread * noise.normal()));
  // The remainder goes to the first ones, which are no different from the others.
  const counts = values.map((_, index) => Math.floor(requests / drawn) + (index < requests % drawn ? 1 : 0));
  return { values, counts };
}

function wobble(noise: Noise, shape: number | undefined): number {
  return shape === undefined ? 1 : noise.gamma(shape) / shape;
}

function valueAt<T>(figure: Timed<T>, at: number): T {
  return isFunction(figure) ? figure(at) : figure;
}

function isFunction<T>(figure: Timed<T>): figure is (at: number) => T {
  return typeof figure === 'function';
}
