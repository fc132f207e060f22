import { BLUE, GREEN, RED, type Visit, type World } from '../matrix/world.ts';
import { BEGUN, comes, FAILED, netWorld, nextBegins, rollingBack } from '../matrix/worlds/consumer-switch-net.ts';

const SHIFT: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 100 };
const BACK: Visit = { stage: 'PRODUCTION_TRAFFIC_SHIFT', weight: 0, rollback: true };
const NEXT: Visit = { ...SHIFT, later: true, after: 1, happened: nextBegins };

/**
 * ECS's events of EventBridge among the looks of the hook: the way forward that ECS has overtaken, the way back for
 * which it did not wait, and the next deployment.
 */
export const NET_WORLDS: readonly World[] = [
  netWorld('rolled back while nobody is named', BLUE, [BEGUN, comes('HOOK_FAILED', rollingBack), FAILED], {
    named: BLUE,
  }),
  netWorld('rolled back while the name is taken away', BLUE, [BEGUN, FAILED], { named: BLUE }),
  netWorld('rolled back after the switch', BLUE, [SHIFT, FAILED], { named: BLUE }),
  netWorld('rolled back, and the hook took the name away', BLUE, [{ ...BACK, looks: 1 }, FAILED], { named: GREEN }),
  netWorld('rolled back, and the hook gave the name back', BLUE, [{ ...BACK, looks: 2 }, FAILED], { named: GREEN }),
  netWorld('the next deployment begins', RED, [BEGUN, FAILED, NEXT], { named: BLUE }),
];
