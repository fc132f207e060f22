import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { LoadPlan } from '../../shared/load/shard.ts';
import { runLoad } from '../../tasks/traffic-generator/load.ts';
import { Tally } from '../../tasks/traffic-generator/tally.ts';

/** A server that counts its connections, and how many are open at the most. */
async function counting(listener: RequestListener) {
  const seen = { connections: 0, open: 0, most: 0 };
  const server = createServer(listener).on('connection', (socket) => {
    seen.connections += 1;
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    socket.on('close', () => {
      seen.open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is no string
  return { seen, url: `http://127.0.0.1:${port}` };
}

async function load(urls: readonly string[], changes: Partial<Parameters<typeof LoadPlan.parse>[0] & object>) {
  const targets = urls.map((url, index) => ({ name: String(index), weight: 1, url }));
  const plan = LoadPlan.parse({ stages: [{ rate: 200, seconds: 1 }], targets, ...changes });
  const tally = new Tally();
  const now = () => performance.now();
  const { signal } = new AbortController();
  await runLoad({ plan, now, random: Math.random, deadline: now() + 60_000, signal }, tally);
  return tally;
}

it('keeps to its connections, when requests wait for one', async () => {
  const { seen, url } = await counting((_, response) => setTimeout(() => response.end(), 50));
  const tally = await load([url], { connections: 3, timeoutMs: 60_000 });
  expect(tally).toMatchObject({ sent: 200, completed: 200, errorsByKind: {} });
  expect(seen).toMatchObject({ connections: 3, most: 3 });
});

it('no connection is used again after a time-out: the next request has a new one, and its own answer', async () => {
  let requests = 0;
  const { seen, url } = await counting((_, response) => {
    requests += 1;
    if (requests > 1) response.end();
  });
  const tally = await load([url], { connections: 1, timeoutMs: 5000, stages: [{ rate: 4, seconds: 6 }] });
  // The first is given up after five seconds, and with it what was due too long ago by then.
  expect(tally.errorsByKind.timeout).toBeGreaterThanOrEqual(1);
  expect(tally.completed + (tally.errorsByKind.timeout ?? 0)).toBe(24);
  expect(tally.completed).toBe(requests - 1);
  expect(seen.connections).toBe(2);
});

it('a connection that the server closes after each answer costs no request', async () => {
  const { seen, url } = await counting((_, response) => response.setHeader('connection', 'close').end('bye'));
  const tally = await load([url], { connections: 2, timeoutMs: 60_000 });
  expect(tally).toMatchObject({ completed: 200, bytes: 600, errorsByKind: {} });
  expect(seen.connections).toBe(200);
});

it('counts every failure once, and goes on, when connections are cut at random', async () => {
  let requests = 0;
  const { url } = await counting((request, response) => {
    requests += 1;
    if (requests % 3 === 0) request.socket.resetAndDestroy();
    else response.end('ok');
  });
  const tally = await load([url], { connections: 4, timeoutMs: 60_000 });
  expect(requests).toBe(200);
  expect(tally).toMatchObject({ sent: 200, completed: 134, errorsByKind: { reset: 66 } });
});

it('a dead target leaves the connections to the others', async () => {
  const { url } = await counting((_, response) => response.end());
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(0, '127.0.0.1', resolve));
  const { port } = dead.address() as AddressInfo; // a TCP server's address is no string
  await new Promise((resolve) => dead.close(resolve));
  const tally = await load([url, `http://127.0.0.1:${port}`], { connections: 2, timeoutMs: 60_000 });
  expect(tally).toMatchObject({ sent: 200, completed: 100, errorsByKind: { connect: 100 } });
});
