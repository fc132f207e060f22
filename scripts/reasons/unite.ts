import type { Row } from './rows.ts';
import { fromTemplate, keyOfText, mergeTexts, type Part, type Text } from './text.ts';

/**
 * Rows for people: what the entries of a list can say is told once, for all rows in which the list stands, though in one
 * of them some of it cannot come; and a row that begins with one of several texts is one row for each.
 */
export function unitedRows(rows: readonly Row[]): readonly Row[] {
  const versions = new Map<object, Text[]>();
  for (const { text } of rows) collect(text, versions, false);
  const whole = new Map([...versions].map(([node, texts]) => [node, mergeTexts(texts)[0]]));
  const written = rows.flatMap((row) => expanded(united(row.text, whole, [])).map((text) => ({ ...row, text })));
  return [...new Map(written.map((row) => [`${row.status} ${row.kind} ${keyOfText(row.text)}`, row])).values()];
}

/** What only writes numbers and nouns is the same everywhere, and says nothing by itself. */
const WRITERS = 'shared/text.ts';

function collect({ template, file, ...text }: Text, versions: Map<object, Text[]>, isEntry: boolean): void {
  if (template === undefined || file === WRITERS) return;
  if (isEntry) versions.set(template.node, [...(versions.get(template.node) ?? []), { template, file, ...text }]);
  const inList = isEntry || template.separator !== undefined;
  for (const { texts } of template.slots) for (const one of texts) collect(one, versions, inList);
}

/** A text that stands within itself is left as it is there. */
function united(text: Text, whole: ReadonlyMap<object, Text | undefined>, within: readonly object[]): Text {
  const { template } = text;
  if (template === undefined || text.file === WRITERS || within.includes(template.node)) return text;
  const { template: full = template } = whole.get(template.node) ?? text;
  const slots = full.slots.map(({ name, texts }) => ({
    name,
    texts: mergeTexts(texts.map((one) => united(one, whole, [...within, template.node]))),
  }));
  return fromTemplate({ ...full, slots }, text.file);
}

function expanded(text: Text): readonly Text[] {
  const [first, ...rest] = text.parts;
  if (typeof first !== 'object' || first.of === undefined || first.separator !== undefined) return [text];
  // A short choice of words reads well where it stands.
  if (first.of.every(({ parts }) => parts.every(isWord))) return [text];
  return first.of.flatMap((one) => expanded({ parts: [...one.parts, ...rest], file: one.file || text.file }));
}

function isWord(part: Part): boolean {
  return typeof part === 'string';
}
