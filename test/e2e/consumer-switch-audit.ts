/** What must hold of every switch, whatever went wrong meanwhile. Pure, and each rule names what breaks it. */

export interface Happened {
  /** `processed` is what the worker says; the others are what SQS saw. */
  kind: 'received' | 'processed' | 'deleted' | 'deadLettered';
  /** The simulator's time, milliseconds since the epoch. */
  at: number;
  taskId: string;
  revision: string;
  /** Of the message. */
  id: number;
}

/** What the parameter said: the name of a revision, or `none`. */
export interface Named {
  revision: string;
  from: number;
  to: number;
}

const of = (kind: Happened['kind'], happened: readonly Happened[]) => happened.filter((one) => one.kind === kind);
const idsOf = (kind: Happened['kind'], happened: readonly Happened[]) => of(kind, happened).map(({ id }) => id);

/** Messages that nobody processed and that are no dead letters. */
export function lost(sent: readonly number[], happened: readonly Happened[], dead: readonly number[]): number[] {
  const kept = new Set([...idsOf('processed', happened), ...dead]);
  return sent.filter((id) => !kept.has(id));
}

/** Messages that were processed more than once. */
export function duplicates(happened: readonly Happened[]): number[] {
  const seen = new Set<number>();
  return idsOf('processed', happened).filter((id) => seen.size === seen.add(id).size);
}

/** Messages that a revision took while it was not named, nor had been within the lease before. */
export function trespasses(happened: readonly Happened[], named: readonly Named[], leaseMs: number): Happened[] {
  const isNamed = ({ revision, at }: Happened) =>
    named.some((span) => span.revision === revision && at >= span.from && at <= span.to + leaseMs);
  return of('received', happened).filter((one) => !isNamed(one));
}

/** The revisions that had to do with messages, one after the other: one that comes back in between is told again. */
export function turns(happened: readonly Happened[]): string[] {
  return happened.map(({ revision }) => revision).filter((revision, i, all) => revision !== all[i - 1]);
}

/** What a task had received and not deleted. */
export function inHand(happened: readonly Happened[], taskIds: ReadonlySet<string>): Set<number> {
  const hand = new Set<number>();
  for (const { kind, taskId, id } of happened) {
    if (!taskIds.has(taskId)) continue;
    if (kind === 'received') hand.add(id);
    if (kind === 'deleted') hand.delete(id);
  }
  return hand;
}
