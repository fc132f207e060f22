import * as z from 'zod/mini';
import { type CheckInput, defineHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import { Config } from './config.ts';
import { matches } from './match.ts';
import { get } from './request.ts';

const State = z.strictObject({ good: z.int().check(z.minimum(0)) });
type State = z.infer<typeof State>;

/**
 * Proves that one URL of the new revision has answered as it should, several times in a row. Use it where test traffic
 * reaches the new revision alone. It cannot see whether that is so: a URL that leads to the old one passes too.
 * Where ECS calls it in a rollback, the framework answers SUCCEEDED and nothing is asked: there is no onRollback.
 */
export const hook = defineHook({
  name: '_template',
  summary: 'The new revision has answered test traffic as it should, several times in a row.',
  stages: ['POST_TEST_TRAFFIC_SHIFT'],
  config: Config,
  defaults: { pollSeconds: 10, timeoutMinutes: 10 },
  state: State,
  permissions: [],
  check,
});

export const handler = lambdaHandler(hook);

/** No answer at all is thrown, and looked at again within maxErrors; a wrong answer is one, and fails. */
async function check({ config, state, signal }: CheckInput<Config, State>): Promise<Verdict<State>> {
  const { url, headers, looks, requestSeconds } = config;
  const { status, body } = await get(url, { headers, timeoutMs: requestSeconds * 1000, signal });
  const evidence = { url, status };
  if (status !== config.status) return fail(`${url} answered ${status}, not ${config.status}`, evidence);
  if (config.bodyPattern !== undefined && !matches(config.bodyPattern, body)) {
    return fail(`${url} answered ${status}, but its body does not match ${config.bodyPattern}`, evidence);
  }
  const good = (state?.good ?? 0) + 1;
  if (good >= looks) return succeed(`${url} answered ${status}, ${good} of ${looks} times in a row`, evidence);
  return wait(`${url} answered ${status}, ${good} of ${looks} times in a row`, { state: { good }, evidence });
}
