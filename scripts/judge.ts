/** npm run judge -- <file> [--html FILE] [--json] …: judges a recorded window again; the exit code is the decision. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { parseArgs } from 'node:util';
import type { JudgeInput } from '../hooks/canary/judge/input.ts';
import { judge } from '../hooks/canary/judge/judge.ts';
import type { Judgement } from '../hooks/canary/judge/result.ts';
import { timelineOptions } from '../simulator/report/terminal/paint.ts';
import { messageOf } from '../simulator/scenario/problem.ts';
import { EXIT, runCommand, UsageError } from './command.ts';
import { readCsv } from './judge/csv.ts';
import { readDocument } from './judge/document.ts';
import { renderHtml } from './judge/html.ts';
import { renderTerminal } from './judge/terminal.ts';
import { MOMENT, momentOf } from './judge/time.ts';

const USAGE = `npm run judge -- <file.json | file.csv> [options]

  --json              print the judgement as JSON instead of the plot
  --html FILE         write a report with green and blue over time
  --now MOMENT        judge as if it were then (default: the document's now; of CSV when the run's data are complete)

Of CSV, with the header metric,side,part,time,value:
  --from MOMENT       when green's share of the traffic began (required)
  --minutes N         how long the run lasts from there (default: to the last point)
  --every N           minutes between looks (default: one look at the end)
  --share N           green's share of the traffic, 0 to 1; checks that the requests match it
  --kind ID=KIND      count, gauge or gauge:STATISTIC such as gauge:p90 (repeatable; default by its parts, Average)

Exit: 0 pass, 1 fail, 3 neither (wait for more), 2 the file or the call is wrong.`;

const DECIDED: Readonly<Record<Judgement['decision'], number>> = { pass: EXIT.met, fail: EXIT.unmet, wait: 3 };

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      html: { type: 'string' },
      now: { type: 'string' },
      from: { type: 'string' },
      minutes: { type: 'string' },
      every: { type: 'string' },
      share: { type: 'string' },
      kind: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const [file, ...rest] = positionals;
  if (file === undefined) throw new UsageError(USAGE);
  if (rest.length > 0) throw new UsageError(`One file at a time: ${positionals.join(', ')}`);
  const { json, html, now, help: _, ...csv } = values;
  const recorded = await read(file, csv);
  const input = now === undefined ? recorded : { ...recorded, now: moment('--now', now) };
  const judgement = judged(input, file);
  if (html !== undefined) await writeReport(html, renderHtml(input, judgement));
  const drawing = timelineOptions(process.stdout, process.env);
  process.stdout.write(json ? `${JSON.stringify(judgement, null, 2)}\n` : renderTerminal(input, judgement, drawing));
  return DECIDED[judgement.decision];
}

interface CsvValues {
  from?: string | undefined;
  minutes?: string | undefined;
  every?: string | undefined;
  share?: string | undefined;
  kind?: string[] | undefined;
}

/** @throws UsageError */
async function read(file: string, { from, minutes, every, share, kind = [] }: CsvValues): Promise<JudgeInput> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new UsageError(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  if (extname(file).toLowerCase() !== '.csv') {
    const given = Object.entries({ from, minutes, every, share, kind: kind[0] }).find(
      ([, value]) => value !== undefined,
    );
    if (given) throw new UsageError(`--${given[0]} goes with a .csv file; a JSON document says it itself`);
    return readDocument(text, file);
  }
  if (from === undefined) throw new UsageError('A .csv file needs --from: when green began to take traffic');
  return readCsv(text, file, {
    from: moment('--from', from),
    minutes: number('--minutes', minutes, 1, 10_080),
    everyMinutes: number('--every', every, 1, 10_080),
    share: number('--share', share, 0, 1),
    kinds: kind,
  });
}

/** @throws UsageError */
function moment(option: string, text: string): number {
  const at = momentOf(text);
  if (at === undefined) throw new UsageError(`${option} must be ${MOMENT}, not ${JSON.stringify(text)}`);
  return at;
}

/** @throws UsageError */
function number(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}

/** @throws UsageError when the plan is impossible, or two metrics have one id */
function judged(input: JudgeInput, file: string): Judgement {
  try {
    return judge(input);
  } catch (cause) {
    if (cause instanceof RangeError) throw new UsageError(`${file}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** @throws UsageError */
async function writeReport(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(`--html: ${messageOf(cause)}`, { cause });
  }
}

await runCommand(main);
