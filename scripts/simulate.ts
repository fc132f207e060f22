/** npm run simulate -- <scenario.yaml> [--json] [--all-readings] …: plays a scenario; exit 0 when its expectations hold. */
import { mkdir, open } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { parseChoices } from '../simulator/engine/readings.ts';
import { READINGS } from '../simulator/engine/readings-table.ts';
import { renderHtml } from '../simulator/report/html.ts';
import { renderSummary } from '../simulator/report/summary.ts';
import { timelineOptions } from '../simulator/report/terminal/paint.ts';
import { Timeline } from '../simulator/report/timeline.ts';
import { inTurn } from '../simulator/scenario/in-turn.ts';
import { loadScenario } from '../simulator/scenario/load.ts';
import { play } from '../simulator/scenario/play.ts';
import { playAllReadings } from '../simulator/scenario/play-all-readings.ts';
import { messageOf } from '../simulator/scenario/problem.ts';
import type { Scenario } from '../simulator/scenario/schema.ts';
import { EXIT, runCommand, spelled, UsageError, wholeNumber } from './command.ts';

const USAGE = `${spelled('simulate')} <scenario.yaml> [options]

  --json              print the record of the play as JSON instead of the timeline
  --html FILE         write the HTML report
  --reading ID=VALUE  choose a reading of what AWS does not document (repeatable)
  --readings          list the readings and their values
  --all-readings      play under every combination of readings that the scenario can tell apart
  --cap N             at most N plays with --all-readings (default 500)
  --dist DIR          where the built hooks are (default dist)

Exit: 0 expectations met, 1 not met, 2 the scenario or the call is wrong.`;

interface Options {
  json: boolean;
  html: string | undefined;
  allReadings: boolean;
  cap: number;
  dist: string;
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      html: { type: 'string' },
      reading: { type: 'string', multiple: true, default: [] },
      readings: { type: 'boolean', default: false },
      'all-readings': { type: 'boolean', default: false },
      cap: { type: 'string' },
      dist: { type: 'string', default: join(import.meta.dirname, '../dist') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return say(USAGE);
  if (values.readings) return say(listReadings());
  const [file, ...rest] = positionals;
  if (file === undefined) throw new UsageError(USAGE);
  if (rest.length > 0) throw new UsageError(`One scenario at a time: ${positionals.join(', ')}`);
  const { json, html, 'all-readings': allReadings } = values;
  if (allReadings && html !== undefined) throw new UsageError('--html draws one play; --all-readings makes many');
  if (!allReadings && values.cap !== undefined) throw new UsageError('--cap goes with --all-readings');
  const cap = wholeNumber('--cap', values.cap ?? '500', 1, Number.MAX_SAFE_INTEGER);
  const dist = relative('.', values.dist) || '.';
  const scenario = await loadScenario(file, { dist, readings: chosen(values.reading) });
  const options = { json, html, allReadings, cap, dist };
  return allReadings ? runAllReadings(scenario, options) : run(scenario, options);
}

/** @throws UsageError */
function chosen(texts: readonly string[]): Record<string, string> {
  const choices = texts.map((text): [string, string] => {
    const [id = '', value] = text.split('=', 2);
    if (value === undefined) throw new UsageError(`--reading takes ID=VALUE, not ${JSON.stringify(text)}`);
    return [id, value];
  });
  try {
    return { ...parseChoices(Object.fromEntries(choices)) };
  } catch (cause) {
    throw new UsageError(`--reading: ${messageOf(cause)}`, { cause });
  }
}

async function run(scenario: Scenario, { json, html, dist }: Options): Promise<number> {
  // Opened first: nobody should wait for a play whose report cannot be written.
  const report = html === undefined ? undefined : await openReport(html);
  const drawing = timelineOptions(process.stdout, process.env);
  const timeline = json ? undefined : new Timeline(process.stdout, drawing);
  const onEvent = inTurn((event) => timeline?.on(event));
  const record = await play(scenario, { dist, onEvent });
  timeline?.close();
  await report?.writeFile(renderHtml(record));
  await report?.close();
  process.stdout.write(json ? `${JSON.stringify(record, null, 2)}\n` : `\n${renderSummary([record], drawing)}`);
  return record.expectation?.met === false ? EXIT.unmet : EXIT.met;
}

/** @throws UsageError */
async function openReport(file: string) {
  try {
    await mkdir(dirname(file), { recursive: true });
    return await open(file, 'w');
  } catch (cause) {
    throw new UsageError(`--html: ${messageOf(cause)}`, { cause });
  }
}

async function runAllReadings(scenario: Scenario, { cap, dist, json }: Options): Promise<number> {
  const fixed = parseChoices(scenario.readings);
  const { plays, unplayed, outcomes } = await playAllReadings(scenario, { cap, fixed, dist });
  if (json) say(JSON.stringify({ plays, unplayed, outcomes }, null, 2));
  else {
    const capped = unplayed > 0 ? `, ${count(unplayed, 'branch', 'branches')} found and not played (--cap)` : '';
    say(`${scenario.name}: ${count(plays, 'combination')} of readings played${capped}`);
    for (const { times, met, statuses, failures, example } of outcomes) {
      say(`${met ? '✓' : '✗'} ${times} × ${statuses.join(', ') || 'refused'}`);
      for (const failure of failures) say(`    ${failure}`);
      const deviations = Object.entries(example).map(([id, value]) => `${id}=${value}`);
      if (outcomes.length > 1) say(`    for example with ${deviations.join(', ') || 'the default readings'}`);
    }
  }
  return outcomes.every(({ met }) => met) ? EXIT.met : EXIT.unmet;
}

function listReadings(): string {
  return Object.entries(READINGS)
    .map(([id, { description, values, default: standard }]) => {
      const shown = values.map((value) => (value === standard ? `${value} (default)` : value)).join(' | ');
      return `${id}: ${shown}\n    ${description}`;
    })
    .join('\n');
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.met;
}

await runCommand(main);
