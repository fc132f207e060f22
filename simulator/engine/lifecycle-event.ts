import type { Stage } from '../record.ts';
import type { PlannedStage } from './plan.ts';
import type { Readings } from './readings.ts';
import type { RevisionState, ServiceState } from './state.ts';

/** What a Lambda hook receives: the common payload structure of the page on Lambda hooks. */
export interface LifecycleEvent {
  executionId: string;
  lifecycleStage: Stage;
  /** ARN of the service deployment. */
  resourceArn: string;
  executionDetails: {
    serviceArn: string;
    targetServiceRevisionArn: string;
    /** Percent by revision ARN; empty where the stage has none. */
    testTrafficWeights: Readonly<Record<string, number>>;
    productionTrafficWeights: Readonly<Record<string, number>>;
  };
  /** Present only when configured, or returned by an earlier invocation. */
  hookDetails?: unknown;
}

type EventWeights = Pick<LifecycleEvent['executionDetails'], 'testTrafficWeights' | 'productionTrafficWeights'>;

export interface EventSite {
  deploymentArn: string;
  service: ServiceState;
  target: RevisionState;
  source: RevisionState | undefined;
  readings: Readings;
}

/** The event for one invocation of a hook. */
export function lifecycleEvent(
  { deploymentArn, service, target, source, readings }: EventSite,
  plan: PlannedStage,
  executionId: string,
  hookDetails: unknown,
): LifecycleEvent {
  return {
    executionId,
    lifecycleStage: plan.stage,
    resourceArn: deploymentArn,
    executionDetails: {
      serviceArn: service.arn,
      targetServiceRevisionArn: target.arn,
      ...eventWeights(plan, target, source, readings),
    },
    ...(hookDetails === undefined ? {} : { hookDetails }),
  };
}

/** The two weight maps of a stage's event. Only the shift stages, PRE_PRODUCTION and RECONCILE_SERVICE fill one. */
function eventWeights(
  plan: PlannedStage,
  target: RevisionState,
  source: RevisionState | undefined,
  readings: Readings,
): EventWeights {
  const share = (percent: number) => weightsBetween(target, source, percent);
  const none = {};
  switch (plan.stage) {
    case 'RECONCILE_SERVICE': {
      const weights = readings.reading('reconcileWeights') === 'empty' ? none : share(100);
      return { testTrafficWeights: weights, productionTrafficWeights: weights };
    }
    case 'TEST_TRAFFIC_SHIFT':
      return { testTrafficWeights: testWeights(plan, share, readings), productionTrafficWeights: none };
    case 'PRE_PRODUCTION_TRAFFIC_SHIFT':
    case 'PRODUCTION_TRAFFIC_SHIFT':
      return {
        testTrafficWeights: none,
        productionTrafficWeights: productionWeights(plan, source === undefined, share, readings),
      };
    default:
      return { testTrafficWeights: none, productionTrafficWeights: none };
  }
}

type Share = (percent: number) => Readonly<Record<string, number>>;

function testWeights(plan: PlannedStage, share: Share, readings: Readings): Readonly<Record<string, number>> {
  if (plan.direction === 'forward') return share(100);
  return readings.reading('rollbackTestWeights') === 'empty' ? {} : share(0);
}

function productionWeights(
  plan: PlannedStage,
  isFirst: boolean,
  share: Share,
  readings: Readings,
): Readonly<Record<string, number>> {
  const { before, after } = plan.weight ?? { before: 0, after: 100 };
  const isStep = plan.steps !== undefined && plan.direction === 'forward';
  if (plan.stage === 'PRODUCTION_TRAFFIC_SHIFT') {
    return isStep && readings.reading('productionStepWeights') === 'empty' ? {} : share(after);
  }
  if (isFirst && before === 0) {
    return readings.reading('firstDeploymentPreProductionWeights') === 'empty' ? {} : share(100);
  }
  return isStep && readings.reading('preProductionStepWeights') === 'empty' ? {} : share(before);
}

/** The target first, as in AWS's examples. Alone, it has all of the traffic. */
function weightsBetween(
  target: RevisionState,
  source: RevisionState | undefined,
  percent: number,
): Readonly<Record<string, number>> {
  if (source === undefined) return { [target.arn]: 100 };
  return { [target.arn]: percent, [source.arn]: complement(percent) };
}

/** 100 minus a percentage that is a multiple of 0.1, exact to that digit. */
export function complement(percent: number): number {
  return (1000 - Math.round(percent * 10)) / 10;
}
