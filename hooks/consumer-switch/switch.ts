import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import { describeServiceDeployment, sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { describeError } from '../../shared/errors.ts';
import { duration } from '../../shared/text.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { noteBefore } from './before.ts';
import { APART_MS, type Drain, drain } from './drain.ts';
import { parameterName, readHolder } from './parameter.ts';
import { type Cleared, LATE_WRITE_MS, nextStep } from './protocol.ts';
import { readInFlight } from './queues.ts';
import { ENDED } from './service.ts';
import type { Input, State } from './state.ts';
import { aroundOf, leaseMs, type Turned, takeTurn } from './turn.ts';
import { sourceOf, targetShare } from './weights.ts';

/** How soon a turn that met another writer is taken again, seconds. */
const ANEW_SECONDS = 2;

/** The target is named: how it came to that. Or what there is to answer until it is. */
export type Switched = { named: string } | { verdict: Verdict<State> };

/** Takes the parameter to the target, a step a look. */
export async function switchForward(input: Input): Promise<Switched> {
  const { config, deployment, clock } = input;
  const state: State = input.state ?? { firstLook: clock() };
  if (state.watched !== undefined && (await isNamed(input, state))) return { named: namedTarget(input) };
  const inFlight = await inFlightWhereDue(input, state);
  const draining = stillDraining(input, state, inFlight);
  if (draining !== undefined) return { verdict: draining };
  if (input.state === undefined && !isPartial(deployment.targetWeight)) await noteBefore(input);
  const checkedAt = performance.now();
  const described = await describeServiceDeployment(deployment.deploymentArn, input.signal);
  const stopped = whyNothing(described);
  if (stopped !== undefined) return { verdict: succeed(stopped) };
  const share = targetShare(deployment, described);
  if (isPartial(share)) return { verdict: notYet(share) };
  const source = sourceOf(deployment, described);
  const mayFail = config.onDrainTimeout === 'fail' && config.mode !== 'audit' && source !== undefined;
  let judged: Drain | undefined;
  const turned = await takeTurn(aroundOf(input), {
    to: deployment.targetRevisionId,
    cleared: state.cleared,
    alone: sourceRevisionArns(described).length === 0,
    checkedAt,
    holdBack: (leaseEnd) => {
      if (config.queueUrls.length === 0) return undefined;
      if (inFlight === undefined) return 'what is in flight was not read yet';
      judged = drain(inFlight, state.drain, { now: clock(), leaseEnd }, config);
      const isFailing = judged.outcome === 'late' && mayFail;
      return judged.outcome === 'draining' || isFailing ? judged.told : undefined;
    },
    // The same event may come twice: the second must not take away what the first has given back.
    back: mayFail && isLate(input, state) ? source : undefined,
  });
  if (turned.kind === 'given back') {
    return { verdict: fail(`Not switched: ${turned.why}, as another look at this event has left it`) };
  }
  if (turned.kind === 'held back' && judged?.outcome === 'late') {
    return { verdict: await giveBack(input, state, described, judged.told) };
  }
  return turned.kind === 'done'
    ? { named: told(input, turned, judged) }
    : { verdict: waiting(input, state, turned, judged?.zeros) };
}

/** Back to the source: without a drain, since what the target has in hand stays invisible to the source. */
export async function switchBack(input: Input): Promise<Verdict<State>> {
  const { deployment, clock, log, signal } = input;
  const began = clock();
  const state: State = input.state ?? { firstLook: began };
  const checkedAt = performance.now();
  const described = await describeServiceDeployment(deployment.deploymentArn, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    // The weights of the event suffice, and the way back must not hang on a permission.
    if (sourceOf(deployment, undefined) === undefined) throw error;
    log.warn('the deployment could not be described', { trouble: describeError(error) });
    return undefined;
  });
  if (described?.status !== undefined && ENDED.has(described.status)) {
    return succeed(`Rolling back: nothing switched, the deployment is ${described.status}`);
  }
  const to = sourceOf(deployment, described);
  if (to === undefined) return succeed('Rolling back: nothing switched, there is no revision to go back to');
  const turn = { to, cleared: state.cleared, alone: false, checkedAt, holdBack: undefined };
  const turned = await takeTurn(aroundOf(input), turn);
  if (turned.kind !== 'done') return waiting(input, state, turned, undefined);
  // From before the read: what it says may be as old as this look.
  const left = state.firstLook + LATE_WRITE_MS - began;
  if (left > 0) {
    return wait(`Rolling back: ${to} is named; looked at once more, since a write of the way forward may come late`, {
      state,
      seconds: left / 1000,
    });
  }
  return succeed(`Rolling back: ${to} is named, and may take messages`, { named: to });
}

/** Whether `drain.maxSeconds` are over. */
function isLate({ clock, config }: Input, { cleared }: State): boolean {
  return cleared !== undefined && clock() >= cleared.at + leaseMs(config) + config.drain.maxSeconds * 1000;
}

function isPartial(weight = 0): boolean {
  return weight > 0 && weight < 100;
}

