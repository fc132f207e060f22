import type { Service, ServiceDeployment, ServiceRevision, Task, TaskDefinition } from '@aws-sdk/client-ecs';

/** What the local endpoint's ECS operations read and change. The deployment engine implements it. */
export interface EcsBackend {
  services(): readonly Service[];
  serviceDeployments(): readonly ServiceDeployment[];
  serviceRevisions(): readonly ServiceRevision[];
  taskDefinitions(): readonly TaskDefinition[];
  /** @throws AwsError under the name and with the message that ECS would use. */
  stopServiceDeployment(serviceDeploymentArn: string, stopType: 'ABORT' | 'ROLLBACK'): void;
  /** @throws AwsError under the name and with the message that ECS would use. */
  continueServiceDeployment(serviceDeploymentArn: string, hookId: string, action: 'CONTINUE' | 'ROLLBACK'): void;
  /** Without it there are no tasks. */
  readonly tasks?: EcsTasks;
}

/** The tasks of services and of RunTask. */
export interface EcsTasks {
  list(): readonly Task[];
  /** @throws AwsError under the name and with the message that ECS would use. */
  run(request: RunTaskRequest): Task;
  stop(taskArn: string, reason: string): Task | undefined;
  /** UpdateService with a `desiredCount`. */
  scale(serviceArn: string, desiredCount: number): void;
}

/** One task that RunTask is to start; the request has been validated. */
export interface RunTaskRequest {
  clusterArn: string;
  taskDefinitionArn: string;
  group: string;
  startedBy: string | undefined;
  overrides: NonNullable<Task['overrides']>;
}
