import { SOURCE, TARGET } from '../../../library/testing/events.ts';

const SERVICE = TARGET.replace(':service-revision/', ':service/').replace(/\/\d+$/, '');

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
export const DEPLOYMENT_STATE_CHANGE = {
  version: '0',
  id: 'ddca6449-b258-46c0-8653-e0e3aEXAMPLE',
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  account: '123456789012',
  time: '2026-03-05T15:54:41Z',
  region: 'eu-west-1',
  resources: [SERVICE],
  detail: {
    eventType: 'ERROR',
    eventName: 'SERVICE_DEPLOYMENT_FAILED',
    deploymentId: 'ecs-svc/123',
    updatedAt: '2026-03-05T15:54:41Z',
    reason: 'ECS deployment circuit breaker: task failed to start.',
  },
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html */
export const HOOK_STATE_CHANGE = {
  version: '0',
  'detail-type': 'ECS Hook State Change',
  source: 'aws.ecs',
  account: '123456789012',
  region: 'eu-west-1',
  resources: [],
  detail: { eventName: 'HOOK_FAILED', serviceArn: SERVICE, targetServiceRevisionArn: TARGET, source: SOURCE },
};
