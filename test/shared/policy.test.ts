import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { at, withDetails } from '../../library/testing/events.ts';
import { readConfig } from '../../shared/config.ts';
import { ConfigError, isRetryable } from '../../shared/errors.ts';
import { mockAws, ssmError } from '../fixtures/aws.ts';
import { captureOutput } from '../fixtures/output.ts';
import { probe, rig } from '../fixtures/probe.ts';

captureOutput();
const aws = mockAws();
const { signal } = new AbortController();

/** The cache lives as long as the module, so every test has a parameter of its own. */
let tests = 0;
let name = '';
let elapsed = 0;
beforeEach(() => {
  tests += 1;
  name = `/platform/policy-${tests}`;
  elapsed = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => elapsed);
});
afterEach(() => {
  vi.restoreAllMocks();
});

function read(details: Record<string, unknown> = {}) {
  return readConfig(probe({}), details, { HOOK_POLICY: `ssm:${name}` }, signal);
}

function holds(Value: string): void {
  aws.ssm.on(GetParameterCommand, { Name: name, WithDecryption: true }, true).resolves({ Parameter: { Value } });
}

describe('a policy that cannot be read', () => {
  it('leaves the hook its own budget, and nothing that would let a deployment pass', async () => {
    aws.ssm.on(GetParameterCommand).rejects(ssmError('ThrottlingException', 'Rate exceeded', 400));
    const defaults = { maxErrors: 2, pollSeconds: 45, onError: 'succeed', mode: 'audit' } as const;
    const hurried = rig(probe({ defaults }), { env: { HOOK_POLICY: `ssm:${name}` } });
    const answers = await hurried.play(
      withDetails(at('POST_TEST_TRAFFIC_SHIFT'), { maxErrors: 5, onError: 'succeed' }),
    );
    expect(answers).toMatchObject([
      { hookStatus: 'IN_PROGRESS', callBackDelay: 45 },
      { hookStatus: 'FAILED', reason: expect.stringContaining('gave up after 2 errors in a row') },
    ]);
  });
});

describe('HOOK_POLICY in a parameter', () => {
  it('is read decrypted, and wins over hookDetails', async () => {
    holds('{"threshold":1}');
    expect(await read({ threshold: 99 })).toMatchObject({ threshold: 1 });
    expect(aws.calls()).toEqual(['GetParameterCommand']);
  });

  it.each([
    [59_999, 1, 7],
    [60_000, 2, 8],
  ])('is kept for a minute: after %d ms it was read %d times', async (age, reads, threshold) => {
    holds('{"threshold":7}');
    await read();
    holds('{"threshold":8}');
    elapsed += age;
    expect(await read()).toMatchObject({ threshold });
    expect(aws.calls()).toHaveLength(reads);
  });

  it.each([
    ['ParameterNotFound', 400, false],
    ['AccessDeniedException', 400, false],
    ['ThrottlingException', 400, true],
    ['InternalServerError', 500, true],
  ])('%s is an error, never "no policy"', async (error, status, mayPass) => {
    aws.ssm.on(GetParameterCommand).rejects(ssmError(error, 'words', status));
    const thrown = await read().catch((problem) => problem);
    expect(thrown).toMatchObject({ name: error });
    expect(isRetryable(thrown)).toBe(mayPass);
    // A failure is not kept: the next look asks again.
    holds('{"threshold":2}');
    expect(await read()).toMatchObject({ threshold: 2 });
  });

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['hunter2', 'must hold a JSON object'],
    ['["hunter2"]', 'must hold a JSON object'],
    ['{"password":"hunter2"', 'must hold a JSON object'],
  ])('with the value %j is refused without saying what it holds', async (value, what) => {
    holds(value);
    const problem = new ConfigError(`Bad configuration: HOOK_POLICY (ssm:${name}) ${what}`);
    await expect(read()).rejects.toThrow(problem);
    await expect(read()).rejects.toThrow(problem);
  });

  it('without a value may pass', async () => {
    aws.ssm.on(GetParameterCommand).resolves({});
    const thrown = await read().catch((problem) => problem);
    expect(thrown.message).toBe(`ssm:GetParameter answered no value for ${name}`);
    expect(isRetryable(thrown)).toBe(true);
  });

  it('problems in it name HOOK_POLICY', async () => {
    holds('{"treshold":1}');
    await expect(read()).rejects.toThrow(/^Bad configuration: HOOK_POLICY\.treshold is not a known key/);
  });

  it('gives the signal to the call', async () => {
    holds('{}');
    await read();
    expect(aws.ssm.send.firstCall.args).toEqual([expect.any(GetParameterCommand), { abortSignal: signal }]);
  });
});
