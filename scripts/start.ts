/** npm start [-- <service>… | --interactive]: plays Unicorn Watch with the built hooks, and writes the HTML report. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import type { PlayRecord } from '../simulator/record.ts';
import { renderHtml } from '../simulator/report/html.ts';
import { renderSummary } from '../simulator/report/summary.ts';
import { timelineOptions } from '../simulator/report/terminal/paint.ts';
import { Timeline } from '../simulator/report/timeline.ts';
import type { TimelineEvent } from '../simulator/report/timeline-event.ts';
import { inTurn } from '../simulator/scenario/in-turn.ts';
import { loadScenario } from '../simulator/scenario/load.ts';
import { type PlayOptions, play } from '../simulator/scenario/play.ts';
import type { Scenario } from '../simulator/scenario/schema.ts';
import { hasPrograms } from '../simulator/scenario/tasks.ts';
import { EXIT, runCommand, UsageError, wholeNumber } from './command.ts';

/** The services of Unicorn Watch, each with its scenario. */
const SERVICES = ['ui', 'catalog', 'catalog-load', 'admission', 'notifications'];
const ROOT = relative('.', join(import.meta.dirname, '..')) || '.';
const SCENARIOS = join(ROOT, 'simulator/scenarios');
const DIST = join(ROOT, 'dist');
const REPORT = join(ROOT, 'reports/unicorn-watch.html');
const USAGE = `npm start [-- <service>…]        plays Unicorn Watch, or some of its services: ${SERVICES.join(', ')}
npm start -- --interactive     you decide, with npm run approve in another terminal
                               (--port N: the AWS endpoint's port, default 4566)`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      interactive: { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.met;
  }
  const unknown = positionals.filter((service) => !SERVICES.includes(service));
  if (unknown.length > 0) throw new UsageError(`No such service: ${unknown.join(', ')}\n\n${USAGE}`);
  if (!values.interactive) {
    if (values.port !== undefined) throw new UsageError('--port goes with --interactive');
    return playServices(positionals.length > 0 ? positionals : SERVICES);
  }
  if (positionals.length > 0) throw new UsageError('--interactive plays a scenario of its own; name no service');
  return playInteractively(wholeNumber('--port', values.port ?? '4566', 0, 65_535));
}

async function playServices(services: readonly string[]): Promise<number> {
  const scenarios = await Promise.all(services.map(load));
  const records = new Map<Scenario, PlayRecord>();
  for (const scenario of scenarios.filter((one) => !hasPrograms(one))) {
    records.set(scenario, await playOne(scenario, {}, newTimeline()));
  }
  await playSideBySide(scenarios.filter(hasPrograms), records);
  return report(scenarios.flatMap((scenario) => records.get(scenario) ?? []));
}

/** Those that take real time take it together; each is told as a whole, in turn. */
async function playSideBySide(scenarios: readonly Scenario[], records: Map<Scenario, PlayRecord>): Promise<void> {
  const options = { ...timelineOptions(process.stdout, process.env), tty: false };
  const turns = scenarios.map(() => new Turn());
  const plays = scenarios.map((scenario, index) =>
    playOne(scenario, {}, new Timeline(turns[index] ?? new Turn(), options)),
  );
  // Else a failure that comes before its turn would be nobody's.
  for (const play of plays) play.catch(() => undefined);
  for (const [index, scenario] of scenarios.entries()) {
    turns[index]?.come();
    const record = await plays[index];
    if (record !== undefined) records.set(scenario, record);
  }
}

/** Keeps what is written until its turn has come. */
class Turn {
  #kept: string[] | undefined = [];

  write(text: string): void {
    if (this.#kept === undefined) process.stdout.write(text);
    else this.#kept.push(text);
  }

  come(): void {
    process.stdout.write(this.#kept?.join('') ?? '');
    this.#kept = undefined;
  }
}

/** At real speed from the real now on, so that all times agree with the approver's own clock. */
async function playInteractively(port: number): Promise<number> {
  const scenario = { ...(await load('ui-interactive')), start: new Date().toISOString() };
  const timeline = newTimeline();
  const asked = new Set<string>();
  let endpointUrl = '';
  const onEvent = ({ deployment: { deploymentId }, ...event }: TimelineEvent) => {
    if (event.kind !== 'invocation' || event.hook.name !== 'approval' || asked.has(deploymentId)) return;
    asked.add(deploymentId);
    timeline.say(hint(deploymentId, endpointUrl));
  };
  const onReady = (url: string) => {
    endpointUrl = url;
  };
  try {
    return await report([
      await playOne(scenario, { port, pace: { kind: 'real', factor: 1 }, onEvent, onReady }, timeline),
    ]);
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
    throw isTaken
      ? new UsageError(`Port ${port} is taken: choose another with --port, or 0 for any`, { cause })
      : cause;
  }
}

/** What to type as soon as an approval is asked for. */
function hint(deploymentId: string, endpointUrl: string): string {
  const command = (vote: string) =>
    `  npm run approve -- ${vote} ${deploymentId} --endpoint-url ${endpointUrl} --as ana`;
  return `\nIn another terminal:\n${command('accept')}\n${command('decline --reason "why not"')}\n`;
}

function load(name: string): Promise<Scenario> {
  return loadScenario(join(SCENARIOS, `${name}.yaml`), { dist: DIST });
}

function newTimeline(): Timeline {
  return new Timeline(process.stdout, timelineOptions(process.stdout, process.env));
}

async function playOne(scenario: Scenario, options: PlayOptions, timeline: Timeline): Promise<PlayRecord> {
  const onEvent = inTurn((event) => {
    timeline.on(event);
    options.onEvent?.(event);
  });
  const record = await play(scenario, { ...options, dist: DIST, onEvent });
  timeline.close();
  return record;
}

async function report(records: readonly PlayRecord[]): Promise<number> {
  await mkdir(dirname(REPORT), { recursive: true });
  await writeFile(REPORT, renderHtml(records));
  process.stdout.write(`\n${renderSummary(records, timelineOptions(process.stdout, process.env))}`);
  process.stdout.write(`\nReport: ${REPORT}\n`);
  return records.every(({ expectation }) => expectation?.met !== false) ? EXIT.met : EXIT.unmet;
}

await runCommand(main);
