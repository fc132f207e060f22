// Loaded first, so that it does log: the worlds of the hooks' own tests silence it before they load it.
import '../../shared/log.ts';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, vi } from 'vitest';
import { hook } from '../../hooks/load-test/hook.ts';
import { pool, readShards } from '../../hooks/load-test/results.ts';
import { at, withDetails } from '../../library/testing/events.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { captureOutput } from '../fixtures/output.ts';
import { shardResult } from '../fixtures/shard-result.ts';
import { LOAD, useWorld } from '../hooks/load-test-world.ts';

/** One of the overloads of a client's `send`. */
type Send = (command: { input: object }) => Promise<unknown>;

const SECRET = 's3cr3t-hunter2';
const output = captureOutput();
const world = useWorld();

describe('what a load test sends', () => {
  it('goes to the generators, and neither into the log, nor the answer, nor any parameter', async () => {
    const headers = { authorization: SECRET };
    const targets = [{ url: 'http://catalog:8080/items', headers, method: 'POST', body: SECRET }];
    const play = world().deploy({ ...LOAD, targets });
    const answers = [await play.look()];
    const [shard] = play.generate();
    answers.push(await play.look(90), await play.look(90));
    expect(shard?.plan.targets).toEqual([expect.objectContaining({ headers, body: SECRET })]);
    expect(answers.at(-1)?.hookStatus).toBe('SUCCEEDED');
    for (const { hookDetails, ...said } of answers) {
      // hookDetails are ECS's own, and go back as they came.
      expect(hookDetails?.targets).toEqual(targets);
      expect(`${JSON.stringify(said)}${hookDetails?._state}`).not.toMatch(/hunter2/);
    }
    expect(output.decisions()).toHaveLength(answers.length);
    expect(output.text()).not.toMatch(/hunter2/);
    const { parameters } = world().aws;
    const kept = parameters.names('/ecs-hooks/').map((name) => parameters.get(name));
    expect(kept.length).toBeGreaterThan(2);
    expect(JSON.stringify(kept)).not.toMatch(/hunter2/);
  });

  it('is refused with a user name in a URL, which is not repeated', async () => {
    const answer = await world()
      .deploy({ ...LOAD, targets: [{ url: `https://ana:${SECRET}@catalog/` }] })
      .look();
    expect(answer).toMatchObject({ hookStatus: 'FAILED', reason: expect.stringContaining('holds a user name') });
    expect(`${answer.reason}${output.text()}`).not.toMatch(/hunter2/);
    expect(world().queue).toEqual([]);
  });
});

describe("a result that somebody else has written in the generators' place", () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'is counted by what it says, also where it names a kind %s',
    async (kind) => {
      const text = JSON.stringify(shardResult()).replace(
        '"errorsByKind":{}',
        `"errorsByKind":{"${kind}":7,"timeout":3}`,
      );
      const shards = readShards(new Map([['green-1', text]]), ['green-1']);
      const pooled = pool([...shards.results.values()]);
      // zod leaves out __proto__, which nobody could read anyway.
      expect(pooled.errors).toBe(kind === '__proto__' ? 3 : 10);
      expect(Object.getPrototypeOf(pooled.errorsByKind)).toBe(Object.prototype);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it.each<[string, unknown]>([
    ['no number of requests', { ...shardResult(), sent: 'all' }],
    ['fewer than none', { ...shardResult(), sent: -1 }],
    [
      'a histogram that unpacks to gigabytes',
      { ...shardResult(), histogram: 'HISTFAAAAAB4nO3BAQ0AAADCoPdPbQ8HFAAAAAAAAAAAAAAAAAAAfBg=' },
    ],
    ['a list', []],
    ['nothing', null],
  ])('could not run, and is never a pass: %s', async (_, value) => {
    const play = world().deploy({ ...LOAD, shards: 1, maxRuns: 1 });
    await play.look();
    const [shard] = world().queue.splice(0);
    play.put(shard?.resultParameter ?? '', value);
    expect(await play.look(90)).toMatchObject({
      hookStatus: 'FAILED',
      reason: expect.stringContaining('cannot be read'),
    });
  });
});

describe('what HOOK_POLICY names, hookDetails cannot change', () => {
  /** The inputs of the calls that one look made of ECS and SQS. */
  async function asked(policy: object, hookDetails: object): Promise<object[]> {
    const handler = lambdaHandler(hook, { now: () => new Date(), env: { HOOK_POLICY: JSON.stringify(policy) } });
    expect(await handler(withDetails(at('POST_TEST_TRAFFIC_SHIFT'), { ...LOAD, ...hookDetails }))).toMatchObject({
      hookStatus: 'IN_PROGRESS',
    });
    const calls = [ECSClient, SQSClient].flatMap(({ prototype }) => vi.mocked(prototype.send as Send).mock.calls);
    return calls.map(([{ input }]) => input);
  }

  it('neither the service that is scaled, nor the queue', async () => {
    const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/load';
    const inputs = await asked(
      { queueUrl, generator: { cluster: 'load', service: 'generators', tasks: 2 } },
      {
        queueUrl: 'https://sqs.attacker.example/999999999999/theirs',
        generator: { cluster: 'prod', service: 'payments', tasks: 1, idleTasks: 0 },
      },
    );
    expect(inputs).toContainEqual({ cluster: 'load', service: 'generators', desiredCount: 2 });
    expect(inputs).toContainEqual(expect.objectContaining({ QueueUrl: queueUrl }));
    expect(JSON.stringify(inputs)).not.toMatch(/payments|attacker|theirs/);
  });

  it('nor the task that is run', async () => {
    const inputs = await asked(
      { runner: 'task', task: { cluster: 'load', taskDefinition: 'k6:7', container: 'k6' } },
      { runner: 'generator', task: { cluster: 'prod', taskDefinition: 'admin', container: 'sh', command: ['id'] } },
    );
    expect(inputs).toContainEqual(
      expect.objectContaining({
        cluster: 'load',
        taskDefinition: 'k6:7',
        overrides: { containerOverrides: [{ name: 'k6' }] },
      }),
    );
    expect(JSON.stringify(inputs)).not.toMatch(/admin|"id"/);
  });
});
