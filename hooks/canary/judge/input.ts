/** What the judge is given: series of both sides by the minute, the plan of the run, and what the operator tolerates. */
import type { Spending } from '../statistics/spending.ts';

export const MINUTE = 60_000;

/** One minute of a metric. */
export interface Point {
  /** Start of the minute, in epoch milliseconds. */
  at: number;
  value: number;
}

/** A series as CloudWatch answers it; the status is GetMetricData's StatusCode. A minute without a point is absent. */
export interface Series {
  status: 'Complete' | 'PartialData' | 'InternalError' | 'Forbidden';
  points: readonly Point[];
  /** What CloudWatch's Messages said. */
  message?: string;
}

/** Events among requests, such as HTTPCode_Target_5XX_Count among RequestCount, both as Sum. */
export interface CountSide {
  /** A minute that has requests but no events counts as 0 events; one without requests says nothing. */
  events: Series;
  requests: Series;
}

/** One summary a minute, such as the Average of TargetResponseTime. */
export interface GaugeSide {
  values: Series;
  /** SampleCount: how many measurements stand behind each value. Required for percentiles. */
  samples?: Series;
}

/** The direction that is worse. */
export type Direction = 'increase' | 'decrease' | 'either';

/** Fails at once, whatever the baseline does. */
export interface Wall {
  /** Of a count the rate of events among requests, of a gauge the value; above it is wrong. */
  above: number;
  /** Count: at least so many events (default 3). */
  minEvents?: number;
  /** Gauge: so many minutes in a row (default 2). */
  minutes?: number;
}

interface Common {
  /** Unique among the metrics. */
  id: string;
  title?: string;
  unit?: string;
  /** Where the numbers come from; repeated in the result. */
  query?: string;
  /** Decides the run (default true); others are reported only. */
  critical?: boolean;
  /** Judged and reported, but never deciding. */
  muted?: boolean;
  direction?: Direction;
  /** Full α for this metric alone, or α shared by Holm's rule. Default: own for a critical count, else shared. */
  alpha?: 'own' | 'shared';
  wall?: Wall;
  /** Concurrent: blue over the same minutes. History: the baseline before the shift. None: the wall alone. */
  compare?: 'concurrent' | 'history' | 'none';
  /** Name of the group of the score. */
  group?: string;
  /** Why the metric could not be read, when it could not. */
  error?: string;
}

/** What a count must show to fail or to pass. */
export interface CountLimits {
  /** Fails only when the rates differ by this factor … */
  ratio: number;
  /** … and by this much, as a share of the requests … */
  difference: number;
  /** … with at least so many events on the worse side. */
  minEvents: number;
  /** Canary requests without which nothing is said. */
  minRequests: number;
  /** Passes only when a rate that is worse by this much would have been found. */
  tolerance: number;
}

export interface CountMetric extends Common {
  kind: 'count';
  limits?: Partial<CountLimits>;
  canary: CountSide;
  baseline?: CountSide;
  /** The baseline before the shift, an hour of it or so: how much its rate varies. */
  history?: CountSide;
}

/** What a gauge must show to fail or to pass. */
export interface GaugeLimits {
  /** Fails only when the sides differ by this factor … */
  ratio: number;
  /** … and by this much in its own unit. */
  difference: number;
  /** Passes only when a factor of this size would have been found. */
  tolerance: number;
}

export interface GaugeMetric extends Common {
  kind: 'gauge';
  limits?: Partial<GaugeLimits>;
  /** CloudWatch's name of the statistic: Average, p50, p99, TM(10%:90%) … */
  statistic: string;
  canary: GaugeSide;
  baseline?: GaugeSide;
  history?: GaugeSide;
}

export type Metric = CountMetric | GaugeMetric;

/** From `at` on the canary's share of the traffic is `share` (0 to 1). */
export interface Weight {
  at: number;
  share: number;
}

/** When the run looks, fixed before it starts: that is what keeps the error of all its looks together within α. */
export interface Plan {
  /** When the canary's share began, in epoch milliseconds. */
  from: number;
  /** How long the run lasts from there, in minutes. */
  minutes: number;
  /** Minutes between looks; one look at the end when absent. */
  everyMinutes?: number;
}

/** What happens at the end of the run in each case that is neither pass nor fail. */
export type Choice = 'wait' | 'pass' | 'fail';

export interface Settings {
  /** Chance of a false alarm of one family of tests over the whole run, one-sided. */
  alpha: number;
  spending: Spending;
  /** Chance with which the smallest detectable effect is found. */
  power: number;
  /** Of the intervals, two-sided. */
  confidence: number;
  /** Data are complete so many minutes after their minute. */
  delayMinutes: number;
  /** Dropped after each change of the weights: cold caches look like a regression. */
  warmUpMinutes: number;
  minMinutes: number;
  /** Share of the window's minutes that both sides must have. */
  minCoverage: number;
  /** No data on a side for so long before the look: stale. */
  staleMinutes: number;
  /** Traffic does not match the weights: p of the binomial test below, and off by this share of the expected. */
  sampleRatioP: number;
  sampleRatioOff: number;
  onInconclusive: Choice;
  onNoData: Choice;
  onError: Choice;
}

export interface JudgeInput {
  /** Epoch milliseconds. */
  now: number;
  plan: Plan;
  metrics: readonly Metric[];
  /** Requests of both sides, for the sample ratio check; needs the weights. */
  traffic?: { canary: Series; baseline: Series };
  /** Changes of the canary's weight, in order of time. The first minutes after each are dropped. */
  weights?: readonly Weight[];
  settings?: Partial<Settings>;
  /** Weights of the score's groups, in per cent; the rest is shared by the groups not named. */
  groups?: Readonly<Record<string, number>>;
}

export const SETTINGS: Settings = {
  alpha: 0.01,
  spending: 'power-2',
  power: 0.8,
  confidence: 0.95,
  delayMinutes: 3,
  warmUpMinutes: 1,
  minMinutes: 5,
  minCoverage: 0.5,
  staleMinutes: 5,
  sampleRatioP: 1e-4,
  sampleRatioOff: 0.2,
  onInconclusive: 'wait',
  onNoData: 'wait',
  onError: 'wait',
};

export const COUNT_LIMITS: CountLimits = {
  ratio: 1.5,
  difference: 0.001,
  minEvents: 2,
  minRequests: 50,
  tolerance: 0.05,
};

export const GAUGE_LIMITS: GaugeLimits = { ratio: 1.1, difference: 0, tolerance: 1.5 };
