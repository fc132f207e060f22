import * as fc from 'fast-check';
import { isNotice, type World } from '../matrix/world.ts';
import type { Delay, Kill, Order } from './gate.ts';
import type { Disturbance, Disturbances, Look, Trace } from './trace.ts';

export interface Case {
  kind: 'doubled' | 'late' | 'delayed' | 'at once' | 'overlapping' | 'killed';
  name: string;
  disturbances: Disturbances;
}

/** Up to so many ways to interleave two invocations, all are played; of more, those with two changes of turn. */
const MOST_ORDERS = 20;

/**
 * How long a slow request takes: if it took longer, the hook itself would give its write up. Behind EventBridge five
 * requests go from the check to the write, else three. Milliseconds.
 */
export function slowMs({ net }: World): number {
  return net === undefined ? 900 : 550;
}

/** Every case that follows from a play without disturbances. */
export function casesOf(plain: Trace, slow: number): Case[] {
  return [
    ...doubled(plain.looks),
    ...late(plain.looks),
    ...delayed(plain),
    ...atOnce(plain.looks),
    ...overlapping(plain, slow),
    ...killed(plain.looks),
  ];
}

function one(kind: Case['kind'], look: number, what: string, disturbance: Disturbance): Case {
  return { kind, name: `look ${look + 1} ${what}`, disturbances: new Map([[look, disturbance]]) };
}

/** Looks, the first and the last of those of a visit that make the same calls. */
function telling(looks: readonly Look[]): number[] {
  const keys = looks.map(({ visit, calls }) => `${visit} ${calls.join()}`);
  return looks.flatMap((_, n) =>
    keys.indexOf(keys[n] ?? '') === n || keys.lastIndexOf(keys[n] ?? '') === n ? [n] : [],
  );
}

function doubled(looks: readonly Look[]): Case[] {
  return looks.flatMap((_, n) => [
    one('doubled', n, 'twice', { after: [n] }),
    one('doubled', n, 'twice, and the second answer counts', { after: [n], takesLast: true }),
  ]);
}

/** An event that arrives anew behind a later one, or when it is all over. */
function late(looks: readonly Look[]): Case[] {
  return telling(looks).flatMap((n) => {
    const later = looks.flatMap((_, behind) => (behind > n ? [behind] : []));
    return [...later, Number.POSITIVE_INFINITY].map((behind) =>
      one('late', behind, `has the event of look ${n + 1} behind it`, { after: [n] }),
    );
  });
}

/** The last event before a rollback arrives behind those of the rollback, for the first time. */
function delayed({ looks, scene: { visits } }: Trace): Case[] {
  return looks.flatMap(({ visit }, n) => {
    const next = visits[visit + 1];
    const isLast = looks[n + 1]?.visit === visit + 1 && !isNotice(next) && next?.rollback === true;
    if (!isLast) return [];
    const behind = looks.flatMap((_, other) => (other > n ? [other] : []));
    return [...behind, Number.POSITIVE_INFINITY].map((other): Case => {
      const disturbances: [number, Disturbance][] = [
        [n, { delayed: true }],
        [other, { after: [n] }],
      ];
      return {
        kind: 'delayed',
        name: `look ${n + 1} comes behind look ${other + 1}`,
        disturbances: new Map(disturbances),
      };
    });
  });
}

/** The same event twice in the same moment. */
function atOnce(looks: readonly Look[]): Case[] {
  return telling(looks).flatMap((n) => {
    const calls = looks[n]?.calls.length ?? 0;
    return ordersOf(calls).flatMap(({ name, order }, index) => {
      const few = choose(2 * calls, calls) <= MOST_ORDERS;
      return (few ? [false, true] : [index % 2 === 1]).map((takesLast) =>
        one('at once', n, `with itself, ${name}, answer ${takesLast ? 2 : 1}`, { beside: [n], order, takesLast }),
      );
    });
  });
}

/** The last look before the world changes is under way then, and ends beside the first look after it. */
function overlapping({ looks, scene: { visits } }: Trace, slow: number): Case[] {
  return looks.flatMap(({ visit, calls }, n) => {
    const next = looks[n + 1];
    if (next === undefined || next.visit === visit || visits[next.visit]?.happened === undefined) return [];
    return counts(calls.length).flatMap((before) =>
      counts(next.calls.length).map((between): Case => {
        const { order } = pausing(before, between);
        // Every other time the requests take long, up to those with which the two part.
        const isSlow = (request: number) => (before + between) % 2 === 1 && request <= calls.length + between;
        const delay: Delay = (request) => (isSlow(request) ? slow : 0);
        const name = `look ${n + 1} has made ${before} calls when the world changes, and waits for ${between} of the next`;
        const disturbances: [number, Disturbance][] = [
          [n, { delayed: true }],
          [n + 1, { astride: { look: n, calls: before }, order, delay }],
        ];
        return { kind: 'overlapping', name, disturbances: new Map(disturbances) };
      }),
    );
  });
}

/** From none to all of so many. */
function counts(calls: number): number[] {
  return Array.from({ length: calls + 1 }, (_, n) => n);
}

