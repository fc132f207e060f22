import type { Service, ServiceDeployment, ServiceRevision, TaskDefinition } from '@aws-sdk/client-ecs';

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
}
