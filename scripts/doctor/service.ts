import { type AlarmType, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  type DeploymentConfiguration,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { instant } from '../../shared/text.ts';
import { spelled } from '../command.ts';
import type { Finding } from '../lifecycle/finding.ts';
import type { Around, ServiceAround } from './around.ts';
import { type Asked, ask } from './ask.ts';
import type { Clients } from './clients.ts';
import { type Line, right, unknown, warning, wrong } from './line.ts';

/** @returns the service, or the one line that says why there is nothing else to look at */
export async function findService(around: Around, cluster: string, service: string): Promise<Service | Line> {
  const { ecs } = around.clients;
  const asked = await ask(ecs.send(new DescribeServicesCommand({ cluster, services: [service] })));
  if (asked.kind === 'unseen') return unknown('service', asked);
  const todo = 'look at --cluster, --service and --region';
  if (asked.kind === 'absent') return wrong('service', `there is no cluster ${cluster}`, todo);
  const [found] = asked.value.services ?? [];
  if (found === undefined || found.status === 'INACTIVE') {
    return wrong('service', `there is no service ${service} in ${cluster}`, todo);
  }
  return found;
}

/** What is to be said of the service itself. `findings` are those of `npm run validate` about it. */
export async function serviceLines(
  { clients, service, lastDeployment }: ServiceAround,
  findings: readonly Finding[],
): Promise<Line[]> {
  const configuration = service.deploymentConfiguration ?? {};
  return [
    statusLine(service),
    ...findingLines('deployment', strategyText(configuration), findings),
    await alarmLine(clients, configuration),
    breakerLine(configuration),
    deploymentLine(lastDeployment),
    ...((configuration.lifecycleHooks ?? []).length === 0
      ? [warning('hooks', 'the service has no lifecycle hooks', `see ${spelled('attach')} --help`)]
      : []),
  ];
}

function statusLine({ status, desiredCount = 0, runningCount = 0 }: Service): Line {
  if (status !== 'ACTIVE') return wrong('service', `is ${status}`, 'nothing is deployed to it any more');
  const tasks = `${runningCount} of ${desiredCount} tasks run`;
  if (runningCount >= desiredCount) return right('service', `ACTIVE, ${tasks}`);
  return warning('service', `ACTIVE, ${tasks}`, "look at the service's events");
}

/** One line for each finding, or the one that says what is right. */
export function findingLines(check: string, good: string, findings: readonly Finding[], todo = 'mend it'): Line[] {
  if (findings.length === 0) return [right(check, good)];
  return findings.map(({ severity, path, message }) => {
    const at = path.replace(/^.*lifecycleHooks\[\d+\]\.?|^deploymentConfiguration\.?/, '');
    // What to write instead is behind a colon.
    const [, what = message, instead] = /^(.*?)(?:: ((?:write|leave) .*))?$/s.exec(message) ?? [];
    const text = at === '' || at === 'hookDetails' ? what : `${at}: ${what}`;
    return severity === 'error' ? wrong(check, text, instead ?? todo) : warning(check, text, instead);
  });
}

function strategyText({ strategy = 'ROLLING', bakeTimeInMinutes, ...more }: DeploymentConfiguration): string {
  const { canaryPercent, canaryBakeTimeInMinutes } = more.canaryConfiguration ?? {};
  const { stepPercent, stepBakeTimeInMinutes } = more.linearConfiguration ?? {};
  const steps =
    strategy === 'CANARY'
      ? `, ${canaryPercent ?? 5} % for ${canaryBakeTimeInMinutes ?? 10} min`
      : strategy === 'LINEAR'
        ? `, steps of ${stepPercent ?? 10} % and ${stepBakeTimeInMinutes ?? 6} min`
        : '';
  return `${strategy}${steps}${bakeTimeInMinutes === undefined ? '' : `, ${bakeTimeInMinutes} min of bake time`}`;
}

async function alarmLine({ cloudwatch }: Clients, { alarms }: DeploymentConfiguration): Promise<Line> {
  const names = alarms?.alarmNames ?? [];
  // An enabled list without names, or without rollback, is among the findings.
  if (alarms?.enable !== true || names.length === 0) return right('alarms', 'none: only hooks judge a deployment');
  const AlarmTypes: AlarmType[] = ['MetricAlarm', 'CompositeAlarm'];
  const asked = await ask(cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: names, AlarmTypes })));
  if (asked.kind !== 'told') return unknown('alarms', asked);
  const { MetricAlarms = [], CompositeAlarms = [] } = asked.value;
  const states = new Map([...MetricAlarms, ...CompositeAlarms].map((one) => [one.AlarmName ?? '', one.StateValue]));
  const missing = names.filter((name) => !states.has(name));
  if (missing.length > 0) return wrong('alarms', `there is no alarm ${missing.join(', ')}`, 'make it, or take it out');
  const alarming = names.filter((name) => states.get(name) !== 'OK').map((name) => `${name} is ${states.get(name)}`);
  if (alarming.length === 0) return right('alarms', `${names.join(', ')}: OK`);
  return warning('alarms', alarming.join(', '), 'mend it before a deployment: one in ALARM fails it');
}

function breakerLine({ deploymentCircuitBreaker: breaker }: DeploymentConfiguration): Line {
  if (breaker?.enable !== true) {
    return right(
      'circuit breaker',
      "off (AWS's pages disagree on whether it works with other strategies than ROLLING)",
    );
  }
  if (breaker.rollback === true) return right('circuit breaker', 'on, and rolls back');
  return warning('circuit breaker', 'on, but stops a deployment without going back', 'set rollback to true');
}

function deploymentLine(asked: Asked<ServiceDeployment>): Line {
  if (asked.kind === 'unseen') return unknown('last deployment', asked);
  if (asked.kind === 'absent') return warning('last deployment', 'ECS knows none of the last 90 days');
  const { status, statusReason = '', createdAt, lifecycleHookDetails = [] } = asked.value;
  const outcomes = lifecycleHookDetails.map(({ targetArn, targetType, status: outcome }) => {
    return `${targetArn?.split(':function:')[1] ?? targetType}: ${outcome}`;
  });
  const hooks = outcomes.length === 0 ? '' : ` (${outcomes.join(', ')})`;
  const text = `${status}, of ${createdAt === undefined ? 'unknown date' : instant(createdAt)}${hooks}`;
  const isBad = /ROLLBACK|STOP/.test(status ?? '');
  if (!isBad) return right('last deployment', text);
  return warning('last deployment', `${text}: ${statusReason}`, "look at the decision lines in the functions' logs");
}

/** The newest of a service. */
export async function findLastDeployment(
  { clients: { ecs } }: Around,
  service: Service,
): Promise<Asked<ServiceDeployment>> {
  const { serviceArn, clusterArn } = service;
  const listed = await ask(
    ecs.send(new ListServiceDeploymentsCommand({ cluster: clusterArn, service: serviceArn, maxResults: 1 })),
  );
  if (listed.kind !== 'told') return listed;
  const arn = listed.value.serviceDeployments?.[0]?.serviceDeploymentArn;
  if (arn === undefined) return { kind: 'absent', why: 'none' };
  const described = await ask(ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] })));
  if (described.kind !== 'told') return described;
  const [deployment] = described.value.serviceDeployments ?? [];
  return deployment === undefined ? { kind: 'absent', why: 'none' } : { kind: 'told', value: deployment };
}
