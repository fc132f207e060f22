import type {
  DeploymentLifecycleHook,
  Deployment as SdkDeployment,
  Service,
  ServiceDeployment,
  ServiceDeploymentLifecycleStage,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs';
import { DEFAULTS } from './definition.ts';
import type { Deployment } from './deployment.ts';
import { ecsSvc } from './deployment-log.ts';
import { digestOf } from './ids.ts';
import { targetGroupArn } from './load-balancers.ts';
import type { Readings } from './readings.ts';
import type { RevisionState, ServiceState, Surroundings } from './state.ts';
import { resolveDigests } from './work.ts';

/** What DescribeServiceDeployments shows of a deployment at this moment. */
export function describeDeployment(deployment: Deployment, readings: Readings): ServiceDeployment {
  const { record, service, log, sources, target, stoppedAt } = deployment;
  const isFirst = sources.length === 0;
  const lifecycleStage = lifecycleStageOf(deployment, readings);
  return {
    serviceDeploymentArn: record.deploymentArn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    createdAt: new Date(record.createdAt),
    ...(record.startedAt === undefined ? {} : { startedAt: new Date(record.startedAt) }),
    ...(record.finishedAt === undefined ? {} : { finishedAt: new Date(record.finishedAt) }),
    ...(stoppedAt === undefined ? {} : { stoppedAt: new Date(stoppedAt) }),
    updatedAt: new Date(log.updatedAt),
    ...(isFirst && readings.reading('firstDeploymentSource') === 'absent'
      ? {}
      : { sourceServiceRevisions: sources.map((revision) => summary(revision, service)) }),
    targetServiceRevision: summary(target, service),
    status: record.status,
    ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
    ...(lifecycleStage === undefined ? {} : { lifecycleStage }),
    lifecycleHookDetails: describeHooks(deployment),
    deploymentConfiguration: deployment.configuration,
    ...describeRollback(deployment),
    deploymentCircuitBreaker: deployment.monitors.describeCircuitBreaker(),
    alarms: deployment.monitors.describeAlarms(),
  };
}

function describeRollback({ record: { rollback } }: Deployment): Pick<ServiceDeployment, 'rollback'> {
  if (rollback === undefined) return {};
  const { reason, startedAt, serviceRevisionArn } = rollback;
  return {
    rollback: {
      reason,
      startedAt: new Date(startedAt),
      ...(serviceRevisionArn === undefined ? {} : { serviceRevisionArn }),
    },
  };
}

function describeHooks(deployment: Deployment): ServiceDeployment['lifecycleHookDetails'] {
  return deployment.activeHooks().map(({ hookId, targetType, targetArn, status, expiresAt, timeoutAction }) => ({
    hookId,
    targetType,
    ...(targetArn === undefined ? {} : { targetArn }),
    status,
    expiresAt: new Date(expiresAt),
    timeoutAction,
  }));
}

function lifecycleStageOf(deployment: Deployment, readings: Readings): ServiceDeploymentLifecycleStage | undefined {
  const planned = deployment.currentStage;
  if (planned === undefined) return undefined;
  if (planned.stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT') {
    // The API's text lists this stage as a value of the field, its enum and so the SDK's type do not.
    return readings.reading('preProductionStageName') as ServiceDeploymentLifecycleStage;
  }
  const isStepBake = planned.stage === 'BAKE_TIME' && planned.step !== undefined;
  return isStepBake ? readings.reading('stepBakeStageName') : planned.stage;
}

function summary(revision: RevisionState, service: ServiceState): ServiceRevisionSummary {
  return {
    arn: revision.arn,
    requestedTaskCount: revision.requested,
    runningTaskCount: revision.running,
    pendingTaskCount: revision.pending,
    requestedTestTrafficWeight: service.test[revision.id] ?? 0,
    requestedProductionTrafficWeight: service.production[revision.id] ?? 0,
  };
}

/** What DescribeServiceRevisions shows of a revision at this moment. */
export function describeRevision(
  revision: RevisionState,
  service: ServiceState,
  { readings, resolveImage }: Pick<Surroundings, 'readings' | 'resolveImage'>,
): ServiceRevision {
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.clusterArn,
    taskDefinition: revision.taskDefinition,
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    loadBalancers: [...service.loadBalancers],
    containerImages: containerImages(revision, readings, resolveImage),
    guardDutyEnabled: false,
    ...(service.loadBalancing.kind === 'service-connect'
      ? { serviceConnectConfiguration: serviceConnect(service) }
      : {}),
    createdAt: new Date(revision.createdAt),
    ...resolvedConfiguration(revision, service, readings),
  };
}

