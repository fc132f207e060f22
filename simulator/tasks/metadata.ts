import { createServer, type Server, type ServerResponse } from 'node:http';
import { containerArn, dockerId } from './describe-task.ts';
import type { TaskRun } from './task-run.ts';

/**
 * The task metadata endpoint version 4 for tasks on Fargate, of all tasks of a play: `/v4/<task id>`, and below it
 * `/task`, `/stats` and `/task/stats`. Source: page "Amazon ECS task metadata endpoint version 4 for tasks on Fargate".
 */
export class MetadataEndpoint {
  readonly #server: Server;
  readonly #find: (taskId: string) => TaskRun | undefined;
  readonly #region: string;
  url = '';

  constructor(region: string, find: (taskId: string) => TaskRun | undefined) {
    this.#region = region;
    this.#find = find;
    this.#server = createServer((request, response) => this.#answer(request.url ?? '/', response));
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.url = `http://127.0.0.1:${address.port}`;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(path: string, response: ServerResponse): void {
    const [, taskId = '', below = ''] = /^\/v4\/([^/?]+)([^?]*)/.exec(path) ?? [];
    const run = this.#find(taskId);
    const found = run === undefined ? undefined : metadataOf(run, below.replace(/\/$/, ''), this.#region);
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? `V4 metadata handler: unable to get metadata for ${path}`));
  }
}

function metadataOf(run: TaskRun, below: string, region: string): unknown {
  switch (below) {
    case '':
      return container(run, 0);
    case '/task':
      return task(run, region);
    case '/stats':
      return stats(run, 0);
    case '/task/stats':
      return Object.fromEntries(run.spec.containers.map((_, index) => [dockerId(run, index), stats(run, index)]));
    default:
      return undefined;
  }
}

function task(run: TaskRun, region: string): object {
  const { spec, lastStatus, desiredStatus, createdAt, times } = run;
  const { Family, Revision } = familyOf(spec.taskDefinitionArn);
  return {
    Cluster: spec.clusterArn,
    TaskARN: spec.label.taskArn,
    Family,
    Revision,
    DesiredStatus: desiredStatus,
    KnownStatus: lastStatus,
    Limits: { CPU: 0.25, Memory: 512 },
    PullStartedAt: new Date(createdAt).toISOString(),
    PullStoppedAt: new Date(times.spawnedAt ?? createdAt).toISOString(),
    AvailabilityZone: `${region}a`,
    LaunchType: 'FARGATE',
    Containers: spec.containers.map((_, index) => container(run, index)),
    ClockDrift: {
      ClockErrorBound: 0,
      ReferenceTimestamp: new Date(createdAt).toISOString(),
      ClockSynchronizationStatus: 'SYNCHRONIZED',
    },
    EphemeralStorageMetrics: { Utilized: 0, Reserved: 20496 },
    FaultInjectionEnabled: false,
  };
}

function container(run: TaskRun, index: number): object {
  const { spec, desiredStatus, createdAt, times } = run;
  const { name = '', image = '', imageDigest = '' } = spec.containers[index] ?? {};
  const { Family, Revision } = familyOf(spec.taskDefinitionArn);
  return {
    DockerId: dockerId(run, index),
    Name: name,
    DockerName: name,
    Image: image,
    ImageID: imageDigest,
    Labels: {
      'com.amazonaws.ecs.cluster': spec.clusterArn,
      'com.amazonaws.ecs.container-name': name,
      'com.amazonaws.ecs.task-arn': spec.label.taskArn,
      'com.amazonaws.ecs.task-definition-family': Family,
      'com.amazonaws.ecs.task-definition-version': Revision,
    },
    DesiredStatus: desiredStatus,
    // Whoever asks is that container.
    KnownStatus: 'RUNNING',
    Limits: { CPU: 2 },
    CreatedAt: new Date(createdAt).toISOString(),
    StartedAt: new Date(times.spawnedAt ?? createdAt).toISOString(),
    Type: 'NORMAL',
    ContainerARN: containerArn(run, index),
    Networks: [
      { NetworkMode: 'awsvpc', IPv4Addresses: ['127.0.0.1'], AttachmentIndex: 0, PrivateDNSName: 'localhost' },
    ],
    Snapshotter: 'overlayfs',
  };
}

/** Docker's stats in their shape; nothing is measured. */
function stats(run: TaskRun, index: number): object {
  const name = run.spec.containers[index]?.name ?? '';
  const at = new Date(run.createdAt).toISOString();
  const cpu = {
    cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    system_cpu_usage: 0,
    online_cpus: 1,
  };
  return {
    read: at,
    preread: at,
    name,
    id: dockerId(run, index),
    num_procs: 0,
    pids_stats: {},
    cpu_stats: cpu,
    precpu_stats: cpu,
    memory_stats: { usage: 0, max_usage: 0, limit: 512 * 1024 * 1024, stats: {} },
    networks: { eth1: { rx_bytes: 0, rx_packets: 0, tx_bytes: 0, tx_packets: 0 } },
    network_rate_stats: { rx_bytes_per_sec: 0, tx_bytes_per_sec: 0 },
    storage_stats: {},
  };
}

function familyOf(taskDefinitionArn: string): { Family: string; Revision: string } {
  const [Family = '', Revision = ''] = taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1).split(':');
  return { Family, Revision };
}
