/** Markup that cannot be forgotten to escape: whatever goes into the template is text unless it is markup itself. */

export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Value = Html | string | number | false | undefined | readonly Value[];

/** A template whose values are escaped, for text and for quoted attributes alike. Lists are joined, false is nothing. */
export function html(pieces: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(pieces.map((piece, index) => (index === 0 ? '' : render(values[index - 1])) + piece).join(''));
}

/** Markup of our own that no input has touched: the style sheet, the script, an icon. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\n': '&#10;',
};
// What HTML does not allow at all, or what turns the reading direction, is made visible.
const FORBIDDEN = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(FORBIDDEN, '\ufffd')
    .replace(/[&<>"'\n]/g, (character) => ENTITIES[character] ?? '');
}

/** A percentage for a style: three decimals, so that equal records give equal bytes without long tails. */
export function percent(value: number): string {
  return `${Math.round(value * 1_000) / 1_000}%`;
}
