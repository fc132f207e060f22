/**
 * For tests of hooks: the events that ECS sends, a Lambda function with a clock that the test moves, and plays of whole
 * deployments. It needs no test runner, and no AWS account.
 */
export { answerProblems } from './testing/answer.ts';
export {
  at,
  DEPLOYMENT_ID,
  type EcsEvent,
  EVENT_FIXTURES,
  EVENT_NAMES,
  type EventFixture,
  type EventName,
  eventFixture,
  FORWARD_FIXTURES,
  inPartition,
  ofDeployment,
  ROLLBACK_FIXTURES,
  rollback,
  SOURCE,
  TARGET,
  withDetails,
} from './testing/events.ts';
export { ExpectationError, type PlayScenarioOptions, playScenario } from './testing/play.ts';
export { ECS_READINGS, type EcsReading } from './testing/readings.ts';
export { type ContextOptions, fakeContext, type Rig, type RigOptions, rig, START } from './testing/rig.ts';
