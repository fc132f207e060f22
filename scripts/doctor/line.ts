import { oneLine } from '../../shared/text.ts';

/** right: looked at, and as it should be. unknown: could not be looked at, which is never right. */
export type Mark = 'right' | 'warning' | 'wrong' | 'unknown';

/** What was found about one thing. */
export interface Line {
  /** What was looked at, in a word or two; the same at every run. */
  check: string;
  mark: Mark;
  text: string;
  /** What to do about it. */
  todo?: string;
}

export interface Section {
  title: string;
  lines: readonly Line[];
}

export function right(check: string, text: string): Line {
  return { check, mark: 'right', text: oneLine(text, 500) };
}

export function warning(check: string, text: string, todo?: string): Line {
  return { check, mark: 'warning', text: oneLine(text, 500), ...(todo !== undefined && { todo }) };
}

export function wrong(check: string, text: string, todo: string): Line {
  return { check, mark: 'wrong', text: oneLine(text, 500), todo };
}

/** What could not be looked at, with the permission that was missing, if it was one. */
export function unknown(check: string, { why, permission }: { why: string; permission?: string }): Line {
  const [text, todo] =
    permission === undefined
      ? [`could not be looked at: ${oneLine(why, 300)}`, 'look again']
      : [`could not be looked at without ${permission}`, 'allow it to whoever runs doctor'];
  return { check, mark: 'unknown', text, todo };
}
