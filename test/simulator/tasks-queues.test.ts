import { describe, expect, it } from 'vitest';
import { parseChoices, Readings } from '../../simulator/engine/readings.ts';
import { play } from '../../simulator/scenario/play.ts';
import { createWorld } from '../../simulator/scenario/world.ts';
import { deployment, revision, scenarioOf, service } from './scenario-kit.ts';

type Json = Readonly<Record<string, unknown>>;

const worker = { command: ['node', 'test/fixtures/programs/worker.ts'], ready: 'ready' };

async function worldOf(more: Json) {
  const scenario = scenarioOf(more);
  const world = await createWorld(scenario, {
    readings: new Readings(parseChoices({})),
    dist: 'dist',
    onEvent: () => undefined,
    answersFor: () => undefined,
  });
  await world.close();
  return { scenario, world };
}

describe('queues', () => {
  it('have their attributes, and their dead-letter queue wherever it stands in the file', async () => {
    const { world } = await worldOf({
      queues: {
        orders: { attributes: { VisibilityTimeout: '7' }, deadLetterQueue: { name: 'dead', maxReceiveCount: 3 } },
        dead: {},
      },
    });

    const { attributes, redrivePolicy } = world.aws.queues.get('orders');

    expect(attributes.VisibilityTimeout).toBe('7');
    expect(redrivePolicy).toMatchObject({
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:123456789012:dead',
      maxReceiveCount: 3,
    });
  });

  it('get messages on the clock of the simulator, each with an id of its own', async () => {
    const { scenario, world } = await worldOf({
      queues: { orders: { messages: { perSecond: 4, from: '1s', until: '2s', body: { kind: 'order' } } } },
    });
    const start = world.clock.now();

    world.messages.begin(scenario, start);
    world.clock.schedule(start + 3000, () => world.messages.send({ queue: 'orders', count: 2 }));
    await world.clock.run();

    const sent = world.aws.queues.messages('orders');
    expect(sent.map(({ sentAt }) => sentAt - start)).toEqual([1000, 1250, 1500, 1750, 3000, 3000]);
    expect(sent.map(({ body }) => JSON.parse(body).id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({ id: 1, kind: 'order' });
  });

  it('get messages by an event, and a program their URL', async () => {
    const program = { ...worker, environment: { SAY: `\${queue:orders}` } };
    const lines: string[] = [];
    const scenario = scenarioOf({
      durations: { firstTask: '1ms', scaleUp: '1ms', cleanUp: '1ms', testShift: '1ms', productionShift: '1ms' },
      queues: { orders: {} },
      services: { ui: service([], { desiredCount: 1 }) },
      deployments: [
        deployment({
          revision: { ...revision('release-2'), program },
          events: [{ after: 0, sendMessages: { queue: 'orders', count: 3, body: { poisoned: true } } }],
        }),
      ],
    });

    const { deployments } = await play(scenario, {
      onTask: (event) => event.kind === 'line' && lines.push(event.line),
    });

    expect(deployments[0]?.status).toBe('SUCCESSFUL');
    expect(deployments[0]?.notes.map(({ text }) => text)).toContain('3 messages to orders');
    expect(lines[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/123456789012\/orders$/);
  });
});

describe('a mistake is told with its place', () => {
  const withProgram = (more: Json): Json => ({ ...revision('release-2'), program: { ...worker, ...more } });
  it.each<[string, Json, RegExp]>([
    [
      'a queue that is not there',
      { deployments: [deployment({ revision: withProgram({ environment: { Q: `\${queue:nope}` } }) })] },
      /^test\.yaml:\d+: deployments\[0\]\.revision\.program\.environment\.Q: nope is not one of queues \(none\)$/,
    ],
    [
      'the URL of a service that nothing listens for',
      { deployments: [deployment({ revision: withProgram({ environment: { U: `\${url:ui}` } }) })] },
      /program\.environment\.U: \$\{url:ui\} needs a service behind alb or service-connect, with a program with port$/,
    ],
    [
      'a URL in hookDetails that nothing listens for',
      {
        services: {
          ui: service([{ function: 'judge', lifecycleStages: ['PRE_SCALE_UP'], hookDetails: { u: [`\${url:nope}`] } }]),
        },
      },
      /lifecycleHooks\[0\]\.hookDetails\.u\[0\]: \$\{url:nope\} needs a service/,
    ],
    [
      'a queue in the environment of a function that is not there',
      { functions: { judge: { answers: ['SUCCEEDED'], environment: { HOOK_DEFAULTS: { q: `\${queue:nope}` } } } } },
      /functions\.judge\.environment\.HOOK_DEFAULTS\.q: nope is not one of queues/,
    ],
    [
      'a test header where there are none',
      { services: { ui: service([], { loadBalancing: { kind: 'nlb', testHeader: 'x-test' } }) } },
      /services\.ui\.loadBalancing\.testHeader: nlb knows no headers$/,
    ],
    [
      'a stop timeout that Fargate does not have',
      { deployments: [deployment({ revision: withProgram({ stopTimeout: '3m' }) })] },
      /program\.stopTimeout: is 2m at most on Fargate$/,
    ],
    [
      'tasks that crash beside a program',
      { deployments: [deployment({ revision: { ...withProgram({}), tasks: 'crash' } })] },
      /revision\.tasks: a revision with a program does what its program does$/,
    ],
    [
      'a program without a command',
      { deployments: [deployment({ revision: { ...revision('release-2'), program: { command: [] } } })] },
      /program\.command must be at least 1 items/,
    ],
    [
      'a task to kill that is only counted',
      { deployments: [deployment({ events: [{ after: 0, kill: { revision: 'release-1' } }] })] },
      /events\[0\]\.kill\.revision: release-1 is no revision of ui with a program \(none\)$/,
    ],
    [
      'a task definition without a program',
      { taskDefinitions: { k6: { image: 'k6' } } },
      /needs a program, or pull: fails$/,
    ],
    [
      'a dead-letter queue that is not there',
      { queues: { orders: { deadLetterQueue: { name: 'dead', maxReceiveCount: 3 } } } },
      /deadLetterQueue\.name: dead is not one of queues \(orders\)$/,
    ],
    [
      'an attribute that SQS refuses',
      { queues: { orders: { attributes: { VisibilityTimeout: '99999' } } } },
      /queues\.orders: InvalidAttributeValue: /,
    ],
    [
      'messages to a queue that is not there',
      { deployments: [deployment({ events: [{ after: 0, sendMessages: { queue: 'orders', count: 1 } }] })] },
      /sendMessages\.queue: orders is not one of queues \(none\)$/,
    ],
  ])('%s', (_, more, message) => {
    expect(() => scenarioOf(more)).toThrow(message);
  });
});
