import { hasUrl, PLACEHOLDER } from './placeholders.ts';
import { type Problem, pathText } from './problem.ts';
import type { Scenario } from './schema.ts';
import type { RevisionSpec } from './schema-service.ts';
import type { Kill, ProgramSpec, SendMessages } from './schema-tasks.ts';

type Path = readonly PropertyKey[];

/** A container's `stopTimeout` on Fargate is 120 seconds at most. */
const LONGEST_STOP_MS = 120_000;

/** In a parameter's value: the id of the service's running revision. */
export const RUNNING_REVISION = /\$\{revision:([^}]*)\}/g;

/** What the schema cannot see of programs, task definitions and queues. */
export function checkTasks(scenario: Scenario): Problem[] {
  const { services, deployments, taskDefinitions, queues, parameters, functions } = scenario;
  return [
    ...Object.entries(parameters).flatMap(([name, value]) =>
      [...value.matchAll(RUNNING_REVISION)].flatMap(([, service = '']) =>
        services[service]?.running === undefined
          ? [problem(['parameters', name], `\${revision:${service}} needs a service with a revision that is running`)]
          : [],
      ),
    ),
    ...Object.entries(services).flatMap(([name, { running }]) =>
      checkRevision(scenario, running, ['services', name, 'running']),
    ),
    ...deployments.flatMap(({ revision }, index) =>
      checkRevision(scenario, revision, ['deployments', index, 'revision']),
    ),
    ...Object.entries(taskDefinitions).flatMap(([name, { program, pull }]) => {
      const path = ['taskDefinitions', name];
      if (program === undefined && pull === 'works') return [problem(path, 'needs a program, or pull: fails')];
      return checkProgram(scenario, program, [...path, 'program']);
    }),
    ...checkServicePlaceholders(scenario),
    ...Object.entries(functions).flatMap(([name, { environment }]) =>
      checkPlaceholders(scenario, environment, ['functions', name, 'environment']),
    ),
    ...Object.entries(queues).flatMap(([name, { deadLetterQueue }]) =>
      deadLetterQueue === undefined
        ? []
        : needQueue(scenario, ['queues', name, 'deadLetterQueue', 'name'], deadLetterQueue.name),
    ),
  ];
}

function checkRevision(scenario: Scenario, revision: RevisionSpec | undefined, path: Path): Problem[] {
  if (revision?.program === undefined) return [];
  const { program, tasks } = revision;
  return [
    ...(tasks === undefined
      ? []
      : [problem([...path, 'tasks'], 'a revision with a program does what its program does')]),
    ...checkProgram(scenario, program, [...path, 'program']),
  ];
}

function checkProgram(scenario: Scenario, program: ProgramSpec | undefined, path: Path): Problem[] {
  if (program === undefined) return [];
  const { stopTimeout = 0, port, ready, environment } = program;
  return [
    ...(stopTimeout > LONGEST_STOP_MS ? [problem([...path, 'stopTimeout'], 'is 2m at most on Fargate')] : []),
    ...(port && ready !== undefined ? [problem([...path, 'ready'], 'goes with a program without port')] : []),
    ...checkPlaceholders(scenario, environment, [...path, 'environment']),
  ];
}

/** Every placeholder in the texts of a JSON value. */
function checkPlaceholders(scenario: Scenario, value: unknown, path: Path): Problem[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => checkPlaceholders(scenario, one, [...path, index]));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, one]) => checkPlaceholders(scenario, one, [...path, key]));
  }
  if (typeof value !== 'string') return [];
  return [...value.matchAll(PLACEHOLDER)].flatMap(([, kind, name = '']) => {
    if (kind === 'queue') return needQueue(scenario, path, name);
    if (hasUrl(scenario, name)) return [];
    const needed = 'a service behind alb or service-connect, with a program with port';
    return [problem(path, `\${url:${name}} needs ${needed}`)];
  });
}

function checkServicePlaceholders(scenario: Scenario): Problem[] {
  return Object.entries(scenario.services).flatMap(([name, { loadBalancing, deploymentConfiguration }]) => {
    const path = ['services', name];
    const { kind, testHeader } = loadBalancing;
    const extra =
      testHeader !== undefined && kind !== 'alb' && kind !== 'service-connect'
        ? [problem([...path, 'loadBalancing', 'testHeader'], `${kind} knows no headers`)]
        : [];
    const hooks = (deploymentConfiguration.lifecycleHooks ?? []).flatMap(({ hookDetails }, index) =>
      checkPlaceholders(scenario, hookDetails, [
        ...path,
        ...['deploymentConfiguration', 'lifecycleHooks', index, 'hookDetails'],
      ]),
    );
    return [...extra, ...hooks];
  });
}

export function checkSendMessages(scenario: Scenario, { queue }: SendMessages, path: Path): Problem[] {
  return needQueue(scenario, [...path, 'queue'], queue);
}

/** @param deployed the service that the event's deployment deploys */
export function checkKill(
  scenario: Scenario,
  { service: named, revision }: Kill,
  path: Path,
  deployed: string,
): Problem[] {
  const service = named ?? deployed;
  const spec = scenario.services[service];
  if (spec === undefined) return [problem([...path, 'service'], `${service} is not one of services`)];
  const revisions = [
    spec.running,
    ...scenario.deployments.filter((one) => one.service === service).map((one) => one.revision),
  ].filter((one) => one?.program !== undefined);
  if (revisions.some((one) => one?.name === revision)) return [];
  const known = revisions.map((one) => one?.name).join(', ') || 'none';
  return [problem([...path, 'revision'], `${revision} is no revision of ${service} with a program (${known})`)];
}

function needQueue({ queues }: Scenario, path: Path, name: string): Problem[] {
  if (Object.hasOwn(queues, name)) return [];
  return [problem(path, `${name} is not one of queues (${Object.keys(queues).join(', ') || 'none'})`)];
}

function problem(path: Path, message: string): Problem {
  return { path, message: `${pathText(path)}: ${message}` };
}
