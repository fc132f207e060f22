import { parseChoices } from '../engine/readings.ts';
import { messageOf, type Problem, pathText } from './problem.ts';
import { checkMetrics, checkMetricsChange } from './references-metrics.ts';
import { checkKill, checkSendMessages, checkTasks } from './references-tasks.ts';
import type { DeploymentSpec, Scenario } from './schema.ts';
import { ACTIONS } from './schema-happening.ts';

type Named = 'functions' | 'services' | 'identities';
type Path = readonly PropertyKey[];

/** What the schema cannot see: names that must be defined elsewhere in the file, and keys that go together. */
export function checkReferences(scenario: Scenario): Problem[] {
  return [
    ...checkReadings(scenario),
    ...Object.keys(scenario.services).flatMap((name) => checkHooks(scenario, name)),
    ...checkMetrics(scenario),
    ...checkTasks(scenario),
    ...scenario.deployments.flatMap((deployment, index) =>
      checkDeployment(scenario, deployment, ['deployments', index]),
    ),
  ];
}

function checkReadings({ readings }: Scenario): Problem[] {
  return Object.entries(readings).flatMap(([id, value]) => {
    try {
      parseChoices({ [id]: value });
      return [];
    } catch (error) {
      return [problem(['readings', id], messageOf(error))];
    }
  });
}

function checkHooks(scenario: Scenario, service: string): Problem[] {
  const hooks = scenario.services[service]?.deploymentConfiguration.lifecycleHooks ?? [];
  return hooks.flatMap(({ targetType, function: name, hookDetails }, index) => {
    const path = ['services', service, 'deploymentConfiguration', 'lifecycleHooks', index];
    if (targetType === 'PAUSE') {
      const extra = name !== undefined ? 'function' : hookDetails !== undefined ? 'hookDetails' : undefined;
      return extra === undefined ? [] : [problem([...path, extra], 'a PAUSE hook has none')];
    }
    return name === undefined
      ? [problem(path, 'an AWS_LAMBDA hook needs function')]
      : need(scenario, 'functions', [...path, 'function'], name);
  });
}

function checkDeployment(scenario: Scenario, deployment: DeploymentSpec, path: Path): Problem[] {
  const { service, answers = {}, events = [], expect } = deployment;
  const names = (['invocations', 'reason', 'hooks'] as const).flatMap((key) =>
    Object.keys(expect?.[key] ?? {}).map((name) => ({ key, name })),
  );
  return [
    ...need(scenario, 'services', [...path, 'service'], service),
    ...Object.keys(answers).flatMap((name) => checkScripted(scenario, [...path, 'answers', name], name)),
    ...events.flatMap((event, index) => checkEvent(scenario, service, event, [...path, 'events', index])),
    ...names.flatMap(({ key, name }) =>
      key === 'hooks' && name === 'pause' ? [] : need(scenario, 'functions', [...path, 'expect', key, name], name),
    ),
  ];
}

function checkScripted(scenario: Scenario, path: Path, name: string): Problem[] {
  const unknown = need(scenario, 'functions', path, name);
  if (unknown.length > 0 || scenario.functions[name]?.answers !== undefined) return unknown;
  return [problem(path, `function ${name} runs a built hook; only one with answers of its own can be given others`)];
}

function checkEvent(
  scenario: Scenario,
  service: string,
  event: NonNullable<DeploymentSpec['events']>[number],
  path: Path,
): Problem[] {
  const actions = ACTIONS.filter((action) => event[action] !== undefined);
  if (actions.length !== 1) {
    const has = actions.length === 0 ? 'none' : actions.join(' and ');
    return [problem(path, `an event has one of ${ACTIONS.join(', ')}; this one has ${has}`)];
  }
  const { step, stage, approve, putParameter, alarm, metrics, lambdaFault, fault, kill, sendMessages } = event;
  const lasts =
    fault === undefined ? [] : (['times', 'for', 'always'] as const).filter((key) => fault[key] !== undefined);
  return [
    ...(step !== undefined && stage === undefined ? [problem([...path, 'step'], 'needs a stage')] : []),
    ...(approve ? need(scenario, 'identities', [...path, 'approve', 'by'], approve.by) : []),
    ...(putParameter ? need(scenario, 'identities', [...path, 'putParameter', 'by'], putParameter.by) : []),
    ...(lambdaFault ? need(scenario, 'functions', [...path, 'lambdaFault', 'function'], lambdaFault.function) : []),
    ...(lasts.length > 1
      ? [problem([...path, 'fault'], `has ${lasts.join(' and ')}; one says how long it lasts`)]
      : []),
    ...(metrics ? checkMetricsChange(scenario, service, metrics, [...path, 'metrics']) : []),
    ...(kill ? checkKill(scenario, kill, [...path, 'kill'], service) : []),
    ...(sendMessages ? checkSendMessages(scenario, sendMessages, [...path, 'sendMessages']) : []),
    ...(alarm ? checkAlarm(scenario, [...path, 'alarm', 'name'], alarm.name) : []),
  ];
}

function checkAlarm({ services }: Scenario, path: Path, name: string): Problem[] {
  const known = Object.values(services).flatMap((one) => one.deploymentConfiguration.alarms?.alarmNames ?? []);
  if (known.includes(name)) return [];
  return [problem(path, `${name} is none of the alarms that a service watches (${known.join(', ') || 'none'})`)];
}

function need(scenario: Scenario, kind: Named, path: Path, name: string): Problem[] {
  if (Object.hasOwn(scenario[kind], name)) return [];
  const known = Object.keys(scenario[kind]).join(', ') || 'none';
  return [problem(path, `${name} is not one of ${kind} (${known})`)];
}

function problem(path: Path, message: string): Problem {
  return { path, message: `${pathText(path)}: ${message}` };
}
