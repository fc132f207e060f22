import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, EVENT_FIXTURES, rollback, withDetails } from '../../library/testing/events.ts';
import type { AnyHook } from '../../shared/hook.ts';
import { LambdaSandbox } from '../../simulator/lambda/sandbox.ts';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { startEndpoint, TROUBLE } from '../fixtures/endpoint.ts';
import { type JsonSchema, requiredValues } from '../fixtures/json-schema.ts';
import { hookIds } from '../fixtures/sources.ts';
import {
  type Answered,
  AWS_RUNTIME,
  answerOf,
  DeployedArtifact,
  decisionsIn,
  type FunctionOptions,
  NOW,
  recordsIn,
  startSilence,
} from './runtime-client-kit.ts';

/*
 * The artifacts under aws-lambda-ric, the runtime client that Lambda itself runs: its loader, context, console and loop.
 * Its native HTTP client is replaced where it is not built, see runtime-client/rapid-client.cjs.
 */

const HOOKS = await Promise.all(
  hookIds().map(async (id) => {
    const { hook }: { hook: AnyHook } = await import(`../../hooks/${id}/hook.ts`);
    const schema = z.toJSONSchema(hook.config, { io: 'input' }) as JsonSchema; // zod's type holds more than we read
    return { id, hook, environment: { HOOK_DEFAULTS: JSON.stringify(requiredValues(schema)) } };
  }),
);

const EVENT = at('POST_TEST_TRAFFIC_SHIFT');
/** What ECS does not send, and a handler may be given all the same. */
const ODD: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['an empty object', {}],
  ['a list', []],
  ['a text', 'PRE_SCALE_UP'],
  ['a number that JavaScript cannot hold', 9_313_475_893_847_589_345n.toString()],
  ['no deployment', { ...EVENT, resourceArn: '' }],
  ['no details', { ...EVENT, executionDetails: null }],
  ['hookDetails that are no object', withDetails(EVENT, 'no object')],
  ['a broken memory', withDetails(EVENT, { _state: '{' })],
  ['control characters', withDetails(EVENT, { 'a\u0000b\nc\u001b[31m': '\u0000\n' })],
  ['half a surrogate pair', withDetails(EVENT, { '\ud800': '\udc00' })],
  [
    '__proto__',
    JSON.parse('{"__proto__":{"lifecycleStage":"PRE_SCALE_UP"},"hookDetails":{"__proto__":{"mode":"audit"}}}'),
  ],
  ['a rollback with broken hookDetails', withDetails(rollback(), 'no object')],
];
const EVENTS = [...EVENT_FIXTURES.map(({ name, event }) => [name, event] as const), ...ODD];

describe.each(HOOKS)("$id under AWS's runtime client", ({ id, hook, environment }) => {
  const endpoint = startEndpoint();
  const silence = startSilence();
  const [stage] = hook.stages;

  /** The same events under the two runtime clients, each in one process. */
  async function underBoth(events: readonly unknown[], options: Omit<FunctionOptions, 'endpointUrl'> = {}) {
    const runs = [AWS_RUNTIME, undefined].map(async (runtime) => {
      const artifact = await DeployedArtifact.start(id, {
        endpointUrl: endpoint.url(),
        environment,
        ...options,
        ...(runtime && { runtime }),
      });
      const { pid } = artifact;
      const before = artifact.files();
      const answered: Answered[] = [];
      for (const event of events) answered.push(await artifact.invoke(event));
      const after = { pid: artifact.pid, files: artifact.files() };
      const rest = await artifact.end();
      expect(after).toEqual({ pid, files: before });
      expect(rest).toEqual([]);
      return answered;
    });
    const [aws, own] = await Promise.all(runs);
    return { aws: aws ?? [], own: own ?? [] };
  }

  it('answers every event as under our own client, in one process, with one decision line each', async () => {
    endpoint.answer(TROUBLE['access denied']);
    const { aws, own } = await underBoth(EVENTS.map(([, event]) => event));
    EVENTS.forEach(([name], n) => {
      const [one, other] = [aws[n], own[n]];
      if (one === undefined || other === undefined) throw new Error(`${name} was not played`);
      expect(answerProblems(answerOf(one)), name).toEqual([]);
      expect(answerOf(one), name).toEqual(answerOf(other));
      expect(decisionsIn(one.logs), name).toHaveLength(1);
      expect(decisionsIn(one.logs), name).toEqual(decisionsIn(other.logs));
      // Nothing but JSON: neither a stack trace nor a warning of Node.
      expect(recordsIn(one.logs).length, one.logs.join('\n')).toBe(one.logs.length);
      // Of the credentials in the process's environment.
      expect(one.logs.join('\n')).not.toMatch(/no-line-may-hold/);
    });
  });

  it('waits when AWS is not available, and takes its state back', async () => {
    endpoint.answer(TROUBLE.unavailable);
    const { aws, own } = await underBoth([at(stage), at(stage)]);
    for (const [n, one] of aws.entries()) {
      expect(answerOf(one)).toMatchObject({ hookStatus: 'IN_PROGRESS', hookDetails: { _state: expect.any(String) } });
      expect(answerOf(one)).toEqual(answerOf(own[n] ?? one));
    }
  });

  it('answers IN_PROGRESS before its deadline when AWS never answers, and has not lost the process', async () => {
    // A short time, of which a second is kept for the answer; it would be killed only much later.
    const { aws } = await underBoth([at(stage), at(stage)], {
      timeLeft: 1500,
      clockStepMs: 1,
      environment: { ...environment, AWS_ENDPOINT_URL: silence.url() },
    });
    for (const one of aws) {
      expect(answerOf(one)).toMatchObject({
        hookStatus: 'IN_PROGRESS',
        reason: 'DeadlineError: The function ran out of time before it could tell; it looks again',
      });
      expect(decisionsIn(one.logs)).toHaveLength(1);
    }
  });
});

