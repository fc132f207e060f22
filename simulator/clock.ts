/** Where the simulator, the local AWS endpoint and the Lambda sandbox read the time: milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** The machine's own clock, for the endpoint when it runs alone. */
export const systemClock: Clock = { now: () => Date.now() };
