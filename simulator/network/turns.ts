/**
 * Deals requests out by weights without chance: after every request each share is within one request of what its weight
 * asks for. The weights may change at any time; what was dealt before is then forgotten.
 */
export class WeightedTurns {
  #weights: Readonly<Record<string, number>> | undefined;
  #credits = new Map<string, number>();

  /** The key whose turn it is; undefined when no weight is over 0. */
  next(weights: Readonly<Record<string, number>>): string | undefined {
    if (this.#weights !== weights) {
      this.#weights = weights;
      this.#credits = new Map(Object.entries(weights).flatMap(([key, weight]) => (weight > 0 ? [[key, 0]] : [])));
    }
    let total = 0;
    let chosen: string | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (const [key, credit] of this.#credits) {
      const weight = weights[key] ?? 0;
      const now = credit + weight;
      total += weight;
      this.#credits.set(key, now);
      if (now > most) [chosen, most] = [key, now];
    }
    if (chosen !== undefined) this.#credits.set(chosen, most - total);
    return chosen;
  }
}
