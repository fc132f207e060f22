import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Invocation } from '../../simulator/lambda/invoker.ts';
import { LambdaSandbox, type LambdaSandboxOptions } from '../../simulator/lambda/sandbox.ts';

const NOW = Date.UTC(2031, 4, 6, 7, 8, 9);
const DAY = 86_400_000;
const clock = { now: () => NOW };
const code = (name: string): string => `test/fixtures/lambda/${name}.cjs`;

const open: LambdaSandbox[] = [];
function sandbox(options: Partial<LambdaSandboxOptions> = {}): LambdaSandbox {
  const made = new LambdaSandbox({ clock, ...options });
  open.push(made);
  return made;
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function payload(invocation: Invocation) {
  if (invocation.outcome.kind !== 'returned') throw new Error(JSON.stringify(invocation));
  return JSON.parse(invocation.outcome.payload);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('an invocation', () => {
  it('gives the handler the event and a context, and returns its answer', async () => {
    const lambda = sandbox({ newId: () => '8476a536-e9f4-11e8-9739-2dfe598c3fcd' });
    const arn = lambda.addFunction({ name: 'approval', codePath: code('echo'), handler: 'echo.handler' });
    expect(arn).toBe('arn:aws:lambda:eu-west-1:123456789012:function:approval');
    const invocation = await lambda.invoke(arn, { weights: { a: 0.1 }, text: 'zwölf' }, NOW);
    const { event, context, remaining } = payload(invocation);
    expect(event).toEqual({ weights: { a: 0.1 }, text: 'zwölf' });
    expect(context).toEqual({
      awsRequestId: '8476a536-e9f4-11e8-9739-2dfe598c3fcd',
      invokedFunctionArn: arn,
      functionName: 'approval',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/approval',
      logStreamName: '2031/05/06/[$LATEST]8476a536e9f411e897392dfe598c3fcd',
    });
    expect(remaining).toBeGreaterThan(20_000);
    expect(remaining).toBeLessThanOrEqual(30_000);
    expect(invocation.durationMs).toBe(250);
  });

  it.each([
    ['echo.nothing', null],
    ['echo.plain', { plain: { a: 1 } }],
  ])('%s answers as on Lambda', async (handler, answer) => {
    const lambda = sandbox();
    const arn = lambda.addFunction({ name: 'f', codePath: code('echo'), handler });
    expect(payload(await lambda.invoke(arn, { a: 1 }, NOW))).toEqual(answer);
  });

  it('finds the function by version and alias, and passes the ARN on as it was used', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({
      arn: 'arn:aws-cn:lambda:cn-north-1:210987654321:function:hook:live',
      codePath: code('echo'),
      handler: 'echo.handler',
    });
    expect(arn).toBe('arn:aws-cn:lambda:cn-north-1:210987654321:function:hook');
    const seen = [];
    for (const used of [arn, `${arn}:live`, `${arn}:$LATEST`, `${arn}:12`]) {
      const { context } = payload(await lambda.invoke(used, {}, NOW));
      seen.push([context.invokedFunctionArn, context.functionVersion]);
    }
    expect(seen).toEqual([
      [arn, '$LATEST'],
      [`${arn}:live`, '$LATEST'],
      [`${arn}:$LATEST`, '$LATEST'],
      [`${arn}:12`, '12'],
    ]);
    // The first three share a process, a version has its own.
    expect(lambda.stats()[arn]).toMatchObject({ invocations: 4, coldStarts: 2, processes: 2 });
  });

  it('takes the real time where that is asked for', async () => {
    const lambda = sandbox({ realDurations: true });
    const arn = lambda.addFunction({ name: 'f', codePath: code('counts'), handler: 'counts.handler' });
    const { durationMs } = await lambda.invoke(arn, { holdMs: 400 }, NOW);
    expect(durationMs).toBeGreaterThanOrEqual(399);
  });

  it('captures what the function prints, as CloudWatch Logs would show it', async () => {
    const echoed: string[] = [];
    const lambda = sandbox({ newId: () => 'id-1', onLog: (line, name) => echoed.push(`${name}: ${line}`) });
    const arn = lambda.addFunction({ name: 'p', codePath: code('prints'), handler: 'prints.handler' });
    const first = await lambda.invoke(arn, { text: 'first' }, NOW);
    expect(first.logs).toEqual([
      '2031-05-06T07:08:09.000Z\t-\tINFO\tloading',
      expect.stringMatching(/^2031-05-06T07:08:\d\d\.\d{3}Z\tid-1\tINFO\thello first$/),
      expect.stringMatching(/^2031-05-06T07:08:\d\d\.\d{3}Z\tid-1\tERROR\ttwo\nlines$/),
      '{"raw":true}',
      'no line end',
    ]);
    const second = await lambda.invoke(arn, { text: 'second' }, NOW);
    expect(second.logs).toHaveLength(4);
    expect(second.logs[0]).toMatch(/hello second$/);
    expect(echoed).toEqual([...first.logs, ...second.logs].map((line) => `p: ${line}`));
  });
});

describe("the process's environment", () => {
  it("is Lambda's, with nothing of the developer's own", async () => {
    vi.stubEnv('AWS_PROFILE', 'production');
    vi.stubEnv('NODE_OPTIONS', '--no-warnings');
    vi.stubEnv('MY_SECRET', 'hunter2');
    const lambda = sandbox({ endpointUrl: 'http://127.0.0.1:4566', region: 'us-west-2' });
    const arn = lambda.addFunction({
      name: 'approval',
      codePath: code('environment'),
      handler: 'environment.handler',
      memoryMb: 512,
      environment: { HOOK_DEFAULTS: '{"mode":"audit"}' },
      credentials: { accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'token' },
    });
    const { env, home, homeExists, flags, files, cwdIsRoot, zod } = payload(await lambda.invoke(arn, {}, NOW));
    expect(env).toEqual({
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      HOME: home,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      HOOK_DEFAULTS: '{"mode":"audit"}',
      _HANDLER: 'environment.handler',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
      AWS_REGION: 'us-west-2',
      AWS_DEFAULT_REGION: 'us-west-2',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_NAME: 'approval',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/approval',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^2031\/05\/06\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_ACCESS_KEY_ID: 'ASIA1',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      LAMBDA_TASK_ROOT: expect.any(String),
      LAMBDA_RUNTIME_DIR: expect.any(String),
    });
    expect(homeExists).toBe(false);
    expect(flags).toEqual(['--max-semi-space-size=25', '--max-old-space-size=460', '--require', 'clock-shim.cjs']);
    // Deployed alone: neither its neighbours nor the project's node_modules are there.
    expect(files).toEqual(['environment.cjs']);
    expect(cwdIsRoot).toBe(true);
    expect(zod).toBe('MODULE_NOT_FOUND');
  });

  it('has the authority of an https endpoint', async () => {
    const lambda = sandbox({ ca: '/etc/pki/ca.pem' });
    const arn = lambda.addFunction({ name: 'f', codePath: code('environment'), handler: 'environment.handler' });
    expect(payload(await lambda.invoke(arn, {}, NOW)).env).toMatchObject({ NODE_EXTRA_CA_CERTS: '/etc/pki/ca.pem' });
  });
});

describe('the clock', () => {
  it('reads the simulated time in every way, and runs on at real speed', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({
      name: 'f',
      codePath: code('clock'),
      handler: 'clock.handler',
      timeoutSeconds: 60,
    });
    const seen = payload(await lambda.invoke(arn, { waitMs: 300 }, NOW));
    const { loadedAt, before, after, isDate, fixed, intl, parts, zone } = seen;
    expect(loadedAt).toBe(NOW);
    expect(before.date - NOW).toBeGreaterThanOrEqual(0);
    expect(before.date - NOW).toBeLessThan(10_000);
    expect(Math.abs(NOW + 60_000 - before.date - before.remaining)).toBeLessThan(50);
    expect(Math.abs(after.date - before.date - (after.real - before.real))).toBeLessThan(50);
    expect(Math.abs(before.remaining - after.remaining - (after.real - before.real))).toBeLessThan(50);
    for (const reading of [seen.constructed, seen.subclass, seen.timeOrigin]) {
      expect(reading - after.date).toBeGreaterThanOrEqual(-5);
      expect(reading - after.date).toBeLessThan(5_000);
    }
    expect(Math.abs(seen.called - after.date)).toBeLessThan(5_000);
    expect({ isDate, fixed, intl, parts, zone }).toEqual({
      isDate: true,
      fixed: '2020-01-02T03:00:00.000Z',
      intl: '2031-05-06',
      parts: '2031',
      zone: 0,
    });
  });

  it('runs on in coarse steps when asked to', async () => {
    const lambda = sandbox({ clockStepMs: 100_000 });
    const arn = lambda.addFunction({ name: 'f', codePath: code('clock'), handler: 'clock.handler' });
    const { before, after, constructed } = payload(await lambda.invoke(arn, { waitMs: 20 }, NOW));
    expect([before.date, after.date, constructed]).toEqual([NOW, NOW, NOW]);
    expect(after.remaining).toBe(30_000);
  });

  it('jumps a day between two invocations of one process', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({ name: 'f', codePath: code('clock'), handler: 'clock.handler' });
    const first = payload(await lambda.invoke(arn, {}, NOW));
    const second = payload(await lambda.invoke(arn, {}, NOW + DAY));
    expect(lambda.stats()[arn]?.coldStarts).toBe(1);
    expect(second.loadedAt).toBe(NOW);
    expect(second.before.date - NOW).toBeGreaterThanOrEqual(DAY);
    expect(second.before.date - NOW - DAY).toBeLessThan(5_000);
    expect(second.before.remaining).toBeGreaterThan(20_000);
    expect(second.before.remaining).toBeLessThanOrEqual(30_000);
    // A day went by for the function, but not for its timers.
    expect(second.before.real - first.before.real).toBeLessThan(DAY / 2);
  });

  it('reaches the function under a runtime client that knows nothing of it', async () => {
    const lambda = sandbox({ runtime: [`${process.cwd()}/${code('other-client')}`] });
    const arn = lambda.addFunction({ name: 'f', codePath: code('echo') });
    for (const now of [NOW, NOW + DAY]) {
      const { date } = payload(await lambda.invoke(arn, {}, now));
      expect(date - now).toBeGreaterThanOrEqual(0);
      expect(date - now).toBeLessThan(10_000);
    }
  });
});

