import type { InProcessHandler } from '../../simulator/lambda/in-process.ts';
import { functionArn, POLICY } from './services.ts';

/**
 * The five hooks, loaded once and called until the end, as in a function that stays warm for months.
 *
 * @param now of the account that they are called in, milliseconds since the epoch
 */
export async function loadHooks(now: () => number): Promise<[string, InProcessHandler][]> {
  // Loaded here, when the environment is what they are to read.
  const { lambdaHandler } = await import('../../shared/lambda.ts');
  const hooks = [
    (await import('../../hooks/admission/hook.ts')).hook,
    (await import('../../hooks/approval/hook.ts')).hook,
    (await import('../../hooks/canary/hook.ts')).hook,
    (await import('../../hooks/consumer-switch/hook.ts')).hook,
    (await import('../../hooks/load-test/hook.ts')).hook,
  ];
  return hooks.map((hook) => {
    const env = hook.name === 'admission' ? { HOOK_POLICY: JSON.stringify(POLICY) } : {};
    const handler = lambdaHandler(hook, { now: () => new Date(now()), env });
    // Undisturbed by the clock of the account, which stands still while a function runs.
    return [functionArn(hook.name), (event, { functionName }) => handler(event, { functionName })];
  });
}
