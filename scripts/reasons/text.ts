/** A piece of a text: as it stands in the source, or a place that something is put into. */
export type Part = string | Place;

export interface Place {
  readonly name: string;
  /** What it may be; undefined: anything. */
  readonly of?: readonly Text[];
  /** Of a list: what stands between two of its entries. */
  readonly separator?: string;
}

/** A text that is known but for its places. */
export interface Text {
  readonly parts: readonly Part[];
  /** The file that it stands in. */
  readonly file: string;
  /** What in the source it was made by. */
  readonly template?: Template;
}

interface Template {
  /** The node of the source, for identity. */
  readonly node: object;
  readonly quasis: readonly string[];
  readonly slots: readonly Slot[];
  readonly separator?: string;
}

interface Slot {
  readonly name: string;
  readonly texts: readonly Text[];
}

/** The text of a template, with what may be put into each of its slots. */
export function fromTemplate(template: Template, file: string): Text {
  const { quasis, slots, separator } = template;
  if (separator !== undefined) {
    const [{ name, texts } = { name: 'value', texts: [] }] = slots;
    return { parts: [{ name, of: texts, separator }], file, template };
  }
  const parts = quasis.flatMap((quasi, index): readonly Part[] => {
    const slot = slots[index];
    return slot === undefined ? [quasi] : [quasi, ...partsOf(slot)];
  });
  return { parts: merged(parts), file, template };
}

function partsOf({ name, texts }: Slot): readonly Part[] {
  const [only, ...others] = texts;
  if (only === undefined) return [{ name }];
  return others.length === 0 ? only.parts : [{ name, of: texts }];
}

/** Neighbouring strings in one. */
export function merged(parts: readonly Part[]): readonly Part[] {
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (part === '') continue;
    if (typeof part === 'string' && typeof last === 'string') found[found.length - 1] = last + part;
    else found.push(part);
  }
  return found;
}

/** Each text once; texts that one template made are one, with more in its slots. @param name for what is not known */
export function mergeTexts(texts: readonly Text[], name?: string): readonly Text[] {
  if (texts.length < 2) return texts;
  const found = new Map<unknown, Text>();
  for (const text of texts) {
    const key = text.template?.node ?? (isOpaque(text) && name !== undefined ? 'open' : keyOfText(text));
    const known = found.get(key);
    if (known === undefined) found.set(key, text);
    else if (key === 'open' && keyOfText(known) !== keyOfText(text)) found.set(key, openText(name ?? ''));
    else if (known.template && text.template) found.set(key, united(known, text));
  }
  return [...new Map([...found.values()].map((text) => [keyOfText(text), text])).values()];
}

function openText(name: string): Text {
  return { parts: [{ name }], file: '' };
}

function united(one: Text, other: Text): Text {
  const { template } = one;
  if (template === undefined || keyOfText(one) === keyOfText(other)) return one;
  const slots = template.slots.map(({ name, texts }, index) => {
    const more = other.template?.slots[index]?.texts ?? [];
    return { name, texts: mergeTexts([...texts, ...more], name) };
  });
  return fromTemplate({ ...template, slots }, one.file);
}

/** Nothing of it is known. */
export function isOpaque({ parts }: Text): boolean {
  const [only, ...more] = parts;
  return more.length === 0 && typeof only === 'object' && only.of === undefined;
}

const keys = new WeakMap<Text, string>();

/** Equal for texts that read the same. */
export function keyOfText(text: Text): string {
  const known = keys.get(text);
  if (known !== undefined) return known;
  const key = text.parts.map(keyOfPart).join('');
  keys.set(text, key);
  return key;
}

function keyOfPart(part: Part): string {
  if (typeof part === 'string') return part;
  const of = part.of === undefined ? '' : `:${part.of.map(keyOfText).join('|')}`;
  return `<${part.name}${of}${part.separator ?? ''}>`;
}
