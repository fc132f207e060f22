import type { HookStage } from '../../../shared/stages.ts';
import { CONSUMER } from '../matrix/names.ts';
import {
  ACCOUNT,
  account,
  DEPLOYMENT,
  GREEN,
  MAX_ERRORS,
  type Scene,
  StaticEcs,
  type Visit,
  type World,
} from '../matrix/world.ts';
import { ADMISSION_WORLDS } from '../matrix/worlds/admission.ts';
import { CANARY_WORLDS } from '../matrix/worlds/canary.ts';
import { CONSUMER_SWITCH_WORLDS } from '../matrix/worlds/consumer-switch.ts';
import { LOAD_TEST_WORLDS } from '../matrix/worlds/load-test.ts';

const ALICE = `arn:aws:sts::${ACCOUNT}:assumed-role/Approver/alice`;
const TIMEOUT = 30;

interface Voting {
  visit: Visit;
  /** Undefined: she never votes. */
  value?: string;
  /** She needs a reminder. */
  reminded?: boolean;
  /** How long after she was told she votes. */
  afterMs?: number;
}

/** Alice votes some time after she was told: who is told of nothing decides nothing. */
function told({ visit, value, reminded = false, afterMs = 150_000 }: Voting): Scene {
  const ecs = new StaticEcs();
  const aws = account(ecs);
  const notifyTopicArn = aws.topics.create('approvals');
  const step = visit.weight === undefined ? visit.stage : `${visit.stage}-${visit.weight}`;
  const name = `/ecs-hooks/approval/prod/web/${DEPLOYMENT}/${step}`;
  return {
    aws,
    ecs,
    hookDetails: {
      notifyTopicArn,
      approvers: [ALICE],
      timeoutMinutes: value === undefined ? 8 : TIMEOUT,
      pollSeconds: 30,
      maxErrors: MAX_ERRORS,
      ...(reminded && { remindMinutes: 10, pollSeconds: 60 }),
    },
    visits: [visit],
    meanwhile: () => {
      const heard = aws.topics.messages.find(({ subject }) => subject?.startsWith('Still waiting') === reminded);
      if (value === undefined || heard === undefined || Date.now() < heard.at + afterMs) return;
      if (aws.parameters.get(name)?.value !== 'pending') return;
      aws.parameters.put({ name, value, type: 'String', overwrite: true }, ALICE);
    },
  };
}

function approval(what: string, expected: World['expected'], voting: Voting): World {
  const name = `${voting.visit.stage}, ${what}`;
  return { hook: 'approval', name, expected, timeoutMinutes: TIMEOUT, begin: () => told(voting) };
}

const MAIN: Visit = { stage: 'POST_TEST_TRAFFIC_SHIFT' };
const PRE: Visit = { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 0 };
const NEVER: HookStage = 'POST_PRODUCTION_TRAFFIC_SHIFT';

const APPROVAL_WORLDS: readonly World[] = [
  approval('accepted at once', 'SUCCEEDED', { visit: MAIN, value: 'accept', afterMs: 10_000 }),
  approval('accepted', 'SUCCEEDED', { visit: MAIN, value: 'accept' }),
  approval('declined', 'FAILED', { visit: MAIN, value: 'decline' }),
  approval('accepted after a reminder', 'SUCCEEDED', { visit: MAIN, value: 'accept', reminded: true }),
  approval('accepted', 'SUCCEEDED', { visit: PRE, value: 'accept' }),
  approval('nobody decides', 'FAILED', { visit: { stage: NEVER } }),
];

const STUCK = 'PRODUCTION_TRAFFIC_SHIFT, messages stay in flight';
/**
 * Not played at random: an event of minutes ago that arrives between the answer FAILED and ECS's taking note of it looks
 * like the first of all, and takes the name from the source once more. The rollback that follows puts it right.
 */
export const ENDS_TOO_SOON: ReadonlySet<string> = new Set([STUCK]);

/** Whatever holds the switch up, the dead letters come after it, and have not been there before. */
const POISONED: World = {
  ...worldOf(CONSUMER_SWITCH_WORLDS, 'POST_PRODUCTION_TRAFFIC_SHIFT, queues as before'),
  name: 'POST_PRODUCTION_TRAFFIC_SHIFT, dead letters after the switch',
  expected: 'FAILED',
  begin: () => {
    const scene = worldOf(CONSUMER_SWITCH_WORLDS, 'POST_PRODUCTION_TRAFFIC_SHIFT, queues as before').begin();
    let isSent = false;
    const meanwhile = () => {
      if (isSent || scene.aws.parameters.get(CONSUMER)?.value !== GREEN) return;
      isSent = true;
      for (let n = 0; n < 3; n += 1) scene.aws.queues.send('orders-dlq', 'poison');
    };
    // SUCCEEDED is right at the first visit, and nowhere else.
    return { ...scene, meanwhile, audit: () => [] };
  },
};

/** What ECS does behind a FAILED: it calls the hook on the way back. */
const TURNED_BACK: World = {
  ...worldOf(CONSUMER_SWITCH_WORLDS, STUCK),
  name: `${STUCK}, and the rollback`,
  expected: 'rollback',
  begin: () => {
    const scene = worldOf(CONSUMER_SWITCH_WORLDS, STUCK).begin();
    // The end is the source's name, which the ledger compares.
    const audit = () => [];
    return {
      ...scene,
      audit,
      visits: [...scene.visits, { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 0, rollback: true }],
    };
  },
};

/** As it drains, but what cannot be drained in time is refused. */
const STRICT: World = {
  ...worldOf(CONSUMER_SWITCH_WORLDS, 'PRODUCTION_TRAFFIC_SHIFT, queues drain'),
  name: 'PRODUCTION_TRAFFIC_SHIFT, queues drain, onDrainTimeout fail',
  begin: () => {
    const scene = worldOf(CONSUMER_SWITCH_WORLDS, 'PRODUCTION_TRAFFIC_SHIFT, queues drain').begin();
    return { ...scene, hookDetails: { ...scene.hookDetails, onDrainTimeout: 'fail' } };
  },
};

function worldOf(worlds: readonly World[], name: string): World {
  const found = worlds.find((world) => world.name === name);
  if (found === undefined) throw new Error(`there is no world ${name}`);
  return found;
}

/** What the fault matrix plays, where the time of what happens does not hang on when the hook is called. */
export const WORLDS = {
  admission: ADMISSION_WORLDS,
  approval: APPROVAL_WORLDS,
  canary: CANARY_WORLDS,
  'consumer-switch': [
    ...CONSUMER_SWITCH_WORLDS.filter(({ name }) => !name.endsWith('dead letters')),
    POISONED,
    STRICT,
    TURNED_BACK,
  ],
  'load-test': LOAD_TEST_WORLDS,
} as const satisfies Record<string, readonly World[]>;
