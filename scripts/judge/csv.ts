/** A recorded window as CSV: one row a point, `metric,side,part,time,value`. */
import {
  type CountSide,
  type GaugeSide,
  type JudgeInput,
  type Metric,
  MINUTE,
  type Point,
  SETTINGS,
  type Series,
} from '../../hooks/canary/judge/input.ts';
import { UsageError } from '../command.ts';
import { MOMENT, momentOf } from './time.ts';

/** What the rows do not say. */
export interface CsvPlan {
  /** Epoch milliseconds. Points of blue before it are its history. */
  from: number;
  minutes: number | undefined;
  everyMinutes: number | undefined;
  share: number | undefined;
  /** `id=count`, `id=gauge` or `id=gauge:STATISTIC`. */
  kinds: readonly string[];
}

const HEADER = ['metric', 'side', 'part', 'time', 'value'];
const SIDES: readonly string[] = ['green', 'blue'];
const PARTS: Readonly<Record<string, Metric['kind']>> = {
  events: 'count',
  requests: 'count',
  values: 'gauge',
  samples: 'gauge',
};

interface Row extends Point {
  line: number;
  metric: string;
  side: string;
  part: string;
}

/**
 * Reads a JudgeInput from rows of CloudWatch data. Empty lines and lines that begin with # are passed over.
 * @param name of the file, for messages
 * @throws UsageError with file and line
 */
export function readCsv(text: string, name: string, plan: CsvPlan): JudgeInput {
  const rows = rowsOf(text, name);
  const statistics = kindsOf(plan.kinds, rows, name);
  const metrics = [...Map.groupBy(rows, ({ metric }) => metric)].map(([id, own]) =>
    metricOf(id, own, plan, statistics),
  );
  const last = rows.reduce((most, { at }) => Math.max(most, at), 0);
  const start = Math.ceil(plan.from / MINUTE) * MINUTE;
  const minutes = plan.minutes ?? Math.floor((last - start) / MINUTE) + 1;
  if (minutes < 1) throw new UsageError(`${name}: no point is at or after --from`);
  const { from, everyMinutes, share } = plan;
  const requests = metrics.find((metric) => metric.kind === 'count');
  if (share !== undefined && !requests?.baseline)
    throw new UsageError('--share needs the requests of green and blue: a count with both sides');
  return {
    now: start + (minutes + SETTINGS.delayMinutes) * MINUTE,
    plan: { from, minutes, ...(everyMinutes === undefined ? {} : { everyMinutes }) },
    metrics,
    ...(share !== undefined && requests?.baseline
      ? {
          weights: [{ at: from, share }],
          traffic: { canary: requests.canary.requests, baseline: requests.baseline.requests },
        }
      : {}),
  };
}

/** @throws UsageError */
function rowsOf(text: string, name: string): Row[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '' && !content.startsWith('#'));
  const [head, ...body] = lines;
  const wrong = (line: number, words: string) => new UsageError(`${name}:${line}: ${words}`);
  if (head === undefined) throw new UsageError(`${name} is empty: the header ${HEADER.join(',')} is expected`);
  if (cellsOf(head.content)?.join() !== HEADER.join())
    throw wrong(head.line, `the header must be ${HEADER.join(',')}, not ${head.content}`);
  if (body.length === 0) throw wrong(head.line, 'no rows follow the header');
  const seen = new Map<string, number>();
  return body.map(({ content, line }) => {
    const row = rowOf(content, line, (words) => wrong(line, words));
    const key = JSON.stringify([row.metric, row.side, row.part, Math.floor(row.at / MINUTE)]);
    const before = seen.get(key);
    if (before !== undefined) throw wrong(line, `line ${before} already has this minute of the same series`);
    seen.set(key, line);
    return row;
  });
}

