/** What a deployment meets. `trouble` passes, and must not change how it ends. */
export const FATES = ['good', 'bad', 'stopped', 'lambda trouble', 'aws trouble'] as const;
export type Fate = (typeof FATES)[number];

export const SERVICES = ['ui', 'catalog', 'notifications', 'checkout'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface Dealt {
  service: ServiceName;
  fate: Fate;
  /** Of the operations of AWS that could fail, which one does; from 0 to 1. */
  chance: number;
}

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Half of all deployments are good, a quarter is bad, and the rest is spread over the others. */
export function deal(service: ServiceName, random: () => number): Dealt {
  const drawn = random();
  const others = FATES.slice(2);
  const other = others[Math.floor(((drawn - 0.75) / 0.25) * others.length)] ?? 'good';
  return { service, fate: drawn < 0.5 ? 'good' : drawn < 0.75 ? 'bad' : other, chance: random() };
}
