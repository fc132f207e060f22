import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { type InProcessHandler, InProcessInvoker } from '../../simulator/lambda/in-process.ts';

const NOW = Date.UTC(2031, 4, 6);
const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:hook';

function invoker(handler: InProcessHandler, clock = { now: () => NOW }): InProcessInvoker {
  return new InProcessInvoker([[ARN, handler]], { clock, newId: () => '8476a536-e9f4-11e8-9739-2dfe598c3fcd' });
}

describe('InProcessInvoker', () => {
  it('passes event and answer through JSON', async () => {
    const seen: unknown[] = [];
    const event = { at: new Date(NOW), gone: undefined, nested: { list: [1] } };
    const lambda = invoker(async (received) => {
      seen.push(received);
      return { received, gone: undefined };
    });
    const { outcome, durationMs, logs } = await lambda.invoke(`${ARN}:live`, event, NOW);
    expect(seen).toStrictEqual([{ at: '2031-05-06T00:00:00.000Z', nested: { list: [1] } }]);
    expect(outcome).toEqual({ kind: 'returned', payload: JSON.stringify({ received: seen[0] }) });
    expect({ durationMs, logs }).toEqual({ durationMs: 250, logs: [] });
  });

  it('gives a context whose deadline runs on the clock', async () => {
    const clock = { at: NOW, now: () => clock.at };
    let context: Context | undefined;
    const remaining: (number | undefined)[] = [];
    const lambda = invoker(async (_, given) => {
      context = given;
      remaining.push(given.getRemainingTimeInMillis());
      clock.at += 29_000;
      remaining.push(given.getRemainingTimeInMillis());
    }, clock);
    const { outcome } = await lambda.invoke(`${ARN}:live`, {}, NOW);
    expect(outcome).toEqual({ kind: 'returned', payload: 'null' });
    expect(remaining).toEqual([30_000, 1_000]);
    expect(context).toMatchObject({
      awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      functionName: 'hook',
      functionVersion: '$LATEST',
      invokedFunctionArn: `${ARN}:live`,
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/hook',
      logStreamName: '2031/05/06/[$LATEST]8476a536e9f411e897392dfe598c3fcd',
      callbackWaitsForEmptyEventLoop: true,
    });
  });

  it.each([
    ['an error', () => Promise.reject(new RangeError('too far')), 'RangeError', 'too far'],
    ['a string', () => Promise.reject('text'), 'string', 'text'],
    ['no JSON', async () => 1n, 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
    [
      'too much',
      async () => 'x'.repeat(6_291_555),
      'Function.ResponseSizeTooLarge',
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    ],
  ])('maps %s to a function error', async (_, handler, errorType, errorMessage) => {
    const { outcome } = await invoker(handler).invoke(ARN, {}, NOW);
    expect(outcome).toEqual({ kind: 'function-error', errorType, errorMessage });
  });

  it('meets the faults of the service, and unknown functions', async () => {
    const lambda = invoker(async () => 1);
    lambda.injectFault(ARN, { kind: 'throttled' });
    const kinds = [];
    for (const arn of [ARN, ARN, `${ARN}-other`]) kinds.push((await lambda.invoke(arn, {}, NOW)).outcome);
    expect(kinds).toEqual([
      { kind: 'throttled', message: 'Rate Exceeded.' },
      { kind: 'returned', payload: '1' },
      { kind: 'service-error', message: `Function not found: ${ARN}-other` },
    ]);
    const { outcome } = await lambda.invoke(ARN, 'x'.repeat(6_291_456), NOW);
    expect(outcome).toMatchObject({ kind: 'service-error', message: expect.stringContaining('limit 6291456 bytes') });
  });
});