/** @throws what `wrong` makes */
function rowOf(content: string, line: number, wrong: (words: string) => Error): Row {
  const cells = cellsOf(content);
  if (cells === undefined) throw wrong('a quoted cell is not closed, or goes on after its quote');
  if (cells.length !== HEADER.length) throw wrong(`${HEADER.length} cells are expected, not ${cells.length}`);
  const [metric = '', side = '', part = '', time = '', number = ''] = cells;
  if (metric === '') throw wrong('the metric has no name');
  if (!SIDES.includes(side)) throw wrong(`side must be green or blue, not ${JSON.stringify(side)}`);
  if (!Object.hasOwn(PARTS, part))
    throw wrong(`part must be ${Object.keys(PARTS).join(', ')}, not ${JSON.stringify(part)}`);
  const at = momentOf(time);
  if (at === undefined) throw wrong(`time must be ${MOMENT}, not ${JSON.stringify(time)}`);
  const value = Number(number);
  if (number === '' || !Number.isFinite(value)) throw wrong(`value must be a number, not ${JSON.stringify(number)}`);
  return { line, metric, side, part, at, value };
}

/** Cells as RFC 4180 quotes them, but none that goes over the end of a line; undefined when the quotes are wrong. */
function cellsOf(line: string): string[] | undefined {
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  const cells: string[] = [];
  for (;;) {
    const found = cell.exec(line);
    if (!found) return undefined;
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2]?.trim() ?? '');
    if (found[3] === '') return cells;
  }
}

/**
 * The statistic of each gauge, where it is named.
 * @throws UsageError when a kind is not known, or is not that of the rows
 */
function kindsOf(kinds: readonly string[], rows: readonly Row[], name: string): Map<string, string> {
  const asked = new Map(kinds.map((text) => [text.slice(0, text.lastIndexOf('=')), text] as const));
  const statistics = new Map<string, string>();
  for (const [id, text] of asked) {
    const [, kind = '', statistic] = /^(count|gauge)(?::(.+))?$/.exec(text.slice(id.length + 1)) ?? [];
    if (kind === '' || (kind === 'count' && statistic !== undefined))
      throw new UsageError(`--kind takes ID=count, ID=gauge or ID=gauge:STATISTIC, not ${JSON.stringify(text)}`);
    const row = rows.find(({ metric }) => metric === id);
    if (row === undefined) throw new UsageError(`--kind: ${name} has no metric ${JSON.stringify(id)}`);
    if (PARTS[row.part] !== kind)
      throw new UsageError(`${name}:${row.line}: ${row.part} do not belong to a ${kind}, which --kind says ${id} is`);
    statistics.set(id, statistic ?? 'Average');
  }
  for (const [metric, own] of Map.groupBy(rows, (row) => row.metric)) {
    const odd = own.find(({ part }) => PARTS[part] !== PARTS[own[0]?.part ?? '']);
    if (odd)
      throw new UsageError(
        `${name}:${odd.line}: ${metric} has both ${own[0]?.part} and ${odd.part}: a count or a gauge?`,
      );
  }
  return statistics;
}

function metricOf(
  id: string,
  rows: readonly Row[],
  { from }: CsvPlan,
  statistics: ReadonlyMap<string, string>,
): Metric {
  const green = rows.filter(({ side }) => side === 'green');
  const blue = Map.groupBy(
    rows.filter(({ side }) => side === 'blue'),
    ({ at }) => (at < from ? 'history' : 'baseline'),
  );
  if (rows.some(({ part }) => PARTS[part] === 'count')) {
    const sides = Object.fromEntries([...blue].map(([name, own]) => [name, countSide(own)]));
    return { id, kind: 'count', canary: countSide(green), ...sides };
  }
  const sides = Object.fromEntries([...blue].map(([name, own]) => [name, gaugeSide(own)]));
  return { id, kind: 'gauge', statistic: statistics.get(id) ?? 'Average', canary: gaugeSide(green), ...sides };
}

function countSide(rows: readonly Row[]): CountSide {
  return { events: series(rows, 'events'), requests: series(rows, 'requests') };
}

function gaugeSide(rows: readonly Row[]): GaugeSide {
  const samples = series(rows, 'samples');
  return { values: series(rows, 'values'), ...(samples.points.length > 0 ? { samples } : {}) };
}

function series(rows: readonly Row[], part: string): Series {
  const points = rows.filter((row) => row.part === part).map(({ at, value }) => ({ at, value }));
  return { status: 'Complete', points };
}
