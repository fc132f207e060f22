/** Text as a terminal takes it: what a reason may hold must neither steer the terminal nor break the columns. */

const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
/** Invisible characters that turn the reading direction: they could make a reason read as something else. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]/u;
const ZERO = /^[\p{Mark}\p{Cf}]+$/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** One line, without control characters: white space becomes one space, anything else a visible `�`. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/\s+/gu, ' ').replace(CONTROL, '\ufffd').replace(BIDI, '\ufffd').trim();
}

/** Columns that the text takes on a terminal. */
export function columns(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += columnsOf(segment);
  return width;
}

function columnsOf(grapheme: string): number {
  if (ZERO.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** The text in at most `width` columns, with `…` where it was cut. */
export function truncate(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let cut = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += columnsOf(segment);
    if (used > width - 1) break;
    cut += segment;
  }
  return width < 1 ? '' : `${cut}…`;
}

/** The text filled up with spaces, or cut, to exactly `width` columns. */
export function pad(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const cut = truncate(text, width);
  const space = ' '.repeat(Math.max(0, width - columns(cut)));
  return side === 'left' ? cut + space : space + cut;
}

/** Lines of at most `width` columns, broken at spaces; a word longer than a line (an ARN) is broken where it must. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (columns(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = chop(word, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1) ?? '';
  }
  return [...lines, line];
}

/** Wraps with the first line shorter (or on a line of its own, where hardly anything would fit) and the rest hanging. */
export function hangingWrap(text: string, width: number, firstAt: number, hang: number): string[] {
  if (columns(text) <= width - firstAt) return [text];
  const roomFirst = width - firstAt;
  const [first = ''] = wrap(text, Math.max(1, roomFirst));
  if (roomFirst < 20 || !text.startsWith(`${first} `)) return ['', ...wrap(text, width - hang)];
  return [first, ...wrap(text.slice(first.length + 1), width - hang)];
}

function chop(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    const step = columnsOf(segment);
    if (used + step > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += segment;
    used += step;
  }
  return [...pieces, piece];
}
