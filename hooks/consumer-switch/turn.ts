import { count } from '../../shared/text.ts';
import { parameterName, readHolder, write } from './parameter.ts';
import { type Cleared, type Holder, MARGIN_MS, NONE, nextStep } from './protocol.ts';
import type { Input } from './state.ts';

/** One turn of the protocol towards a revision. */
export interface Turn {
  /** The id of the revision that is to consume. */
  to: string;
  cleared: Cleared | undefined;
  alone: boolean;
  /** `performance.now()` before it was checked that this may be done. */
  checkedAt: number;
  /** Undefined once `to` may be named; until then, what is still waited for. */
  holdBack: ((leaseEnd: number) => string | undefined) | undefined;
  /** Whom a look of this deployment that has given up may have named again: nobody takes the name away anew then. */
  back?: string | undefined;
}

export type Turned =
  /** `to` is named; `written` by this turn. */
  | { kind: 'done'; written: boolean; cleared: Cleared | undefined }
  /** Nobody may take messages. */
  | { kind: 'lease'; cleared: Cleared; until: number; why: string }
  | { kind: 'held back'; cleared: Cleared; why: string }
  | { kind: 'given back'; cleared: Cleared; why: string }
  /** To be looked at again soon. */
  | { kind: 'anew'; why: string };

export function leaseMs({ leaseSeconds }: { leaseSeconds: number }): number {
  return leaseSeconds * 1000 + MARGIN_MS;
}

/** Reads the parameter, and takes the one step that is due. Safe to do twice, and to be stopped at any point. */
export async function takeTurn(around: Around, turn: Turn): Promise<Turned> {
  const { config, clock, signal, name } = around;
  const { to, cleared, alone } = turn;
  const held = await readHolder(name, signal);
  const step = nextStep({ held, to, now: clock(), leaseMs: leaseMs(config), cleared, alone });
  switch (step.kind) {
    case 'done':
      return { kind: 'done', written: false, cleared };
    case 'lease':
      return { kind: 'lease', cleared: step.cleared, until: step.until, why: 'No revision is named' };
    case 'clear':
      return clear(around, turn, held, `Took the name away from ${held?.value}`);
    case 'contested':
      if (cleared !== undefined && step.by === turn.back) {
        return { kind: 'given back', cleared, why: `${step.by} is named again` };
      }
      return clear(around, turn, held, `${step.by} was named meanwhile; took the name away`);
    case 'free':
      return free(around, turn, held, step.cleared);
  }
}

/** What a turn needs beside the turn itself, so that the safety net can take turns too. */
export type Around = Pick<Input, 'clock' | 'signal'> & { config: { leaseSeconds: number }; name: string };

export function aroundOf({ config, clock, signal, deployment }: Input): Around {
  return { config, clock, signal, name: parameterName(config.parameterPrefix, deployment) };
}

async function clear(around: Around, turn: Turn, held: Holder | undefined, why: string): Promise<Turned> {
  const { config, clock, signal, name } = around;
  const written = await write({ name, value: NONE, held, checkedAt: turn.checkedAt }, signal);
  if (written.outcome === 'exists') return { kind: 'anew', why: `${name} was made meanwhile` };
  // Ours came last, whoever wrote before: nobody has been able to read a name since.
  const cleared = { version: written.version, at: clock() };
  return { kind: 'lease', cleared, until: cleared.at + leaseMs(config), why };
}

async function free(
  around: Around,
  turn: Turn,
  held: Holder | undefined,
  cleared: Cleared | undefined,
): Promise<Turned> {
  const { config, signal, name } = around;
  if (cleared !== undefined) {
    const why = turn.holdBack?.(cleared.at + leaseMs(config));
    if (why !== undefined) return { kind: 'held back', cleared, why };
  }
  const written = await write({ name, value: turn.to, held, checkedAt: turn.checkedAt }, signal);
  if (written.outcome === 'exists') return { kind: 'anew', why: `${name} was made meanwhile` };
  if (written.outcome === 'written') return { kind: 'done', written: true, cleared };
  const overtaken = { value: turn.to, version: written.version };
  const why = `Somebody wrote ${name} in the same moment (${count(written.version, 'version')} so far); took the name away again`;
  // Two names may have been read in one lease: nobody may go on, and the budget of the check does not bind `none`.
  return clear(around, { ...turn, checkedAt: performance.now() }, overtaken, why);
}