describe("a process that ends under AWS's runtime client", () => {
  const silence = startSilence();
  let lambda: LambdaSandbox;
  beforeAll(() => {
    const clock = { now: () => NOW };
    lambda = new LambdaSandbox({ clock, newId: () => 'id', endpointUrl: silence.url(), runtime: AWS_RUNTIME });
  });
  afterAll(() => lambda.close());

  const approval = { codePath: 'dist/approval/index.cjs', timeoutSeconds: 60 };
  const stopped = (reason: string) => ({
    kind: 'function-error',
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: id Error: Runtime exited with error: ${reason}`,
  });

  it('for want of memory is told as Lambda tells it, and the next invocation has a new one', async () => {
    // Three bytes of text each, and twenty times as much of heap.
    const giant = withDetails(EVENT, { list: JSON.parse(`[${'{},'.repeat(2_000_000)}{}]`) });
    const arn = lambda.addFunction({ name: 'small', ...approval, memoryMb: 128 });
    const { outcome, logs } = await lambda.invoke(arn, giant, NOW);
    expect(outcome).toEqual(stopped('signal: aborted'));
    expect(logs.join('\n')).toContain('JavaScript heap out of memory');
    expect((await lambda.invoke(arn, null, NOW)).outcome.kind).toBe('returned');
    expect(lambda.stats()[arn]).toMatchObject({ coldStarts: 2, errors: 1, processes: 1 });
  });

  it('by SIGTERM is told as Lambda tells it, and the next invocation answers from its event alone', async () => {
    const arn = lambda.addFunction({ name: 'terminated', ...approval });
    const event = withDetails(EVENT, { quorum: 2 });
    const heard = silence.next();
    const invoked = lambda.invoke(arn, event, NOW);
    await heard;
    const pids = lambda.pids;
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    expect((await invoked).outcome).toEqual(stopped('signal: terminated'));
    const answered = (await lambda.invoke(arn, rollback(), NOW)).outcome;
    expect(answered).toMatchObject({ kind: 'returned', payload: expect.stringContaining('"SUCCEEDED"') });
    expect(lambda.pids.filter((pid) => pids.includes(pid))).toEqual([]);
  });
});

// Admission, canary and approval with all that AWS answers them: some hundred invocations.
it.each(['admission', 'catalog', 'approval-votes'])(
  "the scenario %s has the same record under AWS's runtime client as under ours",
  async (name) => {
    const scenario = await loadScenario(`simulator/scenarios/${name}.yaml`);
    const [aws, own] = await Promise.all([play(scenario, { runtime: AWS_RUNTIME }), play(scenario)]);
    expect(own.expectation).toEqual({ met: true, failures: [] });
    expect(aws.deployments.flatMap(({ stages }) => stages.flatMap(({ hooks }) => hooks))).not.toEqual([]);
    expect(aws).toEqual(own);
  },
);
