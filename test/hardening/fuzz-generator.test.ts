import { ParameterNotFound } from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ShardResult } from '../../shared/load/result.ts';
import { ShardMessage } from '../../shared/load/shard.ts';
import type { Log } from '../../shared/log.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { allowList } from '../../tasks/traffic-generator/allow-list.ts';
import { readLimits } from '../../tasks/traffic-generator/environment.ts';
import { refusal } from '../../tasks/traffic-generator/refusal.ts';
import { wantedOf } from '../../tasks/traffic-generator/result.ts';
import { arrivals, schedule } from '../../tasks/traffic-generator/schedule.ts';
import { work } from '../../tasks/traffic-generator/worker.ts';
import { anyText, mutationsOf } from './fuzz/arbitraries.ts';
import { replaceAws } from './fuzz/aws.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { FOLDER, MESSAGE } from './fuzz/load.ts';

const aws = replaceAws();

/** A task that may send to nobody whom a message names, so that no case sends anything. */
const LIMITS = readLimits({
  QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/load',
  ALLOWED_TARGETS: 'http://nobody.invalid:9',
});

const bodies = fc.oneof(
  { weight: 9, arbitrary: mutationsOf(fc.constant(MESSAGE), 3).map((message) => JSON.stringify(message) ?? '') },
  { weight: 1, arbitrary: anyText },
);

interface Written {
  readonly name: string;
  readonly value: string;
}

/** What the task did with one message: what it wrote, whether it took the message off the queue, what it logged. */
async function handled(body: string) {
  const terminate = new AbortController();
  const written: Written[] = [];
  const warnings: string[] = [];
  let [isTaken, isRemoved] = [false, false];
  aws.answer = (operation, input) => {
    switch (operation) {
      case 'ReceiveMessage':
        if (isTaken) terminate.abort();
        if (isTaken) throw terminate.signal.reason;
        isTaken = true;
        return { Messages: [{ Body: body, ReceiptHandle: 'receipt' }] };
      case 'PutParameter':
        written.push({ name: String(input.Name), value: String(input.Value) });
        return { Version: written.length };
      case 'GetParameter': {
        const last = written.at(-1);
        if (last === undefined) throw notFound();
        return { Parameter: { Value: last.value, Version: written.length } };
      }
      case 'DeleteMessage':
        isRemoved = true;
        return {};
      default:
        throw new Error(`unexpected ${operation}`);
    }
  };
  const note = (message: string, fields: JsonObject = {}) => void warnings.push(`${message} ${String(fields.trouble)}`);
  const log: Log = { debug: () => {}, info: () => {}, warn: note, error: () => {} };
  await work({ limits: LIMITS, taskId: 'task-1', log, terminate: terminate.signal });
  return { written, isRemoved, warnings };
}

function notFound(): Error {
  return new ParameterNotFound({ message: 'none', $metadata: { httpStatusCode: 400 } });
}

it(
  'a message to a generator is refused with a result, or left to the dead-letter queue, and never stops the task',
  () =>
    fuzz('messages to the generator', bodies, ['refused', 'left'], async (body) => {
      const { written, isRemoved, warnings } = await handled(body);
      expect(warnings).toEqual([]);
      for (const { name, value } of written) {
        expect(name.startsWith(FOLDER)).toBe(true);
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(4096);
      }
      const last = written.at(-1);
      expect(isRemoved).toBe(last !== undefined);
      if (last === undefined) return 'left';
      const result = ShardResult.parse(parseJson(last.value));
      expect(result).toMatchObject({ endedBy: 'error', sent: 0, problem: expect.stringMatching(/\S/) });
      return 'refused';
    }),
  PATIENCE_MS,
);

it(
  'a shard that a task would run keeps to its limits, and its schedule is finite and in order',
  () => {
    const { plan } = MESSAGE;
    const faster = { ...MESSAGE, plan: { ...plan, stages: [{ rate: 0, seconds: 30, rampTo: 2001 }] } };
    const messages = mutationsOf(fc.constantFrom(MESSAGE, MESSAGE, faster), 3);
    const allowed = allowList(['http://catalog:8080']);
    return fuzz('shard messages', messages, ['runs', 'refused', 'not a shard'], (message) => {
      const parsed = ShardMessage.safeParse(message);
      if (!parsed.success) return 'not a shard';
      const { stages, targets } = parsed.data.plan;
      const why = refusal(parsed.data, LIMITS, allowed);
      if (why !== undefined) return 'refused';
      for (const { url } of targets) expect(new URL(url).origin).toBe('http://catalog:8080');
      const times = schedule(stages);
      expect(times.seconds).toBeLessThanOrEqual(LIMITS.maxSeconds);
      expect(times.requests).toBeLessThanOrEqual(LIMITS.maxRate * LIMITS.maxSeconds + 1);
      const { requests, rate } = wantedOf(parsed.data);
      expect(Number.isSafeInteger(requests) && Number.isFinite(rate)).toBe(true);
      let before = 0;
      for (const at of first(
        arrivals(times, 'even', () => 0.5),
        50,
      )) {
        expect(at >= before && at <= times.seconds).toBe(true);
        before = at;
      }
      return isJsonObject(message) ? 'runs' : 'not a shard';
    });
  },
  PATIENCE_MS,
);

function first(times: Iterable<number>, most: number): number[] {
  const found: number[] = [];
  for (const time of times) {
    if (found.length >= most) break;
    found.push(time);
  }
  return found;
}
