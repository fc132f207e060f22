/**
 * Times the warm wrapper in a process of its own, whose output goes nowhere: the handler of a hook that makes one AWS
 * call, and that call alone. The call is answered at once, without a network, so that only code is measured. Writes the
 * microseconds of CPU time of each pair of batches as JSON to file descriptor 3.
 */
import { writeSync } from 'node:fs';
import { Readable } from 'node:stream';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { HttpResponse } from '@smithy/core/protocols';
import * as z from 'zod/mini';
import { defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { wait } from '../../shared/verdict.ts';
import { exampleEvent } from './event.ts';

const BATCH = 100;
/** Until the compiler has done its work. */
const WARM_UP = 15;

const body = Buffer.from(
  JSON.stringify({ Parameter: { Name: '/probe', Type: 'String', Value: 'pending', Version: 1 } }),
);
const headers = { 'content-type': 'application/x-amz-json-1.1' };
const client = new SSMClient({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  requestHandler: {
    handle: async () => ({ response: new HttpResponse({ statusCode: 200, headers, body: Readable.from([body]) }) }),
  },
});

async function call(signal: AbortSignal): Promise<string> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: '/probe' }), { abortSignal: signal });
  return Parameter?.Value ?? '';
}

const hook = defineHook({
  name: 'probe',
  summary: 'Nothing.',
  stages: ['POST_TEST_TRAFFIC_SHIFT'],
  config: z.strictObject({}),
  state: z.strictObject({ notices: z.int() }),
  permissions: ['ssm:GetParameter'],
  check: async ({ signal, state }) =>
    wait(`still ${await call(signal)}`, { state: { notices: state?.notices ?? 0 }, evidence: { looks: 1 } }),
});

const context = { functionName: 'probe', getRemainingTimeInMillis: () => 30_000 };
const event = exampleEvent(Date.now(), { notices: 0 });
const handler = lambdaHandler(hook);
const { signal } = new AbortController();

async function microseconds(one: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let times = 0; times < BATCH; times += 1) await one();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / BATCH;
}

const answer = await handler(event, context);
if (answer.hookStatus !== 'IN_PROGRESS') throw new Error(`the probe answered ${JSON.stringify(answer)}`);
const wrapped: number[] = [];
const alone: number[] = [];
for (let round = -WARM_UP; round < Number(process.argv[2]); round += 1) {
  const times = [await microseconds(() => handler(event, context)), await microseconds(() => call(signal))] as const;
  if (round < 0) continue;
  wrapped.push(times[0]);
  alone.push(times[1]);
}
writeSync(3, JSON.stringify({ wrapped, alone }));
