import '../../hooks/quiet.ts';
import type { AnyHook } from '../../../shared/hook.ts';
import { lambdaHandler } from '../../../shared/lambda.ts';
import type { JsonObject } from '../../../shared/schema.ts';
import type { HookAnswer } from '../../../shared/status.ts';
import { LAMBDA_MS, LAMBDA_RETRIES } from '../matrix/play.ts';
import { MemoryTransport } from '../matrix/transport.ts';
import { VirtualTime } from '../matrix/virtual-time.ts';
import {
  BLUE_ARN,
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
} from '../matrix/world.ts';
import { Gate, Invocation, type Kill } from './gate.ts';
import type { Answered, Disturbance, Disturbances, Look, Trace } from './trace.ts';

/** More looks than any deployment here needs, however it is disturbed. */
const MOST_LOOKS = 120;

/** Plays deployments with one hook, undisturbed or not, on the clock of the whole process. */
export class Theatre {
  readonly #hook: AnyHook;
  readonly #time = new VirtualTime();
  readonly #transport = new MemoryTransport();

  constructor(hook: AnyHook) {
    this.#hook = hook;
  }

  async open<T>(work: (theatre: Theatre) => Promise<T>): Promise<T> {
    this.#time.install();
    this.#transport.install();
    try {
      return await work(this);
    } finally {
      this.#transport.uninstall();
      this.#time.uninstall();
    }
  }

  /** For the first play of a hook, in which its clients read their configuration from files. */
  async rehearse(world: World): Promise<void> {
    this.#time.patient = true;
    await this.play(world);
    this.#time.patient = false;
  }

  async play(world: World, disturbances: Disturbances = new Map()): Promise<Trace> {
    const time = this.#time;
    time.restart(START);
    const gate = new Gate();
    const scene = world.begin();
    this.#transport.connect(gate.before(scene.aws));
    const handler = lambdaHandler(this.#hook, { now: () => new Date(time.now()), env: scene.env ?? {} });
    return new Deployment({ time, gate, scene, handler, disturbances }).play();
  }
}

interface Playing {
  time: VirtualTime;
  gate: Gate;
  scene: Scene;
  handler: ReturnType<typeof lambdaHandler>;
  disturbances: Disturbances;
}

interface Invoked {
  invocation: Invocation;
  answer: Promise<HookAnswer>;
}

class Deployment {
  readonly #playing: Playing;
  readonly #events: { text: string; visit: number }[] = [];
  readonly #looks: Look[] = [];
  readonly #answers: Answered[] = [];
  readonly #killed: string[][] = [];
  readonly #lost: string[] = [];
  #visit = 0;
  #invocations = 0;

  constructor(playing: Playing) {
    this.#playing = playing;
  }

  async play(): Promise<Trace> {
    const { scene, time } = this.#playing;
    let hookDetails: unknown = scene.hookDetails;
    let final: HookAnswer | undefined;
    for (const [index, visit] of scene.visits.entries()) {
      if (!isNotice(visit) && visit.rollback) rollBack(scene);
      await time.pass((visit.after ?? 0) * MINUTE);
      const astride = await this.#beginAstride();
      visit.happened?.(scene.ecs);
      this.#visit = index;
      // The service's own, without what the deployment before has left in them.
      if (!isNotice(visit) && visit.later) hookDetails = scene.hookDetails;
      final = await this.#visitOnce(visit, hookDetails, astride);
      hookDetails = final.hookDetails ?? hookDetails;
      const next = scene.visits[index + 1];
      const comesAnyway = isNotice(next) || next?.rollback === true || next?.later === true;
      if (!comesAnyway && final.hookStatus !== 'SUCCEEDED') break;
    }
    await this.#stragglers(final);
    const decided = final?.hookStatus === 'IN_PROGRESS' ? undefined : final;
    const told = { looks: this.#looks, answers: this.#answers, killed: this.#killed, lost: this.#lost };
    return { ...told, final: decided, scene };
  }

  /** Before the world changes, an invocation of an earlier look has come so far. */
  async #beginAstride(): Promise<Invoked | undefined> {
    const { time, gate } = this.#playing;
    const { astride, order, delay } = this.#disturbance(this.#events.length);
    if (astride === undefined) return undefined;
    gate.hold(order, delay);
    const begun = this.#invoke(astride.look);
    await time.run(Promise.race([begun.answer, begun.invocation.reaches(astride.calls + 1)]), gate.release);
    return begun;
  }

  async #visitOnce(visit: Visit | Notice, hookDetails: unknown, astride?: Invoked): Promise<HookAnswer> {
    const { scene, time } = this.#playing;
    let details = hookDetails;
    const most = isNotice(visit) ? 1 : (visit.looks ?? MOST_LOOKS);
    for (let look = 1; ; look += 1) {
      scene.meanwhile?.();
      this.#events.push({ text: JSON.stringify(eventOf(visit, details)), visit: this.#visit });
      const number = this.#events.length - 1;
      // Only of a look with a rollback behind it.
      if (this.#disturbance(number).delayed) return this.#unheard(details);
      const answer = await this.#look(number, look === 1 ? astride : undefined);
      if (answer.hookStatus !== 'IN_PROGRESS' || look === most) return answer;
      details = answer.hookDetails ?? details;
      await time.pass(answer.callBackDelay * 1000);
    }
  }

