import {
  GetMetricDataCommand,
  ListMetricsCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { DescribeServiceRevisionsCommand, type ServiceRevision } from '@aws-sdk/client-ecs';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { Config } from '../../hooks/canary/config.ts';
import { planQueries } from '../../hooks/canary/metrics.ts';
import type { PlannedMetric, QueryPlan } from '../../hooks/canary/queries.ts';
import { sidesOf } from '../../hooks/canary/sides.ts';
import { ConfigError } from '../../shared/errors.ts';
import { idOf } from '../../shared/event.ts';
import { count } from '../../shared/text.ts';
import type { Around, HookAround } from './around.ts';
import { type Asked, ask } from './ask.ts';
import type { Clients } from './clients.ts';
import { type Line, right, unknown, warning, wrong } from './line.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Errors and throttles of the function in the last day. */
export async function errorLine({ clients, now }: Around, fn: FunctionConfiguration): Promise<Line> {
  const metric = (Id: string, MetricName: string): MetricDataQuery => ({
    Id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/Lambda',
        MetricName,
        Dimensions: [{ Name: 'FunctionName', Value: fn.FunctionName ?? '' }],
      },
      Period: 3600,
      Stat: 'Sum',
    },
  });
  const asked = await ask(read(clients, [metric('errors', 'Errors'), metric('throttles', 'Throttles')], now(), DAY));
  if (asked.kind !== 'told') return unknown('errors', asked);
  const sum = (id: string) => valuesOf(asked.value, id).reduce((total, value) => total + value, 0);
  const [errors, throttles] = [sum('errors'), sum('throttles')];
  const text = `${count(errors, 'error')} and ${count(throttles, 'throttle')} in the last day`;
  return errors + throttles === 0 ? right('errors', text) : warning('errors', text, "look at the function's log");
}

/** Of canary: whether CloudWatch has what it will ask for, of the revision that serves now. */
export async function metricLines(around: HookAround): Promise<Line[]> {
  const revision = await servingRevision(around);
  if (revision.kind !== 'told') return [unknown('metrics', revision)];
  let planned: { plan: QueryPlan; metrics: PlannedMetric[] };
  try {
    planned = plan(around, revision.value);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [wrong('metrics', error.message, 'see docs/canary.md')];
  }
  const { clients, now } = around;
  const asked = await ask(read(clients, planned.plan.queries, now(), HOUR));
  if (asked.kind !== 'told') return [unknown('metrics', asked)];
  const lines: Line[] = [];
  for (const metric of planned.metrics) lines.push(await metricLine(clients, metric, planned.plan, asked.value));
  return lines;
}

function plan({ config, place, serviceArn }: HookAround, revision: ServiceRevision) {
  const targetRevisionArn = revision.serviceRevisionArn ?? '';
  const deployment = {
    ...place,
    serviceArn,
    targetRevisionArn,
    targetRevisionId: idOf(targetRevisionArn),
    stage: 'PRODUCTION_TRAFFIC_SHIFT',
    direction: 'forward' as const,
    deploymentArn: '',
    deploymentId: '',
    testTrafficWeights: {},
    productionTrafficWeights: {},
  };
  return planQueries(Config.parse(ownKeys(config)), sidesOf(deployment, revision, undefined));
}

/** The keys of every hook are not in canary's own schema. */
function ownKeys(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => Object.hasOwn(Config.shape, key)));
}

async function servingRevision({ clients, service }: HookAround): Promise<Asked<ServiceRevision>> {
  const [current] = (service.currentServiceRevisions ?? []).toSorted(
    (a, b) => (b.runningTaskCount ?? 0) - (a.runningTaskCount ?? 0),
  );
  if (current?.arn === undefined) return { kind: 'absent', why: 'the service has no revision' };
  const asked = await ask(
    clients.ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [current.arn] })),
  );
  if (asked.kind !== 'told') return asked;
  const [revision] = asked.value.serviceRevisions ?? [];
  return revision === undefined
    ? { kind: 'absent', why: `ECS does not describe ${current.arn}` }
    : { kind: 'told', value: revision };
}

/** Errors that did not happen are not there; what they are counted among must be, and every gauge. */
async function metricLine(
  clients: Clients,
  { metric, green }: PlannedMetric,
  { queries }: QueryPlan,
  results: readonly MetricDataResult[],
): Promise<Line> {
  const check = `metric ${metric.id}`;
  const wanted = [green.requests, green.values, green.samples].flatMap((id) => id ?? []);
  const silent = wanted.filter((id) => valuesOf(results, id).length === 0);
  if (silent.length === 0) return right(check, 'has data of the last hour');
  const named = queries.filter(({ Id = '' }) => silent.some((id) => Id === id || Id.startsWith(`${id}_`)));
  const unheard = await ask(withoutMetric(clients, named));
  if (unheard.kind !== 'told') return unknown(check, unheard);
  if (unheard.value.length === 0) {
    const text = `no data in the last hour: ${named.map(shown).join(', ')}`;
    return warning(check, text, 'without data canary answers as onNoData says: look at it while there is traffic');
  }
  const text = `CloudWatch has no such metric: ${unheard.value.map(shown).join(', ')}`;
  return wrong(check, text, 'mend the name or the dimensions, or publish it');
}

/** Those of the queries whose metric CloudWatch has not seen in two weeks. */
async function withoutMetric({ cloudwatch }: Clients, queries: readonly MetricDataQuery[]): Promise<MetricDataQuery[]> {
  const missing: MetricDataQuery[] = [];
  for (const query of queries) {
    const { Namespace, MetricName, Dimensions = [] } = query.MetricStat?.Metric ?? {};
    if (MetricName === undefined) continue;
    const { Metrics = [] } = await cloudwatch.send(
      new ListMetricsCommand({
        Namespace,
        MetricName,
        Dimensions: Dimensions.map(({ Name, Value }) => ({ Name, Value })),
      }),
    );
    // ListMetrics also finds metrics with more dimensions, which are others.
    if (!Metrics.some((one) => (one.Dimensions ?? []).length === Dimensions.length)) missing.push(query);
  }
  return missing;
}

function shown({ MetricStat }: MetricDataQuery): string {
  const { Namespace, MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
  return `${Namespace} ${MetricName} {${Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join(', ')}}`;
}

async function read(
  { cloudwatch }: Clients,
  queries: readonly MetricDataQuery[],
  now: Date,
  span: number,
): Promise<MetricDataResult[]> {
  const results: MetricDataResult[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(now.getTime() - span),
        EndTime: now,
        MetricDataQueries: [...queries],
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    results.push(...(page.MetricDataResults ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return results;
}

function valuesOf(results: readonly MetricDataResult[], id: string): number[] {
  return results.filter(({ Id }) => Id === id).flatMap(({ Values = [] }) => Values);
}
