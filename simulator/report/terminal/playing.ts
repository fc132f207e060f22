/** What the terminal timeline knows of a deployment while it tells of it. */
import type {
  DeploymentRecord,
  EventInvocationRecord,
  HookRunRecord,
  Stage,
  StageRecord,
  WeightPoint,
} from '../../record.ts';
import { plural } from '../format.ts';
import { type Answer, readEventOutcome } from '../model.ts';
import type { Ink } from './paint.ts';
import { ANSWER } from './pieces.ts';
import { plain, truncate } from './text.ts';

export interface Wait {
  hook: HookRunRecord;
  since: number;
  looks: number;
  answer: Answer;
}

export interface Playing {
  deployment: DeploymentRecord;
  now: number;
  over: boolean;
  done: Set<Stage>;
  failed: Set<Stage>;
  running: StageRecord | undefined;
  /** What has been said of why it turns back; undefined until it does. */
  rollbackTold: string | undefined;
  weights: Map<WeightPoint['traffic'], WeightPoint>;
}

export function nameOf(hook: HookRunRecord): string {
  return truncate(plain(hook.name), 28);
}

export function waitWords(wait: Wait): string {
  const words = wait.looks === 1 ? wait.answer.label : `waiting, ${plural(wait.looks, 'look')}`;
  return `  ${ANSWER.waiting.sign} ${nameOf(wait.hook)} ${words}`;
}

export function beginPlaying(deployment: DeploymentRecord): Playing {
  return {
    deployment,
    now: deployment.createdAt,
    over: false,
    done: new Set(),
    failed: new Set(),
    running: undefined,
    rollbackTold: undefined,
    weights: new Map(),
  };
}

/** One invocation by EventBridge: its sign and words, and what follows them. */
export function eventWords({ function: name, eventName, outcome, awsCalls }: EventInvocationRecord): {
  ink: Ink;
  words: string;
  rest: string;
} {
  const { label, look, reason } = readEventOutcome(outcome);
  const { sign, ink } = ANSWER[look];
  const calls = awsCalls.length === 0 ? '' : ` (${awsCalls.join(', ')})`;
  const rest = `${eventName}${reason === '' ? '' : `: ${plain(reason)}`}${calls}`;
  return { ink, words: `  ${sign} ${truncate(plain(name), 28)} ${label}`, rest };
}
