import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../simulator/engine/event-queue.ts';
import { VirtualClock } from '../../simulator/engine/virtual-clock.ts';

/** A machine's time that a test moves: whoever waits is woken as it passes. */
class FakeMachine {
  time = 0;
  private readonly sleepers = new Set<{ at: number; wake: () => void }>();

  readonly wait = (delayMs: number, wake: () => void): (() => void) => {
    const sleeper = { at: this.time + delayMs, wake };
    this.sleepers.add(sleeper);
    return () => this.sleepers.delete(sleeper);
  };

  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const next = [...this.sleepers].filter((sleeper) => sleeper.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.time = next.at;
      next.wake();
    }
    this.time = end;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('the event queue', () => {
  it('gives events in order of time, then of scheduling, without the cancelled ones', () => {
    const event = fc.record({ at: fc.nat(20), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const queue = new EventQueue();
        const played: string[] = [];
        for (const [index, { at, cancelled }] of events.entries()) {
          const scheduled = queue.push(at, () => played.push(`${at}/${index}`));
          if (cancelled) scheduled.cancel();
        }
        for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
          queue.pop();
          next.action();
        }
        const expected = events
          .map(({ at, cancelled }, index) => ({ at, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.at - b.at || a.index - b.index);
        expect(played).toEqual(expected.map(({ at, index }) => `${at}/${index}`));
      }),
    );
  });
});

describe('pace skip', () => {
  it('jumps from event to event', async () => {
    const clock = new VirtualClock({ start: 1000 });
    const seen: number[] = [];
    clock.schedule(90_000, () => seen.push(clock.now()));
    clock.schedule(5000, () => clock.schedule(6000, () => seen.push(clock.now())));
    await clock.run();
    expect(seen).toEqual([6000, 90_000]);
    expect(clock.now()).toBe(90_000);
  });

  it('stands still while something is held, whatever else is due', async () => {
    const clock = new VirtualClock({ start: 0 });
    const seen: string[] = [];
    clock.schedule(10, () => {
      clock.hold(settle().then(() => void seen.push(`held until ${clock.now()}`)));
    });
    clock.schedule(20, () => seen.push(`event at ${clock.now()}`));
    await clock.run();
    expect(seen).toEqual(['held until 10', 'event at 20']);
  });

  it('is not moved by a cancelled event', async () => {
    const clock = new VirtualClock({ start: 0 });
    const late = clock.schedule(1000, () => undefined);
    clock.schedule(10, () => late.cancel());
    await clock.run();
    expect(clock.now()).toBe(10);
  });

  it('stops at `until` and goes on from there', async () => {
    const clock = new VirtualClock({ start: 0 });
    const seen: number[] = [];
    for (const at of [10, 20, 30]) clock.schedule(at, () => seen.push(at));
    await clock.run({ until: 20 });
    expect([...seen, clock.now()]).toEqual([10, 20, 20]);
    await clock.run({ until: 25 });
    expect(clock.now()).toBe(25);
    await clock.run();
    expect(seen).toEqual([10, 20, 30]);
  });

  it('plays what is scheduled for the past at once', async () => {
    const clock = new VirtualClock({ start: 100 });
    const seen: number[] = [];
    clock.schedule(5, () => seen.push(clock.now()));
    await clock.run();
    expect(seen).toEqual([100]);
  });

  it('ends with the error of what was held, or of an event', async () => {
    const clock = new VirtualClock({ start: 0 });
    clock.hold(Promise.reject(new Error('invoker broke')));
    await expect(clock.run()).rejects.toThrow('invoker broke');
    clock.schedule(1, () => {
      throw new Error('event broke');
    });
    await expect(clock.run()).rejects.toThrow('event broke');
  });
});

describe('pace real', () => {
  function make(factor: number) {
    const machine = new FakeMachine();
    const clock = new VirtualClock({
      start: 0,
      pace: { kind: 'real', factor },
      realNow: () => machine.time,
      wait: machine.wait,
    });
    return { machine, clock };
  }

  it('lets `factor` simulated milliseconds pass in a real one, between events too', async () => {
    const { machine, clock } = make(60);
    const seen: number[] = [];
    clock.schedule(60_000, () => seen.push(machine.time));
    const run = clock.run();
    await machine.pass(500);
    expect([clock.now(), seen.length]).toEqual([30_000, 0]);
    await machine.pass(500);
    await run;
    expect(seen).toEqual([1000]);
    expect(clock.now()).toBe(60_000);
  });

  it('never reads later than the next event, however late that is played', async () => {
    const { machine, clock } = make(1);
    clock.schedule(100, () => undefined);
    machine.time = 500;
    expect(clock.now()).toBe(100);
    await clock.run();
    machine.time = 510;
    expect(clock.now()).toBe(110);
  });

  it('takes in an event that is scheduled while it sleeps', async () => {
    const { machine, clock } = make(1);
    const seen: string[] = [];
    clock.schedule(1000, () => seen.push('late'));
    const run = clock.run();
    await machine.pass(100);
    clock.schedule(clock.now(), () => seen.push(`now ${machine.time}`));
    await machine.pass(1);
    expect(seen).toEqual(['now 100']);
    await machine.pass(899);
    await run;
    expect(seen).toEqual(['now 100', 'late']);
  });

  it('goes on while something is held, and waits for it at the end', async () => {
    const { machine, clock } = make(1);
    let release = (): void => undefined;
    const seen: number[] = [];
    clock.hold(
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    );
    clock.schedule(100, () => seen.push(clock.now()));
    let over = false;
    const run = clock.run().then(() => {
      over = true;
    });
    await machine.pass(5000);
    expect([seen, over]).toEqual([[100], false]);
    release();
    await run;
    expect(clock.now()).toBe(5000);
  });

  it('waits for `until` even when nothing is left to do', async () => {
    const { machine, clock } = make(10);
    const run = clock.run({ until: 1000 });
    await machine.pass(100);
    await run;
    expect(clock.now()).toBe(1000);
  });
});

it('plays at real speed while real work is going on, and skips before and after', async () => {
  const machine = new FakeMachine();
  const clock = new VirtualClock({ start: 0, realNow: () => machine.time, wait: machine.wait });
  const seen: [number, number][] = [];
  let end = (): void => undefined;
  clock.schedule(10_000, () => {
    end = clock.beginRealWork();
  });
  clock.schedule(12_000, () => {
    seen.push([clock.now(), machine.time]);
    end();
    end();
  });
  clock.schedule(99_000, () => seen.push([clock.now(), machine.time]));
  const run = clock.run();
  await machine.pass(2000);
  await run;
  expect(seen).toEqual([
    [12_000, 2000],
    [99_000, 2000],
  ]);
});
