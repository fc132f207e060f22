/** The simulator: plays deployments from scenarios, and answers as AWS on a local port. */
import { join } from 'node:path';

export type { AwsCall } from '../simulator/aws/dispatch.ts';
export type { Listening, ListenOptions } from '../simulator/aws/http.ts';
export { createLocalAws, type LocalAws, type LocalAwsOptions } from '../simulator/aws/local-aws.ts';
export { type Clock, systemClock } from '../simulator/clock.ts';
export { type Choices, parseChoices, Readings } from '../simulator/engine/readings.ts';
export { READINGS, type ReadingId, type ReadingValue } from '../simulator/engine/readings-table.ts';
export type { Pace } from '../simulator/engine/virtual-clock.ts';
export type {
  DeploymentRecord,
  HookRunRecord,
  InvocationOutcome,
  InvocationRecord,
  PlayRecord,
  RevisionRecord,
  StageRecord,
} from '../simulator/record.ts';
export { renderHtml } from '../simulator/report/html.ts';
export { renderSummary } from '../simulator/report/summary.ts';
export { type TimelineOptions, timelineOptions } from '../simulator/report/terminal/paint.ts';
export { renderText } from '../simulator/report/text.ts';
export { type TextSink, Timeline } from '../simulator/report/timeline.ts';
export { eventsOf, type TimelineEvent } from '../simulator/report/timeline-event.ts';
export { inTurn } from '../simulator/scenario/in-turn.ts';
export { type LoadOptions, loadScenario, parseScenario } from '../simulator/scenario/load.ts';
export { type PlayOptions, play } from '../simulator/scenario/play.ts';
export { type AllReadings, type Outcome, playAllReadings } from '../simulator/scenario/play-all-readings.ts';
export { ScenarioError } from '../simulator/scenario/problem.ts';
export type { Scenario } from '../simulator/scenario/schema.ts';

/** The folder with the built hooks of this package: a `dist` for scenarios that play no others. */
export const ARTIFACTS: string = join(import.meta.dirname, '../dist');
