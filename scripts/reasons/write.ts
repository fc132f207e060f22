import type { Part, Place, Text } from './text.ts';

/** Alternatives up to this length stand in the text itself. */
const SHORT = 60;
/** And what may be left out, up to this. */
const SHORT_OPTION = 130;

/** What a place stands for, told apart from the text. */
export interface Told {
  readonly name: string;
  readonly says: readonly string[];
  readonly separator?: string;
}

/**
 * Writes texts for people: `<name>` is a place, `[…]` may be absent, `(a | b)` is one of the two. Longer alternatives are
 * kept for a table of their own.
 */
export class Writer {
  readonly #told = new Map<string, Told & { label: string }>();
  readonly #labels = new Set<string>();

  write({ parts }: Text): string {
    return parts.map((part) => this.#part(part)).join('');
  }

  /** What the places of the texts written so far stand for, in the order in which they were met. */
  places(): readonly Told[] {
    return [...this.#told.values()].map(({ label, ...told }) => ({ ...told, name: label }));
  }

  #part(part: Part): string {
    if (typeof part === 'string') return part;
    const { name, of, separator } = part;
    if (of === undefined) return `<${spaced(name)}>`;
    if (separator !== undefined) return `<${this.#label(part)}${separator}…>`;
    return this.#inline(part) ?? `<${this.#label(part)}>`;
  }

  #inline({ of = [] }: Place): string | undefined {
    const written = of.filter(({ parts }) => parts.length > 0);
    const isOptional = written.length < of.length;
    const [only] = written;
    if (isOptional && written.length === 1 && only !== undefined) {
      const text = this.write(only);
      return text.length <= SHORT_OPTION ? `[${text}]` : undefined;
    }
    const isSimple = written.every(({ parts }) =>
      parts.every((part) => typeof part === 'string' || part.of === undefined),
    );
    if (!isSimple) return undefined;
    const texts = written.map((one) => this.write(one));
    if (texts.join().length > SHORT) return undefined;
    return isOptional ? `[${texts.join(' | ')}]` : `(${texts.join(' | ')})`;
  }

  #label(place: Place): string {
    const { name, of = [], separator } = place;
    const isOptional = of.some(({ parts }) => parts.length === 0);
    const texts = of.filter(({ parts }) => parts.length > 0).map((one) => this.write(one));
    const says = [...new Set(texts), ...(isOptional ? [''] : [])];
    const key = JSON.stringify([name, says, separator]);
    const known = this.#told.get(key);
    if (known !== undefined) return known.label;
    const label = this.#unused(spaced(name));
    this.#labels.add(label);
    this.#told.set(key, { name, says, label, ...(separator !== undefined && { separator }) });
    return label;
  }

  #unused(name: string): string {
    if (!this.#labels.has(name)) return name;
    let number = 2;
    while (this.#labels.has(`${name} ${number}`)) number += 1;
    return `${name} ${number}`;
  }
}

/** `timeoutMinutes` stays as the key that it is; only what is no word at all is named. */
function spaced(name: string): string {
  return name === 'value' ? 'text' : name;
}
