/** The judgement for people at a terminal: the sentences, and under each the minutes of green and blue. */
import { type JudgeInput, type Metric, MINUTE } from '../../hooks/canary/judge/input.ts';
import type { Judgement, MetricResult } from '../../hooks/canary/judge/result.ts';
import { type Ink, type Paint, painter, type TimelineOptions } from '../../simulator/report/terminal/paint.ts';
import { plain, wrap } from '../../simulator/report/terminal/text.ts';
import { type Picture, pictureOf, valueIn, type Zone, zoneOf } from './lines.ts';
import { clockOf } from './time.ts';

const WIDEST = 100;
const INDENT = '  ';
/** Before each line of the plot: `  green  `. */
const LABEL = 9;
const HEIGHT = 2;
const LEVELS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const MARKS: Readonly<Record<Zone, string>> = { before: ' ', 'warm-up': '~', counted: '━', after: '·' };
const SIGNS: Readonly<Record<MetricResult['verdict'], { sign: string; ink: Ink }>> = {
  pass: { sign: '✓', ink: 'good' },
  fail: { sign: '✗', ink: 'bad' },
  inconclusive: { sign: '?', ink: 'wait' },
  nodata: { sign: '∅', ink: 'wait' },
  error: { sign: '!', ink: 'error' },
  muted: { sign: '–', ink: 'dim' },
};
const DECISIONS: Readonly<Record<Judgement['decision'], Ink>> = { pass: 'good', fail: 'bad', wait: 'wait' };

/** @param drawing colours, and columns to fill (at most 100 are used) */
export function renderTerminal(
  input: JudgeInput,
  judgement: Judgement,
  drawing: Pick<TimelineOptions, 'color' | 'width'>,
): string {
  const paint = painter(drawing.color);
  const width = Math.min(WIDEST, drawing.width);
  const zone = zoneOf(input, judgement.window.to);
  const verdict = wrap(plain(judgement.sentence), width).map((line) => paint(DECISIONS[judgement.decision], line));
  const metrics = judgement.metrics.flatMap((result, index) => {
    const metric = input.metrics[index];
    return metric ? ['', ...metricLines(input, metric, result, { paint, width, zone })] : [];
  });
  const key = `${MARKS['warm-up']} warm-up, left out   ${MARKS.counted} judged   ${MARKS.after} not judged`;
  return [...verdict, ...metrics, '', paint('dim', key), ''].join('\n');
}

interface Drawing {
  paint: Paint;
  width: number;
  zone: (minute: number) => Zone;
}

function metricLines(input: JudgeInput, metric: Metric, result: MetricResult, drawing: Drawing): string[] {
  const { paint, width } = drawing;
  const { sign, ink } = SIGNS[result.verdict];
  const [first = '', ...rest] = wrap(plain(sentenceOf(result)), width - INDENT.length);
  const said = [`${paint(ink, sign)} ${first}`, ...rest.map((line) => INDENT + line)];
  const picture = pictureOf(metric, input);
  if (picture.green.size + picture.blue.size === 0) return said;
  return [...said, ...plot(picture, drawing)];
}

/** A muted metric says that it is, for its sentence is of what it would be. */
function sentenceOf({ verdict, sentence }: MetricResult): string {
  return verdict === 'muted' ? `(muted) ${sentence}` : sentence;
}

function plot(picture: Picture, { paint, width, zone }: Drawing): string[] {
  const minutes = (picture.to - picture.from) / MINUTE;
  const step = Math.ceil(minutes / (width - LABEL)) * MINUTE;
  const columns = Array.from(
    { length: Math.ceil((minutes * MINUTE) / step) },
    (_, index) => picture.from + index * step,
  );
  const of = (line: Picture['green']) => columns.map((at) => valueIn(line, at, at + step));
  const [green, blue] = [of(picture.green), of(picture.blue)];
  const known = [...green, ...blue].filter((value) => value !== undefined);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const lines = (name: string, ink: Ink, values: typeof green) =>
    stack(values, low, high).map((text, row) =>
      `${INDENT}${(row === HEIGHT - 1 ? name : '').padEnd(LABEL - 2)}${paint(ink, text)}`.trimEnd(),
    );
  const marks = columns
    .map((at) => MARKS[zone(at)])
    .join('')
    .trimEnd();
  const each = step === MINUTE ? 'a column is a minute' : `a column is ${step / MINUTE} minutes`;
  const scale = `${clockOf(picture.from)} to ${clockOf(picture.to)} UTC, ${picture.write(low)} to ${picture.write(high)}, ${each}`;
  return [
    ...lines('green', 'target', green),
    ...lines('blue', 'source', blue),
    ...(marks === '' ? [] : [' '.repeat(LABEL) + paint('dim', marks)]),
    ...wrap(plain(scale), width - LABEL).map((line) => ' '.repeat(LABEL) + paint('dim', line)),
  ];
}

/** Bars of blocks, upper row first. The least value still has a foot, so that it is not taken for a gap. */
function stack(values: readonly (number | undefined)[], low: number, high: number): string[] {
  const eighths = values.map((value) => {
    if (value === undefined) return 0;
    const part = high > low ? (value - low) / (high - low) : 0;
    return Math.max(1, Math.round(part * HEIGHT * 8));
  });
  return Array.from({ length: HEIGHT }, (_, row) => {
    const below = (HEIGHT - 1 - row) * 8;
    return eighths.map((height) => LEVELS[Math.min(8, Math.max(0, height - below))] ?? ' ').join('');
  });
}
