import { readFileSync } from 'node:fs';

const PAGE = readFileSync(new URL('../docs/admission.md', import.meta.url), 'utf8');

/** The text under a heading, up to the next one of its level or above. @throws Error when there is no such heading */
export function section(heading: string): string {
  const level = heading.indexOf(' ');
  const found = PAGE.split(new RegExp(`^(?=#{1,${level}} )`, 'm')).find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`docs/admission.md has no heading "${heading}"`);
  return found.slice(heading.length).trim();
}

/** The JSON texts in a section. */
export function jsonIn(text: string): string[] {
  return [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, json = '']) => json);
}

/** The rows of the tables in a section, as cells, without their headings. */
export function rowsIn(text: string): string[][] {
  return [...text.matchAll(/^\|[-|]+\|\n((?:\|.*\|\n?)+)/gm)].flatMap(([, rows = '']) =>
    rows
      .trim()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((one) => one.trim()),
      ),
  );
}

/** The `code` in a text. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** What stands in the page for any text, as an expression: the whole of a reason, or a part of it. */
export function patternOf(reason: string): RegExp {
  const pieces = reason.split('…').map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(pieces.join('.*'));
}

export interface WorkedPolicy {
  title: string;
  /** What it admits and denies. */
  sentence: string;
  json: string;
}

/** The policies that the page works through, in order. */
export function workedPolicies(): WorkedPolicy[] {
  const parts = section('## Ten policies, and what a service adds').split(/^### \d+\. /m);
  return parts.slice(1).map((part) => {
    const [title = '', sentence = ''] = part.split('\n\n');
    const [json, ...more] = jsonIn(part);
    if (json === undefined || more.length > 0) throw new Error(`"${title}" has not one policy`);
    return { title, sentence, json };
  });
}
