/** What the judge answers: plain JSON, numbers that are unknown or unbounded are null. */

export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'nodata' | 'error' | 'muted';

/** Why a metric got its verdict. */
export type Cause =
  | 'compared'
  | 'wall'
  | 'unread'
  | 'partial'
  | 'empty'
  | 'stale'
  | 'sample-ratio'
  | 'too-little'
  | 'too-few-samples'
  | 'constant'
  | 'undetectable';

/** The numbers of one side. */
export interface SideNumbers {
  events: number | null;
  requests: number | null;
  /** Of a count its rate, of a gauge its median over the minutes. */
  value: number | null;
  minutes: number;
}

export interface Effect {
  /** Of rates or values canary / baseline, or canary − baseline where values are not all above 0. */
  measure: 'rate ratio' | 'ratio' | 'difference';
  value: number | null;
  lower: number | null;
  upper: number | null;
  confidence: number;
}

export interface Test {
  name: 'conditional-count' | 'signed-rank' | 'rank-sum';
  p: number;
  /** The largest p that is significant at this look; 0 when this look cannot be. */
  threshold: number;
  /** Which way is tested. */
  direction: 'increase' | 'decrease';
  /** The look, from 1, at which the boundary was first crossed; null when it was not. */
  crossedAt: number | null;
  /** Of a count: squared coefficient of variation of the rate between minutes, which the test allowed for. */
  dispersion: number | null;
}

/** The smallest effect that would have been found with the power of the settings. */
export interface Detectable {
  power: number;
  /** Of a count the canary's rate, of a gauge the ratio (or the difference). */
  value: number;
}

export interface MetricResult {
  id: string;
  title: string;
  kind: 'count' | 'gauge';
  /** muted stands in place of the verdict; `judged` is what it would be. */
  verdict: Verdict;
  judged: Exclude<Verdict, 'muted'>;
  cause: Cause;
  critical: boolean;
  canary: SideNumbers;
  baseline: SideNumbers;
  effect: Effect | null;
  test: Test | null;
  detectable: Detectable | null;
  query: string | null;
  group: string;
  /** One sentence for people. */
  sentence: string;
}

export interface SampleRatioResult {
  observed: number;
  expected: number;
  p: number;
  matches: boolean;
}

export interface Judgement {
  /** What to do: fail and pass end the run, wait asks to look again. */
  decision: 'pass' | 'fail' | 'wait';
  /** Where the run stands; `running` until the last look. */
  verdict: 'pass' | 'fail' | 'inconclusive' | 'nodata' | 'error' | 'running';
  sentence: string;
  look: {
    /** From 1; 0 before the first. */
    number: number;
    of: number;
    final: boolean;
    /** Epoch milliseconds from which a new look is worth while; null after the last. */
    next: number | null;
  };
  /** Epoch milliseconds; from inclusive, to exclusive. */
  window: { from: number; to: number };
  sampleRatio: SampleRatioResult | null;
  metrics: MetricResult[];
  /** 0 to 100; null when no metric can be counted. */
  score: number | null;
}

/** JSON has no infinity. */
export function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
