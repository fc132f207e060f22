import type { DeploymentRecord } from '../../simulator/record.ts';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { hookIds } from '../hooks.ts';
import { spread } from './statistics.ts';

/** Where each hook is at work. */
const SCENARIOS: Readonly<Record<string, string>> = {
  admission: 'admission',
  approval: 'ui',
  canary: 'catalog',
  'consumer-switch': 'notifications',
  'load-test': 'catalog-load',
};

/** List prices of us-east-1 in US dollars: Lambda on arm64, CloudWatch, Amazon SNS and Amazon SQS. What is not here is free. */
const PRICES = {
  invocation: 0.2e-6,
  gigabyteSecond: 13.3334e-6,
  gigabyteOfLog: 0.5,
  calls: { 'sns:Publish': 0.5e-6, sqs: 0.4e-6, metric: 10e-6 },
};
/** What an invocation is taken for: 256 MB for 0.2 seconds, with 1.5 KB of log. */
const INVOCATION = PRICES.invocation + PRICES.gigabyteSecond * 0.25 * 0.2 + PRICES.gigabyteOfLog * (1.5 / 1024 / 1024);
/** Metrics of one GetMetricData call: the canary's preset for Service Connect with history, and the age of one queue. */
const METRICS_A_CALL: Readonly<Record<string, number>> = { canary: 12, 'consumer-switch': 1 };

/** AWS calls, invocations and cost of each built hook for a deployment, counted while its scenario is played. */
export async function countCalls(): Promise<string[]> {
  const rows: string[] = [];
  for (const id of await hookIds()) {
    const scenario = SCENARIOS[id];
    if (scenario === undefined) throw new Error(`scripts/bench/calls.ts names no scenario for ${id}`);
    const { deployments } = await play(await loadScenario(`simulator/scenarios/${scenario}.yaml`));
    const looks = deployments.map((deployment) => looksOf(id, deployment)).filter(({ length }) => length > 0);
    if (looks.length === 0) throw new Error(`${scenario}.yaml does not call ${id}`);
    rows.push(...rowsOf(id, scenario, looks));
  }
  return rows;
}

/** An invocation, as far as it counts here. */
interface Look {
  awsCalls: readonly string[];
  /** It neither begins nor ends anything. */
  pending: boolean;
}

/** What ECS asked of the hook, and EventBridge where the hook takes its events. */
function looksOf(id: string, { stages, eventInvocations = [] }: DeploymentRecord): Look[] {
  const runs = stages.flatMap(({ hooks }) => hooks.filter(({ name }) => name === id));
  const asked = runs.flatMap(({ invocations }) =>
    invocations.map(({ awsCalls, attempt, outcome }) => {
      const pending = attempt > 1 && outcome.kind === 'answer' && outcome.hookStatus === 'IN_PROGRESS';
      return { awsCalls, pending };
    }),
  );
  const told = eventInvocations.filter((event) => event.function === id);
  return [...asked, ...told.map(({ awsCalls }) => ({ awsCalls, pending: false }))];
}

function rowsOf(id: string, scenario: string, looks: readonly Look[][]): string[] {
  const most = (values: readonly number[]) => `${spread(values).median} (at most ${Math.max(...values)})`;
  const invocations = most(looks.map(({ length }) => length));
  const calls = most(looks.map((deployment) => deployment.flatMap(({ awsCalls }) => awsCalls).length));
  const cost = spread(looks.map((deployment) => costOf(id, deployment)));
  const pending = looks.flat().filter(({ pending }) => pending);
  const single = pending.filter(({ awsCalls }) => awsCalls.length === 1).length;
  const polls = pending.length === 0 ? 'no such poll' : `${single} of ${pending.length} with 1 call${others(pending)}`;
  return [
    `| \`${id}\` for a deployment, in ${scenario}.yaml | ${calls} AWS calls in ${invocations} invocations |`,
    `| … of them at a pending poll | ${polls} |`,
    `| … cost of 1,000 deployments | $${(cost.median * 1000).toPrecision(2)} |`,
  ];
}

/** What the polls with more calls did. */
function others(pending: readonly Look[]): string {
  const more = pending.filter(({ awsCalls }) => awsCalls.length > 1);
  if (more.length === 0) return '';
  const kinds = Map.groupBy(more, ({ awsCalls }) => [...new Set(awsCalls)].join(' + '));
  const told = [...kinds].sort(([, a], [, b]) => b.length - a.length).slice(0, 2);
  return `; the others: ${told.map(([calls, { length }]) => `${length} × ${calls}`).join('; ')}`;
}

/** In US dollars. */
function costOf(id: string, looks: readonly Look[]): number {
  const calls = looks.flatMap(({ awsCalls }) => awsCalls);
  const count = (pattern: RegExp) => calls.filter((call) => pattern.test(call)).length;
  const { calls: price } = PRICES;
  const metered =
    count(/^sns:Publish$/) * price['sns:Publish'] +
    count(/^sqs:/) * price.sqs +
    count(/GetMetricData$/) * (METRICS_A_CALL[id] ?? 0) * price.metric;
  return looks.length * INVOCATION + metered;
}
