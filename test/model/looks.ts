import { type Holder, NONE, type Step } from '../../hooks/consumer-switch/protocol.ts';
import type { Emit } from './checker.ts';
import type { Rules } from './rules.ts';
import {
  AHEAD,
  BACK,
  BLANK,
  BLUE,
  BOTH,
  CHECKED,
  type Cleared,
  ENDED_BLUE,
  ENDED_GREEN,
  FORWARD,
  GREEN,
  LOOKS,
  type Look,
  type Memory,
  NET,
  NOBODY,
  RETURN,
  SHIFTED,
  START,
  VALUES,
  type World,
  WRITING,
} from './world.ts';

/** The numbers that stand for “now” and for the newest version; only differences matter. */
const [NOW, NEWEST] = [1000, 1000];

/** From when on no write of a look that checked before can land, nor a read be answered as before it. */
export function settled({ writeDelay, margin }: Rules): number {
  return writeDelay + margin + 1;
}

export function fullLease({ lease, margin }: Rules): number {
  return lease + margin;
}

/** A look whose status is being checked in this moment. */
export function checkedLook(kind: number, memory: Memory): Look {
  const first = kind === AHEAD ? undefined : (memory.first ?? 0);
  return { kind, phase: CHECKED, age: 0, memory: { ...memory, first }, write: NOBODY, behind: 0 };
}

/** Everything that a look can do next. `put` sets the look in its slot; undefined: it has ended. */
export function lookSteps(world: World, look: Look, isMain: boolean, rules: Rules, emit: Emit<World>): void {
  const put = (next: Look | undefined, base = world): World => {
    if (isMain) return { ...base, main: next };
    const others = base.others.filter((other) => other !== look);
    return { ...base, others: next === undefined ? others : [...others, next] };
  };
  const name = `${isMain ? '' : 'unheard '}${LOOKS[look.kind]}`;
  if (look.phase === START) {
    const goes = mayAct(world, look.kind, rules);
    emit(`${name} checks the status`, goes ? put(checkedLook(look.kind, look.memory)) : put(undefined));
  } else if (look.phase === CHECKED) {
    read(world, look, isMain, rules, put, (label, next) => emit(`${name} ${label}`, next));
  } else {
    land(world, look, isMain, rules, (label, next) => emit(`${name} ${label}`, next));
  }
  if (isMain && world.faults > 0) {
    const fewer = { ...world, faults: world.faults - 1, events: world.events + Number(look.kind === NET) };
    emit(`${name} crashes`, put(undefined, fewer), true);
    const room = world.others.length < rules.unheard;
    if (room) emit(`${name} goes unheard`, { ...fewer, main: undefined, others: [...world.others, look] }, true);
  }
}

function mayAct(world: World, kind: number, { checksStatus }: Rules): boolean {
  if (kind === NET) return world.place >= ENDED_GREEN;
  if (!checksStatus) return true;
  return kind === AHEAD ? world.place === FORWARD || world.place === SHIFTED : world.place === BACK;
}

function targetOf(world: World, kind: number): number {
  if (kind === AHEAD) return GREEN;
  return kind === NET && world.place === ENDED_GREEN ? GREEN : BLUE;
}

type Put = (next: Look | undefined, base?: World) => World;

/** Reads the parameter, now or as it was a moment ago, and decides with the hook's own `nextStep`. */
function read(world: World, look: Look, isMain: boolean, rules: Rules, put: Put, emit: Emit<World>): void {
  const answers = [{ value: world.value, behind: 0 }];
  if (world.before !== world.value && world.sinceWrite <= rules.margin)
    answers.push({ value: world.before, behind: 1 });
  for (const { value, behind } of answers) {
    const held: Holder = { value: value === NOBODY ? NONE : (VALUES[value] ?? ''), version: NEWEST - behind };
    const to = targetOf(world, look.kind);
    const cleared = clearedFor(world, look, value, rules);
    const step = rules.nextStep({
      held,
      to: VALUES[to] ?? '',
      now: NOW,
      leaseMs: fullLease(rules),
      cleared: cleared === undefined ? undefined : { version: NEWEST - cleared.behind, at: NOW - cleared.age },
      alone: false,
    });
    const next = follow(world, look, isMain, step, { to, behind, rules, put });
    emit(`reads ${VALUES[value]}: ${step.kind}`, next);
  }
}

function clearedFor(world: World, { kind, memory }: Look, value: number, rules: Rules): Cleared | undefined {
  if (kind !== NET || rules.netCountsFrom === 'its own look') return memory.cleared;
  if (rules.netCountsFrom === 'LastModifiedDate') {
    return memory.cleared ?? (value === NOBODY ? { behind: 0, age: world.sinceWrite } : undefined);
  }
  // The same version as at an earlier look of this invocation, once no earlier write can land any more.
  const isSame = memory.cleared?.behind === 0 && value === NOBODY && (memory.first ?? 0) >= settled(rules);
  return isSame ? { behind: 0, age: Math.max(memory.cleared?.age ?? 0, world.sinceWrite) } : memory.cleared;
}

interface Context {
  readonly to: number;
  readonly behind: number;
  readonly rules: Rules;
  readonly put: Put;
}

