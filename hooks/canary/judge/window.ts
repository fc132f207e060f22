/** Which minutes count, and which look this is: both follow from the clock alone, so that a repeated look is the same look. */
import { type JudgeInput, MINUTE, type Series, type Settings } from './input.ts';

/** More looks cost time and gain nothing. */
const MOST_LOOKS = 24;

export interface Timeline {
  /** First minute that counts, and the end of the run. */
  from: number;
  end: number;
  /** Ends of the looks that were reached, in order; later than the plan where the run goes on waiting. */
  reached: readonly number[];
  /** Looks that are planned. */
  of: number;
  /** All of the plan's looks were reached. */
  final: boolean;
  next: number | null;
  /** End of the data that are complete by now; walls see up to here. */
  complete: number;
  /** Is a minute (its start) within the warm-up after a change of weights? */
  warming: (minute: number) => boolean;
}

/** Looks are at whole multiples of everyMinutes from the first minute that counts, and at the end. */
export function timeline({ now, plan, weights = [] }: JudgeInput, settings: Settings): Timeline {
  const start = Math.ceil(plan.from / MINUTE) * MINUTE;
  const from = start + settings.warmUpMinutes * MINUTE;
  const end = start + plan.minutes * MINUTE;
  if (!(end > from)) throw new RangeError(`a run of ${plan.minutes} minutes is over before its warm-up is`);
  const delay = settings.delayMinutes * MINUTE;
  const complete = Math.floor((now - delay) / MINUTE) * MINUTE;
  const every = stepOf(plan.everyMinutes, (end - from) / MINUTE);
  const planned = [...steps(from + every, end - 1, every), end];
  const later = steps(end + every, complete, every);
  const reached = [...planned, ...later].filter((look) => look <= complete);
  const changes = [plan.from, ...weights.map(({ at }) => at)];
  const warm = settings.warmUpMinutes * MINUTE;
  const next = planned.find((look) => look > complete) ?? null;
  return {
    from,
    end,
    reached,
    of: planned.length,
    final: next === null,
    next: next === null ? null : next + delay,
    complete,
    // A minute that holds two weights counts for neither, even where no warm-up is asked for.
    warming: (minute) => changes.some((change) => minute + MINUTE > change && minute < change + warm),
  };
}

/** The share of the run that a look has seen, up to 1. */
export function timeOf({ from, end }: Timeline, look: number): number {
  return Math.min(1, (look - from) / (end - from));
}

/** The finite values by minute, from the first one that counts up to `to`. The later of two points of a minute wins. */
export function valuesOf(series: Series | undefined, line: Timeline, to: number): Map<number, number> {
  const values = new Map<number, number>();
  for (const { at, value } of series?.points ?? []) {
    const minute = Math.floor(at / MINUTE) * MINUTE;
    if (minute >= line.from && minute < to && !line.warming(minute) && Number.isFinite(value))
      values.set(minute, value);
  }
  return values;
}

/** Finite values of a series from before the run, in order of time. */
export function earlier(series: Series | undefined, line: Timeline): Map<number, number> {
  const points = (series?.points ?? []).filter(({ at, value }) => at < line.from && Number.isFinite(value));
  return new Map(
    [...points].sort((a, b) => a.at - b.at).map(({ at, value }) => [Math.floor(at / MINUTE) * MINUTE, value]),
  );
}

function stepOf(everyMinutes: number | undefined, minutes: number): number {
  const wanted = everyMinutes ?? minutes;
  if (!(wanted >= 1)) throw new RangeError(`looks must be at least a minute apart: ${wanted}`);
  return Math.ceil(Math.max(wanted, minutes / MOST_LOOKS)) * MINUTE;
}

function steps(from: number, to: number, every: number): number[] {
  const count = Math.max(0, Math.floor((to - from) / every) + 1);
  return Array.from({ length: count }, (_, index) => from + index * every);
}
