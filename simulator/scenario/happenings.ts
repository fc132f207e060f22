import { AwsError } from '../aws/errors.ts';
import type { FaultEffect } from '../aws/faults.ts';
import type { DeploymentRecord, NoteRecord } from '../record.ts';
import { formatDuration } from '../report/format.ts';
import { pushImage } from './images.ts';
import type { Scenario } from './schema.ts';
import type { FaultSpec, Happening } from './schema-happening.ts';
import type { MetricsChange } from './schema-metrics.ts';
import type { World } from './world.ts';

/** Makes a scripted event come true, now. What AWS refuses becomes a note in the timeline. */
export function happen(scenario: Scenario, world: World, deployment: DeploymentRecord, happening: Happening): void {
  const note: Note = (text, kind) => world.engine.addNote(text, kind, deployment.deploymentArn);
  try {
    act(scenario, world, deployment, happening, note);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    note(`refused: ${error.name}: ${error.message}`);
  }
}

type Note = (text: string, kind?: NoteRecord['kind']) => void;

function act(scenario: Scenario, world: World, deployment: DeploymentRecord, happening: Happening, note: Note): void {
  const { engine, aws } = world;
  const { approve, putParameter, alarm, stop, continue: action, pushImage: image, metrics } = happening;
  if (approve) vote(scenario, world, deployment, approve, note);
  if (putParameter) {
    const { name, value, by } = putParameter;
    note(`${by} sets ${name} to ${value}`);
    aws.parameters.put({ name, value, type: 'String', overwrite: true }, scenario.identities[by] ?? by);
  }
  if (alarm) {
    engine.setAlarmState(alarm.name, alarm.state);
    aws.alarms.put(alarm.name, alarm.state);
  }
  if (stop) engine.stopServiceDeployment(deployment.deploymentArn, stop);
  if (action) continuePaused(world, deployment, action);
  if (image) {
    note(`${image.image} is pushed`);
    pushImage(aws, image, world.clock.now());
  }
  if (metrics) {
    note(changeText(metrics));
    world.metrics?.change(deployment.service, metrics, world.clock.now());
  }
  actOnTasks(world, deployment, happening, note);
  trouble(world, happening, note);
}

function actOnTasks(
  { fleet, messages }: World,
  deployment: DeploymentRecord,
  { kill, sendMessages }: Happening,
  note: Note,
): void {
  if (kill) {
    const { service = deployment.service, revision, tasks, signal } = kill;
    const hit = fleet.kill(service, revision, tasks, signal);
    note(`${signal} to ${hit.length === 0 ? 'no task' : `task ${hit.join(', ')}`} of ${service}, ${revision}`, 'fault');
  }
  if (sendMessages) {
    const { queue, count } = sendMessages;
    note(`${count} ${count === 1 ? 'message' : 'messages'} to ${queue}`);
    messages.send(sendMessages);
  }
}

function trouble(world: World, { fault, lambdaFault }: Happening, note: Note): void {
  if (fault) injectFault(world, fault, note);
  if (lambdaFault) {
    const { function: name, kind, times } = lambdaFault;
    note(`Lambda function ${name}: ${kind}, ${timesText(times)}`, 'fault');
    world.functions.injectFault(name, kind, times);
  }
}

function vote(
  scenario: Scenario,
  { aws }: World,
  { cluster, service, deploymentId }: DeploymentRecord,
  { by, decision, reason }: NonNullable<Happening['approve']>,
  note: Note,
): void {
  const folder = `/approval/${cluster}/${service}/${deploymentId}/`;
  const name = aws.parameters
    .names()
    .filter((one) => /^[A-Z_]+(-[\d.]+)?$/.test(one.split(folder)[1] ?? ''))
    .toSorted((a, b) => askedAt(aws, a) - askedAt(aws, b))
    .at(-1);
  const value = reason === undefined ? decision : `${decision}: ${reason}`;
  note(`${by}: ${value}${name === undefined ? ' (but nobody has asked for an approval)' : ''}`);
  if (name === undefined) return;
  aws.parameters.put({ name, value, overwrite: true }, scenario.identities[by] ?? by);
}

function askedAt({ parameters }: World['aws'], name: string): number {
  return parameters.history(name)?.[0]?.lastModifiedAt ?? 0;
}

function continuePaused({ engine }: World, { deploymentArn }: DeploymentRecord, action: 'CONTINUE' | 'ROLLBACK'): void {
  const deployment = engine.serviceDeployments().find((one) => one.serviceDeploymentArn === deploymentArn);
  const waiting = deployment?.lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
  engine.continueServiceDeployment(deploymentArn, waiting?.hookId ?? 'ecs-pause-none', action);
}

function injectFault({ aws, engine, clock }: World, spec: FaultSpec, note: Note): void {
  const { service, operation, times, always, for: duration } = spec;
  const what = `${service}${operation === undefined ? '' : `:${operation}`} ${spec.kind}`;
  const lasts =
    duration !== undefined ? `for ${formatDuration(duration)}` : always ? 'from now on' : timesText(times ?? 1);
  note(`${what}, ${lasts}`, 'fault');
  const handle = aws.faults.add({
    ...effectOf(spec),
    service,
    ...(operation !== undefined && { operation }),
    ...(times !== undefined && { times }),
    always: always ?? duration !== undefined,
  });
  if (duration === undefined) return;
  engine.at(clock.now() + duration, () => {
    handle.remove();
    note(`${what} is over`, 'fault');
  });
}

function effectOf({ kind, ms = 1000, when }: FaultSpec): FaultEffect {
  const timed = when !== undefined && { when };
  switch (kind) {
    case 'slow':
      return { kind, ms, ...timed };
    case 'server-error':
    case 'unavailable':
    case 'hang':
    case 'cut':
      return { kind, ...timed };
    default:
      return { kind };
  }
}

/** What an event changes, in words: `release-2: errorRate 0.05`. */
function changeText({ requestsPerMinute, revisions = {}, queues = {} }: MetricsChange): string {
  const told = (values: object) =>
    Object.entries(values)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ');
  return [
    ...(requestsPerMinute === undefined ? [] : [`${requestsPerMinute} requests a minute`]),
    ...Object.entries({ ...revisions, ...queues }).map(([name, values]) => `${name}: ${told(values)}`),
  ].join('; ');
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}
