import {
  continueServiceDeployment,
  describeServiceDeployments,
  describeServiceRevisions,
  listServiceDeployments,
  stopServiceDeployment,
} from '../ecs/deployments.ts';
import { describeServices, describeTaskDefinition } from '../ecs/describe.ts';
import { RunTask } from '../ecs/run-task.ts';
import { describeTasks, listTasks, stopTask } from '../ecs/tasks.ts';
import { updateService } from '../ecs/update-service.ts';
import type { EcsBackend } from '../ecs-backend.ts';
import { AwsError } from '../errors.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from '../service.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** The part of ECS that deployments and their hooks use, over whatever plays the control plane. */
export function ecsService(backend: EcsBackend): ServiceDefinition {
  const runTask = new RunTask(backend);
  return {
    id: 'ecs',
    protocol: { kind: 'json', targetPrefix: 'AmazonEC2ContainerServiceV20141113' },
    operations: {
      DescribeServiceDeployments: (input) => describeServiceDeployments(backend, input),
      DescribeServiceRevisions: (input) => describeServiceRevisions(backend, input),
      ListServiceDeployments: (input) => listServiceDeployments(backend, input),
      DescribeServices: (input, context) => describeServices(backend, input, context),
      DescribeTaskDefinition: (input) => describeTaskDefinition(backend, input),
      UpdateService: (input) => updateService(backend, input),
      DescribeTasks: (input) => describeTasks(backend, input),
      ListTasks: (input) => listTasks(backend, input),
      RunTask: (input, context) => runTask.run(input, context),
      StopTask: (input) => stopTask(backend, input),
      StopServiceDeployment: (input) => stopServiceDeployment(backend, input),
      ContinueServiceDeployment: (input) => continueServiceDeployment(backend, input),
    },
    resource,
    errors: jsonServiceErrors('ecs', {
      serverError: new AwsError('ServerException', 'Service Unavailable. Please try again later.', 500),
      notFound,
    }),
  };
}

/** What ECS says in an account without anything in it. */
export const emptyEcs: EcsBackend = {
  services: () => [],
  serviceDeployments: () => [],
  serviceRevisions: () => [],
  taskDefinitions: () => [],
  stopServiceDeployment: () => {
    throw notFound('StopServiceDeployment');
  },
  continueServiceDeployment: () => {
    throw notFound('ContinueServiceDeployment');
  },
};

function notFound(operation: string): AwsError {
  if (operation === 'RunTask') return new AwsError('ClientException', 'TaskDefinition not found.');
  if (operation === 'StopTask') return new AwsError('InvalidParameterException', 'The referenced task was not found.');
  if (operation === 'DescribeTaskDefinition')
    return new AwsError('ClientException', 'Unable to describe task definition.');
  if (operation === 'StopServiceDeployment' || operation === 'ContinueServiceDeployment') {
    return new AwsError('ServiceDeploymentNotFoundException', 'The service deployment does not exist.');
  }
  return new AwsError('ServiceNotFoundException', 'Service not found.');
}

function resource(_operation: string, input: JsonObject, { partition, region, accountId }: OperationContext): string {
  const lists = [input.serviceDeploymentArns, input.serviceRevisionArns, input.services].filter(Array.isArray);
  const [named] = [
    input.serviceDeploymentArn,
    ...lists.map((list: readonly unknown[]) => list[0]),
    input.service,
  ].filter((one) => typeof one === 'string');
  if (named === undefined) return '*';
  if (named.startsWith('arn:')) return named;
  const cluster = typeof input.cluster === 'string' ? input.cluster.replace(/^.*\//, '') : 'default';
  return `arn:${partition}:ecs:${region}:${accountId}:service/${cluster}/${named}`;
}