describe('processes', () => {
  it('are kept warm between invocations', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({ name: 'f', codePath: code('counts'), handler: 'counts.handler' });
    const calls = [];
    for (let i = 0; i < 5; i += 1) calls.push(payload(await lambda.invoke(arn, {}, NOW + i)));
    expect(calls.map((call) => call.calls)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(calls.map((call) => call.pid)).size).toBe(1);
    expect(lambda.stats()).toEqual({
      [arn]: { invocations: 5, coldStarts: 1, errors: 0, timeouts: 0, throttles: 0, processes: 1 },
    });
  });

  it('are as many as the concurrent invocations, and serve later ones', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({ name: 'f', codePath: code('counts'), handler: 'counts.handler' });
    const hold = { holdMs: 1500 };
    const three = await Promise.all([1, 2, 3].map(() => lambda.invoke(arn, hold, NOW)));
    const pids = new Set(three.map((each) => payload(each).pid));
    expect(pids.size).toBe(3);
    expect(pids.has(payload(await lambda.invoke(arn, {}, NOW)).pid)).toBe(true);
    expect(lambda.stats()[arn]).toMatchObject({ coldStarts: 3, processes: 3 });
  });

  it('never exceed the reserved concurrency', async () => {
    const lambda = sandbox();
    const arn = lambda.addFunction({
      name: 'f',
      codePath: code('counts'),
      handler: 'counts.handler',
      reservedConcurrency: 1,
    });
    const [first, second] = await Promise.all([lambda.invoke(arn, {}, NOW), lambda.invoke(arn, {}, NOW)]);
    expect(payload(first).calls).toBe(1);
    expect(second).toEqual({ outcome: { kind: 'throttled', message: 'Rate Exceeded.' }, durationMs: 0, logs: [] });
    expect(payload(await lambda.invoke(arn, {}, NOW)).calls).toBe(2);
    expect(lambda.stats()[arn]).toMatchObject({ invocations: 2, throttles: 1 });
  });

  it('and files are all gone after close', async () => {
    const lambda = sandbox();
    const counts = lambda.addFunction({ name: 'f', codePath: code('counts'), handler: 'counts.handler' });
    const place = lambda.addFunction({ name: 'g', codePath: code('environment'), handler: 'environment.handler' });
    const { env } = payload(await lambda.invoke(place, {}, NOW));
    const underWay = lambda.invoke(counts, { holdMs: 60_000 }, NOW);
    const unborn = lambda.invoke(`${counts}:7`, {}, NOW);
    await vi.waitFor(() => expect(lambda.pids).toHaveLength(3), { timeout: 10_000, interval: 5 });
    const { pids } = lambda;
    await lambda.close();
    expect(pids.map(alive)).toEqual([false, false, false]);
    expect(lambda.pids).toEqual([]);
    expect(existsSync(env.LAMBDA_TASK_ROOT)).toBe(false);
    for (const { outcome } of await Promise.all([underWay, unborn])) {
      expect(outcome).toMatchObject({ errorMessage: expect.stringMatching(/signal: killed$/) });
    }
    await expect(lambda.invoke(counts, {}, NOW)).rejects.toThrow('The Lambda sandbox is closed');
  });
});

