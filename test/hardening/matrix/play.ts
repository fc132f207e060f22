import type { HookHandler } from '../../../shared/lambda.ts';
import type { HookAnswer } from '../../../shared/status.ts';
import type { MemoryTransport, SdkCall, Strike } from './transport.ts';
import type { VirtualTime } from './virtual-time.ts';
import { eventOf, HOOK, MINUTE, type Scene, START, type Visit, type World } from './world.ts';

/** The Lambda's time, milliseconds, as the functions are deployed. */
export const LAMBDA_MS = 30_000;
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
  calls: readonly SdkCall[];
  /** How many requests the fault has struck. */
  struck: number;
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
  for (const [index, visit] of scene.visits.entries()) {
    await time.pass((visit.after ?? 0) * MINUTE);
    const made = await visitOnce(stage, { scene, handler, visit, index, hookDetails });
    looks.push(...made.looks);
    hookDetails = made.hookDetails;
    // ECS goes on to the next stage when the hook succeeds; a rollback comes from elsewhere.
    const next = scene.visits[index + 1];
    if (next?.rollback !== true && looks.at(-1)?.answer?.hookStatus !== 'SUCCEEDED') break;
  }
  const final = looks.at(-1)?.answer;
  const decided = final !== undefined && final.hookStatus !== 'IN_PROGRESS' ? final : undefined;
  const audit = decided === undefined ? [] : (scene.audit?.(decided.hookStatus as 'SUCCEEDED' | 'FAILED') ?? []);
  return { looks, final: decided, calls: transport.calls, struck: transport.struck, audit };
}

interface Visiting {
  scene: Scene;
  handler: HookHandler;
  visit: Visit;
  index: number;
  hookDetails: unknown;
}

async function visitOnce({ time, transport }: Stage, { scene, handler, visit, index, hookDetails }: Visiting) {
  const looks: Look[] = [];
  let details = hookDetails;
  while (looks.length < (visit.looks ?? MOST_LOOKS)) {
    scene.meanwhile?.();
    const at = time.now();
    const struckBefore = transport.struck;
    const event = JSON.parse(JSON.stringify(eventOf(visit, details)));
    const context = {
      functionName: HOOK.slice(HOOK.lastIndexOf('/') + 1),
      getRemainingTimeInMillis: () => at + LAMBDA_MS - time.now(),
    };
    let answer: HookAnswer | undefined;
    let thrown: unknown;
    try {
      answer = JSON.parse(JSON.stringify(await time.run(handler(event, context))));
    } catch (error) {
      thrown = error;
    }
    const struck = transport.struck > struckBefore;
    looks.push({
      visit: index,
      at,
      tookMs: time.now() - at,
      struck,
      ...(answer && { answer }),
      ...(thrown !== undefined && { thrown }),
    });
    details = answer?.hookDetails ?? details;
    if (answer?.hookStatus !== 'IN_PROGRESS') break;
    await time.pass(answer.callBackDelay * 1000);
  }
  return { looks, hookDetails: details };
}
