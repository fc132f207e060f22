import './quiet.ts';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { LATE_WRITE_MS, NONE, WRITE_MS } from '../../hooks/consumer-switch/protocol.ts';
import { at, SOURCE } from '../../library/testing/events.ts';
import { BLUE, clients, GREEN, useWorld, World } from './consumer-switch-world.ts';

useWorld();
const FORWARD = at('PRODUCTION_TRAFFIC_SHIFT', 100);
const BACK = at('PRODUCTION_TRAFFIC_SHIFT', 0);
const LEASE_MS = 5000;

const Look = fc.record({
  kind: fc.constant('look' as const),
  /** How long the write is on its way. */
  delay: fc.oneof(fc.constant(0), fc.nat(WRITE_MS - 1)),
  /** The write is done, and its answer never arrives. */
  isLost: fc.boolean(),
  /** ECS takes the answer, and its hookDetails, to the next look. */
  isHeard: fc.boolean(),
});
const Pass = fc.record({
  kind: fc.constant('pass' as const),
  ms: fc.oneof(fc.nat(WRITE_MS), fc.integer({ min: LEASE_MS, max: 2 * LEASE_MS })),
});
const Steps = fc.array(fc.oneof(Look, Pass), { maxLength: 10, size: 'max' });
const Runs = fc.tuple(Steps, fc.option(Steps));
type Value<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Fate = { delay: number; isLost: boolean };

/** Looks that overlap: a write waits for its moment, while others read and write. */
class Run {
  readonly world = new World().configure({ leaseSeconds: LEASE_MS / 1000 });
  hookDetails: unknown;
  isBack = false;
  #ms = 0;
  #fate = { delay: 0, isLost: false };
  #writes: { at: number; land: () => void }[] = [];
  #looks: Promise<unknown>[] = [];

  constructor() {
    this.world.connect();
    clients.ssm.on(PutParameterCommand).callsFake(async ({ Value }) => {
      const { delay, isLost } = this.#fate;
      await new Promise<void>((land) => this.#writes.push({ at: this.#ms + delay, land }));
      this.world.write(Value);
      if (isLost) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      return { Version: this.world.versions.length };
    });
  }

  async take(steps: Value<typeof Steps> | null): Promise<void> {
    for (const step of steps ?? []) {
      await (step.kind === 'pass' ? this.pass(step.ms) : this.begin(step, step.isHeard));
    }
  }

  rollBack(): void {
    this.isBack = true;
    const rollback = { serviceRevisionArn: SOURCE };
    this.world.deployment = { ...this.world.deployment, status: 'ROLLBACK_IN_PROGRESS', rollback };
  }

  /** A look up to its write, or to its end where it writes nothing. */
  async begin(fate: Fate, isHeard: boolean): Promise<void> {
    this.#fate = fate;
    const { isBack } = this;
    const look = this.world.rig.look({ ...(isBack ? BACK : FORWARD), hookDetails: this.hookDetails });
    // The state of a forward look reaches the rollback too: it must not be used there.
    this.#looks.push(
      look.then(({ hookDetails }) => {
        if (isHeard) this.hookDetails = hookDetails;
      }),
    );
    await settle();
  }

  async pass(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      const next = this.#writes.toSorted((a, b) => a.at - b.at)[0];
      const until = next !== undefined && next.at <= end ? next.at : end;
      vi.advanceTimersByTime(until - this.#ms);
      this.world.rig.advance((until - this.#ms) / 1000);
      this.#ms = until;
      if (next === undefined || next.at > end) return;
      this.#writes = this.#writes.filter((write) => write !== next);
      next.land();
      await settle();
    }
  }

  /** Nothing is on its way any more, and from here on nothing goes wrong. */
  async end(): Promise<void> {
    await this.pass(LATE_WRITE_MS);
    await Promise.all(this.#looks);
    for (let look = 0; look < 10; look += 1) {
      await this.begin({ delay: 0, isLost: false }, true);
      await this.pass(LATE_WRITE_MS);
    }
    await Promise.all(this.#looks);
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Each name that came in the place of another, and for how long there had been `none`. */
function changes({ versions }: World): { from: string; to: string; noneMs: number }[] {
  const found: { from: string; to: string; noneMs: number }[] = [];
  let last = { value: BLUE, none: undefined as number | undefined };
  for (const { value, at } of versions) {
    if (value === NONE) {
      last.none ??= at.getTime();
    } else {
      const noneMs = last.none === undefined ? 0 : at.getTime() - last.none;
      if (value !== last.value) found.push({ from: last.value, to: value, noneMs });
      last = { value, none: undefined };
    }
  }
  return found;
}

async function ran([forward, back]: Value<typeof Runs>): Promise<Run> {
  const run = new Run();
  await run.take(forward);
  if (back !== null) run.rollBack();
  await run.take(back);
  await run.end();
  return run;
}

describe('looks that overlap, with answers that are lost', () => {
  it('never put a name in the place of another without none for the lease, and end at the right one', async () => {
    let returned = 0;
    await fc.assert(
      fc.asyncProperty(Runs, async (steps) => {
        const { world, isBack } = await ran(steps);
        const found = changes(world);
        for (const { noneMs } of found) expect(noneMs).toBeGreaterThanOrEqual(LEASE_MS);
        expect(world.value).toBe(isBack ? BLUE : GREEN);
        returned += Number(found.some(({ to }) => to === BLUE));
      }),
      { numRuns: 300 },
    );
    expect(returned).toBeGreaterThan(10);
  });
});