  async #look(number: number, astride?: Invoked): Promise<HookAnswer> {
    const { scene, time, gate } = this.#playing;
    const {
      beside = [],
      order,
      delay,
      kills = [],
      retryMs = MINUTE,
      after = [],
      takesLast,
    } = this.#disturbance(number);
    for (const kill of kills) {
      await this.#die(number, kill);
      await time.pass(retryMs);
      scene.meanwhile?.();
    }
    if (astride === undefined) gate.hold(order, delay);
    const all = [number, ...beside].map((event) => this.#invoke(event));
    const given = await time.run(Promise.all(all.map(({ answer }) => answer)), gate.release);
    if (astride !== undefined) await time.run(astride.answer, gate.release);
    gate.hold(undefined, undefined);
    this.#looks.push({ visit: this.#visit, calls: all[0]?.invocation.calls ?? [] });
    const own = given.filter((_, index) => index === 0 || beside[index - 1] === number);
    let isOver = false;
    for (const event of after) {
      if (this.#events[event] === undefined) continue;
      // ECS has read the answer before an event of another look comes, but perhaps not before its own doubled one.
      isOver ||= event !== number && own[0]?.hookStatus === 'FAILED';
      if (isOver) rollBack(scene);
      scene.meanwhile?.();
      const late = await time.run(this.#invoke(event, { isOver }).answer);
      if (event === number && !isOver) own.push(late);
    }
    const taken = takesLast ? own.at(-1) : own[0];
    if (taken === undefined) throw new Error('a look without an answer');
    return taken;
  }

  #unheard(hookDetails: unknown): HookAnswer {
    this.#looks.push({ visit: this.#visit, calls: [] });
    return {
      hookStatus: 'IN_PROGRESS',
      reason: 'no answer',
      callBackDelay: 30,
      hookDetails: hookDetails as JsonObject,
    };
  }

  #disturbance(look: number): Disturbance {
    return this.#playing.disturbances.get(look) ?? {};
  }

  #invoke(event: number, { kill, isOver = false }: { kill?: Kill; isOver?: boolean } = {}): Invoked {
    const { gate } = this.#playing;
    const { text = '', visit = 0 } = this.#events[event] ?? {};
    const invocation = new Invocation(this.#invocations, kill);
    this.#invocations += 1;
    const isTimely = visit === this.#visit && !isOver;
    const answer = gate
      .run(invocation, () => this.#lambda(invocation, text, visit))
      .then((given) => {
        const answer: HookAnswer = JSON.parse(JSON.stringify(given));
        if (!invocation.isDead) this.#answers.push({ visit, isTimely, answer });
        return answer;
      });
    return { invocation, answer };
  }

  /** Lambda invokes anew what throws at an event of EventBridge, twice. */
  async #lambda(invocation: Invocation, text: string, visit: number): Promise<HookAnswer> {
    if (!isNotice(this.#playing.scene.visits[visit])) return this.#attempt(text);
    for (const wait of [...LAMBDA_RETRIES, undefined]) {
      try {
        return await this.#attempt(text);
      } catch (error) {
        // Who was killed is invoked anew by the play.
        if (invocation.isDead) break;
        if (wait === undefined) this.#lost.push(String(error));
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
    return { hookStatus: 'FAILED', reason: 'The event was lost' };
  }

  #attempt(text: string): Promise<HookAnswer> {
    const { time, handler } = this.#playing;
    const at = time.now();
    const context = {
      functionName: HOOK.slice(HOOK.lastIndexOf('/') + 1),
      invokedFunctionArn: FUNCTION,
      getRemainingTimeInMillis: () => at + LAMBDA_MS - time.now(),
    };
    return handler(JSON.parse(text), context);
  }

  /** Lambda ends the process: nothing that it would have done comes any more, and nobody gets an answer. */
  async #die(number: number, kill: Kill): Promise<void> {
    const { invocation, answer } = this.#invoke(number, { kill });
    await this.#playing.time.run(Promise.race([invocation.death, answer]));
    if (invocation.isDead) this.#killed.push(invocation.effects);
  }

  /** Events that arrive when ECS has left the hook's last visit behind. */
  async #stragglers(final: HookAnswer | undefined): Promise<void> {
    const { scene, time, disturbances } = this.#playing;
    const { after = [] } = disturbances.get(Number.POSITIVE_INFINITY) ?? {};
    if (after.length === 0) return;
    this.#visit = scene.visits.length;
    if (final?.hookStatus === 'FAILED') rollBack(scene);
    for (const event of after) {
      if (this.#events[event] === undefined) continue;
      scene.meanwhile?.();
      await time.run(this.#invoke(event).answer);
    }
  }
}

/** What ECS tells of the deployment from then on. */
function rollBack({ ecs }: Scene): void {
  ecs.deployment = { ...ecs.deployment, status: 'ROLLBACK_IN_PROGRESS', rollback: { serviceRevisionArn: BLUE_ARN } };
}