interface NamedOrder {
  name: string;
  order: Order;
}

function ordersOf(calls: number): NamedOrder[] {
  if (choose(2 * calls, calls) <= MOST_ORDERS) return interleavings(calls, calls).map((turns) => byTurns(turns));
  return counts(calls).flatMap((first) =>
    counts(calls).flatMap((second) => (first === calls && second > 0 ? [] : [pausing(first, second)])),
  );
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i += 1) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
}

/** All ways to interleave so many calls of invocation 0 with so many of invocation 1. */
function interleavings(zeros: number, ones: number): string[] {
  if (zeros === 0) return ['1'.repeat(ones)];
  if (ones === 0) return ['0'.repeat(zeros)];
  const from = (turn: string, rest: string[]) => rest.map((turns) => turn + turns);
  return [...from('0', interleavings(zeros - 1, ones)), ...from('1', interleavings(zeros, ones - 1))];
}

/** `0110`: whose turn it is at each call; who has no call to make is passed over. */
function byTurns(turns: string): NamedOrder {
  return {
    name: turns,
    order: (waiting, released) => {
      const [low = 0, high = low] = [Math.min(...waiting), Math.max(...waiting)];
      // The two have numbers in a row; when one waits alone, it is its turn.
      return turns[sum(released)] === '1' ? high : low;
    },
  };
}

function sum(released: ReadonlyMap<number, number>): number {
  return [...released.values()].reduce((total, n) => total + n, 0);
}

/** The first makes some calls, then the second makes some, then the first goes on to its end. */
function pausing(first: number, second: number): NamedOrder {
  let low: number | undefined;
  return {
    name: `${first} calls, then ${second} of the other`,
    order: (waiting, released) => {
      low = Math.min(low ?? Number.POSITIVE_INFINITY, ...waiting);
      const isIn = waiting.includes(low);
      const other = waiting.find((number) => number !== low);
      const count = (number = -1) => released.get(number) ?? 0;
      if (other === undefined) return low;
      if (!isIn) return other;
      return count(low) >= first && count(other) < second ? other : low;
    },
  };
}

/** Killed at every call of a look, and invoked anew; and killed a second time in the same place. */
function killed(looks: readonly Look[]): Case[] {
  return telling(looks).flatMap((n) =>
    (looks[n]?.calls ?? []).flatMap((call, index) =>
      (['before', 'after'] as const).flatMap((when) => {
        const kill: Kill = { call: index + 1, when };
        const where = `${when} call ${index + 1}, ${call}`;
        return [
          one('killed', n, `killed ${where}`, { kills: [kill] }),
          one('killed', n, `killed ${where}, and anew at once`, { kills: [kill], retryMs: 1000 }),
          ...(when === 'after' ? [one('killed', n, `killed twice ${where}`, { kills: [kill, kill] })] : []),
        ];
      }),
    ),
  );
}

/** What fast-check deals for one look; plain data, so that a counterexample can be read. */
export interface Dealt extends Pick<Disturbance, 'beside' | 'kills' | 'after' | 'takesLast'> {
  /** Infinity: when all is over. */
  look: number;
  /** Whose turn it is, call by call; and how long each request takes, milliseconds. */
  turns: readonly number[];
  delays: readonly number[];
}

/** Anything of all this at any look: up to three invocations at once, late events, slow requests, kills. */
export function dealings({ looks }: Trace, slow: number): fc.Arbitrary<readonly Dealt[]> {
  const all = looks.map((_, look) => look);
  const some = fc.subarray(all, { minLength: 1, maxLength: Math.min(4, all.length) });
  const straggling = fc
    .array(fc.integer({ min: 0, max: looks.length - 1 }), { maxLength: 2 })
    .map((after): Dealt => ({ look: Number.POSITIVE_INFINITY, after, turns: [0], delays: [0] }));
  return some.chain((chosen) => fc.tuple(...chosen.map((look) => dealt(look, slow)), straggling));
}

function dealt(look: number, slow: number): fc.Arbitrary<Dealt> {
  const upToNow = fc.array(fc.integer({ min: 0, max: look }), { maxLength: 2 });
  const kill = fc.record({
    call: fc.integer({ min: 1, max: 12 }),
    when: fc.constantFrom('before' as const, 'after' as const),
  });
  return fc.record({
    look: fc.constant(look),
    beside: upToNow,
    turns: fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 40 }),
    delays: fc.array(fc.constantFrom(0, 0, 0, 100, slow), { minLength: 1, maxLength: 12 }),
    kills: fc.array(kill, { maxLength: 1 }),
    after: upToNow,
    takesLast: fc.boolean(),
  });
}

export function disturbancesOf(dealings: readonly Dealt[]): Disturbances {
  return new Map(
    dealings.map(({ look, turns, delays, ...rest }) => {
      const order: Order = (waiting, released) =>
        waiting[(turns[sum(released) % turns.length] ?? 0) % waiting.length] ?? 0;
      return [look, { ...rest, order, delay: (request) => delays[request % delays.length] ?? 0 }];
    }),
  );
}
