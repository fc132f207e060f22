import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxFunction } from '../../simulator/lambda/function-config.ts';
import { LambdaSandbox } from '../../simulator/lambda/sandbox.ts';

const NOW = Date.UTC(2031, 4, 6);
const ID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd';
let lambda: LambdaSandbox;
let count = 0;

beforeAll(() => {
  lambda = new LambdaSandbox({ clock: { now: () => NOW }, newId: () => ID });
});
afterAll(() => lambda.close());

function add(file: string, more: Partial<SandboxFunction> = {}): string {
  count += 1;
  const codePath = `test/fixtures/lambda/${file}.cjs`;
  return lambda.addFunction({ name: `f-${count}`, codePath, handler: `${file}.handler`, ...more });
}

describe('a handler that fails', () => {
  it.each([
    [{ what: 'error' }, 'PolicyError', 'no such policy'],
    [{ what: 'string' }, 'string', 'just a string'],
    [{ what: 'circular' }, 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
  ])('on %j answers %s', async (event, errorType, errorMessage) => {
    const arn = add('throws');
    const { outcome, logs, durationMs } = await lambda.invoke(arn, event, NOW);
    expect(outcome).toEqual({ kind: 'function-error', errorType, errorMessage });
    expect(logs.join('\n')).toContain('ERROR\tInvoke Error');
    expect(durationMs).toBe(250);
    expect(lambda.stats()[arn]).toMatchObject({ errors: 1, processes: 1 });
  });

  it('goes on in the same process', async () => {
    const arn = add('throws');
    await lambda.invoke(arn, {}, NOW);
    await lambda.invoke(arn, {}, NOW);
    expect(lambda.stats()[arn]).toMatchObject({ invocations: 2, errors: 2, coldStarts: 1 });
  });
});

describe('a process that ends', () => {
  it.each([
    ['exit', 'Runtime exited with error: exit status 7'],
    ['exit-0', 'Runtime exited without providing a reason'],
    ['abort', 'Runtime exited with error: signal: aborted'],
    ['unhandled', 'Runtime exited with error: exit status 1'],
    ['uncaught', 'Runtime exited with error: exit status 1'],
    ['never', 'Runtime exited without providing a reason'],
  ])('by %s is reported, and the next invocation starts anew', async (how, reason) => {
    const arn = add('crashes');
    expect((await lambda.invoke(arn, { how: 'ok' }, NOW)).outcome).toEqual({ kind: 'returned', payload: '1' });
    expect((await lambda.invoke(arn, { how }, NOW)).outcome).toEqual({
      kind: 'function-error',
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${ID} Error: ${reason}`,
    });
    expect(lambda.stats()[arn]).toMatchObject({ errors: 1, coldStarts: 1, processes: 0 });
    expect((await lambda.invoke(arn, { how: 'ok' }, NOW)).outcome).toEqual({ kind: 'returned', payload: '1' });
    expect(lambda.stats()[arn]).toMatchObject({ coldStarts: 2, processes: 1 });
  });

  it('for want of memory is reported, with what V8 said', async () => {
    const { outcome, logs } = await lambda.invoke(add('eats-memory', { memoryMb: 128 }), {}, NOW);
    expect(outcome).toEqual({
      kind: 'function-error',
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${ID} Error: Runtime exited with error: signal: aborted`,
    });
    expect(logs.join('\n')).toContain('JavaScript heap out of memory');
  });
});

describe('a handler that takes too long', () => {
  it.each(['busy', 'waiting'])('is killed at its timeout: %s', async (how) => {
    const arn = add('hangs', { timeoutSeconds: 1 });
    const { outcome, durationMs, logs } = await lambda.invoke(arn, { how }, NOW);
    expect(outcome).toEqual({ kind: 'timed-out', seconds: 1 });
    expect(durationMs).toBe(1000);
    expect(logs).toEqual([expect.stringContaining('INFO\tbegan')]);
    expect(lambda.stats()[arn]).toMatchObject({ timeouts: 1, processes: 0 });
    expect((await lambda.invoke(arn, {}, NOW)).outcome).toEqual({ kind: 'returned', payload: '1' });
  });
});

describe('code that does not load', () => {
  it.each([
    [
      'bad-import',
      'bad-import.handler',
      'Runtime.ImportModuleError',
      "Error: Cannot find module 'a-module-that-was-not-bundled'",
    ],
    ['echo', 'index.handler', 'Runtime.ImportModuleError', "Error: Cannot find module 'index'"],
    ['echo', 'echo.missing', 'Runtime.HandlerNotFound', 'echo.missing is undefined or not exported'],
    ['echo', 'echo.notAFunction', 'Runtime.HandlerNotFound', 'echo.notAFunction is not a function'],
    ['echo', 'echo', 'Runtime.MalformedHandlerName', 'Bad handler'],
    ['bad-init', 'bad-init.handler', 'TypeError', 'HOOK_DEFAULTS is not JSON'],
    [
      'callback',
      'callback.handler',
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based',
    ],
    [
      'exits-in-init',
      'exits-in-init.handler',
      'Runtime.ExitError',
      `RequestId: ${ID} Error: Runtime exited with error: exit status 3`,
    ],
  ])('%s, %s: %s', async (file, handler, errorType, errorMessage) => {
    const arn = add(file, { handler });
    const { outcome } = await lambda.invoke(arn, {}, NOW);
    expect(outcome).toEqual({ kind: 'function-error', errorType, errorMessage: expect.stringContaining(errorMessage) });
    expect(lambda.stats()[arn]).toMatchObject({ coldStarts: 1, errors: 1, processes: 0 });
  });

  it('that is no JavaScript, in a folder deployed whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bad-syntax-'));
    writeFileSync(join(folder, 'index.cjs'), 'exports.handler = async ( => 1;');
    const arn = add('bad-syntax', { codePath: folder, handler: 'index.handler' });
    rmSync(folder, { recursive: true });
    expect((await lambda.invoke(arn, {}, NOW)).outcome).toEqual({
      kind: 'function-error',
      errorType: 'Runtime.UserCodeSyntaxError',
      errorMessage: expect.stringMatching(/^SyntaxError: /),
    });
  });

  it('is tried twice, as Lambda does it', async () => {
    const { logs } = await lambda.invoke(add('bad-init'), {}, NOW);
    expect(logs.filter((line) => line.includes('initialising'))).toHaveLength(2);
    expect(logs.filter((line) => line.includes('ERROR\tInit Error'))).toHaveLength(2);
  });
});

