import { count } from '../../shared/text.ts';
import type { Line, Mark, Section } from './line.ts';

const SIGNS: Readonly<Record<Mark, string>> = { right: '✓', warning: '!', wrong: '✗', unknown: '?' };

/** For people: a line each, and what to do under what is not right. */
export function report(sections: readonly Section[]): string {
  const parts = sections.map(({ title, lines }) => `${title}\n${lines.map(lineText).join('')}`);
  return `${parts.join('\n')}\n${summary(sections)}\n`;
}

function lineText({ check, mark, text, todo }: Line): string {
  const hint = todo === undefined || mark === 'right' ? '' : `      → ${todo}\n`;
  return `  ${SIGNS[mark]} ${check}: ${text}\n${hint}`;
}

function summary(sections: readonly Section[]): string {
  const of = (mark: Mark) => sections.flatMap(({ lines }) => lines).filter((line) => line.mark === mark).length;
  return `${of('right')} right, ${count(of('warning'), 'warning')}, ${of('wrong')} wrong, ${of('unknown')} could not be looked at`;
}

/** Nothing wrong, and nothing that could not be looked at. */
export function isWell(sections: readonly Section[]): boolean {
  return sections.every(({ lines }) => lines.every(({ mark }) => mark === 'right' || mark === 'warning'));
}
