import { readdirSync, readFileSync } from 'node:fs';
import type { HookStage } from '../../shared/stages.ts';

/** What ECS sends, in the current, nested form. */
export interface EcsEvent {
  executionId: string;
  lifecycleStage: string;
  resourceArn: string;
  executionDetails: {
    serviceArn: string;
    targetServiceRevisionArn: string;
    testTrafficWeights: Record<string, number>;
    productionTrafficWeights: Record<string, number>;
  };
  hookDetails?: unknown;
}

/** Every file of events/, in the order of a deployment; a test compares the list with the folder. */
export const EVENT_NAMES = [
  'reconcile-service',
  'pre-scale-up',
  'post-scale-up',
  'test-traffic-shift',
  'post-test-traffic-shift',
  'pre-production-traffic-shift',
  'production-traffic-shift',
  'post-production-traffic-shift',
  'rollback-production-traffic-shift',
  'rollback-test-traffic-shift',
  'canary-step-1-pre-production',
  'canary-step-1-production',
  'canary-step-2-pre-production',
  'canary-step-2-production',
  'linear-step-3-pre-production',
  'linear-step-3-production',
  'first-deployment-production-traffic-shift',
  'flat-old-form',
  'hook-details-object',
  'hook-details-string',
  'hook-details-absent',
] as const;
/** The name of an event. */
export type EventName = (typeof EVENT_NAMES)[number];

/** An event, with where it is documented. */
export interface EventFixture {
  readonly name: EventName;
  /** The AWS page or report that shows the event, or `inferred, not documented`. */
  readonly source: string;
  /** Nested, but for `flat-old-form`. */
  readonly event: EcsEvent;
}

const FOLDER = new URL('events/', import.meta.url);

/** The files in events/, without `.json`. */
export function eventFiles(): string[] {
  return readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
}

/** The event of that name. */
export function eventFixture(name: EventName): EventFixture {
  const file: Omit<EventFixture, 'name'> = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
  return { name, ...file };
}

/** Every event, with where it is documented. */
export const EVENT_FIXTURES: readonly EventFixture[] = EVENT_NAMES.map(eventFixture);

/** Events at which the deployment is rolled back. */
export const ROLLBACK_FIXTURES = EVENT_FIXTURES.filter(({ name }) => name.startsWith('rollback-'));
/** Events at which the deployment goes on. */
export const FORWARD_FIXTURES = EVENT_FIXTURES.filter(({ name }) => !name.startsWith('rollback-'));

/** ARN of the revision that is being deployed. */
export const TARGET = eventFixture('pre-scale-up').event.executionDetails.targetServiceRevisionArn;
/** ARN of the revision that is being replaced. */
export const SOURCE = TARGET.replace('7823415960271834513', '5520983417620145897');
/** The service deployment's id in every event. */
export const DEPLOYMENT_ID = 'kX3vQ9mT2bLr7WpZ4nHcY';

const FORWARD: Readonly<Record<HookStage, EventName>> = {
  RECONCILE_SERVICE: 'reconcile-service',
  PRE_SCALE_UP: 'pre-scale-up',
  POST_SCALE_UP: 'post-scale-up',
  TEST_TRAFFIC_SHIFT: 'test-traffic-shift',
  POST_TEST_TRAFFIC_SHIFT: 'post-test-traffic-shift',
  PRE_PRODUCTION_TRAFFIC_SHIFT: 'pre-production-traffic-shift',
  PRODUCTION_TRAFFIC_SHIFT: 'production-traffic-shift',
  POST_PRODUCTION_TRAFFIC_SHIFT: 'post-production-traffic-shift',
};

/**
 * The forward event of a stage, with the weights that its fixture has; or with others: the target's percent (the source
 * has the rest), or a whole map.
 */
export function at(stage: HookStage, weights?: number | Record<string, number>): EcsEvent {
  const { event } = eventFixture(FORWARD[stage]);
  if (weights === undefined) return event;
  const map = typeof weights === 'number' ? { [TARGET]: weights, [SOURCE]: 100 - weights } : weights;
  const field = stage === 'TEST_TRAFFIC_SHIFT' ? 'testTrafficWeights' : 'productionTrafficWeights';
  return { ...event, executionDetails: { ...event.executionDetails, [field]: map } };
}

/** The event with which ECS calls again while it rolls back. */
export function rollback(
  stage: 'PRODUCTION_TRAFFIC_SHIFT' | 'TEST_TRAFFIC_SHIFT' = 'PRODUCTION_TRAFFIC_SHIFT',
): EcsEvent {
  return at(stage, 0);
}

/** The same event with these hookDetails. */
export function withDetails(event: EcsEvent, hookDetails: unknown): EcsEvent {
  return { ...event, hookDetails };
}

/** The same event of another deployment of the service. */
export function ofDeployment(event: EcsEvent, id: string): EcsEvent {
  return { ...event, resourceArn: event.resourceArn.replace(DEPLOYMENT_ID, id) };
}

/** The same event in another partition and region: every ARN in it says so. */
export function inPartition(event: EcsEvent, partition: string, region: string): EcsEvent {
  return JSON.parse(JSON.stringify(event).replaceAll('arn:aws:ecs:eu-west-1:', `arn:${partition}:ecs:${region}:`));
}
