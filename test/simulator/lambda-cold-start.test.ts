import { describe, expect, it, vi } from 'vitest';
import { measureColdStart } from '../../simulator/lambda/cold-start.ts';

const code = (name: string): string => `test/fixtures/lambda/${name}.cjs`;

describe('measureColdStart', () => {
  it("times import and first call in a fresh process with Lambda's environment", async () => {
    const input = {
      codePath: code('counts'),
      event: { holdMs: 200 },
      endpoint: 'https://127.0.0.1:1',
      env: { A: 'b' },
    };
    const [first, second] = [await measureColdStart(input), await measureColdStart(input)];
    expect(first).toEqual({
      importMs: expect.any(Number),
      firstCallMs: expect.any(Number),
      cpuMs: expect.any(Number),
      answer: { calls: 1, pid: expect.any(Number) },
    });
    // A timer fires up to a millisecond early.
    expect(first.firstCallMs).toBeGreaterThanOrEqual(199);
    expect(first.importMs).toBeGreaterThan(0);
    expect(first.cpuMs).toBeGreaterThan(0);
    expect(second.answer).toMatchObject({ calls: 1 });
    expect(second.answer).not.toEqual(first.answer);
  });

  it('passes endpoint, authority and variables, and nothing of its own', async () => {
    vi.stubEnv('COLD_START_LEAK', 'yes');
    const env = { NODE_EXTRA_CA_CERTS: '/etc/pki/ca.pem', HOOK_DEFAULTS: '{}' };
    const { answer } = await measureColdStart({ codePath: code('environment'), event: {}, endpoint: 'https://x', env });
    vi.unstubAllEnvs();
    expect(answer).toMatchObject({
      env: { AWS_ENDPOINT_URL: 'https://x', ...env, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    });
    expect(answer).not.toHaveProperty('env.COLD_START_LEAK');
  });

  it.each([
    ['throws', {}, 60_000, /throws\.cjs did not answer its first call: .*no such policy/s],
    ['hangs', { how: 'waiting' }, 1_000, /hangs\.cjs did not answer its first call: killed/],
  ])('fails with the reason: %s', async (name, event, limitMs, message) => {
    await expect(measureColdStart({ codePath: code(name), event, limitMs })).rejects.toThrow(message);
  });
});
