import * as z from 'zod/mini';
import { describeServiceDeployment, sourceRevisionArns } from './aws/ecs.ts';
import { COMMON_DEFAULTS, type CommonConfig, readConfig } from './config.ts';
import { ConfigError } from './errors.ts';
import { type Deployment, parseEvent, parseHookDetails } from './event.ts';
import type { AnyHook, CheckInput } from './hook.ts';
import type { Log } from './log.ts';
import { type Memory, parseState, recall } from './memory.ts';
import { isJsonObject, type JsonObject } from './schema.ts';
import { RECURRING_STAGES, ROLLBACK_STAGES } from './stages.ts';
import { succeed, type Verdict } from './verdict.ts';

/** One invocation, as far as it has come; what an error leaves undefined was not reached. */
export interface Look {
  readonly event: unknown;
  readonly now: Date;
  /** `performance.now()` at that time. */
  readonly began: number;
  deployment?: Deployment;
  details?: JsonObject;
  memory?: Memory;
  config: CommonConfig & JsonObject;
  evidence?: JsonObject;
}

export function newLook(hook: AnyHook, event: unknown, now: Date): Look {
  return { event, now, began: performance.now(), config: unread(hook) };
}

/**
 * What holds until the configuration is read, and when it cannot be: the hook's own budget, but nothing that would let
 * a deployment pass, since a policy that was not read may forbid it.
 */
function unread({ defaults = {} }: AnyHook): CommonConfig {
  const { timeoutMinutes, maxErrors, pollSeconds } = { ...COMMON_DEFAULTS, ...defaults };
  return { ...COMMON_DEFAULTS, timeoutMinutes, maxErrors, pollSeconds };
}

interface Surroundings {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  log: Log;
  functionName: string;
}

/**
 * Parses, configures, remembers and asks the hook. Fills `look` on the way, so that whoever answers an error knows
 * what was known by then.
 *
 * @throws whatever kept the hook from a verdict
 */
export async function takeLook(hook: AnyHook, look: Look, around: Surroundings): Promise<Verdict> {
  const { signal, env } = around;
  const parsed = parseEvent(look.event);
  look.deployment = parsed;
  const detailsProblem = readDetails(look, parsed);
  const deployment = await completed(parsed, signal);
  look.deployment = deployment;
  const rollback = deployment.direction === 'rollback';
  if (rollback && hook.onRollback === undefined) return succeed('Rolling back: nothing to check');
  if (!(hook.stages as readonly string[]).includes(deployment.stage)) throw wrongStage(hook, deployment);
  if (look.details === undefined) throw detailsProblem;
  // Again: now the direction and the step are known for certain.
  look.memory = recall(look.details, deployment, look.now);
  look.config = await readConfig(hook, look.details, env, signal);
  if (
    !rollback &&
    look.config.firstDeployment === 'skip' &&
    (await isFirstDeployment(look.memory, deployment, signal))
  ) {
    return succeed('The first deployment of the service is not checked: firstDeployment is skip');
  }
  const { log, functionName } = around;
  const deadline = new Date(look.memory.startedAt + look.config.timeoutMinutes * 60_000);
  const state = parseState(hook.state, look.memory);
  const input: CheckInput<JsonObject, unknown> = {
    deployment,
    config: look.config,
    state,
    now: look.now,
    clock: () => Math.ceil(look.now.getTime() + performance.now() - look.began),
    deadline,
    signal,
    log,
    functionName,
  };
  const verdict: unknown = await (rollback && hook.onRollback ? hook.onRollback(input) : hook.check(input));
  return verified(hook, verdict);
}

/**
 * Every answer returns the hookDetails and counts on from the memory in them, but damaged ones must not hinder a
 * rollback: the problem is kept until the direction is known.
 */
function readDetails(look: Look, deployment: Deployment): unknown {
  try {
    look.details = parseHookDetails(look.event);
    look.memory = recall(look.details, deployment, look.now);
    return undefined;
  } catch (problem) {
    return problem;
  }
}

/**
 * The weights tell a rollback from a forward shift, and one traffic step from the next. Whether ECS sends them in every
 * such event is not documented: where it does not, the deployment's description says it.
 */
async function completed(deployment: Deployment, signal: AbortSignal): Promise<Deployment> {
  const { stage } = deployment;
  if (!RECURRING_STAGES.has(stage) && !ROLLBACK_STAGES.has(stage)) return deployment;
  const weights = stage === 'TEST_TRAFFIC_SHIFT' ? deployment.testTrafficWeights : deployment.productionTrafficWeights;
  if (Object.values(weights).some((weight) => weight > 0)) return deployment;
  const { status, targetServiceRevision } = await describeServiceDeployment(deployment.deploymentArn, signal);
  const rollback = ROLLBACK_STAGES.has(stage) && status?.startsWith('ROLLBACK_');
  // While traffic is being shifted the description may show either side of the step: only before it is it a name.
  const targetWeight =
    stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? targetServiceRevision?.requestedProductionTrafficWeight : undefined;
  return {
    ...deployment,
    ...(rollback && { direction: 'rollback' as const }),
    ...(targetWeight !== undefined && { targetWeight }),
  };
}

function wrongStage(hook: AnyHook, deployment: Deployment): ConfigError {
  return new ConfigError(
    `The ${hook.name} hook does not serve ${deployment.stage}; attach it at ${hook.stages.join(' or ')}`,
  );
}

async function isFirstDeployment(memory: Memory, deployment: Deployment, signal: AbortSignal): Promise<boolean> {
  if (memory.first === false) return false;
  const first = sourceRevisionArns(await describeServiceDeployment(deployment.deploymentArn, signal)).length === 0;
  if (!first) memory.first = false;
  return first;
}

/** A hook in JavaScript may return anything; what is not a verdict is trouble, not a decision. */
function verified(hook: AnyHook, verdict: unknown): Verdict {
  if (!isVerdict(verdict)) {
    throw new Error(`The ${hook.name} hook's check returned no verdict: ${JSON.stringify(verdict)?.slice(0, 80)}`);
  }
  if (verdict.outcome !== 'wait' || verdict.state === undefined) return verdict;
  const state = z.safeParse(hook.state, JSON.parse(JSON.stringify(verdict.state)));
  if (!state.success)
    throw new Error(`The ${hook.name} hook's state is not what its schema says: ${state.error.message}`);
  return verdict;
}

function isVerdict(value: unknown): value is Verdict {
  if (!isJsonObject(value)) return false;
  const { outcome, reason, seconds } = value;
  return (
    (outcome === 'succeed' || outcome === 'fail' || outcome === 'wait') &&
    typeof reason === 'string' &&
    reason.trim() !== '' &&
    (seconds === undefined || typeof seconds === 'number')
  );
}
