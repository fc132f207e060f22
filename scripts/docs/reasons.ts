import type { AnyHook } from '../../shared/hook.ts';
import { adviceFor } from '../reasons/advice.ts';
import { servicesOf } from '../reasons/book.ts';
import { frameworkRows, hookRows, type Row, type RowKind } from '../reasons/rows.ts';
import { keyOfText } from '../reasons/text.ts';
import { unitedRows } from '../reasons/unite.ts';
import { type Told, Writer } from '../reasons/write.ts';

export interface WrittenRow {
  /** `framework`, or the hook's id. */
  readonly owner: string;
  readonly status: Row['status'];
  readonly kind: RowKind;
  readonly text: string;
  readonly file: string;
  readonly advice: string | undefined;
}

/** The reasons of one hook, or of the framework, as they are written. */
export interface WrittenReasons {
  readonly owner: string;
  readonly rows: readonly WrittenRow[];
  readonly places: readonly Told[];
}

/** All reasons, the framework's first. */
export function writtenReasons(hooks: readonly AnyHook[]): readonly WrittenReasons[] {
  const framework = frameworkRows(servicesOf(hooks));
  const key = ({ status, text }: Row) => `${status} ${keyOfText(text)}`;
  const shared = new Set(framework.map(key));
  const own = hooks.map(({ name }) => {
    return write(
      name,
      hookRows(name).filter((row) => !shared.has(key(row))),
    );
  });
  return [write('framework', framework), ...own];
}

function write(owner: string, rows: readonly Row[]): WrittenReasons {
  const writer = new Writer();
  const written = unitedRows(rows).map(({ status, kind, text: source }): WrittenRow => {
    const text = writer.write(source);
    return { owner, status, kind, text, file: source.file, advice: adviceFor(owner, text) };
  });
  return { owner, rows: written, places: writer.places() };
}

/** The whole of docs/reasons.md that is generated. */
export function reasonTables(hooks: readonly AnyHook[]): string {
  return writtenReasons(hooks).map(section).join('\n\n');
}

function section({ owner, rows, places }: WrittenReasons): string {
  const title = owner === 'framework' ? 'The framework' : owner;
  const verdicts = rows.filter(({ kind }) => kind === 'verdict' || kind === 'refusal');
  const parts = [
    `## ${title}`,
    table(verdicts),
    ...named('On an event of EventBridge, for the log alone:', rows, 'event'),
    ...named('In a rollback, which goes on; the reason is `Rolling back, …: ` and this:', rows, 'rollback'),
    ...named('Could not tell, and looks again; the reason is `Could not tell yet (…): ` and this:', rows, 'trouble'),
    ...(places.length === 0
      ? []
      : [
          `What stands in the places of ${owner === 'framework' ? 'these' : `${owner}'s`} reasons:`,
          placesTable(places),
        ]),
  ];
  return parts.join('\n\n');
}

function named(title: string, rows: readonly WrittenRow[], wanted: RowKind): string[] {
  const found = rows.filter(({ kind }) => kind === wanted);
  return found.length === 0 ? [] : [title, table(found)];
}

function table(rows: readonly WrittenRow[]): string {
  const isTrouble = rows.every(({ kind }) => kind === 'trouble' || kind === 'rollback');
  const lines = rows.map(({ status, text, file, advice = '' }) => {
    const source = `[${file.slice(file.lastIndexOf('/') + 1)}](../${file})`;
    return isTrouble ? `| ${inCell(text)} | ${source} |` : `| ${status} | ${inCell(text)} | ${advice} | ${source} |`;
  });
  const head = isTrouble
    ? ['| reason | in |', '|---|---|']
    : ['| answer | reason | what to do | in |', '|---|---|---|---|'];
  return [...head, ...lines].join('\n');
}

function placesTable(places: readonly Told[]): string {
  const rows = places.map(({ name, says, separator }) => {
    const shown = says.map((one) => (one === '' ? 'nothing' : inCell(one))).join('<br>');
    return `| ${inCell(separator === undefined ? `<${name}>` : `<${name}${separator}…>`)} | ${shown} |`;
  });
  return ['| place | one of, in a list any of |', '|---|---|', ...rows].join('\n');
}

/** As code in a cell of a table, where a bar would end the cell. */
function inCell(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll('|', '\\|')}${fence}`;
}
