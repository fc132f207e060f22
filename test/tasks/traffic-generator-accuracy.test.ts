import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { LoadPlan } from '../../shared/load/shard.ts';
import { newHistogram } from '../../tasks/traffic-generator/histogram.ts';
import { runLoad } from '../../tasks/traffic-generator/load.ts';
import { resultText, wantedOf } from '../../tasks/traffic-generator/result.ts';
import { seededRandom } from '../../tasks/traffic-generator/schedule.ts';
import { Tally } from '../../tasks/traffic-generator/tally.ts';

const RATE = 200;
const SECONDS = 4;
const WANTED = RATE * SECONDS;
const PERCENTILES = [50, 75, 90, 95, 98];
/** The width of a cell of three significant digits, by its value. */
const PRECISION = 0.001;

/** Beside what it counts, it keeps every latency as it was given. */
class Witness extends Tally {
  readonly latencies: number[] = [];

  override ended(status: number, bytes: number, latencyMs: number): void {
    this.latencies.push(latencyMs);
    super.ended(status, bytes, latencyMs);
  }
}

/** Answers after 20 to 50 ms, one in ten after 200 to 500; keeps when each request was answered, by its number. */
async function server(answeredAt: number[], took: number[]): Promise<string> {
  const random = seededRandom('latencies');
  let next = 0;
  const web = createServer((_, response) => {
    const [number, came] = [next++, performance.now()];
    setTimeout(
      () => {
        const now = performance.now();
        answeredAt[number] = now;
        took.push(now - came);
        response.end('ok');
      },
      random() < 0.9 ? 20 + 30 * random() : 200 + 300 * random(),
    );
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  const { port } = web.address() as AddressInfo; // a TCP server's address is no string
  return `http://127.0.0.1:${port}`;
}

/** The value below or at which that percentage of the values is. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

// Each answer is timed by the server, the generator and the test on one clock, and compared with one another, not with a
// time that the machine should have kept. The retries are for a machine that stops in the middle of an answer.
it('reports what the server did, to the precision of its histogram', { retry: 3 }, async () => {
  const [answeredAt, took]: number[][] = [[], []];
  const url = await server(answeredAt ?? [], took ?? []);
  const targets = [{ name: 'it', weight: 1, url }];
  const plan = LoadPlan.parse({ stages: [{ rate: RATE, seconds: SECONDS }], connections: 500, targets });
  const tally = new Witness();
  let start: number | undefined;
  const now = () => {
    const at = performance.now();
    start ??= at;
    return at;
  };
  const signal = new AbortController().signal;
  await runLoad({ plan, now, random: seededRandom('test'), deadline: performance.now() + 60_000, signal }, tally);
  // From when each was due to when the server let go of its answer: what a perfect client would report.
  const perfect = (answeredAt ?? []).map((at, number) => at - (start ?? 0) - (number * 1000) / RATE);

  expect(tally).toMatchObject({ sent: WANTED, completed: WANTED, errorsByKind: {} });
  for (const percent of PERCENTILES) {
    const reported = tally.histogram.getValueAtPercentile(percent) / 1000;
    const exact = percentile(tally.latencies, percent);
    // The histogram loses nothing but digits.
    expect(Math.abs(reported / exact - 1)).toBeLessThanOrEqual(PRECISION);
    // From below there is no doubt: no request was faster than its server.
    expect(reported).toBeGreaterThanOrEqual(percentile(took ?? [], percent) * (1 - PRECISION));
    // From above there is the way back, and a machine that does something else meanwhile.
    expect(reported).toBeLessThan(percentile(perfect, percent) * 1.02 + 15);
  }
});

it('sends what was wanted within 1 %, and says so', async () => {
  const url = await server([], []);
  const targets = [{ name: 'it', weight: 1, url }];
  const stages = [
    { rate: 0, rampTo: 150, seconds: 1 },
    { rate: 150, seconds: 1 },
  ];
  const plan = LoadPlan.parse({ stages, warmUpSeconds: 1, connections: 500, targets });
  const message = { test: 'a test', shard: 1, plan };
  const wanted = wantedOf(message);
  const tally = new Tally();
  const signal = new AbortController().signal;
  const now = () => performance.now();
  const load = { plan, now, random: seededRandom('test'), deadline: now() + 60_000, signal };
  const { endedBy, seconds } = await runLoad(load, tally);
  const end = { startedAt: new Date(), endedAt: new Date(), seconds, endedBy, taskId: 'task-1', cpu: 0 };
  const result = JSON.parse(resultText(message, wanted, tally, end));

  expect(wanted).toEqual({ rate: 150, requests: 150 });
  expect(result).toMatchObject({ endedBy: 'plan', wanted, sent: 150, completed: 150, warmUp: 75 });
  expect(Math.abs(result.sent / wanted.requests - 1)).toBeLessThan(0.01);
  expect(result.achievedRate).toBeCloseTo(150 / seconds, 2);
});

it('a percentile of the histogram is the true one, to three digits, whatever was measured', () => {
  const random = seededRandom('values');
  const values = Array.from({ length: 20_000 }, () => Math.round(Math.exp(3 + 14 * random())));
  const histogram = newHistogram();
  for (const value of values) histogram.recordValue(value);

  for (const percent of [1, ...PERCENTILES, 99, 99.9, 100]) {
    const [reported, exact] = [histogram.getValueAtPercentile(percent), percentile(values, percent)];
    expect(reported).toBeGreaterThanOrEqual(exact);
    expect(reported).toBeLessThanOrEqual(exact * (1 + PRECISION) + 1);
  }
});