it('closes at once what has not even begun', async () => {
  const lambda = sandbox();
  const arn = lambda.addFunction({ name: 'f', codePath: code('counts'), handler: 'counts.handler' });
  const [invoked] = await Promise.allSettled([lambda.invoke(arn, {}, NOW), lambda.close()]);
  expect(invoked).toMatchObject({ reason: new Error('The Lambda sandbox was closed before f could run') });
  expect(lambda.pids).toEqual([]);
});

describe('a simulator that ends without close', () => {
  it('takes its processes and files along', async () => {
    const script = `
      import { LambdaSandbox } from './simulator/lambda/sandbox.ts';
      const lambda = new LambdaSandbox({ clock: Date });
      const arn = lambda.addFunction({ name: 'f', codePath: '${code('environment')}', handler: 'environment.handler' });
      const { outcome } = await lambda.invoke(arn, {}, 0);
      console.log(JSON.stringify({ pids: lambda.pids, root: JSON.parse(outcome.payload).env.LAMBDA_TASK_ROOT }));
      process.exit(0);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const { pids, root } = JSON.parse(stdout);
    expect(pids).toHaveLength(1);
    await vi.waitFor(() => expect(pids.map(alive)).toEqual([false]), { timeout: 5_000, interval: 20 });
    expect(existsSync(root)).toBe(false);
  });
});

describe('addFunction', () => {
  const codePath = code('echo');
  it.each([
    [
      'no build',
      { name: 'f', codePath: 'dist/nowhere/index.cjs' },
      /Lambda function f has no code at dist\/nowhere\/index\.cjs: run "npm run build" first/,
    ],
    [
      'a bad ARN',
      { arn: 'arn:aws:ecs:eu-west-1:123456789012:service/x', codePath },
      /is not the ARN of a Lambda function/,
    ],
    ['neither ARN nor name', { codePath }, /is not the ARN of a Lambda function/],
    [
      'a reserved key',
      { name: 'f', codePath, environment: { AWS_REGION: 'x', A: 'b' } },
      /contains reserved keys .* Reserved keys used in this request: AWS_REGION$/,
    ],
    [
      'more than 4 KB of variables',
      { name: 'f', codePath, environment: { HOOK_POLICY: 'x'.repeat(4096) } },
      /exceeded the 4KB limit\. String measured: /,
    ],
    [
      'a timeout over 15 minutes',
      { name: 'f', codePath, timeoutSeconds: 901 },
      /timeoutSeconds must be a whole number from 1 to 900, not 901/,
    ],
    [
      'too little memory',
      { name: 'f', codePath, memoryMb: 64 },
      /memoryMb must be a whole number from 128 to 10240, not 64/,
    ],
  ])('refuses %s', (_, input, message) => {
    expect(() => sandbox().addFunction(input)).toThrow(message);
  });

  it('refuses the same function twice', () => {
    const lambda = sandbox();
    lambda.addFunction({ name: 'f', codePath });
    expect(() => lambda.addFunction({ name: 'f', codePath })).toThrow('Function already exist: f');
  });
});
