import type { HookAnswer } from '../../../shared/status.ts';
import type { Scene } from '../matrix/world.ts';
import type { Delay, Kill, Order } from './gate.ts';

/** What happens at one look beside what should. */
export interface Disturbance {
  /** The event does not arrive for now: ECS gives up waiting, and rolls back. */
  delayed?: boolean;
  /** An earlier look, whose function has made so many calls when the world changes, and goes on beside this one. */
  astride?: { look: number; calls: number };
  /** Earlier looks, or this one, whose events arrive once more in the same moment. */
  beside?: readonly number[];
  /** Who goes first at each AWS call; needed with `beside` and `astride`. */
  order?: Order;
  delay?: Delay;
  /** Kills in turn: ECS invokes anew with the same event `retryMs` after each. */
  kills?: readonly Kill[];
  retryMs?: number;
  /** Earlier looks, or this one, whose events arrive once more when the answer is there. */
  after?: readonly number[];
  /** Of several answers to this look's event, ECS takes the last. */
  takesLast?: boolean;
}

/** By the number of the look, from 0. */
export type Disturbances = ReadonlyMap<number, Disturbance>;

/** One answer of the function. */
export interface Answered {
  /** Which of the scene's visits its event was of. */
  visit: number;
  /** Whether it came while ECS was at that visit, so that it might have been taken. */
  isTimely: boolean;
  answer: HookAnswer;
}

export interface Look {
  visit: number;
  /** The calls that it made, in order. */
  calls: readonly string[];
}

export interface Trace {
  looks: readonly Look[];
  answers: readonly Answered[];
  /** What ECS was left with; undefined when nothing was decided. */
  final: HookAnswer | undefined;
  scene: Scene;
  /** For each kill that happened: the calls that had taken effect by then. */
  killed: readonly (readonly string[])[];
  /** Events of EventBridge that Lambda has given up, by what their last attempt threw. */
  lost: readonly string[];
}
