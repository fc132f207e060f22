import type { Emit, Model } from './checker.ts';
import { ageLook, ageMemory, checkedLook, fullLease, lookSteps } from './looks.ts';
import type { Rules } from './rules.ts';
import { ageMessage, ageWorker, messageSteps, workerSteps } from './workers.ts';
import {
  AHEAD,
  BACK,
  BLANK,
  BLUE,
  decode,
  describe,
  ENDED_BLUE,
  ENDED_GREEN,
  encode,
  FORWARD,
  GREEN,
  IDLE,
  type Look,
  NET,
  RETURN,
  SHIFTED,
  START,
  type World,
} from './world.ts';

export const ONE_REVISION = 'never may two revisions receive at once';
export const DRAINED = 'green is named only when blue has no message in hand';
export const ONCE = 'a message is processed twice only after a crash or a pause past its visibility timeout';

/** The switch, its workers, ECS and the queue, as one graph of states. */
export function consumerSwitch(rules: Rules): Model<World> {
  const hasMessage = rules.visibility !== undefined;
  const initial: World = {
    place: FORWARD,
    value: BLUE,
    before: BLUE,
    sinceWrite: rules.margin + 1,
    faults: rules.faults,
    repeats: rules.repeats,
    events: 0,
    memory: BLANK,
    blue: IDLE,
    green: IDLE,
    message: hasMessage ? { hidden: 0, inBlue: false, inGreen: false, processed: 0, excused: false } : undefined,
    undrained: false,
    main: undefined,
    others: [],
  };
  return {
    initial,
    encode,
    decode,
    describe,
    violation,
    isGood,
    next(world, emit) {
      emit('a tick passes', tick(world, rules));
      ecsSteps(world, rules, emit);
      if (world.main !== undefined) lookSteps(world, world.main, true, rules, emit);
      for (const look of world.others) lookSteps(world, look, false, rules, emit);
      workerSteps(world, rules, emit);
      if (world.message !== undefined) messageSteps(world, world.message, rules, emit);
    },
  };
}

function violation({ blue, green, undrained, message }: World): string | undefined {
  if (blue.left > 0 && green.left > 0) return ONE_REVISION;
  if (undrained) return DRAINED;
  if (message !== undefined && message.processed > 1 && !message.excused) return ONCE;
  return undefined;
}

/** The deployment has ended, nothing can write any more, the revision that serves is named, the message processed. */
function isGood({ place, value, events, main, others, message }: World): boolean {
  if (place < ENDED_GREEN || events > 0 || main !== undefined || others.length > 0) return false;
  return value === (place === ENDED_GREEN ? GREEN : BLUE) && message?.processed !== 0;
}

function tick(world: World, rules: Rules): World {
  const limit = rules.netCountsFrom === 'its own look' ? rules.margin + 1 : fullLease(rules);
  const sinceWrite = Math.min(limit, world.sinceWrite + 1);
  return {
    ...world,
    sinceWrite,
    // Too long ago to be read: forgotten, so that such states are the same.
    before: sinceWrite > rules.margin ? world.value : world.before,
    memory: ageMemory(world.memory, rules),
    blue: ageWorker(world.blue, rules),
    green: ageWorker(world.green, rules),
    message: world.message && ageMessage(world.message),
    main: world.main && ageLook(world.main, rules),
    others: world.others.map((look) => ageLook(look, rules)).filter((look) => look !== undefined),
  };
}

/** ECS and EventBridge: they invoke, repeat, begin to roll back, and end the deployment. */
function ecsSteps(world: World, rules: Rules, emit: Emit<World>): void {
  const { place, main, others, memory } = world;
  const hasRoom = others.length < rules.unheard;
  const kind = kindAt(world);
  if (kind !== undefined && main === undefined) {
    const events = kind === NET ? world.events - 1 : world.events;
    const passed = kind === NET ? BLANK : memory;
    emit('ECS or EventBridge invokes the hook', { ...world, events, main: checkedLook(kind, passed) });
  }
  if (kind !== undefined && world.repeats > 0 && hasRoom) {
    const copy: Look = { ...checkedLook(kind, kind === NET ? BLANK : memory), phase: START };
    emit('the event is delivered once more', { ...world, repeats: world.repeats - 1, others: [...others, copy] }, true);
  }
  if (place === FORWARD || place === SHIFTED) {
    const left = leaveMain(world, rules);
    const passed = rules.rollbackInherits ? { ...memory, first: undefined } : BLANK;
    if (left !== undefined) emit('a rollback begins', { ...left, place: BACK, memory: passed }, true);
  }
  if (place === SHIFTED && main === undefined) emit('the deployment succeeds', ended(world, ENDED_GREEN, rules));
  if (place === BACK && rules.rollback === 'may end at any moment') {
    const left = leaveMain(world, rules);
    if (left !== undefined) emit('the rollback ends', ended(left, ENDED_BLUE, rules));
  }
}

function ended(world: World, place: number, rules: Rules): World {
  return { ...world, place, memory: BLANK, events: world.events + Number(rules.hasNet) };
}

function kindAt({ place, events }: World): number | undefined {
  if (place === FORWARD) return AHEAD;
  if (place === BACK) return RETURN;
  return place >= ENDED_GREEN && events > 0 ? NET : undefined;
}

/** The look that ECS waited for goes on unheard. Where there is no room for one more, the exploration leaves this out. */
function leaveMain(world: World, { unheard }: Rules): World | undefined {
  if (world.main === undefined) return world;
  if (world.others.length >= unheard) return undefined;
  return { ...world, main: undefined, others: [...world.others, world.main] };
}
