/** What is drawn of a metric: one value a minute and side, over one span of time. */
import { type JudgeInput, type Metric, MINUTE, SETTINGS, type Series } from '../../hooks/canary/judge/input.ts';
import { percent, plain } from '../../hooks/canary/judge/text.ts';
import { timeline } from '../../hooks/canary/judge/window.ts';

/** What a column of the plot adds up: a rate is `top / bottom`, whatever the number of minutes. */
interface Part {
  top: number;
  bottom: number;
}

/** A stray point must not stretch the picture beyond a day before and after the run. */
const AROUND = 1_440 * MINUTE;

type Line = ReadonlyMap<number, Part>;

export interface Picture {
  /** Starts of the first minute and of the one after the last, in epoch milliseconds. */
  from: number;
  to: number;
  green: Line;
  blue: Line;
  /** The largest value of a minute; 0 when there is none. */
  most: number;
  /** The smallest; below 0 only where a value is. */
  least: number;
  write: (value: number) => string;
}

/** The metric's minutes of green and of blue, the hour before the shift included. */
export function pictureOf(metric: Metric, { plan }: JudgeInput): Picture {
  const { canary, baseline, history } = sidesOf(metric);
  const blue = new Map([...history, ...baseline]);
  let from = Math.floor(plan.from / MINUTE) * MINUTE;
  let to = Math.ceil((plan.from + plan.minutes * MINUTE) / MINUTE) * MINUTE;
  const [earliest, latest] = [from - AROUND, to + AROUND];
  for (const at of [...canary.keys(), ...blue.keys()]) {
    if (at < earliest || at > latest) continue;
    from = Math.min(from, at);
    to = Math.max(to, at + MINUTE);
  }
  const values = [...canary.values(), ...blue.values()].map(({ top, bottom }) => top / bottom);
  const [least, most] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [0, 0]);
  const write = metric.kind === 'count' ? percent : (value: number) => plain(value, metric.unit);
  return { from, to, green: canary, blue, least, most, write };
}

function sidesOf(metric: Metric): Record<'canary' | 'baseline' | 'history', Line> {
  if (metric.kind === 'count') {
    const line = (side: typeof metric.baseline) => rates(side?.events, side?.requests);
    return { canary: line(metric.canary), baseline: line(metric.baseline), history: line(metric.history) };
  }
  const line = (side: typeof metric.baseline) => values(side?.values);
  return { canary: line(metric.canary), baseline: line(metric.baseline), history: line(metric.history) };
}

function rates(events: Series | undefined, requests: Series | undefined): Line {
  const happened = byMinute(events);
  const served = [...byMinute(requests)].filter(([, bottom]) => bottom > 0);
  return new Map(served.map(([at, bottom]) => [at, { top: happened.get(at) ?? 0, bottom }]));
}

function values(series: Series | undefined): Line {
  return new Map([...byMinute(series)].map(([at, top]) => [at, { top, bottom: 1 }]));
}

function byMinute(series: Series | undefined): Map<number, number> {
  const finite = (series?.points ?? []).filter(({ value }) => Number.isFinite(value));
  return new Map(finite.map(({ at, value }) => [Math.floor(at / MINUTE) * MINUTE, value]));
}

/** The value of the minutes in [from, to) together: of a count their rate, of a gauge their mean. */
export function valueIn(line: Line, from: number, to: number): number | undefined {
  let [top, bottom] = [0, 0];
  for (let at = from; at < to; at += MINUTE) {
    const part = line.get(at);
    top += part?.top ?? 0;
    bottom += part?.bottom ?? 0;
  }
  return bottom > 0 ? top / bottom : undefined;
}

/** What a minute is to the judge. */
export type Zone = 'before' | 'warm-up' | 'counted' | 'after';

/** @param to end of the judged window, in epoch milliseconds */
export function zoneOf(input: JudgeInput, to: number): (minute: number) => Zone {
  const line = timeline(input, { ...SETTINGS, ...input.settings });
  return (minute) => {
    if (minute + MINUTE <= input.plan.from) return 'before';
    if (minute < line.from || line.warming(minute)) return 'warm-up';
    return minute < to ? 'counted' : 'after';
  };
}
