import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Measurement, MeasureOptions } from './generator/measure.ts';
import { shownRatio, spread } from './statistics.ts';

const CONNECTIONS = 50;
const SECONDS = 3;
/** Requests a second. */
const RATES = [500, 2000, 10_000];
/** A round takes half a minute. */
const MOST_ROUNDS = 5;

/**
 * The traffic generator beside autocannon and wrk, all over as many connections to one local server, each in a process
 * of its own and one after another in every round; then at fixed rates, for how well it keeps its schedule. wrk is left
 * out where it is not installed.
 */
export async function benchGenerator(rounds: number): Promise<string[]> {
  const server = fork(`${import.meta.dirname}/generator/server.ts`);
  try {
    const url = await message<string>(server);
    const common = { url, seconds: SECONDS, connections: CONNECTIONS };
    const hasWrk = await isInstalled('wrk');
    const samples = new Map<string, Measurement[]>();
    const keep = (name: string, one: Measurement) => samples.set(name, [...(samples.get(name) ?? []), one]);
    for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round += 1) {
      keep('ours', await measure({ ...common, tool: 'ours' }));
      keep('autocannon 9', await measure({ ...common, tool: 'autocannon' }));
      if (hasWrk) keep('wrk', await wrk(url));
      for (const rate of RATES) keep(String(rate), await measure({ ...common, tool: 'ours', rate }));
    }
    const sample = (name: string) => samples.get(name) ?? [];
    const others = ['autocannon 9', ...(hasWrk ? ['wrk'] : [])];
    return [
      ...flatOut(sample('ours')),
      ...others.map((name) => ratioRow(name, sample('ours'), sample(name))),
      ...RATES.map((rate) => pacedRow(rate, sample(String(rate)))),
    ];
  } finally {
    server.kill();
  }
}

function flatOut(ours: readonly Measurement[]): string[] {
  const rate = grouped(median(ours, ({ requestsPerSecond }) => requestsPerSecond));
  const cpu = median(ours, ({ cpuPerRequest }) => cpuPerRequest).toFixed(1);
  return [
    `| traffic generator over ${CONNECTIONS} connections, asked for 150,000 a second | ${rate} requests a second, ${cpu} µs of CPU each, here |`,
  ];
}

function ratioRow(name: string, ours: readonly Measurement[], other: readonly Measurement[]): string {
  const ratio = (of: (one: Measurement) => number) => shownRatio(ours.map(of), other.map(of));
  const throughput = ratio(({ requestsPerSecond }) => requestsPerSecond);
  const cpu = ratio(({ cpuPerRequest }) => cpuPerRequest);
  return `| … as a ratio to ${name} | throughput ${throughput}, CPU each ${cpu} |`;
}

function pacedRow(rate: number, sample: readonly Measurement[]): string {
  const achieved = median(sample, ({ paced }) => paced?.achieved ?? 0).toFixed(3);
  const p50 = median(sample, ({ paced }) => paced?.lateP50 ?? 0);
  const p99 = grouped(median(sample, ({ paced }) => paced?.lateP99 ?? 0));
  const cpu = median(sample, (one) => one.cpu).toFixed(2);
  return `| … at ${grouped(rate)} a second | ${achieved} of it achieved, late by ${p50} µs (p50) and ${p99} µs (p99), ${cpu} of a CPU |`;
}

function median(sample: readonly Measurement[], of: (one: Measurement) => number): number {
  return spread(sample.map(of)).median;
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}

async function measure(options: MeasureOptions): Promise<Measurement> {
  const child = fork(`${import.meta.dirname}/generator/measure.ts`, [JSON.stringify(options)]);
  return message<Measurement>(child);
}

/** @throws when the process ends without one */
async function message<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`a process of the benchmark ended with ${code} before it told anything`);
  });
  const [value] = await Promise.race([once(child, 'message'), ended]);
  return value;
}

async function isInstalled(command: string): Promise<boolean> {
  return promisify(execFile)('bash', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );
}

/** wrk tells its requests, and the shell its processor time. */
async function wrk(url: string): Promise<Measurement> {
  const command = `TIMEFORMAT='cpu %3U %3S'; time wrk -t1 -c${CONNECTIONS} -d${SECONDS}s ${url}`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [, total, seconds] = (/(\d+) requests in ([\d.]+)s/.exec(stdout) ?? []).map(Number);
  const [, user, system] = (/cpu ([\d.]+) ([\d.]+)/.exec(stderr) ?? []).map(Number);
  if (!total || !seconds || user === undefined || system === undefined) {
    throw new Error(`wrk said something else than expected: ${stdout}${stderr}`);
  }
  const cpu = user + system;
  return { requestsPerSecond: total / seconds, cpuPerRequest: (cpu * 1e6) / total, cpu: cpu / seconds };
}