/** ECS resolves a tag when the first task has started (page on the rolling update, container image resolution). */
function containerImages(
  revision: RevisionState,
  readings: Readings,
  resolveImage: Surroundings['resolveImage'],
): ServiceRevision['containerImages'] {
  const isEarly = revision.firstTaskAt === undefined && readings.reading('imageDigestAtPreScaleUp') === 'present';
  if (isEarly) resolveDigests(revision, resolveImage);
  return revision.containers.map(({ name, image, imageDigest, versionConsistency }) => {
    const resolves = versionConsistency !== 'disabled';
    const known = resolves && (revision.firstTaskAt !== undefined || isEarly);
    return {
      containerName: name,
      image,
      ...(known ? { imageDigest: revision.digests.get(name) ?? imageDigest ?? digestOf(image) } : {}),
    };
  });
}

function resolvedConfiguration(
  revision: RevisionState,
  service: ServiceState,
  readings: Readings,
): Pick<ServiceRevision, 'resolvedConfiguration'> {
  const arn = targetGroupArn(service, revision.targetGroup);
  if (!revision.active || arn === undefined) return {};
  if (revision.requested === 0 && readings.reading('resolvedConfigurationAtPreScaleUp') === 'absent') return {};
  const rule = service.loadBalancers[0]?.advancedConfiguration?.productionListenerRule;
  return {
    resolvedConfiguration: {
      loadBalancers: [{ targetGroupArn: arn, ...(rule === undefined ? {} : { productionListenerRule: rule }) }],
    },
  };
}

function serviceConnect(service: ServiceState): NonNullable<ServiceRevision['serviceConnectConfiguration']> {
  return {
    enabled: true,
    namespace: service.cluster,
    services: [{ portName: 'http', discoveryName: service.name, clientAliases: [{ port: 80, dnsName: service.name }] }],
  };
}

/** What DescribeServices shows. `latest` is the service's newest deployment, running or not. */
export function describeService(service: ServiceState, latest: Deployment | undefined): Service {
  const { active, configuration } = service;
  const count = (field: 'running' | 'pending'): number => active.reduce((sum, revision) => sum + revision[field], 0);
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    loadBalancers: [...service.loadBalancers],
    status: 'ACTIVE',
    desiredCount: service.desiredCount,
    runningCount: count('running'),
    pendingCount: count('pending'),
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    platformFamily: 'Linux',
    taskDefinition: service.taskDefinition,
    deploymentConfiguration: {
      maximumPercent: 200,
      minimumHealthyPercent: 100,
      ...configuration,
      lifecycleHooks: (configuration.lifecycleHooks ?? []).map(withTimeout),
    },
    deployments: describeClassic(service, latest),
    events: service.events.toReversed(),
    createdAt: new Date(service.createdAt),
    ...(latest === undefined ? {} : { currentServiceDeployment: latest.record.deploymentArn }),
    currentServiceRevisions: active.map((revision) => ({
      arn: revision.arn,
      requestedTaskCount: revision.requested,
      runningTaskCount: revision.running,
      pendingTaskCount: revision.pending,
    })),
    schedulingStrategy: 'REPLICA',
    deploymentController: { type: 'ECS' },
  };
}

/** DescribeServices fills in a Lambda hook's time-out when none was set, and leaves a PAUSE hook as it is. */
function withTimeout(hook: DeploymentLifecycleHook): DeploymentLifecycleHook {
  if (hook.targetType === 'PAUSE') return hook;
  const { timeoutInMinutes, action } = hook.timeoutConfiguration ?? {};
  return {
    ...hook,
    targetType: 'AWS_LAMBDA',
    timeoutConfiguration: {
      timeoutInMinutes: timeoutInMinutes ?? DEFAULTS.hookTimeoutInMinutes,
      action: action ?? 'ROLLBACK',
    },
  };
}

/** The older `deployments` list, one entry for each active revision, the newest PRIMARY. */
function describeClassic(service: ServiceState, latest: Deployment | undefined): SdkDeployment[] {
  return service.active.toReversed().map((revision, index) => {
    const isRunning = latest !== undefined && !latest.isTerminal && latest.target === revision;
    return {
      id: ecsSvc(revision),
      status: index === 0 ? 'PRIMARY' : 'ACTIVE',
      taskDefinition: revision.taskDefinition,
      desiredCount: revision.requested,
      pendingCount: revision.pending,
      runningCount: revision.running,
      failedTasks: 0,
      createdAt: new Date(revision.createdAt),
      updatedAt: new Date(isRunning ? latest.log.updatedAt : revision.createdAt),
      launchType: 'FARGATE',
      platformVersion: '1.4.0',
      platformFamily: 'Linux',
      rolloutState: isRunning ? 'IN_PROGRESS' : 'COMPLETED',
      rolloutStateReason: `ECS deployment ${ecsSvc(revision)} ${isRunning ? 'in progress.' : 'completed.'}`,
    };
  });
}
