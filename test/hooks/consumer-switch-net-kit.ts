import type { ServiceDeployment, ServiceDeploymentBrief, ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { hook } from '../../hooks/consumer-switch/hook.ts';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { lambdaHandler } from '../../shared/lambda.ts';
import { COMPLETED } from './consumer-switch-events.ts';
import { useWorld, type World } from './consumer-switch-world.ts';

export const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:consumer-switch';
export const DEPLOYMENT = at('PRODUCTION_TRAFFIC_SHIFT').resourceArn;

/** A deployment as ECS lists it. */
export function ended(
  status: ServiceDeploymentStatus,
  more: Partial<ServiceDeployment> = {},
): ServiceDeployment & ServiceDeploymentBrief {
  const createdAt = new Date(1000);
  return { serviceDeploymentArn: DEPLOYMENT, status, createdAt, targetServiceRevisionArn: TARGET, ...more };
}

/** A world for each test in which the safety net is called. */
export function useNet() {
  const world = useWorld();
  return {
    world,
    /** A service with the hook, whose deployments are these. */
    given(listed: ServiceDeployment[], details: object = { leaseSeconds: 5 }): World {
      world().listed = listed;
      world().service = {
        deploymentConfiguration: {
          lifecycleHooks: [
            {
              hookTargetArn: `${FUNCTION}:live`,
              lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'],
              hookDetails: details as never,
            },
          ],
        },
        currentServiceRevisions: [
          { arn: SOURCE, requestedTaskCount: 2 },
          { arn: TARGET, requestedTaskCount: 0 },
        ],
      };
      return world();
    },
    /** The parameter stands since long before any lease. */
    held(value: string): void {
      world().versions = [{ value, at: new Date(0) }];
    },
    invoke(event: unknown = COMPLETED, remaining = 60_000) {
      const handler = lambdaHandler(hook, { now: () => world().rig.now(), env: {} });
      const context = { invokedFunctionArn: `${FUNCTION}:live`, getRemainingTimeInMillis: () => remaining };
      return handler(JSON.parse(JSON.stringify(event)), context);
    },
  };
}
