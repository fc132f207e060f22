import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import fc from 'fast-check';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Entrance, type RequestEvent, type Routes } from '../../simulator/network/entrance.ts';
import type { ProxyKind } from '../../simulator/network/proxies.ts';
import { WeightedTurns } from '../../simulator/network/turns.ts';

const HEADER = 'x-amzn-ecs-blue-green-test';

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port; // a TCP server's address is no string
}

/** A task that says who it is, and gives the body back. */
const task = (name: string): Promise<number> =>
  listening(
    createServer((asked, response) => {
      response.writeHead(201, { 'x-task': name, 'x-path': asked.url ?? '' });
      asked.pipe(response);
    }),
  );

async function entrance(routes: Routes | undefined, kind: ProxyKind = 'service-connect') {
  const events: RequestEvent[] = [];
  const opened = new Entrance({
    ...{ service: 'catalog', kind, testHeader: HEADER, routes: () => routes },
    onRequest: (event) => events.push(event),
  });
  const url = await opened.listen();
  onTestFinished(() => opened.close());
  const ask = async (headers: Record<string, string> = {}, body?: string) => {
    const answer = await fetch(`${url}/items?page=2`, { headers, ...(body !== undefined && { method: 'POST', body }) });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
  return { url, ask, events };
}

function routes(ports: Record<string, number[]>, production: Record<string, number>, test = {}): Routes {
  const revisions = new Map(Object.entries(ports).map(([id, list]) => [id, { name: `release ${id}`, ports: list }]));
  return { production, test, revisions };
}

it('after every request each share is within one request of its weight', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 }), (list) => {
      const weights = Object.fromEntries(list.map((weight, index) => [`r${index}`, weight]));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      const turns = new WeightedTurns();
      const dealt = new Map<string | undefined, number>();
      for (let asked = 1; asked <= 200; asked += 1) {
        const key = turns.next(weights);
        dealt.set(key, (dealt.get(key) ?? 0) + 1);
        if (total === 0) expect(key).toBeUndefined();
        else {
          for (const [id, weight] of Object.entries(weights)) {
            expect(Math.abs((dealt.get(id) ?? 0) - (asked * weight) / total)).toBeLessThanOrEqual(1);
          }
        }
      }
    }),
  );
});

it('sends production requests by weight, and round robin to the tasks of a revision', async () => {
  const [blue1, blue2, green] = await Promise.all([task('blue 1'), task('blue 2'), task('green')]);
  const { ask } = await entrance(routes({ 1: [blue1, blue2], 2: [green] }, { 1: 80, 2: 20 }));

  const seen: Record<string, number> = {};
  for (let asked = 0; asked < 10; asked += 1) {
    const name = (await ask()).headers.get('x-task') ?? '';
    seen[name] = (seen[name] ?? 0) + 1;
  }

  expect(seen).toEqual({ 'blue 1': 4, 'blue 2': 4, green: 2 });
});

it('sends what has the test header to the revision with the test traffic, and passes requests on as they are', async () => {
  const [blue, green] = await Promise.all([task('blue'), task('green')]);
  const { ask, events } = await entrance(routes({ 1: [blue], 2: [green] }, { 1: 100, 2: 0 }, { 1: 0, 2: 100 }));

  const answer = await ask({ [HEADER]: 'true' }, 'some text');

  expect(answer).toMatchObject({ status: 201, body: 'some text' });
  expect(answer.headers.get('x-path')).toBe('/items?page=2');
  expect(answer.headers.get('x-task')).toBe('green');
  expect((await ask()).headers.get('x-task')).toBe('blue');
  await vi.waitFor(() =>
    expect(events).toEqual([
      { service: 'catalog', revision: 'release 2', status: 201 },
      { service: 'catalog', revision: 'release 1', status: 201 },
    ]),
  );
});

it('sends what has the test header with the rest while there is no test traffic', async () => {
  const { ask } = await entrance(routes({ 1: [await task('blue')] }, { 1: 100 }));

  expect((await ask({ [HEADER]: 'true' })).headers.get('x-task')).toBe('blue');
});

it.each([
  ['alb', 503, 'awselb/2.0', /503 Service Temporarily Unavailable/],
  ['service-connect', 503, 'envoy', /^no healthy upstream$/],
] as const)(
  '%s answers for a revision without tasks, and for no weights at all',
  async (kind, status, server, body) => {
    for (const nobody of [routes({ 1: [] }, { 1: 100 }), routes({}, {}), undefined]) {
      const answer = await (await entrance(nobody, kind)).ask();
      expect(answer.status).toBe(status);
      expect(answer.headers.get('server')).toBe(server);
      expect(answer.body).toMatch(body);
    }
  },
);

it.each([
  ['alb', 502, /Bad Gateway/],
  ['service-connect', 503, /^upstream connect error .* connection termination$/],
] as const)('%s answers for a task that closes the connection', async (kind, status, body) => {
  const port = await listening(createTcpServer((socket) => void socket.destroy()));
  const answer = await (await entrance(routes({ 1: [port] }, { 1: 100 }), kind)).ask();

  expect(answer.status).toBe(status);
  expect(answer.body).toMatch(body);
});

it.each([
  ['alb', 502],
  ['service-connect', 503],
] as const)('%s answers for a task that refuses the connection', async (kind, status) => {
  const closed = createTcpServer();
  const port = await new Promise<number>((resolve) =>
    closed.listen(0, '127.0.0.1', () => resolve((closed.address() as AddressInfo).port)),
  );
  await new Promise<void>((resolve) => void closed.close(() => resolve()));

  expect((await (await entrance(routes({ 1: [port] }, { 1: 100 }), kind)).ask()).status).toBe(status);
});

it('breaks off for the client what the task breaks off, and tells of a client that left', async () => {
  const cutting = createServer((_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('12345', () => response.destroy());
  });
  const silent = createServer(() => undefined);
  const [first, second] = [await listening(cutting), await listening(silent)];
  onTestFinished(() => silent.closeAllConnections());

  await expect((await entrance(routes({ 1: [first] }, { 1: 100 }))).ask()).rejects.toThrow();

  const { url, events } = await entrance(routes({ 1: [second] }, { 1: 100 }));
  const reached = new Promise<IncomingMessage>((resolve) => silent.once('request', resolve));
  const sent = request(url, { agent: new Agent() });
  sent.on('error', () => undefined).end();
  await reached;
  sent.destroy();
  await vi.waitFor(() => expect(events).toEqual([{ service: 'catalog', revision: 'release 1', status: undefined }]));
});
