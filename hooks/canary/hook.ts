import { removeLeftovers } from '../../shared/aws/parameters.ts';
import { describeError, PermanentError } from '../../shared/errors.ts';
import { defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { Config } from './config.ts';
import type { Judgement } from './judge/result.ts';
import { lookAt } from './look.ts';
import { removeSteps, servicePath } from './record.ts';
import { begin, type Input, letBake, State } from './task.ts';

/**
 * Proves that green, with its share of the traffic, is not worse than blue: errors and latency by sound statistics,
 * hard limits whatever blue does. Use it on canary and linear deployments at PRODUCTION_TRAFFIC_SHIFT, and held open
 * at POST_PRODUCTION_TRAFFIC_SHIFT for the others. It cannot see what no metric shows, and not more than its traffic
 * allows; it says how small a difference it could have seen.
 */
export const hook = defineHook({
  name: 'canary',
  summary: "Green's share of the traffic fares no worse than blue's, as far as the metrics can tell.",
  stages: ['PRODUCTION_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT'],
  config: Config,
  defaults: { timeoutMinutes: 1410, firstDeployment: 'skip' },
  state: State,
  permissions: [
    'cloudwatch:GetMetricData',
    'ecs:DescribeServiceDeployments',
    'ecs:DescribeServiceRevisions',
    'ssm:DeleteParameters',
    'ssm:GetParameter',
    'ssm:GetParametersByPath',
    'ssm:PutParameter',
  ],
  check,
  onRollback,
});

export const handler = lambdaHandler(hook);

async function check(input: Input): Promise<Verdict<State>> {
  const { config, deployment, now, signal, log } = input;
  const begun = remembered(input) ?? (await begin(input));
  if (!('sides' in begun)) return succeed((await conclude(input, begun.step)) ?? begun.why);
  const { step, task } = begun;
  // At PRODUCTION_TRAFFIC_SHIFT the traffic may have moved on by now; elsewhere it stays while the hook waits.
  const open = task.kind === 'hold' || deployment.stage !== 'PRODUCTION_TRAFFIC_SHIFT';
  const judgement = await lookAt(begun, config, now, open, signal);
  log.info('judgement', { judgement });
  const { decision, verdict, window, sampleRatio, score } = judgement;
  const evidence = { task, verdict, window, sampleRatio, score };
  const reason = explained(judgement, task.weight);
  if (decision === 'fail') return fail(reason, evidence);
  if (decision === 'wait') return wait(reason, { state: begun, evidence, seconds: secondsToNext(input, judgement) });
  const note = await conclude(input, step);
  return succeed(note === undefined ? reason : `${reason}. ${note}`, evidence);
}

/** What the first look decided. Without weights in the event, what is remembered may be of another traffic step. */
function remembered({ deployment, state }: Input): State | undefined {
  const isKnown = deployment.stage !== 'PRODUCTION_TRAFFIC_SHIFT' || deployment.targetWeight !== undefined;
  return isKnown ? state : undefined;
}

/** The stage is over: its step bakes, or the deployment is past its last one. */
async function conclude(input: Input, step: number): Promise<string | undefined> {
  const { config, deployment, now, signal, log } = input;
  if (step < 100) return letBake(input, step);
  const before = new Date(now.getTime() - config.retainDays * 86_400_000);
  const folder = servicePath(config.parameterPrefix, deployment);
  await removeLeftovers({ folder, deploymentId: deployment.deploymentId, before }, signal, log);
  return undefined;
}

/** What was judged, of what time; where all is well, the numbers of all metrics too. */
function explained({ sentence, verdict, window, metrics }: Judgement, weight: number): string {
  const time = (at: number) => new Date(at).toISOString().slice(11, 16);
  const passed = verdict === 'pass' ? metrics.filter(({ judged }) => judged === 'pass') : [];
  const numbers = passed.map((metric) => `; ${metric.sentence}`).join('');
  const when =
    window.to > window.from ? `from ${time(window.from)} to ${time(window.to)}` : `since ${time(window.from)}`;
  return `Green at ${weight} % ${when} UTC: ${sentence}${numbers}`;
}

/** Not before there is something new to see, and not so late that ECS seems to be forgotten. */
function secondsToNext({ config, now }: Input, { look }: Judgement): number {
  const next = look.next === null ? 0 : (look.next - now.getTime()) / 1000;
  return Math.max(config.pollSeconds, Math.min(next, 900));
}

/** At once, and whatever becomes of the record: a later deployment removes what is left. */
async function onRollback({ config, deployment, signal }: Input): Promise<Verdict<State>> {
  try {
    await removeSteps(config.parameterPrefix, deployment, AbortSignal.any([signal, AbortSignal.timeout(REMOVAL_MS)]));
  } catch (error) {
    // Permanent: the framework counts it, and does not try again while ECS waits.
    throw new PermanentError(`The record of the traffic steps is left behind: ${describeError(error)}`, {
      cause: error,
    });
  }
  return succeed('Rolling back: the record of the traffic steps is removed');
}

const REMOVAL_MS = 2000;
