import {
  ContinueServiceDeploymentCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  type ListServiceDeploymentsResponse,
  type ServiceDeployment,
  type ServiceDeploymentStatus,
  StopServiceDeploymentCommand,
  type StopServiceDeploymentStopType,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { EcsBackend } from '../../simulator/aws/ecs-backend.ts';
import { AwsError } from '../../simulator/aws/errors.ts';
import { START, startAws } from './aws-fixture.ts';

const ACCOUNT = 'arn:aws:ecs:eu-west-1:123456789012';
const CLUSTER = `${ACCOUNT}:cluster/unicorns`;
const SERVICE = `${ACCOUNT}:service/unicorns/ui`;

function deployment(index: number, status: ServiceDeploymentStatus): ServiceDeployment {
  return {
    serviceDeploymentArn: `${ACCOUNT}:service-deployment/unicorns/ui/deployment${String(index).padStart(2, '0')}`,
    serviceArn: SERVICE,
    clusterArn: CLUSTER,
    createdAt: new Date(START + index * 60_000),
    status,
    targetServiceRevision: {
      arn: `${ACCOUNT}:service-revision/unicorns/ui/${index}`,
      requestedProductionTrafficWeight: 0.1,
    },
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
  };
}

interface Recorded {
  backend: EcsBackend;
  actions: unknown[];
}

function playing(deployments: ServiceDeployment[]): Recorded {
  const actions: unknown[] = [];
  const backend: EcsBackend = {
    services: () => [{ serviceArn: SERVICE, serviceName: 'ui', clusterArn: CLUSTER, status: 'ACTIVE' }],
    serviceDeployments: () => deployments,
    serviceRevisions: () => [
      { serviceRevisionArn: `${ACCOUNT}:service-revision/unicorns/ui/9313000000000000001`, serviceArn: SERVICE },
    ],
    taskDefinitions: () =>
      [1, 2, 3].map((revision) => ({
        taskDefinitionArn: `${ACCOUNT}:task-definition/ui:${revision}`,
        family: 'ui',
        revision,
        status: revision === 3 ? ('INACTIVE' as const) : ('ACTIVE' as const),
      })),
    stopServiceDeployment: (...args) => actions.push(['stop', ...args]),
    continueServiceDeployment: (arn, hookId, action) => {
      if (hookId.endsWith('done')) {
        throw new AwsError(
          'InvalidParameterException',
          'Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
        );
      }
      actions.push(['continue', arn, hookId, action]);
    },
  };
  return { backend, actions };
}

const UNKNOWN = `${ACCOUNT}:service-deployment/unicorns/ui/unknown`;
const TWENTY_ONE = Array.from({ length: 21 }, (_, index) => `${UNKNOWN}${index}`);

describe('describing', () => {
  it('gives the deployments that exist, with their dates and weights, and MISSING for the others', async () => {
    const first = deployment(1, 'IN_PROGRESS');
    const { config } = await startAws({ ecs: playing([first]).backend });
    const ecs = new ECSClient(config);
    const answer = await ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [UNKNOWN, first.serviceDeploymentArn ?? ''] }),
    );
    expect(answer.serviceDeployments).toEqual([first]);
    expect(answer.failures).toEqual([{ arn: UNKNOWN, reason: 'MISSING' }]);
  });

  it.each([
    ['none', [], 'serviceDeploymentArns cannot be empty.'],
    ['more than 20', TWENTY_ONE, 'at most 20'],
    ['what is no such ARN', [SERVICE], `Invalid service-deployment ARN: ${SERVICE}`],
  ])('refuses %s', async (_what, serviceDeploymentArns, message) => {
    const { config } = await startAws({ ecs: playing([]).backend });
    await expect(
      new ECSClient(config).send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
  });

  it('gives revisions by their 19 digits', async () => {
    const { config } = await startAws({ ecs: playing([]).backend });
    const arns = ['9313000000000000001', '9313000000000000002'].map(
      (id) => `${ACCOUNT}:service-revision/unicorns/ui/${id}`,
    );
    const answer = await new ECSClient(config).send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: arns }));
    expect(answer.serviceRevisions?.map((one) => one.serviceRevisionArn)).toEqual([arns[0]]);
    expect(answer.failures).toEqual([{ arn: arns[1], reason: 'MISSING' }]);
  });

  it('finds services by name and by ARN, in clusters by name and by ARN', async () => {
    const { config } = await startAws({ ecs: playing([]).backend });
    const ecs = new ECSClient(config);
    const byName = await ecs.send(new DescribeServicesCommand({ cluster: 'unicorns', services: ['ui', 'api'] }));
    expect(byName.services).toMatchObject([{ serviceArn: SERVICE, status: 'ACTIVE' }]);
    expect(byName.failures).toEqual([{ arn: `${ACCOUNT}:service/unicorns/api`, reason: 'MISSING' }]);
    expect(
      (await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [SERVICE] }))).services,
    ).toHaveLength(1);
    await expect(ecs.send(new DescribeServicesCommand({ services: ['ui'] }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
      message: 'Cluster not found.',
    });
  });

  it.each([
    ['ui', 2],
    ['ui:1', 1],
    ['ui:3', 3],
    [`${ACCOUNT}:task-definition/ui:2`, 2],
  ])('resolves the task definition %s to revision %i', async (taskDefinition, revision) => {
    const { config } = await startAws({ ecs: playing([]).backend });
    const answer = await new ECSClient(config).send(new DescribeTaskDefinitionCommand({ taskDefinition }));
    expect(answer.taskDefinition?.revision).toBe(revision);
  });

  it('says that a task definition cannot be described', async () => {
    const { config } = await startAws({ ecs: playing([]).backend });
    await expect(
      new ECSClient(config).send(new DescribeTaskDefinitionCommand({ taskDefinition: 'api' })),
    ).rejects.toMatchObject({
      name: 'ClientException',
      message: 'Unable to describe task definition.',
    });
  });
});

