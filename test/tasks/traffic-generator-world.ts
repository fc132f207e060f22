import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';
import { onTestFinished } from 'vitest';
import { ShardResult } from '../../shared/load/result.ts';
import type { ShardMessageInput } from '../../shared/load/shard.ts';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { systemClock } from '../../simulator/clock.ts';

export const NAME = '/ecs-hooks/load-test/unicorn-watch/catalog/bY2WiEKBzXmKoYBYwqmfo/green-1';
export const STOP = NAME.replace('green-1', 'stop');

/** How long a condition may take to come true: a bound for what hangs, not a measure. */
export const soon = { timeout: 60_000, interval: 50 };

export interface WorldOptions {
  /** Whose SQS: an independent one, or this project's, which can be given faults. */
  sqs?: 'fauxqs' | 'ours';
  /** The target's certificate; without it the target speaks HTTP/1.1 in the clear. */
  tls?: { key: string; cert: string };
}

/** AWS endpoints, a queue, a target that counts, and generator processes, all gone after the test. */
export async function generatorWorld({ sqs = 'fauxqs', tls }: WorldOptions = {}) {
  const aws = createLocalAws({ clock: systemClock });
  const { url: endpoint, close } = await aws.listen();
  const queue = sqs === 'fauxqs' ? await independentQueue() : ownQueue(aws, endpoint);
  const target = await countingTarget(tls);
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    for (const child of children) child.kill('SIGKILL');
    target.close();
    await Promise.all([close(), queue.stop()]);
  });
  const start = (environment: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, ['tasks/traffic-generator/main.ts'], {
      stdio: 'ignore',
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ENDPOINT_URL_SQS: queue.endpoint,
        QUEUE_URL: queue.url,
        ALLOWED_TARGETS: target.origin,
        ...{ HEARTBEAT_SECONDS: '1', STOP_SECONDS: '0.2', METRICS_SECONDS: '1' },
        ...environment,
      },
    });
    children.push(child);
    return child;
  };
  const client = new SQSClient({ endpoint: queue.endpoint, region: 'eu-west-1', useQueueUrlAsEndpoint: false });
  const send = async (seconds: number, changes: Partial<ShardMessageInput> = {}) => {
    const message = { ...shard(seconds, target.origin), ...changes };
    await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: JSON.stringify(message) }));
  };
  const value = (): unknown => {
    const text = aws.parameters.get(NAME)?.value;
    return text === undefined ? undefined : JSON.parse(text);
  };
  return {
    ...{ aws, start, send, value },
    origin: target.origin,
    put: (name: string) => aws.parameters.put({ name, value: 'x', type: 'String' }, 'arn:aws:iam::123456789012:root'),
    inQueue: queue.count,
    requests: () => target.versions.length,
    /** The HTTP version of each request. */
    versions: target.versions,
  };
}

function shard(seconds: number, url: string): ShardMessageInput {
  return {
    v: 1,
    test: 'a test',
    shard: 1,
    of: 1,
    deployment: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorn-watch/catalog/bY2WiEKBzXmKoYBYwqmfo',
    resultParameter: NAME,
    stopParameter: STOP,
    deadline: new Date(Date.now() + 60_000).toISOString(),
    plan: { stages: [{ rate: 50, seconds }], targets: [{ name: 'it', weight: 1, url }] },
  };
}

async function independentQueue() {
  const sqs = await startFauxqs({ port: 0, logger: false });
  const { queueUrl: url } = sqs.createQueue('shards');
  const count = () => {
    const messages = sqs.inspectQueue('shards')?.messages;
    return (messages?.ready.length ?? 0) + (messages?.inflight.length ?? 0);
  };
  return { url, endpoint: `http://127.0.0.1:${sqs.port}`, count, stop: () => sqs.stop() };
}

function ownQueue({ queues, accountId }: LocalAws, endpoint: string) {
  queues.create('shards');
  const count = () => {
    const { visible, inFlight } = queues.counts('shards');
    return visible + inFlight;
  };
  return { url: `${endpoint}/${accountId}/shards`, endpoint, count, stop: async () => {} };
}

async function countingTarget(tls: WorldOptions['tls']) {
  const versions: string[] = [];
  const answer = ({ httpVersion }: Pick<IncomingMessage, 'httpVersion'>, response: { end(text: string): unknown }) => {
    versions.push(httpVersion);
    response.end('ok');
  };
  const server = tls === undefined ? createServer(answer) : createSecureServer({ ...tls, allowHTTP1: true }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is no string
  return {
    versions,
    origin: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    },
  };
}

export function ended(value: unknown): ShardResult {
  return ShardResult.parse(value);
}
