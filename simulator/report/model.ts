/** What both reports need to know of a record beyond what it says outright. */
import * as z from 'zod/mini';
import { LIFECYCLE_STAGES } from '../../shared/stages.ts';
import type {
  ConsumerPoint,
  DeploymentRecord,
  EventOutcome,
  HookRunRecord,
  InvocationOutcome,
  InvocationRecord,
  Stage,
  StageRecord,
  WeightPoint,
} from '../record.ts';

/** How an answer is drawn: every error looks alike, whatever its kind. */
export type Look = 'succeeded' | 'failed' | 'waiting' | 'error';

export interface Answer {
  look: Look;
  /** ECS's word for an answer, ours for what is none: `SUCCEEDED`, `function error`. */
  label: string;
  reason: string;
}

/** What one invocation comes to, in a word and a sentence. */
export function readAnswer(outcome: InvocationOutcome): Answer {
  switch (outcome.kind) {
    case 'answer':
      return { look: lookOf(outcome.hookStatus), label: outcome.hookStatus, reason: outcome.reason ?? '' };
    case 'invalid-answer':
      return { look: 'error', label: 'invalid answer', reason: outcome.message };
    case 'function-error':
      return { look: 'error', label: 'function error', reason: `${outcome.errorType}: ${outcome.errorMessage}` };
    case 'timed-out':
      return { look: 'error', label: 'function timed out', reason: `no answer within ${outcome.seconds} s` };
    case 'throttled':
    case 'service-error':
    case 'access-denied':
    case 'role-error':
      return { look: 'error', label: outcome.kind.replace('-', ' '), reason: outcome.message };
  }
}

function lookOf(hookStatus: 'SUCCEEDED' | 'FAILED' | 'IN_PROGRESS'): Look {
  return hookStatus === 'SUCCEEDED' ? 'succeeded' : hookStatus === 'FAILED' ? 'failed' : 'waiting';
}

/** One invocation, or a run of IN_PROGRESS answers that differ at most in their numbers. */
export interface InvocationGroup {
  stage: StageRecord;
  hook: HookRunRecord;
  first: InvocationRecord;
  last: InvocationRecord;
  invocations: InvocationRecord[];
  /** Of the last one, whose numbers are the freshest. */
  answer: Answer;
}

/** Whether two answers say the same: `3 min left` and `2 min left` do, so that a long wait stays one line. */
export function saysTheSame(a: Answer, b: Answer): boolean {
  return a.look === 'waiting' && b.look === 'waiting' && gist(a.reason) === gist(b.reason);
}

/** Numbers with their units, so that `1 h 2 min` and `59 min` are one. */
const AMOUNTS = /(?:\d+(?:[.,:]\d+)*\s*(?:(?:ms|s|sec|min|h|d|seconds?|minutes?|hours?|days?)(?!\p{L}))?[\s,]*)+/gu;

function gist(reason: string): string {
  return reason.replace(AMOUNTS, '#');
}

/** The invocations of one hook run, with repeated waits collapsed. */
export function groupInvocations(stage: StageRecord, hook: HookRunRecord): InvocationGroup[] {
  const groups: InvocationGroup[] = [];
  for (const invocation of hook.invocations) {
    const answer = readAnswer(invocation.outcome);
    const open = groups.at(-1);
    if (open && saysTheSame(open.answer, answer)) {
      open.invocations.push(invocation);
      open.last = invocation;
      open.answer = answer;
    } else {
      groups.push({ stage, hook, first: invocation, last: invocation, invocations: [invocation], answer });
    }
  }
  return groups;
}

/** All groups of a deployment, in the order in which they began. */
export function deploymentGroups(deployment: DeploymentRecord): InvocationGroup[] {
  return deployment.stages
    .flatMap((stage) => stage.hooks.flatMap((hook) => groupInvocations(stage, hook)))
    .sort((a, b) => a.first.startedAt - b.first.startedAt);
}

export function countInvocations(deployment: DeploymentRecord): number {
  return deployment.stages.flatMap((stage) => stage.hooks).reduce((sum, hook) => sum + hook.invocations.length, 0);
}

/** When the deployment ended, or the latest moment that its record knows of. */
export function lastMoment(deployment: DeploymentRecord): number {
  if (deployment.finishedAt !== undefined) return deployment.finishedAt;
  const moments = deployment.stages.flatMap((stage) => [
    stage.endedAt ?? stage.startedAt,
    ...stage.hooks.flatMap((hook) => hook.invocations.map((invocation) => invocation.endedAt)),
  ]);
  const others = [...deployment.weights, ...deployment.notes].map((point) => point.at);
  // Not Math.max(...): a long wait has more moments than a call takes arguments.
  return [...moments, ...others].reduce((latest, at) => Math.max(latest, at), deployment.createdAt);
}

