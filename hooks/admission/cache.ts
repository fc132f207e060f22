/**
 * What was admitted lately, in the memory of the function: only positive results, by policy, repository and digest,
 * so that neither a changed policy nor another image can profit from it.
 */
export class AdmittedCache {
  readonly #entries = new Map<string, number>();
  readonly #ttlMs: number;
  readonly #limit: number;

  constructor(ttlMs: number, limit: number) {
    this.#ttlMs = ttlMs;
    this.#limit = limit;
  }

  /** @param now milliseconds on any steady clock */
  has(key: string, now: number): boolean {
    const admittedAt = this.#entries.get(key);
    return admittedAt !== undefined && now - admittedAt < this.#ttlMs;
  }

  add(key: string, now: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, now);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest);
  }
}
