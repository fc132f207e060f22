import type { HookStage } from '../../shared/stages.ts';

/** The deployment that the benchmarks are about. */
export const DEPLOYMENT = '0EYSiB0qap8xf0N76FsbE';

function arn(type: string, id: string): string {
  return `arn:aws:ecs:eu-west-1:123456789012:${type}/unicorn-watch/ui${id}`;
}

/** A later look at a stage: what ECS sends once a hook has answered IN_PROGRESS with this state. */
export function exampleEvent(now: number, state: unknown, step: HookStage = 'POST_TEST_TRAFFIC_SHIFT') {
  const memory = { v: 1, deployment: DEPLOYMENT, step, startedAt: now, looks: 1, errors: 0, first: false, state };
  const target = arn('service-revision', '/9386398427419951854');
  return {
    executionId: '00000000-0000-4000-8000-000000000000',
    lifecycleStage: step,
    resourceArn: arn('service-deployment', `/${DEPLOYMENT}`),
    executionDetails: {
      serviceArn: arn('service', ''),
      targetServiceRevisionArn: target,
      testTrafficWeights: {},
      productionTrafficWeights: step === 'PRODUCTION_TRAFFIC_SHIFT' ? { [target]: 100 } : {},
    },
    hookDetails: { _state: JSON.stringify(memory) },
  };
}