/** Where a chart of it ends: events are handled when the deployment is over. */
export function lastShown(deployment: DeploymentRecord): number {
  const { eventInvocations = [] } = deployment;
  return eventInvocations.reduce((latest, { endedAt }) => Math.max(latest, endedAt), lastMoment(deployment));
}

/** What a function made of an event. A hook answers it as it answers ECS, though nobody listens. */
export function readEventOutcome(outcome: EventOutcome): Answer {
  if (outcome.kind !== 'returned') return readAnswer(outcome);
  const { hookStatus, reason = '' } = Handled.safeParse(outcome.payload).data ?? {};
  if (hookStatus === undefined) return { look: 'succeeded', label: 'handled', reason };
  return { look: lookOf(hookStatus), label: hookStatus === 'SUCCEEDED' ? 'handled' : hookStatus, reason };
}

const Handled = z.object({
  hookStatus: z.optional(z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS'])),
  reason: z.optional(z.string()),
});

export type ConsumerKind = 'source' | 'target' | 'none' | 'other';

/** `other` is a revision that this deployment knows nothing of. */
export function consumerKind({ source, target }: DeploymentRecord, { value }: ConsumerPoint): ConsumerKind {
  if (value === 'none' || value === '') return 'none';
  if (value === target.id) return 'target';
  return value === source?.id ? 'source' : 'other';
}

/** What a reader calls the revision that the consumer parameter names. */
export function consumerName({ source, target }: DeploymentRecord, { value }: ConsumerPoint): string {
  if (value === '') return 'no parameter';
  return [source, target].find((revision) => revision?.id === value)?.name ?? value;
}

export interface Verdict {
  look: 'good' | 'back' | 'bad' | 'open';
  words: string;
}

/** A service deployment's status for people. A rollback is neither good nor bad: it may be what was hoped for. */
export function readStatus(deployment: DeploymentRecord): Verdict {
  switch (deployment.status) {
    case 'SUCCESSFUL':
      return { look: 'good', words: 'Successful' };
    case 'ROLLBACK_SUCCESSFUL':
      return { look: 'back', words: 'Rolled back' };
    case 'ROLLBACK_FAILED':
      return { look: 'bad', words: 'Rollback failed' };
    case 'STOPPED':
      return { look: 'bad', words: 'Stopped' };
    case 'PENDING':
      return { look: 'open', words: 'Pending' };
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return { look: 'open', words: 'Rolling back' };
    case 'STOP_REQUESTED':
      return { look: 'open', words: 'Stopping' };
    case 'IN_PROGRESS':
      return { look: 'open', words: 'In progress' };
  }
}

/** The answer that turned the deployment back, if a hook's answer did. */
export function decidingGroup(deployment: DeploymentRecord): InvocationGroup | undefined {
  if (deployment.status === 'SUCCESSFUL') return undefined;
  return deploymentGroups(deployment).findLast(
    (group) => group.stage.direction === 'forward' && (group.answer.look === 'failed' || group.answer.look === 'error'),
  );
}

/** Why it ended as it did, in one sentence: the deciding hook's own words where there are any, otherwise ECS's. */
export function decidingReason(deployment: DeploymentRecord): string {
  const group = deployment.status === 'SUCCESSFUL' ? lastConsent(deployment) : decidingGroup(deployment);
  if (group?.answer.reason) return `${group.hook.name}: ${group.answer.reason}`;
  return deployment.statusReason ?? deployment.rollback?.reason ?? '';
}

/** The answer that a successful deployment waited for last. */
function lastConsent(deployment: DeploymentRecord): InvocationGroup | undefined {
  return deploymentGroups(deployment).findLast((group) => group.answer.look === 'succeeded');
}

const SKELETON: readonly Stage[] = LIFECYCLE_STAGES.filter((stage) => stage !== 'RECONCILE_SERVICE');

/**
 * The stages to show, in ECS's order: all that the strategy has, so that one sees which were never reached.
 * RECONCILE_SERVICE runs only when more than one revision is active, and ROLLING has no published stage table:
 * those appear when they were played. Source: how blue/green deployments work.
 */
export function stageOrder(deployment: DeploymentRecord): Stage[] {
  const played = new Set(deployment.stages.map((stage) => stage.stage));
  const skeleton = SKELETON.filter((stage) => deployment.strategy !== 'ROLLING' || played.has(stage));
  return played.has('RECONCILE_SERVICE') ? ['RECONCILE_SERVICE', ...skeleton] : skeleton;
}

/** Percent of a kind of traffic that goes to the target, to the source, or (a third revision) elsewhere. */
export interface Share {
  target: number;
  rest: number;
}

/** Undefined when nothing carries this traffic. */
export function shareOf(deployment: DeploymentRecord, point: WeightPoint): Share | undefined {
  const weights = Object.entries(point.weights);
  if (weights.length === 0) return undefined;
  const sum = (mine: boolean): number =>
    weights.filter(([id]) => (id === deployment.target.id) === mine).reduce((total, [, weight]) => total + weight, 0);
  return { target: sum(true), rest: sum(false) };
}
