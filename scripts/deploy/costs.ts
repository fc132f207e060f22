/** What a deployment's hooks cost: counted in plays, with the list prices of one Region. */
import { readFile } from 'node:fs/promises';
import { isJsonObject } from '../../shared/schema.ts';
import type { AwsCall } from '../../simulator/aws/dispatch.ts';
import type { LocalAws } from '../../simulator/aws/local-aws.ts';
import type { DeploymentRecord } from '../../simulator/record.ts';
import { parseScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { sizeOf } from './functions.ts';

/** US dollars in US East (N. Virginia), without the free tier: AWS's price pages, 2026. */
export const PRICES = {
  lambdaRequest: 0.2 / 1e6,
  /** arm64, first tier. */
  lambdaGbSecond: 0.000_013_333_4,
  /** GetMetricData, by the metric that is asked for. */
  metricRead: 0.01 / 1000,
  /** A custom metric for a month, by the hour in which it is sent. */
  metricHour: 0.3 / 730,
  logGb: 0.5,
  sqsRequest: 0.4 / 1e6,
  snsPublish: 0.5 / 1e6,
  /** Beside what a message costs to deliver by e-mail. */
  snsEmail: 2 / 100_000,
};

/** What the plays do not show, on the safe side: billed milliseconds of a look, bytes of log with Lambda's own lines. */
const ASSUMED = { lookMs: 500, logBytes: 2500 };
const HOUR = 3_600_000;

export interface Case {
  what: string;
  hook: string;
  /** A file of simulator/scenarios. */
  scenario: string;
  /** The deployments that are played, by their place in the file; the last one is counted. */
  deployments: readonly number[];
  /** Real programs run, so that counts differ a little from one time to the next. */
  real?: boolean;
}

export const CASES: readonly Case[] = [
  { hook: 'admission', what: 'one image, its scan looked at', scenario: 'ui', deployments: [0, 1] },
  { hook: 'approval', what: 'accepted after 5 minutes', scenario: 'ui', deployments: [0, 1] },
  { hook: 'approval', what: 'nobody answers for 23 hours', scenario: 'ui', deployments: [0, 3] },
  { hook: 'canary', what: 'canary, 10 % of the traffic for 20 minutes', scenario: 'catalog', deployments: [0] },
  { hook: 'load-test', what: '6 seconds of load, 2 shards', scenario: 'catalog-load', deployments: [0], real: true },
  {
    hook: 'consumer-switch',
    what: 'the switch, 12 seconds of watch, 2 events',
    scenario: 'notifications',
    deployments: [0],
    real: true,
  },
];

export interface Cost {
  looks: number;
  calls: number;
  metricsRead: number;
  /** Custom metrics, by the hours in which they were sent. */
  metricHours: number;
  dollars: number;
}

/** The table of docs/deploy.md, one row a case. */
export async function costTable(cases: readonly Case[]): Promise<string> {
  const rows: string[] = [];
  for (const one of cases) rows.push(costRow(one, await costOf(one)));
  const head = '| hook | deployment | invocations | AWS calls | metrics read | metric hours | USD |';
  return [head, '|---|---|---|---|---|---|---|', ...rows].join('\n');
}

export function costRow({ hook, what }: Case, { looks, calls, metricsRead, metricHours, dollars }: Cost): string {
  return `| ${hook} | ${what} | ${[looks, calls, metricsRead, metricHours].join(' | ')} | ${dollars.toFixed(4)} |`;
}

/** Plays a case with the built hooks. @throws Error when a deployment of it did not end as its scenario expects */
export async function costOf({ hook, scenario: name, deployments }: Case): Promise<Cost> {
  const path = `simulator/scenarios/${name}.yaml`;
  const scenario = parseScenario(await readFile(path, 'utf8'), path);
  const chosen = deployments.map((index) => scenario.deployments[index]).filter((one) => one !== undefined);
  const endpoints: LocalAws[] = [];
  const { deployments: played, expectation } = await play(
    { ...scenario, deployments: chosen },
    {
      meanwhile: async ({ aws }) => {
        endpoints.push(aws);
      },
    },
  );
  const record = played.at(-1);
  if (record === undefined || expectation?.met === false) {
    throw new Error(`${path}: ${expectation?.failures.join('; ') ?? 'nothing was played'}`);
  }
  const calls = endpoints.flatMap((aws) => aws.calls);
  return count(
    hook,
    record,
    calls.filter(({ callerArn, at }) => callerArn.endsWith(`/${hook}`) && at >= record.createdAt),
  );
}

interface Look {
  startedAt: number;
  endedAt: number;
  stage: string;
  /** Names of the metrics that it sends. */
  sent: readonly string[];
}

function count(hook: string, record: DeploymentRecord, calls: readonly AwsCall[]): Cost {
  const looks = looksOf(hook, record);
  const hours = looks.flatMap(({ stage, startedAt, sent }) =>
    sent.map((metric) => `${stage} ${metric} ${Math.floor(startedAt / HOUR)}`),
  );
  const counted = {
    looks: looks.length,
    calls: calls.length,
    metricsRead: calls.reduce((sum, call) => sum + metricsRead(call), 0),
    metricHours: new Set(hours).size,
  };
  return { ...counted, dollars: priceOf(hook, counted, looks, calls) };
}

function looksOf(hook: string, { stages, eventInvocations = [] }: DeploymentRecord): Look[] {
  const asked = stages.flatMap(({ stage, hooks }) =>
    hooks
      .filter(({ targetArn = '' }) => targetArn.endsWith(`:${hook}`))
      .flatMap(({ invocations }) => invocations)
      .map(({ startedAt, endedAt, outcome }) => {
        const status = outcome.kind === 'answer' ? outcome.hookStatus : outcome.kind;
        return { stage, startedAt, endedAt, sent: [status, 'Duration'] };
      }),
  );
  const told = eventInvocations
    .filter((one) => one.function === hook)
    .map(({ startedAt, endedAt }) => ({ stage: 'event', startedAt, endedAt, sent: ['Succeeded', 'Duration'] }));
  return [...asked, ...told];
}

/** Each query of a metric counts; what is worked out of them does not. */
function metricsRead({ operation, input }: AwsCall): number {
  const queries =
    operation === 'GetMetricData' && Array.isArray(input.MetricDataQueries) ? input.MetricDataQueries : [];
  return queries.filter((query) => isJsonObject(query) && query.MetricStat !== undefined).length;
}

function priceOf(
  hook: string,
  { looks: times, metricsRead: metrics, metricHours }: Omit<Cost, 'dollars'>,
  looks: readonly Look[],
  calls: readonly AwsCall[],
): number {
  const gb = sizeOf(hook).memory / 1024;
  const seconds = looks.reduce((sum, look) => sum + Math.max(ASSUMED.lookMs, look.endedAt - look.startedAt) / 1000, 0);
  const sqs = calls.filter(({ service }) => service === 'sqs').length;
  const published = calls.filter(({ operation }) => operation === 'Publish').length;
  return (
    times * PRICES.lambdaRequest +
    seconds * gb * PRICES.lambdaGbSecond +
    (times * ASSUMED.logBytes * PRICES.logGb) / 1e9 +
    metrics * PRICES.metricRead +
    metricHours * PRICES.metricHour +
    sqs * PRICES.sqsRequest +
    published * (PRICES.snsPublish + PRICES.snsEmail)
  );
}
