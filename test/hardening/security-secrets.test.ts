// Loaded first, so that it does log: the worlds of the hooks' own tests silence it before they load it.
import '../../shared/log.ts';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { hook as admission } from '../../hooks/admission/hook.ts';
import { hook as approval } from '../../hooks/approval/hook.ts';
import { hook as loadTest } from '../../hooks/load-test/hook.ts';
import { at, withDetails } from '../../library/testing/events.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { problems } from '../../shared/schema.ts';
import { captureOutput } from '../fixtures/output.ts';
import { HOOK, useWorld } from '../hooks/approval-world.ts';
import { LOAD } from '../hooks/load-test-world.ts';

const SECRET = 's3cr3t-hunter2';
const output = captureOutput();

/** One look with a configuration that is refused before anybody is asked. */
async function refusal(hook: AnyHook, hookDetails: unknown, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const [stage] = hook.stages;
  const answer = await lambdaHandler(hook, { env })(withDetails(at(stage), hookDetails));
  expect(answer.hookStatus).toBe('FAILED');
  return answer.reason;
}

describe('a configuration that is refused does not say what is confidential in it', () => {
  const target = (more: object) => ({ ...LOAD, targets: [{ url: 'http://catalog:8080/items', ...more }] });
  const task = (more: object) => ({ runner: 'task', task: { taskDefinition: 'k6', container: 'k6', ...more } });
  const long = `${SECRET}${'x'.repeat(5000)}`;

  it.each<[string, unknown, string]>([
    [
      'a header with a line break',
      target({ headers: { authorization: `Bearer ${SECRET}\n` } }),
      'headers.authorization',
    ],
    ['a header that is too long', target({ headers: { Cookie: long } }), 'headers.Cookie'],
    ['a header that is an object', target({ headers: { 'x-api-key': { [SECRET]: SECRET } } }), 'headers.x-api-key'],
    ['a list of headers', target({ headers: [['authorization', SECRET]] }), 'targets[0].headers'],
    ['a body that is an object', target({ body: { password: SECRET } }), 'targets[0].body'],
    ['a user name in a URL', target({ url: `ftp://ana:${SECRET}@catalog/` }), 'targets[0].url'],
    ['targets that are no list', { ...LOAD, targets: { headers: { authorization: SECRET } } }, 'hookDetails.targets'],
    ['a target that is a list', { ...LOAD, targets: [[{ Authorization: SECRET }]] }, 'hookDetails.targets[0]'],
    ['a variable of the task', task({ environment: { DB_URL: [SECRET] } }), 'environment.DB_URL'],
    ['variables in the form of RunTask', task({ environment: [{ name: 'A', value: SECRET }] }), 'task.environment'],
    ['a command that is a text', task({ command: `k6 --token ${SECRET}` }), 'task.command'],
    ['the queue of another', { ...LOAD, queueUrl: `ftp://ana:${SECRET}@queue` }, 'hookDetails.queueUrl'],
    ['a JSON text cut short', JSON.stringify(target({ headers: { a: SECRET } })).slice(0, -1), 'hookDetails'],
    ['a text', SECRET, 'hookDetails'],
    ['a list', [SECRET], 'hookDetails'],
  ])('%s', async (_, details, told) => {
    const reason = await refusal(loadTest, details);
    expect(reason).toContain(told);
    expect(`${reason}${output.text()}`).not.toMatch(/hunter2/);
  });

  it.each([
    ['HOOK_DEFAULTS', `{"queueUrl":"${SECRET}`],
    ['HOOK_DEFAULTS', JSON.stringify([SECRET])],
    ['HOOK_POLICY', SECRET],
  ])("nor does the function's own %s, when it is %s", async (name, text) => {
    expect(await refusal(loadTest, {}, { [name]: text })).toContain(`${name} must be a JSON object, not `);
    expect(output.text()).not.toMatch(/hunter2/);
  });

  it('but says what is wrong where nothing is', async () => {
    expect(await refusal(approval, { testUrl: 'ftp://ui.example/' })).toContain('"ftp://ui.example/"');
    expect(await refusal(admission, { mode: 'audit' }, { HOOK_POLICY: '{"version":1,"rules":[]}' })).toContain(
      '"audit"',
    );
    expect(await refusal(loadTest, { ...LOAD, rate: 'fast' })).toContain('"fast"');
  });
});

it('a URL in a problem is shown without its user', () => {
  const parsed = z.safeParse(z.url({ protocol: /^https$/ }), `http://ana:${SECRET}@a.example/b`, { reportInput: true });
  expect(parsed.error && problems(parsed.error, 'x')).toMatch(/http:\/\/\(not shown\)@a\.example\/b/);
});

describe('an approval parameter that somebody has made before, as a SecureString', () => {
  const world = useWorld();

  it.each(['accept', SECRET])('lets nothing pass, and is not repeated: %s', async (value) => {
    const play = world().deploy({ config: { firstDeployment: 'run' } });
    world().aws.parameters.put({ name: play.parameter, value, type: 'SecureString', overwrite: false }, `${HOOK}er`);
    const answer = await play.look(10);
    // What asks is a String, and Parameter Store does not turn one into the other.
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('HierarchyTypeMismatchException'),
    });
    expect(`${answer.reason}${output.text()}`).not.toMatch(/hunter2/);
  });
});

it('the credentials of the function are in no line, whatever AWS answers', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_SESSION_TOKEN', `token-${SECRET}`);
  await lambdaHandler(approval)(withDetails(at('POST_TEST_TRAFFIC_SHIFT'), { mode: 'audit' }));
  expect(output.decisions()).toHaveLength(1);
  expect(output.text()).not.toMatch(/hunter2/);
  vi.unstubAllEnvs();
});
