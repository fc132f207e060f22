/** Simulated traffic: blue and green by the minute, and an hour of blue before. */
import { type JudgeInput, type Metric, MINUTE, type Series } from '../../../hooks/canary/judge/input.ts';
import type { Random } from './random.ts';

/** What is simulated. Rates and shares are fractions, times minutes, latencies milliseconds. */
export interface Cell {
  /** Requests a minute, both sides together. */
  rpm: number;
  share: number;
  minutes: number;
  blueErrors: number;
  greenErrors: number;
  /** Shape of the gamma factor of each minute's error rate: 1 wobbles most; absent, none. */
  shape?: number;
  /** The factor is the same for both sides: a trouble of what both depend on. */
  common?: boolean;
  /** So many minutes in a row have one factor. */
  stretch?: number;
  /** Factor on green's latency. */
  slower?: number;
  /** Shape of the gamma distribution of one request's latency: 1 is exponential. */
  latencyShape?: number;
  /** Standard deviation of the logarithm of a factor on the latency of both sides, by the minute. */
  latencyWobble?: number;
}

/** One side, one value a minute. */
export interface Side {
  requests: number[];
  errors: number[];
  /** Average latency; NaN in a minute without requests. */
  latency: number[];
}

export interface Run {
  blue: Side;
  green: Side;
  /** Blue alone, before. */
  before: Side;
}

const HISTORY = 60;
const LATENCY = 100;
/** Some Monday, noon. */
const START = Date.UTC(2026, 0, 5, 12);

export function simulate(cell: Cell, random: Random): Run {
  const [blue, green, before] = [emptySide(), emptySide(), emptySide()];
  const wobble = wobbles(cell, random);
  for (let minute = -HISTORY; minute < cell.minutes; minute += 1) {
    const total = random.poisson(cell.rpm);
    const here = minute < 0 ? 0 : random.binomial(total, cell.share);
    const { shared, own } = wobble(minute);
    const slow = LATENCY * Math.exp((cell.latencyWobble ?? 0) * random.normal());
    add(minute < 0 ? before : blue, total - here, cell.blueErrors * shared, slow, cell, random);
    if (minute >= 0) add(green, here, cell.greenErrors * own, slow * (cell.slower ?? 1), cell, random);
  }
  return { blue, green, before };
}

function emptySide(): Side {
  return { requests: [], errors: [], latency: [] };
}

/** The factors on the error rates of both sides. */
function wobbles({ shape, common = false, stretch = 1 }: Cell, random: Random) {
  const factor = () => (shape === undefined ? 1 : random.gamma(shape) / shape);
  let [shared, own] = [1, 1];
  return (minute: number) => {
    if (minute % stretch === 0) {
      shared = factor();
      own = common ? shared : factor();
    }
    return { shared, own };
  };
}

function add(side: Side, requests: number, rate: number, mean: number, cell: Cell, random: Random): void {
  side.requests.push(requests);
  side.errors.push(random.binomial(requests, Math.min(1, rate)));
  // The sum of n gamma variables is one gamma variable: no need to draw every request.
  const shape = requests * (cell.latencyShape ?? 2);
  side.latency.push(requests === 0 ? Number.NaN : (mean * random.gamma(shape)) / shape);
}

/** The run as the judge reads it at the end of minute `upTo`, data being complete three minutes later. */
export function inputOf(cell: Cell, run: Run, upTo: number, metrics: readonly Metric[]): JudgeInput {
  return {
    now: START + (upTo + 3) * MINUTE,
    plan: { from: START, minutes: cell.minutes, everyMinutes: 5 },
    settings: { warmUpMinutes: 0 },
    traffic: { canary: series(run.green.requests), baseline: series(run.blue.requests) },
    weights: [{ at: START, share: cell.share }],
    metrics,
  };
}

/** The metrics that a load balancer's target groups offer: errors and the average latency. */
export function metricsOf(run: Run): { errors: Metric; latency: Metric } {
  const counts = ({ errors, requests }: Side, from = 0) => ({
    events: series(errors, from, (value) => value > 0),
    requests: series(requests, from, (value) => value > 0),
  });
  const gauge = ({ latency, requests }: Side, from = 0) => ({
    values: series(latency, from, Number.isFinite),
    samples: series(requests, from, (value) => value > 0),
  });
  const { green, blue, before } = run;
  return {
    errors: {
      id: '5xx',
      kind: 'count',
      canary: counts(green),
      baseline: counts(blue),
      history: counts(before, -HISTORY),
    },
    latency: {
      id: 'latency',
      kind: 'gauge',
      statistic: 'Average',
      unit: 'ms',
      canary: gauge(green),
      baseline: gauge(blue),
      history: gauge(before, -HISTORY),
    },
  };
}

/** CloudWatch has no point where nothing happened. */
function series(values: readonly number[], from = 0, present: (value: number) => boolean = () => true): Series {
  const points = values.flatMap((value, index) =>
    present(value) ? [{ at: START + (from + index) * MINUTE, value }] : [],
  );
  return { status: 'Complete', points };
}
