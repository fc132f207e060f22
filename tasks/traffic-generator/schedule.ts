import type { ShardStage } from '../../shared/load/shard.ts';

/** Requests are due when the integral of the rate passes a whole number: exact at any length, without drift. */
export interface Schedule {
  /** How many requests the stages ask for. */
  readonly requests: number;
  readonly seconds: number;
  /** When the integral of the rate reaches `requests`: seconds from the start. */
  dueAt(requests: number): number;
  /** The integral of the rate, from the start to that second. */
  askedBy(seconds: number): number;
}

interface Piece {
  readonly from: number;
  readonly seconds: number;
  readonly before: number;
  readonly rate: number;
  readonly slope: number;
  readonly requests: number;
}

/** A last binary digit must neither add a request nor lose one. */
const TOLERANCE = 1e-9;

export function schedule(stages: readonly ShardStage[]): Schedule {
  const pieces = piecesOf(stages);
  const last = pieces.at(-1);
  const total = last === undefined ? 0 : last.before + last.requests;
  return {
    requests: Math.ceil(total * (1 - TOLERANCE)),
    seconds: last === undefined ? 0 : last.from + last.seconds,
    dueAt(requests) {
      const piece = pieces.find(({ before, requests: own }) => requests < before + own) ?? last;
      return piece === undefined ? 0 : piece.from + Math.min(timeIn(piece, requests - piece.before), piece.seconds);
    },
    askedBy(seconds) {
      const piece = pieces.find(({ from, seconds: own }) => seconds < from + own) ?? last;
      if (piece === undefined) return 0;
      const t = Math.min(Math.max(seconds - piece.from, 0), piece.seconds);
      return piece.before + piece.rate * t + (piece.slope / 2) * t * t;
    },
  };
}

function piecesOf(stages: readonly ShardStage[]): Piece[] {
  let from = 0;
  let before = 0;
  const pieces: Piece[] = [];
  for (const { rate, seconds, rampTo = rate } of stages) {
    if (seconds === 0) continue;
    const requests = ((rate + rampTo) / 2) * seconds;
    pieces.push({ from, seconds, before, rate, slope: (rampTo - rate) / seconds, requests });
    from += seconds;
    before += requests;
  }
  return pieces;
}

/** Solves `rate·t + slope·t²/2 = requests`, in the form that loses no digits when either is small. */
function timeIn({ rate, slope }: Piece, requests: number): number {
  if (requests <= 0) return 0;
  return (2 * requests) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * requests)));
}

/** When the requests are due, in seconds from the start, one after another. */
export function* arrivals(plan: Schedule, kind: 'even' | 'poisson', random: () => number): Generator<number> {
  if (kind === 'even') {
    for (let k = 0; k < plan.requests; k += 1) yield plan.dueAt(k);
    return;
  }
  const total = plan.askedBy(plan.seconds);
  const gap = () => -Math.log1p(-random());
  for (let sum = gap(); sum < total; sum += gap()) yield plan.dueAt(sum);
}

/** Small and good enough for arrival times (mulberry32): the same seed gives the same arrivals. */
export function seededRandom(seed: string): () => number {
  let state = 0;
  for (const character of seed) state = (Math.imul(state, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Chooses among weights so that each gets its share at every moment, give or take one: the one that lags most is next.
 *
 * @returns a function that gives the index of the next
 */
export function weightedTurns(weights: readonly number[]): () => number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const credit = weights.map(() => 0);
  return () => {
    let best = 0;
    weights.forEach((weight, index) => {
      credit[index] = (credit[index] ?? 0) + weight;
      if ((credit[index] ?? 0) > (credit[best] ?? 0)) best = index;
    });
    credit[best] = (credit[best] ?? 0) - sum;
    return best;
  };
}
