import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { AwsError } from '../aws/errors.ts';
import { partitionOf } from '../aws/service.ts';
import {
  type ContainerDefinitionInput,
  DEFAULTS,
  type RevisionDefinition,
  type ServiceDefinition,
  type ServiceUpdate,
  strategyOf,
  type TaskDefinitionInput,
} from './definition.ts';
import { makeLoadBalancers } from './load-balancers.ts';
import type { RevisionState, ServiceState, Surroundings } from './state.ts';
import { validateRevision, validateService } from './validate.ts';

/** The services, revisions and task definitions that exist. */
export class Registry {
  readonly services: ServiceState[] = [];
  readonly revisions: { revision: RevisionState; service: ServiceState }[] = [];
  readonly taskDefinitions: TaskDefinition[] = [];
  private readonly around: Surroundings;
  private readonly lastDefinitions = new Map<ServiceState, RevisionDefinition>();
  private readonly inputs = new Map<string, TaskDefinitionInput>();

  constructor(around: Surroundings) {
    this.around = around;
  }

  registerTaskDefinition(input: TaskDefinitionInput): TaskDefinition {
    const { family, containers } = input;
    const revision = this.taskDefinitions.filter((other) => other.family === family).length + 1;
    const registered: TaskDefinition = {
      taskDefinitionArn: `${this.arn()}:task-definition/${family}:${revision}`,
      family,
      revision,
      status: 'ACTIVE',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      compatibilities: ['EC2', 'FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: containers.map(({ name, image, versionConsistency }) => ({
        name,
        image,
        essential: true,
        ...(versionConsistency === undefined ? {} : { versionConsistency }),
      })),
      registeredAt: new Date(this.around.clock.now()),
    };
    this.taskDefinitions.push(registered);
    this.inputs.set(registered.taskDefinitionArn ?? '', input);
    return registered;
  }

  /** What a task definition was registered from. */
  taskDefinitionInput(arn: string): TaskDefinitionInput | undefined {
    return this.inputs.get(arn);
  }

  addService(definition: ServiceDefinition): { service: ServiceState; revision: RevisionState } {
    const { cluster, name, loadBalancing } = definition;
    if (this.find(cluster, name) !== undefined) {
      throw new AwsError('InvalidParameterException', 'Creation of service was not idempotent.');
    }
    const configuration = { ...definition.deploymentConfiguration };
    const strategy = definition.strategy ?? strategyOf(configuration);
    const { region, accountId } = this.around;
    const containerName = definition.revision.containers?.[0]?.name ?? name;
    const loadBalancers = makeLoadBalancers(loadBalancing, name, { region, accountId, containerName });
    validateService({ ...configuration, strategy }, loadBalancing, loadBalancers, this.around.readings);
    validateRevision(definition.revision, loadBalancers);
    const service: ServiceState = {
      ...{ name, cluster, loadBalancing, loadBalancers },
      arn: `${this.arn()}:service/${cluster}/${name}`,
      clusterArn: `${this.arn()}:cluster/${cluster}`,
      createdAt: this.around.clock.now(),
      configuration: { ...configuration, strategy },
      desiredCount: definition.desiredCount ?? DEFAULTS.desiredCount,
      taskDefinition: '',
      stable: undefined,
      active: [],
      production: {},
      test: {},
      liveTargetGroup: 0,
      events: [],
    };
    const revision = this.addRevision(service, definition.revision);
    this.services.push(service);
    return { service, revision };
  }

  /** As if a first deployment had put it there, in the target group that a new rule does not point to. */
  makeRunning(service: ServiceState, revision: RevisionState, since = revision.createdAt): void {
    service.createdAt = since;
    revision.createdAt = since;
    revision.active = true;
    if (revision.processes === undefined) {
      revision.requested = service.desiredCount;
      revision.running = service.desiredCount;
    } else {
      revision.processes.scaleTo(service.desiredCount);
    }
    revision.firstTaskAt = revision.createdAt;
    revision.targetGroup = 1;
    service.liveTargetGroup = 1;
    service.stable = revision;
    service.active = [revision];
    const carriesTraffic = service.loadBalancing.kind !== 'headless' || strategyOf(service.configuration) !== 'ROLLING';
    if (carriesTraffic) service.production = { [revision.id]: 100 };
  }

  updateService(update: ServiceUpdate): ServiceState {
    const service = this.find(update.cluster, update.service);
    if (service === undefined) throw new AwsError('ServiceNotFoundException', 'Service not found.');
    const base = update.deploymentConfiguration ?? service.configuration;
    const strategy = update.strategy ?? update.deploymentConfiguration?.strategy ?? strategyOf(service.configuration);
    const configuration = { ...base, strategy };
    validateService(configuration, service.loadBalancing, service.loadBalancers, this.around.readings);
    if (update.revision !== undefined) validateRevision(update.revision, service.loadBalancers);
    service.configuration = configuration;
    service.desiredCount = update.desiredCount ?? service.desiredCount;
    return service;
  }

  /** The revision that an update is to deploy, if it deploys any. */
  nextRevision(service: ServiceState, update: ServiceUpdate): RevisionState | undefined {
    const again = update.forceNewDeployment === true ? this.lastDefinitions.get(service) : undefined;
    const definition = update.revision ?? again;
    return definition === undefined ? undefined : this.addRevision(service, definition);
  }

  private addRevision(service: ServiceState, definition: RevisionDefinition): RevisionState {
    const { taskDefinitionArn, containers } = this.resolveTaskDefinition(service, definition);
    const id = this.around.ids.revision();
    const revision: RevisionState = {
      id,
      arn: `${this.arn()}:service-revision/${service.cluster}/${service.name}/${id}`,
      name: definition.name,
      taskDefinition: taskDefinitionArn,
      containers,
      tasks: definition.tasks ?? 'healthy',
      processes: undefined,
      networkingFault: definition.networkingFault,
      createdAt: this.around.clock.now(),
      active: false,
      ...{ requested: 0, running: 0, pending: 0 },
      firstTaskAt: undefined,
      digests: new Map(),
      targetGroup: 0,
    };
    if (definition.program !== undefined) {
      revision.processes = this.around.tasks?.tasksOf(service, revision, definition.program);
    }
    service.taskDefinition = taskDefinitionArn;
    this.lastDefinitions.set(service, definition);
    this.revisions.push({ revision, service });
    return revision;
  }

  private resolveTaskDefinition(
    service: ServiceState,
    { name, containers, taskDefinition, program }: RevisionDefinition,
  ): { taskDefinitionArn: string; containers: readonly ContainerDefinitionInput[] } {
    if (taskDefinition === undefined) {
      if (containers === undefined) throw new Error(`Revision ${name} needs containers or a taskDefinition`);
      const { taskDefinitionArn = '' } = this.registerTaskDefinition({
        family: service.name,
        containers,
        ...(program !== undefined && { program }),
      });
      return { taskDefinitionArn, containers };
    }
    const registered = this.taskDefinitions.find(
      ({ taskDefinitionArn = '' }) =>
        taskDefinitionArn === taskDefinition || taskDefinitionArn.endsWith(`/${taskDefinition}`),
    );
    if (registered === undefined) throw new AwsError('ClientException', 'Unable to describe task definition.');
    const { taskDefinitionArn = '', containerDefinitions = [] } = registered;
    return { taskDefinitionArn, containers: containers ?? containerDefinitions.map(containerInput) };
  }

  private find(cluster: string, name: string): ServiceState | undefined {
    return this.services.find((service) => service.cluster === cluster && service.name === name);
  }

  private arn(): string {
    return `arn:${partitionOf(this.around.region)}:ecs:${this.around.region}:${this.around.accountId}`;
  }
}

function containerInput({
  name = '',
  image = '',
  versionConsistency,
}: NonNullable<TaskDefinition['containerDefinitions']>[number]): ContainerDefinitionInput {
  return { name, image, ...(versionConsistency === undefined ? {} : { versionConsistency }) };
}