describe('init that takes too long', () => {
  let hasty: LambdaSandbox;
  beforeAll(() => {
    hasty = new LambdaSandbox({ clock: { now: () => NOW }, initLimitMs: 300 });
  });
  afterAll(() => hasty.close());
  const slow = { codePath: 'test/fixtures/lambda/slow-init.cjs', handler: 'slow-init.handler' };

  it("is done anew within the function's time", async () => {
    const arn = hasty.addFunction({ name: 'patient', ...slow, timeoutSeconds: 20 });
    const { outcome, logs } = await hasty.invoke(arn, {}, NOW);
    expect(logs.filter((line) => line.includes('initialising'))).toHaveLength(2);
    const remaining = outcome.kind === 'returned' ? Number(outcome.payload) : Number.NaN;
    expect(remaining).toBeLessThan(18_500);
    expect(hasty.stats()[arn]).toMatchObject({ coldStarts: 1, processes: 1 });
  });

  it('can use up the whole of it', async () => {
    const arn = hasty.addFunction({ name: 'brief', ...slow, timeoutSeconds: 1 });
    const { outcome } = await hasty.invoke(arn, {}, NOW);
    expect(outcome).toEqual({ kind: 'timed-out', seconds: 1 });
    expect(hasty.stats()[arn]).toMatchObject({ timeouts: 1, processes: 0 });
  });
});

describe('sizes', () => {
  it('lets an answer of the largest size through, and none above', async () => {
    const arn = add('big', { memoryMb: 512 });
    const { outcome } = await lambda.invoke(arn, { bytes: 6_291_556 }, NOW);
    expect(outcome.kind === 'returned' ? outcome.payload.length : outcome).toBe(6_291_556);
    expect((await lambda.invoke(arn, { bytes: 6_291_557 }, NOW)).outcome).toEqual({
      kind: 'function-error',
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    });
    expect(lambda.stats()[arn]).toMatchObject({ coldStarts: 1, processes: 1 });
  });

  it('refuses an event above the largest size', async () => {
    const arn = add('echo');
    const { outcome } = await lambda.invoke(arn, 'x'.repeat(6_291_455), NOW);
    expect(outcome).toEqual({
      kind: 'service-error',
      message: '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
    });
    expect(lambda.stats()[arn]).toMatchObject({ invocations: 0 });
  });
});

describe('trouble of the service', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/teams/approval-hook';
  it.each([
    [{ kind: 'throttled' } as const, 'Rate Exceeded.'],
    [{ kind: 'service-error' } as const, 'An error occurred and the request cannot be processed.'],
    [{ kind: 'role-error', roleArn } as const, `ECS was unable to assume role ${roleArn}`],
    [
      { kind: 'access-denied', roleArn } as const,
      'User: arn:aws:sts::123456789012:assumed-role/approval-hook/ECS-Lambda-Execution is not authorized to perform: ' +
        'lambda:InvokeFunction on resource: ARN because no identity-based policy allows the lambda:InvokeFunction action',
    ],
    [
      { kind: 'service-error', message: 'We currently do not have sufficient capacity' } as const,
      'We currently do not have sufficient capacity',
    ],
  ])('%j', async (fault, message) => {
    const arn = add('echo');
    lambda.injectFault(arn, { ...fault, times: 2 });
    const qualified = `${arn}:live`;
    for (const used of [qualified, arn]) {
      const { outcome } = await lambda.invoke(used, {}, NOW);
      expect(outcome).toEqual({ kind: fault.kind, message: message.replace('ARN', used) });
    }
    expect(lambda.stats()[arn]).toMatchObject({ invocations: 0, throttles: fault.kind === 'throttled' ? 2 : 0 });
    expect((await lambda.invoke(arn, {}, NOW)).outcome.kind).toBe('returned');
  });

  it('refuses a fault that never comes', () => {
    expect(() => lambda.injectFault('x', { kind: 'throttled', times: 0 })).toThrow(
      'times must be a whole number above 0',
    );
  });

  it('knows no function that was not added', async () => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:nobody';
    const { outcome } = await lambda.invoke(arn, {}, NOW);
    expect(outcome).toEqual({ kind: 'service-error', message: `Function not found: ${arn}` });
  });
});
