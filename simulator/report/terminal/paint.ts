/** Colours of the terminal timeline: the sixteen that every terminal has, so that the reader's own theme applies. */

const CODES = {
  bold: '1',
  dim: '2',
  good: '32',
  bad: '31',
  wait: '33',
  error: '35',
  source: '94',
  target: '32',
  stage: '36',
} as const;

export type Ink = keyof typeof CODES;
export type Paint = (ink: Ink, text: string) => string;

/** Without colour, text comes back as it is: every mark must be readable by its shape alone. */
export function painter(color: boolean): Paint {
  return (ink, text) => (color && text !== '' ? `\u001b[${CODES[ink]}m${text}\u001b[0m` : text);
}

/** How the terminal is drawn on. */
export interface TimelineOptions {
  color: boolean;
  /** Columns to fill. */
  width: number;
  /** Whether lines already written may be written over. */
  tty: boolean;
}

const NARROWEST = 60;
const WIDEST = 120;
const STILL_WIDTH = 100;

/**
 * How to draw on a stream. Honours NO_COLOR (no-color.org: present and not empty) and `TERM=dumb`; a terminal too narrow
 * for the live part gets the still form.
 * @param env the process's environment
 */
export function timelineOptions(
  stream: { isTTY?: boolean; columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): TimelineOptions {
  const { isTTY = false, columns = STILL_WIDTH } = stream;
  const terminal = isTTY && env.TERM !== 'dumb';
  return {
    tty: terminal && columns >= NARROWEST,
    color: terminal && !env.NO_COLOR,
    width: terminal ? Math.min(WIDEST, Math.max(NARROWEST, columns)) : STILL_WIDTH,
  };
}
