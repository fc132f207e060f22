/** One measurement of one generator, in a process of its own: its arguments are MeasureOptions as JSON, its message the result. */
import autocannon from 'autocannon';
import { LoadPlan } from '../../../shared/load/shard.ts';
import { runLoad } from '../../../tasks/traffic-generator/load.ts';
import { Tally } from '../../../tasks/traffic-generator/tally.ts';

export interface MeasureOptions {
  readonly tool: 'ours' | 'autocannon';
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second; without it, as many as can be sent. */
  readonly rate?: number;
}

export interface Measurement {
  readonly requestsPerSecond: number;
  /** Processor time of the generator with its threads, microseconds. */
  readonly cpuPerRequest: number;
  /** Of one CPU. */
  readonly cpu: number;
  /** Requests begun, as a part of those wanted; and how late they were, microseconds. Of a generator that keeps a schedule. */
  readonly paced?: { readonly achieved: number; readonly lateP50: number; readonly lateP99: number };
}

const WARM_UP_SECONDS = 1;
/** More than one process sends: it is never idle then, and what only waits costs little. */
const FLOOD = 150_000;

const options: MeasureOptions = JSON.parse(process.argv[2] ?? '{}');
const measured = options.tool === 'ours' ? await ours(options) : await cannon(options);
process.send?.(measured, () => process.exit());

async function ours({ url, seconds, connections, rate = FLOOD }: MeasureOptions): Promise<Measurement> {
  await load(url, rate, WARM_UP_SECONDS, connections);
  return load(url, rate, seconds, connections);
}

async function load(url: string, rate: number, seconds: number, connections: number): Promise<Measurement> {
  const targets = [{ name: 'it', weight: 1, url }];
  const plan = LoadPlan.parse({ stages: [{ rate, seconds }], timeoutMs: 60_000, connections, targets });
  const tally = new Tally();
  const signal = AbortSignal.timeout(seconds * 1000 + 500);
  const now = () => performance.now();
  const figures = started();
  const outcome = await runLoad({ plan, now, random: Math.random, deadline: now() + 60_000, signal }, tally);
  const [lateP50, lateP99] = [50, 99].map((percentile) => tally.lateness.getValueAtPercentile(percentile));
  const achieved = tally.sent / Math.max(outcome.seconds, seconds) / rate;
  return { ...figures(tally.completed), paced: { achieved, lateP50: lateP50 ?? 0, lateP99: lateP99 ?? 0 } };
}

async function cannon({ url, seconds, connections }: MeasureOptions): Promise<Measurement> {
  await autocannon({ url, connections, duration: WARM_UP_SECONDS });
  const figures = started();
  const result = await autocannon({ url, connections, duration: seconds });
  return figures(result.requests.total);
}

function started(): (requests: number) => Measurement {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  return (requests) => {
    const ms = performance.now() - begun;
    const { user, system } = process.cpuUsage(before);
    const cpuPerRequest = (user + system) / requests;
    return { requestsPerSecond: (requests / ms) * 1000, cpuPerRequest, cpu: (user + system) / 1000 / ms };
  };
}
