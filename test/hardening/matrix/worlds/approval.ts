import type { HookStage } from '../../../../shared/stages.ts';
import { telling } from '../told.ts';
import {
  ACCOUNT,
  account,
  DEPLOYMENT,
  MAX_ERRORS,
  type Scene,
  START,
  StaticEcs,
  type Visit,
  type World,
} from '../world.ts';

const TIMEOUT = 8;
const ALICE = `arn:aws:sts::${ACCOUNT}:assumed-role/Approver/alice`;

interface Vote {
  afterMs: number;
  value: string;
}

const ACCEPT: Vote = { afterMs: 20_000, value: 'accept' };
const DECLINE: Vote = { afterMs: 20_000, value: 'decline' };

function approval(name: string, expected: 'SUCCEEDED' | 'FAILED', visit: Visit, vote?: Vote, more: object = {}): World {
  return {
    hook: 'approval',
    name,
    expected,
    timeoutMinutes: TIMEOUT,
    begin: () => scene(visit, vote, more),
  };
}

/** Alice votes once there is something to vote on. */
function scene(visit: Visit, vote: Vote | undefined, more: object): Scene {
  const ecs = new StaticEcs();
  const aws = account(ecs);
  const notifyTopicArn = aws.topics.create('approvals');
  const step = visit.weight === undefined ? visit.stage : `${visit.stage}-${visit.weight}`;
  const name = `/ecs-hooks/approval/prod/web/${DEPLOYMENT}/${visit.stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? step : visit.stage}`;
  let voted = false;
  return {
    aws,
    ecs,
    hookDetails: {
      notifyTopicArn,
      timeoutMinutes: TIMEOUT,
      pollSeconds: 30,
      maxErrors: MAX_ERRORS,
      approvers: [ALICE],
      ...more,
    },
    visits: [visit],
    meanwhile: () => {
      if (vote === undefined || voted || Date.now() < START + vote.afterMs || aws.parameters.get(name) === undefined)
        return;
      voted = true;
      aws.parameters.put({ name, value: vote.value, type: 'String', overwrite: true }, ALICE);
    },
  };
}

const STAGES: readonly HookStage[] = [
  'POST_TEST_TRAFFIC_SHIFT',
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
];
const PRE: Visit = { stage: 'PRE_PRODUCTION_TRAFFIC_SHIFT', weight: 0 };
const MAIN: Visit = { stage: 'POST_TEST_TRAFFIC_SHIFT' };

const DECLINED = approval(`${MAIN.stage}, declined`, 'FAILED', MAIN, DECLINE);
const UNDECIDED = approval(`${MAIN.stage}, nobody decides`, 'FAILED', MAIN, undefined, { timeoutMinutes: 1 });

export const APPROVAL_WORLDS: readonly World[] = [
  ...STAGES.flatMap((stage) => [
    approval(`${stage}, accepted`, 'SUCCEEDED', { stage }, ACCEPT),
    approval(`${stage}, declined`, 'FAILED', { stage }, DECLINE),
  ]),
  approval(`${PRE.stage}, accepted`, 'SUCCEEDED', PRE, ACCEPT),
  approval(`${PRE.stage}, declined`, 'FAILED', PRE, DECLINE),
  UNDECIDED,
];

/** Whoever lets pass what nobody was able to approve has said so. */
export const APPROVAL_TOLD_WORLDS: readonly World[] = [
  telling('onError', DECLINED),
  telling('onTimeout', DECLINED),
  telling('onTimeout', { ...UNDECIDED, timeoutMinutes: 1 }, { unanswered: true }),
  telling('audit', DECLINED),
];