describe('ListServiceDeployments', () => {
  const history = Array.from({ length: 45 }, (_, index) =>
    deployment(index, index % 9 === 0 ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL'),
  );

  it('pages newest first, 20 at a time', async () => {
    const { config } = await startAws({ ecs: playing(history).backend });
    const ecs = new ECSClient(config);
    const pages: (Date | undefined)[][] = [];
    let nextToken: string | undefined;
    do {
      const command = new ListServiceDeploymentsCommand({ service: SERVICE, nextToken });
      const page: ListServiceDeploymentsResponse = await ecs.send(command);
      pages.push((page.serviceDeployments ?? []).map((one) => one.createdAt));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(pages.map((page) => page.length)).toEqual([20, 20, 5]);
    expect(pages.flat()).toEqual(history.map((one) => one.createdAt).reverse());
  });

  it('filters by status and by creation', async () => {
    const { config } = await startAws({ ecs: playing(history).backend });
    const list = new ListServiceDeploymentsCommand({
      cluster: 'unicorns',
      service: 'ui',
      status: ['ROLLBACK_SUCCESSFUL'],
      createdAt: { after: new Date(START), before: new Date(START + 27 * 60_000) },
    });
    const { serviceDeployments } = await new ECSClient(config).send(list);
    expect(serviceDeployments).toEqual(
      [18, 9].map((index) => ({
        serviceDeploymentArn: `${ACCOUNT}:service-deployment/unicorns/ui/deployment${String(index).padStart(2, '0')}`,
        serviceArn: SERVICE,
        clusterArn: CLUSTER,
        createdAt: new Date(START + index * 60_000),
        targetServiceRevisionArn: `${ACCOUNT}:service-revision/unicorns/ui/${index}`,
        status: 'ROLLBACK_SUCCESSFUL',
      })),
    );
  });

  it.each([
    [{ service: 'api', cluster: 'unicorns' }, 'ServiceNotFoundException', 'Service not found.'],
    [{ service: 'ui', cluster: 'horses' }, 'ClusterNotFoundException', 'Cluster not found.'],
    [{ service: 'ui', cluster: 'unicorns', maxResults: 101 }, 'InvalidParameterException', 'maxResults'],
    [{ service: 'ui', cluster: 'unicorns', nextToken: 'mine' }, 'InvalidParameterException', 'Invalid token.'],
    [
      { service: 'ui', cluster: 'unicorns', status: ['DONE' as ServiceDeploymentStatus] },
      'InvalidParameterException',
      'Invalid status: DONE',
    ],
  ])('refuses %j', async (input, name, message) => {
    const { config } = await startAws({ ecs: playing(history).backend });
    await expect(new ECSClient(config).send(new ListServiceDeploymentsCommand(input))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });
});

describe('acting on a deployment', () => {
  const arn = deployment(1, 'IN_PROGRESS').serviceDeploymentArn ?? '';

  it('stops and continues through the backend, with the defaults of the API', async () => {
    const { backend, actions } = playing([deployment(1, 'IN_PROGRESS')]);
    const { config } = await startAws({ ecs: backend });
    const ecs = new ECSClient(config);
    expect(await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn }))).toMatchObject({
      serviceDeploymentArn: arn,
    });
    await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ABORT' }));
    const hookId = 'ecs-pause-e7tK9G_x';
    expect(await ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId }))).toMatchObject({
      serviceDeploymentArn: arn,
    });
    await ecs.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId, action: 'ROLLBACK' }));
    expect(actions).toEqual([
      ['stop', arn, 'ROLLBACK'],
      ['stop', arn, 'ABORT'],
      ['continue', arn, hookId, 'CONTINUE'],
      ['continue', arn, hookId, 'ROLLBACK'],
    ]);
  });

  it('passes on what the backend refuses', async () => {
    const { config } = await startAws({ ecs: playing([deployment(1, 'IN_PROGRESS')]).backend });
    const command = new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId: 'ecs-pause-done' });
    await expect(new ECSClient(config).send(command)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('Provided hookId is either completed'),
    });
  });

  it.each([
    [
      'a hook id of another shape',
      new ContinueServiceDeploymentCommand({ serviceDeploymentArn: arn, hookId: 'pause' }),
      'InvalidParameterException',
      'Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}',
    ],
    [
      'an unknown deployment',
      new ContinueServiceDeploymentCommand({ serviceDeploymentArn: UNKNOWN, hookId: 'ecs-pause-x' }),
      'ServiceDeploymentNotFoundException',
      'The service deployment does not exist.',
    ],
  ])('refuses to continue with %s', async (_what, command, name, message) => {
    const { backend, actions } = playing([deployment(1, 'IN_PROGRESS')]);
    const { config } = await startAws({ ecs: backend });
    await expect(new ECSClient(config).send(command)).rejects.toMatchObject({ name, message });
    expect(actions).toEqual([]);
  });

  it.each([
    [UNKNOWN, undefined, 'ServiceDeploymentNotFoundException'],
    [arn, 'PAUSE' as StopServiceDeploymentStopType, 'InvalidParameterException'],
  ])('refuses to stop %s with %s', async (serviceDeploymentArn, stopType, name) => {
    const { backend, actions } = playing([deployment(1, 'IN_PROGRESS')]);
    const { config } = await startAws({ ecs: backend });
    await expect(
      new ECSClient(config).send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType })),
    ).rejects.toMatchObject({ name });
    expect(actions).toEqual([]);
  });
});

describe('an account with nothing in it', () => {
  it('has no deployment and no cluster', async () => {
    const { config } = await startAws();
    const ecs = new ECSClient(config);
    const described = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [UNKNOWN] }));
    expect([described.serviceDeployments, described.failures]).toEqual([[], [{ arn: UNKNOWN, reason: 'MISSING' }]]);
    await expect(ecs.send(new ListServiceDeploymentsCommand({ service: 'ui' }))).rejects.toMatchObject({
      name: 'ClusterNotFoundException',
    });
    await expect(ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: UNKNOWN }))).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
  });
});
