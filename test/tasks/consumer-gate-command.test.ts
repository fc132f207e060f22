import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalAws, type LocalAws } from '../../simulator/aws/local-aws.ts';
import { systemClock } from '../../simulator/clock.ts';
import { ROOT } from '../fixtures/sources.ts';

const ME = '1865906302841951526';
const NAME = '/ecs-hooks/consumer/unicorn-watch/notifications';
const TASK = 'arn:aws:ecs:eu-west-1:123456789012:task/unicorn-watch/0b69d5c0d655425bb1bb85b2c4d0c1d5';
let aws: LocalAws;
let stop: () => Promise<void>;
let env: Record<string, string>;
let ecs: Server;
let child: ChildProcess | undefined;

/** Both what the agent answers on the metadata endpoint, and what ECS says about the task. */
function taskServer(): Server {
  return createServer((request, response) => {
    const cluster = 'arn:aws:ecs:eu-west-1:123456789012:cluster/unicorn-watch';
    const described = {
      clusterArn: cluster,
      taskArn: TASK,
      group: 'service:notifications',
      startedBy: `ecs-svc/${ME}`,
    };
    const metadata = { TaskARN: TASK, Cluster: cluster };
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(request.url === '/v4/task' ? metadata : { tasks: [described], failures: [] }));
  });
}

beforeEach(async () => {
  aws = createLocalAws({ clock: systemClock });
  const listening = await aws.listen();
  ecs = taskServer();
  ecs.listen(0, '127.0.0.1');
  await once(ecs, 'listening');
  const ecsUrl = `http://127.0.0.1:${(ecs.address() as AddressInfo).port}`;
  stop = () => listening.close();
  env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: listening.url,
    AWS_ENDPOINT_URL_ECS: ecsUrl,
    ECS_CONTAINER_METADATA_URI_V4: `${ecsUrl}/v4`,
    CONSUMER_LEASE_SECONDS: '5',
    CONSUMER_LINGER_SECONDS: '1',
  };
});
afterEach(async () => {
  child?.kill('SIGKILL');
  ecs.close();
  ecs.closeAllConnections();
  await stop();
});

const put = (value: string) =>
  aws.parameters.put({ name: NAME, value, type: 'String', overwrite: true }, 'arn:aws:iam::123456789012:role/hook');

function run(args: string[], more: Record<string, string> = {}) {
  const made = spawn(process.execPath, [join(ROOT, 'tasks/consumer-gate/main.ts'), ...args], {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = made;
  let out = '';
  made.stdout.on('data', (data) => {
    out += data;
  });
  made.stderr.on('data', (data) => {
    out += data;
  });
  const ended = once(made, 'close').then(([code]) => ({ code, out }));
  return { made, ended, out: () => out };
}

describe('consumer-gate check', () => {
  it.each([
    [ME, 0, '"consume":true'],
    ['none', 1, `${NAME} says none, this is ${ME}`],
    [undefined, 1, `there is no parameter ${NAME}`],
  ])('with the parameter at %s exits with %i', async (value, code, says) => {
    if (value !== undefined) put(value);
    const result = await run(['check']).ended;
    expect(result).toEqual({ code, out: expect.stringContaining(says) });
  });

  it.each([
    [['check'], { CONSUMER_LEASE_SECONDS: '1' }, 'leaseSeconds must be 5 to 3600: 1'],
    [['check'], { CONSUMER_LEASE_SECONDS: 'long' }, 'CONSUMER_LEASE_SECONDS must be a number: long'],
    [['consume'], {}, 'check or serve?'],
    [['serve', '--prot', '1'], {}, "Unknown option '--prot'"],
  ])('%o %o cannot tell', async (args, more, says) => {
    expect(await run(args, more).ended).toEqual({ code: 2, out: expect.stringContaining(says) });
  });
});

describe('consumer-gate serve', () => {
  it('answers with the lease, and says no from SIGTERM to its end', async () => {
    put(ME);
    const { made, ended, out } = run(['serve', '--port', '0']);
    const port = await waitFor(async () => /"listening","port":(\d+)/.exec(out())?.[1]);
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      const body: unknown = await response.json();
      return { status: response.status, body };
    };
    const open = await waitFor(async () => {
      const answer = await get('/');
      return answer.status === 200 ? answer : undefined;
    });
    expect(open.body).toMatchObject({ consume: true, revision: ME, named: ME, leaseMs: expect.any(Number) });
    expect([(await get('/health')).status, (await get('/x')).status]).toEqual([200, 404]);
    made.kill('SIGTERM');
    const closed = await waitFor(async () => {
      const answer = await get('/');
      return answer.status === 503 ? answer : undefined;
    });
    expect(closed.body).toMatchObject({ consume: false, leaseMs: 0, reason: 'the task is stopping' });
    expect((await ended).code).toBe(0);
  });
});

async function waitFor<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = AbortSignal.timeout(15_000);
  while (!deadline.aborted) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('not in 15 s');
}
