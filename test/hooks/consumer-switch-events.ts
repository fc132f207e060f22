import { at } from '../../library/testing/events.ts';

const { serviceArn } = at('PRODUCTION_TRAFFIC_SHIFT').executionDetails;
/** As in "Amazon ECS service deployment state change events". */
export const COMPLETED = {
  version: '0',
  id: 'ddca6449-b258-46c0-8653-e0e3a6d0468b',
  'detail-type': 'ECS Deployment State Change',
  source: 'aws.ecs',
  account: '123456789012',
  time: '2026-03-05T12:31:14Z',
  region: 'eu-west-1',
  resources: [serviceArn],
  detail: {
    eventType: 'INFO',
    eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
    deploymentId: 'ecs-svc/123',
    updatedAt: '2026-03-05T12:31:14Z',
    reason: 'ECS deployment ecs-svc/123 completed.',
  },
};
export const HOOK_EVENT = {
  ...COMPLETED,
  'detail-type': 'ECS Hook State Change',
  resources: [serviceArn.replace(':service/', ':service-deployment/').concat('/0EYSiB0qap8xf0N76FsbE')],
  detail: { eventType: 'INFO', eventName: 'HOOK_FAILED', hookId: 'ecs-lambda-e7tK', serviceArn },
};
