import type { Task, TaskDefinition } from '@aws-sdk/client-ecs';
import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import { optionalInteger, optionalObject, optionalObjects, optionalString, optionalStrings } from '../input.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { findCluster, findTaskDefinition, invalidParameter } from './describe.ts';

type Overrides = NonNullable<Task['overrides']>;

interface Remembered {
  at: number;
  /** The request without its token. */
  request: string;
  taskArns: readonly string[];
}

/** Page "Ensuring idempotency": a client token is good for 24 hours, and no longer than its tasks are to be seen. */
const TOKEN_LIFE_MS = 24 * 60 * 60_000;

/**
 * RunTask (ECS API reference) for tasks on Fargate. Members that would change nothing here (tags, security groups,
 * placement) are read past.
 */
export class RunTask {
  readonly #backend: EcsBackend;
  readonly #tokens = new Map<string, Remembered>();

  constructor(backend: EcsBackend) {
    this.#backend = backend;
  }

  run(input: JsonObject, { now }: OperationContext): object {
    const clusterArn = findCluster(this.#backend, optionalString(input, 'cluster'));
    const { clientToken, ...rest } = input;
    const token = optionalString(input, 'clientToken');
    if (token !== undefined && !/^[!-~]{1,64}$/.test(token)) {
      throw invalidParameter('clientToken must have 1 to 64 ASCII characters in the range of 33-126.');
    }
    const key = `${clusterArn} ${token}`;
    const request = canonical(rest);
    const known = this.#tokens.get(key);
    const tasksOf = ({ taskArns }: Remembered) =>
      this.#listed().filter(({ taskArn = '' }) => taskArns.includes(taskArn));
    const isGood = known !== undefined && now - known.at < TOKEN_LIFE_MS && tasksOf(known).length > 0;
    if (token !== undefined && isGood) {
      if (known.request !== request) throw conflict();
      return { tasks: tasksOf(known), failures: [] };
    }
    const tasks = this.#start(input, clusterArn);
    const taskArns = tasks.flatMap(({ taskArn }) => taskArn ?? []);
    if (token !== undefined) this.#tokens.set(key, { at: now, request, taskArns });
    return { tasks, failures: [] };
  }

  #listed(): readonly Task[] {
    return this.#backend.tasks?.list() ?? [];
  }

  #start(input: JsonObject, clusterArn: string): Task[] {
    const taskDefinition = this.#taskDefinition(input);
    const count = optionalInteger(input, 'count') ?? 1;
    if (count < 1 || count > 10) throw invalidParameter('count must be between 1 and 10.');
    checkPlacement(input);
    const startedBy = optionalString(input, 'startedBy');
    if (startedBy !== undefined && !/^[A-Za-z0-9_/-]{1,128}$/.test(startedBy)) {
      throw invalidParameter(
        'startedBy can have up to 128 letters (uppercase and lowercase), numbers, hyphens, forward slashes, and underscores.',
      );
    }
    const { taskDefinitionArn = '', family = '' } = taskDefinition;
    const group = optionalString(input, 'group') ?? `family:${family}`;
    const overrides = overridesOf(input, taskDefinition);
    const { tasks } = this.#backend;
    if (tasks === undefined)
      throw invalidParameter('RunTask is not implemented by the local endpoint when it runs alone.');
    return Array.from({ length: count }, () =>
      tasks.run({ clusterArn, taskDefinitionArn, group, startedBy, overrides }),
    );
  }

  #taskDefinition(input: JsonObject): TaskDefinition {
    const wanted = optionalString(input, 'taskDefinition');
    if (!wanted) throw invalidParameter('TaskDefinition cannot be empty.');
    const found = findTaskDefinition(this.#backend.taskDefinitions(), wanted);
    if (found === undefined) throw new AwsError('ClientException', 'TaskDefinition not found.');
    if (found.status === 'INACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
    return found;
  }
}

function conflict(): AwsError {
  return new AwsError(
    'ConflictException',
    'The RunTask request could not be processed due to conflicts. The provided clientToken is already in use with a different RunTask request.',
  );
}

function checkPlacement(input: JsonObject): void {
  const launchType = optionalString(input, 'launchType');
  const strategy = optionalObjects(input, 'capacityProviderStrategy') ?? [];
  if (launchType !== undefined && strategy.length > 0) {
    throw invalidParameter(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  // The clusters here have Fargate only, as their default capacity provider.
  if (launchType !== undefined && launchType !== 'FARGATE') {
    throw invalidParameter('No Container Instances were found in your cluster.');
  }
  const network = optionalObject(input, 'networkConfiguration');
  const awsvpc = network && optionalObject(network, 'awsvpcConfiguration');
  if (awsvpc === undefined) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const subnets = optionalStrings(awsvpc, 'subnets') ?? [];
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnets.length > 16) throw invalidParameter('subnets can have at most 16 items.');
}

function overridesOf(input: JsonObject, { containerDefinitions = [] }: TaskDefinition): Overrides {
  const overrides = optionalObject(input, 'overrides') ?? {};
  const names = containerDefinitions.map(({ name }) => name);
  const containerOverrides = (optionalObjects(overrides, 'containerOverrides') ?? []).map((one) => {
    const name = optionalString(one, 'name');
    if (name === undefined) throw invalidParameter('Container name is missing in overrides.');
    if (!names.includes(name)) {
      throw invalidParameter(`Override for container named ${name} is not a container in the TaskDefinition.`);
    }
    const command = optionalStrings(one, 'command');
    const environment = optionalObjects(one, 'environment')?.map((variable) => ({
      name: optionalString(variable, 'name') ?? '',
      value: optionalString(variable, 'value') ?? '',
    }));
    return { name, ...(command && { command }), ...(environment && { environment }) };
  });
  return { containerOverrides, inferenceAcceleratorOverrides: [] };
}

/** The same text for the same request, whatever the order of its members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
