/** What the parameter says: nobody, blue, green; `BOTH` only where two flags are modelled. */
export const [NOBODY, BLUE, GREEN, BOTH] = [0, 1, 2, 3];
export const VALUES = ['none', 'blue', 'green', 'both'];

/** Where ECS is: shifting forward, shifted and baking, rolling back, ended with green, ended with blue. */
export const [FORWARD, SHIFTED, BACK, ENDED_GREEN, ENDED_BLUE] = [0, 1, 2, 3, 4];
const PLACES = ['IN_PROGRESS', 'IN_PROGRESS (shifted)', 'ROLLBACK_IN_PROGRESS', 'SUCCESSFUL', 'ROLLBACK_SUCCESSFUL'];

/** The first look at a deployment, the way back, and the safety net. */
export const [AHEAD, RETURN, NET] = [1, 2, 3];
export const LOOKS = ['', 'forward look', 'rollback look', 'safety net'];

/** A look is about to check the deployment's status, has checked it, or has sent a write. */
export const [START, CHECKED, WRITING] = [0, 1, 2];

/** Versions are kept as how many writes came since, up to 2: nothing compares them further than that. */
export interface Cleared {
  readonly behind: number;
  readonly age: number;
}

/** What a look hands to the next one. */
export interface Memory {
  readonly cleared: Cleared | undefined;
  /** Ticks since the first look. */
  readonly first: number | undefined;
}

export interface Look {
  readonly kind: number;
  readonly phase: number;
  /** Ticks since the status was checked. */
  readonly age: number;
  readonly memory: Memory;
  /** What the write on its way says, and how many writes came since the read that it rests on. */
  readonly write: number;
  readonly behind: number;
}

/** A read of a worker: its age since it was sent, and the value, where Parameter Store has served it already. */
export interface Read {
  readonly age: number;
  readonly served: number | undefined;
}

export interface Worker {
  /** Ticks that the lease has left. */
  readonly left: number;
  readonly read: Read | undefined;
}

export interface Message {
  /** Ticks until the queue shows it again; 0: it can be received. */
  readonly hidden: number;
  readonly inBlue: boolean;
  readonly inGreen: boolean;
  readonly processed: number;
  /** It was shown again, since a worker crashed or was too slow: a second processing is allowed. */
  readonly excused: boolean;
}

/** Everything at one moment. All times are ticks from now, so that a state is met again later as the same one. */
export interface World {
  readonly place: number;
  readonly value: number;
  /** What was there before the last write, as long as a read may still be answered so. */
  readonly before: number;
  readonly sinceWrite: number;
  readonly faults: number;
  readonly repeats: number;
  /** Events of EventBridge on their way to the safety net. */
  readonly events: number;
  /** What ECS passes to the next look. */
  readonly memory: Memory;
  readonly blue: Worker;
  readonly green: Worker;
  readonly message: Message | undefined;
  /** Green was named while blue had a message in hand. */
  readonly undrained: boolean;
  /** The one that ECS or EventBridge waits for, and those whose answer nobody hears. */
  readonly main: Look | undefined;
  readonly others: readonly Look[];
}

export const BLANK: Memory = { cleared: undefined, first: undefined };
export const IDLE: Worker = { left: 0, read: undefined };
/** Written in the place of what is not there. */
const ABSENT = 255;

/** A state as text, one character for each number. The looks that nobody waits for are sorted: they have no names. */
export function encode(world: World): string {
  const { place, value, before, sinceWrite, faults, repeats, events, memory, message } = world;
  const numbers = [place, value, before, sinceWrite, faults, repeats, events, Number(world.undrained)];
  numbers.push(...encodeMemory(memory));
  for (const { left, read } of [world.blue, world.green]) {
    numbers.push(left, read?.age ?? ABSENT, read?.served ?? ABSENT);
  }
  if (message === undefined) numbers.push(ABSENT, 0, 0, 0, 0);
  else {
    const { hidden, inBlue, inGreen, processed, excused } = message;
    numbers.push(hidden, Number(inBlue), Number(inGreen), processed, Number(excused));
  }
  const others = world.others.map(encodeLook).sort();
  return (
    String.fromCharCode(...numbers) + (world.main === undefined ? '-' : '+') + encodeLook(world.main) + others.join('')
  );
}

function encodeMemory({ cleared, first }: Memory): number[] {
  return [cleared?.behind ?? ABSENT, cleared?.age ?? ABSENT, first ?? ABSENT];
}

function encodeLook(look: Look | undefined): string {
  if (look === undefined) return '';
  const { kind, phase, age, memory, write, behind } = look;
  return String.fromCharCode(kind, phase, age, write, behind, ...encodeMemory(memory));
}

const LOOK_LENGTH = 8;

/** The state that `encode` wrote. */
export function decode(key: string): World {
  let position = 0;
  const number = () => key.charCodeAt(position++);
  const maybe = () => {
    const read = number();
    return read === ABSENT ? undefined : read;
  };
  const memory = (): Memory => {
    const [behind, age, first] = [maybe(), maybe(), maybe()];
    return { cleared: behind === undefined || age === undefined ? undefined : { behind, age }, first };
  };
  const worker = (): Worker => {
    const [left, age, served] = [number(), maybe(), maybe()];
    return { left, read: age === undefined ? undefined : { age, served } };
  };
  const message = (): Message | undefined => {
    const [hidden, inBlue, inGreen, processed, excused] = [maybe(), number(), number(), number(), number()];
    if (hidden === undefined) return undefined;
    return { hidden, inBlue: inBlue === 1, inGreen: inGreen === 1, processed, excused: excused === 1 };
  };
  const look = (): Look => {
    const [kind, phase, age, write, behind] = [number(), number(), number(), number(), number()];
    return { kind, phase, age, write, behind, memory: memory() };
  };
  const [place, value, before, sinceWrite] = [number(), number(), number(), number()];
  const [faults, repeats, events, undrained] = [number(), number(), number(), number() === 1];
  const passed = memory();
  const [blue, green] = [worker(), worker()];
  const queued = message();
  const main = key[position++] === '+' ? look() : undefined;
  const others: Look[] = [];
  while (position + LOOK_LENGTH <= key.length) others.push(look());
  return {
    place,
    value,
    before,
    sinceWrite,
    faults,
    repeats,
    events,
    undrained,
    memory: passed,
    blue,
    green,
    message: queued,
    main,
    others,
  };
}

/** One line of a trace. */
export function describe(world: World): string {
  const { place, value, blue, green, message, main, others } = world;
  const parts = [`${PLACES[place]}, parameter ${VALUES[value]}, lease blue ${blue.left} green ${green.left}`];
  for (const look of [main, ...others]) if (look !== undefined) parts.push(describeLook(look, look === main));
  if (message !== undefined) {
    const hands = [message.inBlue ? 'in blue’s hand' : '', message.inGreen ? 'in green’s hand' : ''].filter(Boolean);
    parts.push(
      `message ${hands.join(', ') || 'in nobody’s hand'}, hidden ${message.hidden}, processed ${message.processed}`,
    );
  }
  return parts.join('; ');
}

function describeLook({ kind, phase, age, write }: Look, isMain: boolean): string {
  const who = `${isMain ? '' : 'unheard '}${LOOKS[kind]}`;
  if (phase === START) return `${who} starting`;
  return phase === CHECKED ? `${who} checked ${age} ago` : `${who} writing ${VALUES[write]}, checked ${age} ago`;
}
