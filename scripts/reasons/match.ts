import type { Part, Text } from './text.ts';

/** `oneLine` cuts a reason off at 1,000 characters. */
const CUT_OFF = 1000;

/** Is this a reason that the text describes? What is not known stands for anything. */
export function matchesText(text: Text, reason: string): boolean {
  const isCut = reason.length === CUT_OFF && reason.endsWith('…');
  return new Matcher(isCut ? reason.slice(0, -1) : reason, isCut).matches(text);
}

/** Goes through all ways at once, so that nested lists cost no more than their length. */
class Matcher {
  readonly #reason: string;
  readonly #isCut: boolean;
  readonly #known = new Map<Part, Map<number, ReadonlySet<number>>>();
  #hasRunOut = false;

  constructor(reason: string, isCut: boolean) {
    this.#reason = reason;
    this.#isCut = isCut;
  }

  matches({ parts }: Text): boolean {
    return this.#through(parts, [0]).has(this.#reason.length) || this.#hasRunOut;
  }

  #through(parts: readonly Part[], from: Iterable<number>): ReadonlySet<number> {
    let at: ReadonlySet<number> = new Set(from);
    for (const part of parts) at = new Set([...at].flatMap((one) => [...this.#after(part, one)]));
    return at;
  }

  /** Where the reason may go on after a part that begins at `at`. */
  #after(part: Part, at: number): ReadonlySet<number> {
    const known = this.#known.get(part) ?? new Map<number, ReadonlySet<number>>();
    this.#known.set(part, known);
    const found = known.get(at) ?? this.#find(part, at);
    known.set(at, found);
    return found;
  }

  #find(part: Part, at: number): ReadonlySet<number> {
    if (typeof part === 'string') return this.#literal(part, at);
    const { of, separator } = part;
    if (of === undefined) {
      if (this.#isCut) this.#hasRunOut ||= at <= this.#reason.length;
      return new Set(Array.from({ length: this.#reason.length - at + 1 }, (_, index) => at + index));
    }
    const once = (from: Iterable<number>) => new Set(of.flatMap(({ parts }) => [...this.#through(parts, from)]));
    return separator === undefined ? once([at]) : this.#list(once, separator, at);
  }

  #literal(text: string, at: number): ReadonlySet<number> {
    if (this.#reason.startsWith(text, at)) return new Set([at + text.length]);
    if (this.#isCut && text.startsWith(this.#reason.slice(at))) this.#hasRunOut = true;
    return new Set();
  }

  /** None, one, or several with the separator between them. */
  #list(once: (from: Iterable<number>) => Set<number>, separator: string, at: number): ReadonlySet<number> {
    const all = new Set([at]);
    let ends = once([at]);
    while (ends.size > 0) {
      const fresh = [...ends].filter((end) => !all.has(end));
      for (const end of fresh) all.add(end);
      const next = fresh.flatMap((end) => [...this.#literal(separator, end)]);
      ends = next.length === 0 ? new Set() : once(next);
    }
    return all;
  }
}