function follow(world: World, look: Look, isMain: boolean, step: Step, { to, behind, rules, put }: Context): World {
  const answer = (memory: Memory) => wait(world, look, isMain, memory, put);
  switch (step.kind) {
    case 'done': {
      const confirms = look.kind === NET ? rules.confirmsNet : look.kind === RETURN && rules.confirmsRollback;
      if (confirms && (look.memory.first ?? 0) < settled(rules)) return answer(look.memory);
      return succeed(world, look, isMain, rules, put);
    }
    case 'clear':
      return put({ ...look, phase: WRITING, write: rules.twoFlags ? BOTH : NOBODY, behind });
    case 'contested':
      return answer({ ...look.memory, cleared: undefined });
    case 'lease':
      return answer({ ...look.memory, cleared: toCleared(step.cleared) });
    case 'free': {
      const memory = { ...look.memory, cleared: step.cleared === undefined ? undefined : toCleared(step.cleared) };
      const inFlight = world.message !== undefined && world.message.hidden > 0;
      if (look.kind === AHEAD && rules.drains === 'after the lease' && inFlight) return answer(memory);
      return put({ ...look, memory, phase: WRITING, write: to, behind });
    }
  }
}

function toCleared({ version, at }: { version: number; at: number }): Cleared {
  return { behind: NEWEST - version, age: NOW - at };
}

/** IN_PROGRESS: ECS passes the memory to its next look; the net goes on within its invocation. */
function wait(world: World, look: Look, isMain: boolean, memory: Memory, put: Put): World {
  if (look.kind === NET) return put({ ...look, phase: START, age: 0, memory, write: NOBODY, behind: 0 });
  return isMain ? put(undefined, { ...world, memory }) : put(undefined);
}

/** SUCCEEDED, which ECS hears from the look that it waits for. */
function succeed(world: World, look: Look, isMain: boolean, rules: Rules, put: Put): World {
  if (!isMain || look.kind === NET) return put(undefined, world);
  if (look.kind === AHEAD) return put(undefined, { ...world, place: SHIFTED, memory: BLANK });
  return put(undefined, { ...world, place: ENDED_BLUE, memory: BLANK, events: world.events + Number(rules.hasNet) });
}

/** The write lands, and the Version in the answer is compared with the one that was read. */
function land(world: World, look: Look, isMain: boolean, rules: Rules, emit: Emit<World>): void {
  const landed = overwrite(world, look.write, rules);
  const own = isMain ? landed.main : landed.others[world.others.indexOf(look)];
  if (own === undefined) throw new Error('the look has no place');
  const putOwn: Put = (next, base = landed) =>
    isMain
      ? { ...base, main: next }
      : { ...base, others: [...base.others.filter((other) => other !== own), ...(next === undefined ? [] : [next])] };
  const label = `writes ${VALUES[look.write]}`;
  if (look.write === NOBODY || look.write === BOTH) {
    emit(label, wait(landed, own, isMain, { ...look.memory, cleared: { behind: 0, age: 0 } }, putOwn));
  } else if (rules.comparesVersion && look.behind > 0) {
    emit(`${label}, and sees a foreign version`, putOwn({ ...own, write: NOBODY, behind: 0 }));
  } else {
    emit(label, succeed(landed, own, isMain, rules, putOwn));
  }
  if (world.faults > 0) {
    const events = landed.events + Number(look.kind === NET);
    emit(`${label}, and its answer is lost`, putOwn(undefined, { ...landed, faults: world.faults - 1, events }), true);
  }
}

/** Sets the parameter; everyone's versions are one write older. */
function overwrite(world: World, value: number, rules: Rules): World {
  const older = (memory: Memory): Memory => {
    const { cleared } = memory;
    return cleared === undefined
      ? memory
      : { ...memory, cleared: { ...cleared, behind: Math.min(2, cleared.behind + 1) } };
  };
  const aged = (look: Look): Look => {
    return { ...look, memory: older(look.memory), behind: look.phase === WRITING ? Math.min(1, look.behind + 1) : 0 };
  };
  const { message } = world;
  const undrained = rules.visibility !== undefined && value === GREEN && message?.inBlue === true && message.hidden > 0;
  return {
    ...world,
    value,
    before: world.value,
    sinceWrite: 0,
    memory: older(world.memory),
    main: world.main === undefined ? undefined : aged(world.main),
    others: world.others.map(aged),
    undrained: world.undrained || undrained,
  };
}

/** What a tick makes of a look: a write that has not landed in time is given up. */
export function ageLook(look: Look, rules: Rules): Look | undefined {
  const memory = ageMemory(look.memory, rules);
  if (look.phase === START) return { ...look, memory };
  if (look.age < rules.writeDelay) return { ...look, memory, age: look.age + 1 };
  if (look.kind === NET) return { ...look, phase: START, age: 0, memory, write: NOBODY, behind: 0 };
  return undefined;
}

export function ageMemory({ cleared, first }: Memory, rules: Rules): Memory {
  return {
    cleared: cleared && { ...cleared, age: Math.min(fullLease(rules), cleared.age + 1) },
    first: first === undefined ? undefined : Math.min(settled(rules), first + 1),
  };
}