function notYet(weight: number): Verdict<State> {
  return succeed(`Nothing switched yet: the target has ${weight} % of the traffic, and the switch is at 100 %`);
}

/** A late invocation must neither do anything nor hinder. @throws where ECS tells no status */
function whyNothing({ status }: ServiceDeployment): string | undefined {
  if (status === undefined) throw new Error('ecs:DescribeServiceDeployments answered no status');
  return status === 'PENDING' || status === 'IN_PROGRESS' ? undefined : `Nothing switched: the deployment is ${status}`;
}

/**
 * Read before the check, so that slow queues do not eat the time in which a write may follow; and at the first look
 * already, so that a permission that is missing is found before anything is taken away from anybody.
 */
async function inFlightWhereDue({ config, signal, state, clock }: Input, { cleared }: State) {
  if (config.queueUrls.length === 0) return undefined;
  const isOver = cleared !== undefined && clock() >= cleared.at + leaseMs(config);
  return state === undefined || isOver ? readInFlight(config.queueUrls, signal) : undefined;
}

/** Between the looks at which something may be decided, this one call is enough to see that the switch stands. */
async function isNamed(input: Input, { cleared }: State): Promise<boolean> {
  const { config, deployment, clock, signal } = input;
  const held = await readHolder(parameterName(config.parameterPrefix, deployment), signal);
  const view = { held, to: deployment.targetRevisionId, now: clock(), leaseMs: leaseMs(config), cleared, alone: false };
  return nextStep(view).kind === 'done';
}

/**
 * As long as the old revision has messages in hand nothing else needs to be asked: nobody may be named. Once the
 * parameter is cleared, what is in flight is read after the lease alone.
 */
function stillDraining(
  { config, clock }: Input,
  state: State,
  inFlight: readonly number[] | undefined,
): Verdict<State> | undefined {
  const { cleared } = state;
  if (inFlight === undefined || cleared === undefined) return undefined;
  const judged = drain(inFlight, state.drain, { now: clock(), leaseEnd: cleared.at + leaseMs(config) }, config);
  return judged.outcome === 'draining' ? heldBack(state, cleared, judged.told, judged.zeros) : undefined;
}

/** Nobody holds a lease, so the source gets its name back at once; then the deployment may fail. */
async function giveBack(
  input: Input,
  state: State,
  described: ServiceDeployment,
  why: string,
): Promise<Verdict<State>> {
  const { deployment } = input;
  const checkedAt = performance.now();
  const stopped = whyNothing(await describeServiceDeployment(deployment.deploymentArn, input.signal));
  if (stopped !== undefined) return succeed(stopped);
  const to = sourceOf(deployment, described) ?? '';
  const turn = { to, cleared: state.cleared, alone: false, checkedAt, holdBack: undefined };
  const turned = await takeTurn(aroundOf(input), turn);
  if (turned.kind !== 'done') return waiting(input, state, turned, undefined);
  return fail(`Not switched: ${why}; onDrainTimeout is fail, and ${to} is named again`);
}

function waiting(
  { clock, config }: Input,
  { firstLook, watched }: State,
  turned: Exclude<Turned, { kind: 'done' }>,
  zeros: State['drain'],
): Verdict<State> {
  const state: State = { firstLook, ...(watched && { watched }) };
  if (turned.kind === 'anew') return wait(`${turned.why}; looking again`, { state, seconds: ANEW_SECONDS });
  const { cleared } = turned;
  if (turned.kind === 'lease') {
    const left = turned.until - clock();
    return wait(`${turned.why}; the lease of ${config.leaseSeconds} s and its margin run out in ${duration(left)}`, {
      state: { ...state, cleared },
      seconds: left / 1000,
      evidence: { cleared },
    });
  }
  return heldBack(state, cleared, turned.why, zeros);
}

function heldBack({ firstLook, watched }: State, cleared: Cleared, why: string, zeros: State['drain']): Verdict<State> {
  return wait(`No revision is named, and no lease runs: ${why}`, {
    state: { firstLook, cleared, ...(watched && { watched }), ...(zeros && { drain: zeros }) },
    seconds: APART_MS / 1000,
    evidence: { cleared },
  });
}

function namedTarget({ deployment }: Input): string {
  return `${deployment.targetRevisionId} is named, and may take messages`;
}

function told(input: Input, turned: Turned & { kind: 'done' }, judged: Drain | undefined): string {
  const { config } = input;
  const named = namedTarget(input);
  if (!turned.written) return named;
  if (turned.cleared === undefined) return `${named}: the first revision of the service`;
  if (judged === undefined) return `${named}; nothing was drained, since queueUrls is empty`;
  if (judged.outcome === 'drained') return `${named}; ${judged.told}`;
  return `${named}, though ${judged.told}; ${whyNamed(config)}`;
}

function whyNamed({ onDrainTimeout, mode }: Input['config']): string {
  if (onDrainTimeout === 'proceed') return 'onDrainTimeout is proceed';
  return mode === 'audit' ? 'audit mode, would have been FAILED' : 'there is no source to name again';
}
