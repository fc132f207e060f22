import type { AnyHook } from '../../shared/hook.ts';
import type { HookStage } from '../../shared/stages.ts';

/** Where a hook is attached by default, if not at the first of its stages alone: as its page in docs/ does. */
const USUAL: ReadonlyMap<string, readonly HookStage[]> = new Map([
  ['admission', ['PRE_SCALE_UP', 'POST_SCALE_UP']],
  ['consumer-switch', ['PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT']],
  // At TEST_TRAFFIC_SHIFT it stops the load when ECS rolls back.
  ['load-test', ['POST_TEST_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT']],
]);

export function usualStages({ name, stages }: AnyHook): readonly HookStage[] {
  return USUAL.get(name) ?? [stages[0]];
}
