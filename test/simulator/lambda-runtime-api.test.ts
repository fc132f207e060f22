import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RuntimeApi, type RuntimeReport } from '../../simulator/lambda/runtime-api.ts';

/* What a runtime client on the other side sees: AWS's own relies on every header here. */
const INVOCATION = {
  requestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
  functionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:hook',
  traceId: 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
  deadlineMs: 1_542_409_706_888,
  event: '{"a":1}',
};
let api: RuntimeApi;
let base: string;
let reports: RuntimeReport[];
let asked: PromiseWithResolvers<void>;

beforeEach(async () => {
  reports = [];
  asked = Promise.withResolvers();
  api = await RuntimeApi.start({
    next: () => asked.resolve(),
    reported: (report) => reports.push(report),
    initFailed: (report) => reports.push(report),
  });
  base = `http://${api.address}/2018-06-01/runtime`;
});
afterEach(() => api.close());

async function next(): Promise<Response> {
  const call = fetch(`${base}/invocation/next`);
  await asked.promise;
  api.deliver(INVOCATION);
  return await call;
}

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(base + path, { method: 'POST', body, headers });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
}

describe('RuntimeApi', () => {
  it('hands out an invocation with all its headers', async () => {
    const response = await next();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': INVOCATION.requestId,
      'lambda-runtime-deadline-ms': '1542409706888',
      'lambda-runtime-invoked-function-arn': INVOCATION.functionArn,
      'lambda-runtime-trace-id': INVOCATION.traceId,
    });
    expect(await response.text()).toBe('{"a":1}');
  });

  it('accepts a response', async () => {
    await next();
    const accepted = { status: 202, type: 'application/json', body: { status: 'OK' } };
    expect(await post(`/invocation/${INVOCATION.requestId}/response`, '{"hookStatus":"SUCCEEDED"}')).toEqual(accepted);
    expect(reports).toEqual([{ kind: 'response', payload: '{"hookStatus":"SUCCEEDED"}' }]);
  });

  it.each([
    ['{"errorType":"E","errorMessage":"m","trace":[]}', { errorType: 'E', errorMessage: 'm' }],
    ['{"errorMessage":"m"}', { errorType: 'Header.Type', errorMessage: 'm' }],
    ['no JSON', { errorType: 'Header.Type', errorMessage: 'no JSON' }],
    ['null', { errorType: 'Header.Type', errorMessage: '' }],
  ])('reads the error %s, of an invocation and of init', async (body, expected) => {
    const headers = { 'Lambda-Runtime-Function-Error-Type': 'Header.Type' };
    const accepted = { status: 202, type: 'application/json', body: { status: 'OK' } };
    expect(await post('/init/error', body, headers)).toEqual(accepted);
    await next();
    expect(await post(`/invocation/${INVOCATION.requestId}/error`, body, headers)).toEqual(accepted);
    expect(reports).toEqual([
      { kind: 'error', ...expected },
      { kind: 'error', ...expected },
    ]);
  });

  it('refuses an answer to an invocation that is not under way', async () => {
    await next();
    expect(await post('/invocation/another/response', '1')).toEqual({
      status: 400,
      type: 'application/json',
      body: { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
    });
    expect((await post('/nowhere', '1')).status).toBe(404);
    expect(reports).toEqual([]);
  });

  it('refuses an answer over the limit', async () => {
    await next();
    expect(await post(`/invocation/${INVOCATION.requestId}/response`, 'x'.repeat(6_291_557))).toEqual({
      status: 413,
      type: 'application/json',
      body: {
        errorMessage: 'Exceeded maximum allowed payload size (6291556 bytes).',
        errorType: 'RequestEntityTooLarge',
      },
    });
    expect(reports).toEqual([{ kind: 'response-too-large' }]);
  });

  it('has nobody to hand an invocation to before the runtime asks', () => {
    expect(() => api.deliver(INVOCATION)).toThrow('The runtime has not asked for an invocation');
  });
});
