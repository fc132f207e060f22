import type { Emit } from './checker.ts';
import type { Rules } from './rules.ts';
import { BLUE, BOTH, GREEN, IDLE, type Message, type Worker, type World } from './world.ts';

type Side = 'blue' | 'green';
const SIDES: readonly Side[] = ['blue', 'green'];

/**
 * The worker of each revision. It sends a read, Parameter Store serves it, the answer arrives: any time may pass
 * between, which is also what a pause of the worker is. A crash takes lease and read away.
 */
export function workerSteps(world: World, rules: Rules, emit: Emit<World>): void {
  for (const side of SIDES) {
    const worker = world[side];
    const put = (next: Worker): World => ({ ...world, [side]: next });
    const { read } = worker;
    if (read === undefined) emit(`${side} sends a read`, put({ ...worker, read: { age: 0, served: undefined } }));
    else {
      emit(`${side}’s read fails`, put({ ...worker, read: undefined }));
      if (read.served === undefined) {
        const values = world.sinceWrite <= rules.margin ? [world.value, world.before] : [world.value];
        for (const value of new Set(values)) {
          const isOwn = value === (side === 'blue' ? BLUE : GREEN) || value === BOTH;
          emit(`${side}’s read is served`, put({ ...worker, read: served(read.age, isOwn, rules) }));
        }
      } else
        emit(
          `${side}’s answer arrives`,
          put({ left: arrive(worker, read.age, read.served === 1, rules), read: undefined }),
        );
    }
    if (worker.left > 0 || read !== undefined) emit(`${side} crashes`, crashed(world, side), true);
  }
}

/** An answer that names another, or is older than the lease, closes the lease: the same, whatever its age. */
function served(age: number, isOwn: boolean, { lease }: Rules): { age: number; served: number } {
  return isOwn && age < lease ? { age, served: 1 } : { age: 0, served: 0 };
}

/** Lets the worker's own `Lease` decide: it is built anew from its last good read. */
function arrive({ left }: Worker, age: number, isOwn: boolean, { lease, newLease }: Rules): number {
  const own = newLease('own', lease);
  if (left > 0) own.note({ sentAt: left - lease, value: 'own' });
  own.note({ sentAt: -age, value: isOwn ? 'own' : 'another' });
  return own.left(0);
}

function crashed(world: World, side: Side): World {
  const { message } = world;
  const inHand = side === 'blue' ? 'inBlue' : 'inGreen';
  const dropped = message?.[inHand] === true ? { ...message, [inHand]: false } : message;
  return { ...world, [side]: IDLE, message: dropped };
}

export function ageWorker({ left, read }: Worker, { lease, readsAge }: Rules): Worker {
  const shorter = Math.max(0, left - 1);
  if (read === undefined || !readsAge) return { left: shorter, read };
  if (read.served === 0) return { left: shorter, read };
  const older = { age: Math.min(lease, read.age + 1), served: read.served };
  if (older.age < lease) return { left: shorter, read: older };
  return { left: shorter, read: { age: 0, served: 0 } };
}

/** The queue and the hands: received while the lease holds, kept as long as it pleases, deleted when processed. */
export function messageSteps(world: World, message: Message, rules: Rules, emit: Emit<World>): void {
  const isDeleted = message.processed > 0;
  for (const side of SIDES) {
    const inHand = side === 'blue' ? 'inBlue' : 'inGreen';
    if (!message[inHand]) {
      if (isDeleted || message.hidden > 0 || world[side].left === 0) continue;
      const received = { ...message, [inHand]: true, hidden: rules.visibility ?? 0 };
      emit(`${side} receives the message`, { ...world, message: received });
      continue;
    }
    const processed = Math.min(2, message.processed + 1);
    emit(`${side} processes the message`, { ...world, message: { ...message, [inHand]: false, processed, hidden: 0 } });
  }
}

/** When the visibility timeout is over, and the message not deleted, the queue shows it again. */
export function ageMessage(message: Message): Message {
  if (message.hidden === 0) return message;
  const hidden = message.hidden - 1;
  return { ...message, hidden, excused: message.excused || hidden === 0 };
}
