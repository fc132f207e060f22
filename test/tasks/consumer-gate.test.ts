import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeTasksCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createGate } from '../../tasks/consumer-gate/gate.ts';
import { findIdentity } from '../../tasks/consumer-gate/identity.ts';
import { mockAws } from '../fixtures/aws.ts';

const ME = '1865906302841951526';
const TASK = 'arn:aws:ecs:eu-west-1:123456789012:task/unicorn-watch/0b69d5c0d655425bb1bb85b2c4d0c1d5';
const aws = mockAws();
let ending: AbortController;

const says = (Value: string) => aws.ssm.on(GetParameterCommand).resolves({ Parameter: { Value } });

function gate() {
  const made = createGate({ parameterName: '/p', revisionId: ME, signal: ending.signal, random: () => 0.5 });
  const told: boolean[] = [];
  made.onChange(({ consume }) => told.push(consume));
  return { gate: made, told };
}

beforeEach(() => {
  vi.useFakeTimers();
  ending = new AbortController();
});
afterEach(() => {
  ending.abort();
  vi.useRealTimers();
});

describe('the gate', () => {
  it('opens when the parameter names its revision, and closes with the first read that does not', async () => {
    says(ME);
    const { gate: it, told } = gate();
    expect(it.mayConsume()).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(it.state()).toMatchObject({ consume: true, revision: ME, named: ME, leaseMs: 30_000 });
    says('none');
    await vi.advanceTimersByTimeAsync(4999);
    expect(it.mayConsume()).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(it.state()).toMatchObject({ consume: false, leaseMs: 0, reason: `/p says none, this is ${ME}` });
    expect(told).toEqual([true, false]);
  });

  it('outlives reads that fail, but not its lease', async () => {
    says(ME);
    const { gate: it, told } = gate();
    await vi.advanceTimersByTimeAsync(0);
    aws.ssm.on(GetParameterCommand).rejects(new Error('Rate exceeded'));
    await vi.advanceTimersByTimeAsync(29_999);
    expect(it.state()).toMatchObject({ consume: true, leaseMs: 1 });
    expect(aws.calls()).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(1);
    expect(it.mayConsume()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([true, false]);
    expect(it.state().reason).toBe('no good read for 30 s; the last read failed: Rate exceeded');
  });

  it('counts from before the read was sent', async () => {
    aws.ssm.on(GetParameterCommand).callsFake(async () => {
      await new Promise((resolve) => setTimeout(resolve, 8000));
      return { Parameter: { Value: ME } };
    });
    const { gate: it } = gate();
    await vi.advanceTimersByTimeAsync(8000);
    expect(it.state().leaseMs).toBe(22_000);
    expect([it.mayConsume(21_999), it.mayConsume(22_000)]).toEqual([true, false]);
  });

  it('is closed without a parameter', async () => {
    aws.ssm.on(GetParameterCommand).rejects(new ParameterNotFound({ message: '', $metadata: {} }));
    const { gate: it } = gate();
    await vi.advanceTimersByTimeAsync(0);
    expect(it.state()).toMatchObject({ consume: false, named: '', reason: 'there is no parameter /p' });
  });

  it('finds its lease over after a suspension', async () => {
    says(ME);
    const { gate: it } = gate();
    await vi.advanceTimersByTimeAsync(0);
    vi.setSystemTime(Date.now() + 30_001);
    expect(it.mayConsume()).toBe(false);
  });

  it('closes at once and for good when the task stops', async () => {
    says(ME);
    const { gate: it, told } = gate();
    await it.whenOpen();
    ending.abort(new Error('SIGTERM'));
    expect(told).toEqual([true, false]);
    expect(it.state().reason).toBe('the task is stopping');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(it.mayConsume()).toBe(false);
    expect(aws.calls()).toHaveLength(1);
    await expect(it.whenOpen()).rejects.toThrow('SIGTERM');
  });

  it('lets wait for enough of a lease, or until the caller has enough', async () => {
    says(ME);
    const { gate: it } = gate();
    await vi.advanceTimersByTimeAsync(4000);
    let open = false;
    void it.whenOpen(undefined, 28_000).then(() => {
      open = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(open).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(open).toBe(true);
    const waiting = it.whenOpen(AbortSignal.abort(new Error('enough')), 40_000);
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('whose task this is', () => {
  async function metadata(body: object, status = 200) {
    vi.useRealTimers();
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/v4/x/task' ? status : 404);
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { uri: `http://127.0.0.1:${port}/v4/x`, [Symbol.dispose]: () => void server.close() };
  }
  const clusterArn = 'arn:aws:ecs:eu-west-1:123456789012:cluster/unicorn-watch';

  it.each(['unicorn-watch', clusterArn])('is found out from the endpoint and ECS, cluster %s', async (Cluster) => {
    using endpoint = await metadata({ TaskARN: TASK, Cluster });
    aws.ecs
      .on(DescribeTasksCommand, { cluster: Cluster, tasks: [TASK] })
      .resolves({ tasks: [{ clusterArn, group: 'service:notifications', startedBy: `ecs-svc/${ME}` }] });
    expect(await findIdentity(endpoint.uri, ending.signal)).toEqual({
      cluster: 'unicorn-watch',
      service: 'notifications',
      revisionId: ME,
    });
  });

  it.each([
    [{ tasks: [], failures: [{ reason: 'MISSING' }] }, 'ecs:DescribeTasks answered MISSING'],
    [{ tasks: [{ group: 'family:x' }] }, "the task's group is family:x"],
    [{ tasks: [{ group: 'service:x', startedBy: 'ana' }] }, "the task's startedBy is ana"],
    [{ tasks: [{ group: 'service:x', startedBy: 'ecs-svc/' }] }, "the task's startedBy is ecs-svc/,"],
  ])('is an error where ECS says %o', async (answer, message) => {
    using endpoint = await metadata({ TaskARN: TASK, Cluster: 'unicorn-watch' });
    aws.ecs.on(DescribeTasksCommand).resolves(answer);
    await expect(findIdentity(endpoint.uri, ending.signal)).rejects.toThrow(message);
  });

  it('is an error without an endpoint, or where it is ill', async () => {
    await expect(findIdentity(undefined, ending.signal)).rejects.toThrow('ECS_CONTAINER_METADATA_URI_V4 is not set');
    using endpoint = await metadata({}, 500);
    await expect(findIdentity(endpoint.uri, ending.signal)).rejects.toThrow('endpoint answered 500');
  });
});
