import { collect } from './collect.ts';
import type { Config } from './config.ts';
import {
  type CountMetric,
  type CountSide,
  type GaugeMetric,
  type GaugeSide,
  type JudgeInput,
  type Metric,
  MINUTE,
  type Series,
} from './judge/input.ts';
import { judge } from './judge/judge.ts';
import type { Judgement } from './judge/result.ts';
import { planQueries } from './metrics.ts';
import type { Part, PlannedMetric } from './queries.ts';
import type { Sides } from './sides.ts';
import type { State, Task } from './task.ts';

type ById = ReadonlyMap<string, Series>;
type Ids = Partial<Record<Part, string>>;

/** Milliseconds since the epoch; from inclusive, to exclusive. */
interface Range {
  from: number;
  to: number;
}

/**
 * Reads all metrics of a task in one call, and judges them.
 *
 * @param open whether a task that goes on waiting after its end looks at later minutes too
 */
export async function lookAt(
  { task, sides, before }: State,
  config: Config,
  now: Date,
  open: boolean,
  signal: AbortSignal,
): Promise<Judgement> {
  const { plan, metrics } = planQueries(config, sides);
  const past = (to: number): Range => {
    const from = Math.max(to - config.historyMinutes * MINUTE, sides.blueSince ?? 0);
    return { from: Math.floor(from / MINUTE) * MINUTE, to };
  };
  // Where dimensions tell the sides apart, blue's own series end by themselves; others are green's as well from then on.
  const histories = { sided: past(task.from), shared: past(before) };
  const from = Math.min(task.from, histories.sided.from, histories.shared.from);
  const series = await collect(plan.queries, { from: new Date(from), to: now }, signal);
  const isShared = task.weight < 100 && sides.blue !== undefined;
  return judge({
    ...timing(task, config, now, open),
    ...traffic(metrics, series, task, isShared),
    metrics: metrics.map((planned) => {
      const history = planned.hasSides ? histories.sided : histories.shared;
      return toMetric(planned, new Answers(series, history), isShared, sides);
    }),
    settings: {
      // The steps of a deployment share it.
      alpha: config.alpha / task.of,
      delayMinutes: config.publicationDelayMinutes,
      warmUpMinutes: config.warmUpMinutes,
      minMinutes: config.minMinutes,
      onInconclusive: config.onInconclusive,
      onNoData: config.onNoData,
      onError: config.onUnreadable,
    },
  });
}

function timing(task: Task, config: Config, now: Date, open: boolean): Pick<JudgeInput, 'now' | 'plan'> {
  const start = Math.ceil(task.from / MINUTE);
  // Whole minutes only. A time too short to be judged is stretched to what the judge takes, and found wanting.
  const minutes = Math.max(Math.floor(task.to / MINUTE) - start, config.warmUpMinutes + 1);
  const hold = task.kind === 'hold' && { everyMinutes: config.everyMinutes };
  const end = (start + minutes + config.publicationDelayMinutes) * MINUTE;
  const at = now.getTime();
  return { now: open ? at : Math.min(at, end), plan: { from: task.from, minutes, ...hold } };
}

const ABSENT: Series = { status: 'InternalError', points: [], message: 'CloudWatch answered nothing for this query' };

/** What CloudWatch answered, by side. */
class Answers {
  readonly #series: ById;
  readonly #history: Range;

  constructor(series: ById, history: Range) {
    this.#series = series;
    this.#history = history;
  }

  of(id: string | undefined): Series {
    return (id === undefined ? undefined : this.#series.get(id)) ?? ABSENT;
  }

  count(ids: Ids, read = this.of): CountSide {
    return { events: read.call(this, ids.events), requests: read.call(this, ids.requests) };
  }

  gauge(ids: Ids, read = this.of): GaugeSide {
    const samples = ids.samples !== undefined && { samples: read.call(this, ids.samples) };
    return { values: read.call(this, ids.values), ...samples };
  }

  /** Only what was measured while all traffic was blue's. */
  past(id: string | undefined): Series {
    const { from, to } = this.#history;
    const series = this.of(id);
    return { ...series, points: series.points.filter(({ at }) => at >= from && at + MINUTE <= to) };
  }
}

function toMetric(planned: PlannedMetric, answers: Answers, isShared: boolean, sides: Sides): Metric {
  const { metric, hasSides, green, blue } = planned;
  const compare = metric.compare ?? (hasSides && isShared ? 'concurrent' : 'history');
  const common = {
    id: metric.id,
    query: planned.text,
    critical: metric.critical,
    muted: metric.muted,
    direction: metric.direction,
    compare,
    ...(metric.wall && { wall: given(metric.wall) }),
    ...(blue === undefined && compare !== 'none' && { error: withoutBlue(sides) }),
  };
  if (metric.kind === 'count') {
    const { ratio, difference, minEvents, minRequests, tolerance } = metric;
    return {
      ...common,
      kind: 'count',
      canary: answers.count(green),
      ...(blue && compare === 'concurrent' && { baseline: answers.count(blue) }),
      ...(blue && { history: answers.count(blue, answers.past) }),
      limits: given({ ratio, difference, minEvents, minRequests, tolerance }),
    } satisfies CountMetric;
  }
  const { ratio, difference, tolerance } = metric;
  return {
    ...common,
    kind: 'gauge',
    statistic: 'statistic' in metric.values ? metric.values.statistic : 'Average',
    canary: answers.gauge(green),
    ...(blue && compare === 'concurrent' && { baseline: answers.gauge(blue) }),
    ...(blue && { history: answers.gauge(blue, answers.past) }),
    limits: given({ ratio, difference, tolerance }),
  } satisfies GaugeMetric;
}

function withoutBlue({ blue }: Sides): string {
  if (blue === undefined) return 'there is no blue revision to compare with, as on a first deployment';
  return 'ECS has resolved no target group for the blue revision';
}

/** Requests of both sides, from the first count that tells them apart: does the traffic match the weights? */
function traffic(
  metrics: readonly PlannedMetric[],
  series: ById,
  task: Task,
  isShared: boolean,
): Pick<JudgeInput, 'traffic' | 'weights'> {
  const counted = metrics.find(({ metric, hasSides }) => metric.kind === 'count' && hasSides);
  const canary = series.get(counted?.green.requests ?? '');
  const baseline = series.get(counted?.blue?.requests ?? '');
  if (!isShared || canary === undefined || baseline === undefined) {
    return { weights: [{ at: task.from, share: task.weight / 100 }] };
  }
  const share = nearestShare(task, canary, baseline);
  return { weights: [{ at: task.from, share }], traffic: { canary, baseline } };
}

/** Of the two weights that the time may have had, the one that the traffic is nearer to. */
function nearestShare({ from, to, weight, orWeight }: Task, canary: Series, baseline: Series): number {
  const within = ({ points }: Series) =>
    points.reduce((sum, { at, value }) => (at >= from && at < to ? sum + value : sum), 0);
  const requests = within(canary);
  const seen = (requests / (requests + within(baseline))) * 100;
  const isOther = orWeight !== undefined && Math.abs(seen - orWeight) < Math.abs(seen - weight);
  return (isOther ? orWeight : weight) / 100;
}

/** Without the keys that are not given: the judge has its own defaults for them. */
function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // Exactly the keys without a value are gone, which fromEntries cannot tell.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
