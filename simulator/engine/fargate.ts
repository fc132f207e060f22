import type { Task } from '@aws-sdk/client-ecs';

/** What DescribeTasks shows of every task on Fargate here (API reference, Task). */
export function fargateTask(region: string): Task {
  return {
    launchType: 'FARGATE',
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    availabilityZone: `${region}a`,
    connectivity: 'CONNECTED',
    cpu: '256',
    memory: '512',
    healthStatus: 'UNKNOWN',
    version: 1,
    attachments: [],
    attributes: [],
    tags: [],
  };
}
