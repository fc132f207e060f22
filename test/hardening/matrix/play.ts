import type { HookHandler } from '../../../shared/lambda.ts';
import type { HookAnswer } from '../../../shared/status.ts';
import type { MemoryTransport, SdkCall, Strike } from './transport.ts';
import type { VirtualTime } from './virtual-time.ts';
import {
  eventOf,
  FUNCTION,
  HOOK,
  isNotice,
  MINUTE,
  type Notice,
  type Scene,
  START,
  type Visit,
  type World,
} from './world.ts';

/** The Lambda's time, milliseconds, as the functions are deployed. */
export const LAMBDA_MS = 30_000;
/**
 * How long Lambda waits before it invokes a function anew that threw at an event of EventBridge, milliseconds.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const LAMBDA_RETRIES: readonly number[] = [MINUTE, 2 * MINUTE];
/** More looks than any deployment here can need. */
const MOST_LOOKS = 120;

export interface Look {
  /** Which of the scene's visits it belongs to. */
  visit: number;
  /** Milliseconds since the epoch. */
  at: number;
  tookMs: number;
  /** Undefined where the function threw. */
  answer?: HookAnswer;
  thrown?: unknown;
  /** Whether the fault has struck in this look. */
  struck: boolean;
}

export interface Trace {
  looks: readonly Look[];
  /** What the last answer was; undefined when a look threw, or nothing was decided. */
  final: HookAnswer | undefined;
  /** Those before AWS is well again. */
  calls: readonly SdkCall[];
  /** How many requests the fault has struck. */
  struck: number;
  /** The account as it is when all is over. */
  scene: Scene;
  /** What is wrong with the world at the end. */
  audit: readonly string[];
}

export interface Stage {
  time: VirtualTime;
  transport: MemoryTransport;
  /** With the clock of the process, and without a word in the environment. */
  handlerOf(hook: string, env: NodeJS.ProcessEnv): HookHandler;
}

/** Plays one deployment in one world, with at most one fault. */
export async function playOnce(stage: Stage, world: World, strike?: Strike): Promise<Trace> {
  const { time, transport } = stage;
  time.restart(START);
  const scene = world.begin();
  transport.connect(scene.aws, strike);
  const handler = stage.handlerOf(world.hook, scene.env ?? {});
  const looks: Look[] = [];
  let hookDetails: unknown = scene.hookDetails;
  let calls: readonly SdkCall[] | undefined;
  for (const [index, visit] of scene.visits.entries()) {
    await time.pass((visit.after ?? 0) * MINUTE);
    visit.happened?.(scene.ecs);
    if (isNotice(visit) && visit.healed) {
      calls = [...transport.calls];
      transport.heal();
    }
    const made = await visitOnce(stage, { scene, handler, visit, index, hookDetails });
    looks.push(...made.looks);
    hookDetails = made.hookDetails;
    // ECS goes on to the next stage when the hook succeeds; rollbacks and events come from elsewhere.
    const next = scene.visits[index + 1];
    const comesAnyway = isNotice(next) || next?.rollback === true;
    if (!comesAnyway && looks.at(-1)?.answer?.hookStatus !== 'SUCCEEDED') break;
  }
  const final = looks.at(-1)?.answer;
  const decided = final !== undefined && final.hookStatus !== 'IN_PROGRESS' ? final : undefined;
  const audit = decided === undefined ? [] : (scene.audit?.(decided.hookStatus as 'SUCCEEDED' | 'FAILED') ?? []);
  return { looks, final: decided, calls: calls ?? transport.calls, struck: transport.struck, scene, audit };
}

interface Visiting {
  scene: Scene;
  handler: HookHandler;
  visit: Visit | Notice;
  index: number;
  hookDetails: unknown;
}

async function visitOnce(stage: Stage, { scene, handler, visit, index, hookDetails }: Visiting) {
  const looks: Look[] = [];
  let details = hookDetails;
  const most = isNotice(visit) ? 1 + LAMBDA_RETRIES.length : (visit.looks ?? MOST_LOOKS);
  while (looks.length < most) {
    scene.meanwhile?.();
    const look = await lookOnce(stage, handler, eventOf(visit, details), index);
    looks.push(look);
    if (look.answer?.hookDetails !== undefined) details = look.answer.hookDetails;
    const delay = isNotice(visit) ? retryAfter(look, looks.length) : callBack(look);
    if (delay === undefined) break;
    await stage.time.pass(delay);
  }
  return { looks, hookDetails: details };
}

async function lookOnce(
  { time, transport }: Stage,
  handler: HookHandler,
  event: Record<string, unknown>,
  visit: number,
): Promise<Look> {
  const at = time.now();
  const struckBefore = transport.struck;
  const context = {
    functionName: HOOK.slice(HOOK.lastIndexOf('/') + 1),
    invokedFunctionArn: FUNCTION,
    getRemainingTimeInMillis: () => at + LAMBDA_MS - time.now(),
  };
  let answer: HookAnswer | undefined;
  let thrown: unknown;
  try {
    answer = JSON.parse(JSON.stringify(await time.run(handler(JSON.parse(JSON.stringify(event)), context))));
  } catch (error) {
    thrown = error;
  }
  return {
    visit,
    at,
    tookMs: time.now() - at,
    struck: transport.struck > struckBefore,
    ...(answer && { answer }),
    ...(thrown !== undefined && { thrown }),
  };
}

function callBack({ answer }: Look): number | undefined {
  return answer?.hookStatus === 'IN_PROGRESS' ? answer.callBackDelay * 1000 : undefined;
}

function retryAfter({ thrown }: Look, attempts: number): number | undefined {
  return thrown === undefined ? undefined : LAMBDA_RETRIES[attempts - 1];
}
