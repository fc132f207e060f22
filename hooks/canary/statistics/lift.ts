/** Counts are whole numbers, so an exact test rejects less often than its level allows. This gives the difference back. */
import { type Law, type Shares, shareLaw } from './share-law.ts';

/** With more events than this the steps between counts no longer matter. */
const MOST_EVENTS = 250;

/** Kept back for what the calculation does not know: several looks, and an estimated dispersion. */
const USED = 0.8;

/** The level is never raised by more than this, whatever there would be to gain. */
const MOST = 2;

const STEP = 0.05;

/**
 * The nominal level at which the conditional test of one look rejects a healthy canary with a chance of at most 0.8·α,
 * whatever the true rate near the observed one: Boschloo's idea (Statistica Neerlandica 24, 1970) with the nuisance rate
 * kept to a range as Berger and Boos do (JASA 89, 1994). Never below α, at which the chance is at most α anyhow.
 * @param events of both sides that the whole run is likely to have
 */
export function liftedLevel(alpha: number, shares: Omit<Shares, 'events'>, events: number): number {
  if (!(events <= MOST_EVENTS)) return alpha;
  const reach = 4 * Math.sqrt(events) + 6;
  const rates = Array.from({ length: 9 }, (_, index) => Math.max(0.5, events + ((index - 4) / 4) * reach));
  const most = Math.ceil(events + 2.5 * reach);
  const tails = Array.from({ length: most + 1 }, (_, drawn) => uppers(shareLaw({ ...shares, events: drawn })));
  const weights = rates.map((rate) => poisson(rate, most));
  let best = alpha;
  for (let factor = 1 + STEP; factor <= MOST; factor += STEP) {
    const attained = tails.map((tail) => tail.find((chance) => chance <= alpha * factor) ?? 0);
    if (weights.some((weight) => size(weight, attained) > USED * alpha)) break;
    best = alpha * factor;
  }
  return best;
}

/** Chance to reject, over all numbers of events. */
function size(weight: Float64Array, attained: readonly number[]): number {
  let sum = 0;
  for (let drawn = 0; drawn < weight.length; drawn += 1) sum += (weight[drawn] ?? 0) * (attained[drawn] ?? 0);
  return sum;
}

/** P(X ≥ x) for every x of the law, growing x. */
function uppers({ probability }: Law): number[] {
  const result = new Array<number>(probability.length);
  let sum = 0;
  for (let index = probability.length - 1; index >= 0; index -= 1) {
    sum += probability[index] ?? 0;
    result[index] = sum;
  }
  return result;
}

function poisson(mean: number, most: number): Float64Array {
  const weights = new Float64Array(most + 1);
  let log = -mean;
  for (let count = 0; count <= most; count += 1) {
    weights[count] = Math.exp(log);
    log += Math.log(mean / (count + 1));
  }
  return weights;
}
