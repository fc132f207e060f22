import * as fc from 'fast-check';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { MOST_RESULT_BYTES, ShardResult } from '../../shared/load/result.ts';
import { allowList } from '../../tasks/traffic-generator/allow-list.ts';
import { readLimits } from '../../tasks/traffic-generator/environment.ts';
import { newHistogram } from '../../tasks/traffic-generator/histogram.ts';
import { resultText, wantedOf } from '../../tasks/traffic-generator/result.ts';
import { arrivals, schedule, seededRandom, weightedTurns } from '../../tasks/traffic-generator/schedule.ts';
import { Tally } from '../../tasks/traffic-generator/tally.ts';

const rate = fc.double({ min: 0, max: 1000, noNaN: true });
const stages = fc.array(
  fc
    .record({ rate, seconds: fc.integer({ min: 1, max: 3600 }), rampTo: fc.option(rate, { nil: undefined }) })
    .map(({ rampTo, ...rest }) => ({ ...rest, ...(rampTo !== undefined && { rampTo }) })),
  { minLength: 1, maxLength: 5 },
);

describe('the schedule', () => {
  it('sends a constant rate at even intervals, without drift after a day', () => {
    const plan = schedule([{ rate: 3, seconds: 86_400 }]);
    expect(plan.requests).toBe(259_200);
    expect(plan.dueAt(0)).toBe(0);
    expect(plan.dueAt(259_199)).toBeCloseTo(259_199 / 3, 9);
  });

  it('a ramp from nothing asks for half of what its end would', () => {
    const plan = schedule([{ rate: 0, rampTo: 10, seconds: 20 }]);
    expect(plan.requests).toBe(100);
    expect(plan.dueAt(25)).toBeCloseTo(10, 9);
  });

  it('is the inverse of the integral of the rate, and never goes back', () => {
    fc.assert(
      fc.property(stages, fc.double({ min: 0, max: 0.999, noNaN: true }), (plan, share) => {
        const whole = schedule(plan);
        const k = Math.floor(whole.requests * share);
        if (whole.requests < 1) return;
        const at = whole.dueAt(k);
        expect(Math.abs(whole.askedBy(at) - k)).toBeLessThan(1e-6 * Math.max(1, whole.requests));
        expect(whole.dueAt(k + 1)).toBeGreaterThanOrEqual(at);
        expect(at).toBeLessThanOrEqual(whole.seconds);
      }),
    );
  });

  it('by chance: the mean rate is the same, the gaps are as spread as those of a Poisson process', () => {
    const times = [...arrivals(schedule([{ rate: 100, seconds: 200 }]), 'poisson', seededRandom('a test/1'))];
    expect(Math.abs(times.length - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(deviation / mean).toBeGreaterThan(0.95);
    expect(deviation / mean).toBeLessThan(1.05);
  });

  it('gives every target its share at every moment, give or take one', () => {
    const turn = weightedTurns([5, 3, 2]);
    const seen = [0, 0, 0];
    for (let n = 1; n <= 1000; n += 1) {
      const index = turn();
      seen[index] = (seen[index] ?? 0) + 1;
      for (const [target, share] of [0.5, 0.3, 0.2].entries()) {
        expect(Math.abs((seen[target] ?? 0) - share * n)).toBeLessThan(1.01);
      }
    }
  });

  it('counts what is due after the warm-up', () => {
    const plan = { stages: [{ rate: 10, seconds: 12 }], warmUpSeconds: 2 };
    expect(
      wantedOf({
        plan: { ...plan, timeoutMs: 1, connections: 1, http: '1.1', arrivals: 'even', targets: [], testHeader: null },
      }),
    ).toEqual({ rate: 10, requests: 100 });
  });
});

describe('the allow-list', () => {
  const list = allowList([
    'http://catalog:80',
    '*.unicorn-watch:8080',
    'https://API.example.com',
    'http://[::1]:9000',
    'http://10.0.0.7',
  ]);

  it.each([
    'http://catalog/items?a=1',
    'http://CATALOG:80/',
    'http://ui.unicorn-watch:8080/',
    'http://a.b.unicorn-watch:8080/',
    'https://api.example.com:443/x',
    'http://[0:0:0:0:0:0:0:1]:9000/',
    'http://0x0a.0.0.7/',
    'http://%63atalog/',
  ])('allows %s', (url) => expect(list.refusal(url)).toBeUndefined());

  it.each([
    ['http://catalog:8080/', 'another port'],
    ['https://catalog/', 'another scheme'],
    ['http://catalog.evil.com/', 'a longer host'],
    ['http://catalog./', 'a trailing dot is another name to a resolver'],
    ['http://catalog@evil.com/', 'a user name'],
    ['http://catalog:80@evil.com/', 'a user name and a password'],
    ['http://evil.com/@catalog', 'a path'],
    ['http://evil.com#catalog', 'a fragment'],
    ['http://evil.com\\@catalog/', 'a backslash'],
    ['http://unicorn-watch:8080/', 'the domain itself is not below it'],
    ['http://evilunicorn-watch:8080/', 'no dot before the domain'],
    ['http://.unicorn-watch:8080/', 'an empty label'],
    ['http://ui.unicorn-watch/', 'the default port'],
    ['http://[::2]:9000/', 'another IPv6 address'],
    ['http://[::ffff:10.0.0.7]/', 'an IPv4 address in IPv6'],
    ['ftp://catalog:80/', 'another protocol'],
    ['file:///etc/passwd', 'a file'],
    ['catalog', 'no URL'],
  ])('refuses %s: %s', (url) => expect(list.refusal(url)).toEqual(expect.any(String)));

  it.each([
    '*',
    'http://*',
    'http://*.',
    'http://a.*.b',
    'http://catalog/items',
    'http://u@catalog',
    'ftp://catalog',
    '*.0.0.7',
  ])('does not start with the entry %s', (entry) => expect(() => allowList([entry])).toThrow('ALLOWED_TARGETS'));
});

describe('a result', () => {
  it('keeps to 4,096 bytes, whatever the latencies are, and loses none', () => {
    const values = fc.array(fc.tuple(fc.double({ min: 0, max: 26.8, noNaN: true }), fc.nat(2 ** 30)), {
      maxLength: 3000,
    });
    fc.assert(
      fc.property(values, (latencies) => {
        const tally = new Tally();
        let total = 0;
        for (const [exponent, count] of latencies) {
          tally.histogram.recordValueWithCount(
            Math.min(120_000_000, Math.max(1, Math.round(2 ** exponent))),
            count + 1,
          );
          total += count + 1;
        }
        if (total > 2 ** 31) return;
        const at = new Date(0);
        const end = {
          startedAt: at,
          endedAt: at,
          seconds: 1,
          endedBy: 'error',
          problem: 'ü'.repeat(2000),
          taskId: 'é'.repeat(500),
          cpu: 0.5,
        } as const;
        const text = resultText({ test: 't'.repeat(2000), shard: 1 }, { rate: 1, requests: 1 }, tally, end);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_RESULT_BYTES);
        const result = ShardResult.parse(JSON.parse(text));
        expect(decodeFromCompressedBase64(result.histogram).totalCount).toBe(total);
      }),
      { numRuns: 40 },
    );
  });

  it('of several shards, merged, is the histogram of all their requests', () => {
    const shard = fc.array(fc.integer({ min: 1, max: 120_000_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(fc.array(shard, { minLength: 1, maxLength: 5 }), (shards) => {
        const pooled = newHistogram();
        const merged = newHistogram();
        for (const values of shards) {
          const own = new Tally();
          for (const value of values) {
            own.ended(200, 0, value / 1000);
            pooled.recordValue(value);
          }
          merged.add(own.histogram);
        }
        expect(merged.totalCount).toBe(pooled.totalCount);
        for (const p of [0, 50, 90, 95, 99, 99.9, 100]) {
          expect(merged.getValueAtPercentile(p)).toBe(pooled.getValueAtPercentile(p));
        }
      }),
      { numRuns: 50 },
    );
  });
});

it('the environment is read with every problem named', () => {
  expect(() => readLimits({ MAX_RATE: 'many' })).toThrow(/QUEUE_URL.*ALLOWED_TARGETS.*MAX_RATE/);
  const limits = readLimits({ QUEUE_URL: 'http://localhost:4566/1/q', ALLOWED_TARGETS: 'http://a, *.b:80' });
  expect(limits).toMatchObject({ allowedTargets: ['http://a', '*.b:80'], folder: '/ecs-hooks/load-test/' });
});
