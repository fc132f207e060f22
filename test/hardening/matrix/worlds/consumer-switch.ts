import { CONSUMER, namings, twoNames } from '../names.ts';
import { telling } from '../told.ts';
import {
  ACCOUNT,
  account,
  BLUE,
  BY_DESCRIPTION,
  DEPLOYMENT,
  GREEN,
  HOOK,
  MAX_ERRORS,
  REGION,
  ROLLING_BACK,
  type Scene,
  START,
  StaticEcs,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 4;
const QUEUE = 'orders';
const CONFIG = {
  queueUrls: [`https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${QUEUE}`],
  leaseSeconds: 10,
  drain: { maxSeconds: 20, readings: 2 },
  timeoutMinutes: TIMEOUT,
  maxErrors: MAX_ERRORS,
  pollSeconds: 30,
};

const NOTHING = { visible: 0, notVisible: 0, deadLetters: 0 };
const NOTE = JSON.stringify({ at: START - 60_000, queues: [NOTHING] });

interface Options {
  /** What the parameter holds when ECS calls; undefined: there is none. */
  named?: string | undefined;
  /** Messages that the old revision has in hand, and never gives back. */
  stuck?: number;
  /** Messages that go to the dead letters once green has had its turn. */
  poisoned?: number;
  /** What an earlier stage has noted of the queues: nothing was in them. */
  noted?: boolean;
  first?: boolean;
  /** The event has no weights, and only the description says that ECS rolls back. */
  silent?: boolean;
  more?: object;
}

function scene(
  visits: Scene['visits'],
  { named = BLUE, stuck = 0, poisoned = 0, first = false, noted = false, silent = false, more = {} }: Options,
): Scene {
  const ecs = new StaticEcs();
  if (first) ecs.deployment = { ...ecs.deployment, sourceServiceRevisions: [] };
  if (silent) ecs.deployment = { ...ecs.deployment, ...ROLLING_BACK };
  const aws = account(ecs);
  aws.queues.create('orders-dlq');
  const deadLetterTargetArn = aws.queues.arnOf('orders-dlq');
  const queue = aws.queues.create(QUEUE, {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }),
  });
  for (let n = 0; n < stuck; n += 1) aws.queues.send(QUEUE, `order ${n}`);
  aws.queues.take(queue, 10, 43_200, { callerArn: 'worker', accessKeyId: 'worker' });
  if (!first) aws.parameters.put({ name: CONSUMER, value: named, type: 'String', overwrite: true }, 'platform');
  if (noted)
    aws.parameters.put({ name: `${CONSUMER}/${DEPLOYMENT}`, value: NOTE, type: 'String', overwrite: true }, HOOK);
  let toCome = poisoned;
  let greenSince = Number.POSITIVE_INFINITY;
  return {
    aws,
    ecs,
    hookDetails: { ...CONFIG, ...more },
    visits,
    meanwhile: () => {
      if (aws.parameters.get(CONSUMER)?.value === GREEN) greenSince = Math.min(greenSince, Date.now());
      if (Date.now() < greenSince + 20_000) return;
      for (; toCome > 0; toCome -= 1) aws.queues.send('orders-dlq', 'poison');
    },
    audit: () => twoNames(namings(aws)),
  };
}

function world(name: string, expected: World['expected'], visits: Scene['visits'], options: Options = {}): World {
  return {
    hook: 'consumer-switch',
    name,
    expected,
    timeoutMinutes: TIMEOUT,
    ...(options.silent && BY_DESCRIPTION),
    begin: () => withEnd(scene(visits, options), expected),
  };
}

/** SUCCEEDED says that green may consume; FAILED on purpose, that blue may again. */
function withEnd(made: Scene, expected: World['expected']): Scene {
  const { audit } = made;
  return {
    ...made,
    audit: (final) => {
      const held = made.aws.parameters.get(CONSUMER)?.value;
      const isWrong = expected !== 'rollback' && final === 'SUCCEEDED' && held !== GREEN;
      return [...(audit?.(final) ?? []), ...(isWrong ? [`SUCCEEDED, and ${held} is named`] : [])];
    },
  };
}

const SHIFT: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 100 };
const POST: Visit = { stage: 'POST_PRODUCTION_TRAFFIC_SHIFT' };
const BACK: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 0, rollback: true };
const SILENT: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', rollback: true };
const FAIL_LATE = { onDrainTimeout: 'fail' };
const MONITOR = { monitor: { minutes: 2 }, pollSeconds: 60 };

const STUCK = world('PRODUCTION_TRAFFIC_SHIFT, messages stay in flight', 'FAILED', [SHIFT], {
  stuck: 2,
  more: FAIL_LATE,
});

export const CONSUMER_SWITCH_WORLDS: readonly World[] = [
  world('PRODUCTION_TRAFFIC_SHIFT, queues drain', 'SUCCEEDED', [SHIFT], { more: MONITOR }),
  STUCK,
  world('PRODUCTION_TRAFFIC_SHIFT, first deployment', 'SUCCEEDED', [SHIFT], { first: true }),
  world('POST_PRODUCTION_TRAFFIC_SHIFT, queues as before', 'SUCCEEDED', [POST], {
    named: GREEN,
    noted: true,
    more: MONITOR,
  }),
  world('POST_PRODUCTION_TRAFFIC_SHIFT, dead letters', 'FAILED', [POST], {
    named: GREEN,
    noted: true,
    poisoned: 3,
    more: MONITOR,
  }),
  world('rollback while nobody is named', 'rollback', [{ ...SHIFT, looks: 1 }, BACK]),
  world('rollback after the switch', 'rollback', [BACK], { named: GREEN }),
  world('rollback without weights in the event', 'rollback', [SILENT], { named: GREEN, silent: true }),
];

/** A SUCCEEDED where it could not switch is refused, but it may look on. */
export const CONSUMER_SWITCH_TOLD_WORLDS: readonly World[] = [telling('audit', STUCK)];
