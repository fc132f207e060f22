import { at } from '../../library/testing/events.ts';
import type { HookAnswer } from '../../shared/status.ts';
import { QUEUE, useWorld, type World } from './consumer-switch-world.ts';

export const SHIFT = at('PRODUCTION_TRAFFIC_SHIFT', 100);
export const AFTER = at('POST_PRODUCTION_TRAFFIC_SHIFT');
export const MINUTE = 60_000;

/** A world for each test in which the queue is watched after the switch. */
export function useMonitor() {
  const world = useWorld();
  return {
    world,
    monitored(monitor: object = {}): World {
      return world().configure({ queueUrls: [QUEUE], monitor: { minutes: 5, ...monitor }, pollSeconds: 60 });
    },
    /** Looks at POST_PRODUCTION_TRAFFIC_SHIFT to the end; `each` runs before each look. */
    async watch(each: (look: number) => void = () => {}): Promise<HookAnswer[]> {
      const answers: HookAnswer[] = [];
      let hookDetails: unknown;
      for (let look = 0; look < 30; look += 1) {
        each(look);
        const answer = await world().rig.look({ ...AFTER, hookDetails });
        answers.push(answer);
        if (answer.hookStatus !== 'IN_PROGRESS') break;
        world().rig.advance(answer.callBackDelay);
        hookDetails = answer.hookDetails;
      }
      return answers;
    },
    age(seconds: number, minutesFromNow = -1): void {
      const now = world().rig.now().getTime();
      world().ages.push({ at: new Date(now + minutesFromNow * MINUTE), seconds });
    },
  };
}
