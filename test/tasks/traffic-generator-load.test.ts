import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LoadPlan } from '../../shared/load/shard.ts';
import { runLoad } from '../../tasks/traffic-generator/load.ts';
import { seededRandom } from '../../tasks/traffic-generator/schedule.ts';
import { Tally } from '../../tasks/traffic-generator/tally.ts';

/** A server on a free port, closed after the test. */
async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function')
      server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is no string
  return `http://127.0.0.1:${port}`;
}

const web = (listener: RequestListener) => listening(createServer(listener));

async function load(
  url: string,
  changes: Partial<Parameters<typeof LoadPlan.parse>[0] & object> = {},
  signal = new AbortController().signal,
) {
  const targets = [{ name: 'it', weight: 1, url }];
  const plan = LoadPlan.parse({ stages: [{ rate: 50, seconds: 1 }], timeoutMs: 2000, targets, ...changes });
  const tally = new Tally();
  const now = () => performance.now();
  const outcome = await runLoad({ plan, now, random: seededRandom('test'), deadline: now() + 60_000, signal }, tally);
  return { tally, outcome };
}

describe('requests', () => {
  it('carry method, headers, body and the test header, over kept connections', async () => {
    const seen: unknown[] = [];
    const sockets = new Set<unknown>();
    const url = await web(async (request, response) => {
      sockets.add(request.socket);
      const body = (await request.toArray()).join('');
      seen.push([
        request.method,
        request.url,
        request.headers['x-a'],
        request.headers['x-amzn-ecs-blue-green-test'],
        body,
      ]);
      response.end('hello');
    });
    const targets = [
      { name: 'post', weight: 1, url: `${url}/items?x=1`, method: 'POST', headers: { 'x-a': 'b' }, body: 'text' },
    ];
    const testHeader = { name: 'x-amzn-ecs-blue-green-test', value: 'test' };
    const { tally } = await load(url, { targets, testHeader, connections: 1 });
    expect(seen).toHaveLength(50);
    expect(seen[0]).toEqual(['POST', '/items?x=1', 'b', 'test', 'text']);
    expect(sockets.size).toBe(1);
    expect(tally).toMatchObject({ sent: 50, completed: 50, bytes: 250, byStatus: { '2xx': 50 }, errorsByKind: {} });
  });

  it('of the warm-up are sent and not counted', async () => {
    let seen = 0;
    const url = await web((_, response) => {
      seen += 1;
      response.end();
    });
    const { tally } = await load(url, { warmUpSeconds: 0.5 });
    expect(seen).toBe(50);
    expect(tally).toMatchObject({ sent: 25, warmUp: 25, completed: 25 });
  });

  it('speak HTTP/2 in the clear by prior knowledge', async () => {
    const versions = new Set<string>();
    const server = createHttp2((request, response) => {
      versions.add(request.httpVersion);
      response.end('hello');
    });
    const { tally } = await load(await listening(server), { http: '2', stages: [{ rate: 200, seconds: 1 }] });
    expect([...versions]).toEqual(['2.0']);
    expect(tally).toMatchObject({ completed: 200, byStatus: { '2xx': 200 }, errorsByKind: {} });
  });

  it('do not follow a redirect', async () => {
    const paths = new Set<string | undefined>();
    const url = await web((request, response) => {
      paths.add(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    const { tally } = await load(url);
    expect([...paths]).toEqual(['/']);
    expect(tally).toMatchObject({ byStatus: { '3xx': 50 }, errorsByKind: {} });
  });
});

describe('errors are counted by kind', () => {
  const few = { stages: [{ rate: 20, seconds: 0.5 }], timeoutMs: 300 };

  it('an answer of 503', async () => {
    const { tally } = await load(await web((_, response) => response.writeHead(503).end()), few);
    expect(tally).toMatchObject({ completed: 10, errorsByKind: { status5xx: 10 } });
  });

  it('a connection that is refused', async () => {
    const server = createTcp();
    const url = await listening(server);
    server.close();
    expect((await load(url, few)).tally.errorsByKind).toEqual({ connect: 10 });
  });

  it('a connection that is cut', async () => {
    const { tally } = await load(
      await listening(createTcp((socket) => socket.once('data', () => socket.resetAndDestroy()))),
      few,
    );
    expect(tally.errorsByKind).toEqual({ reset: 10 });
  });

  it('an answer that is no HTTP', async () => {
    const url = await listening(
      createTcp((socket) => socket.on('error', () => undefined).once('data', () => socket.end('what?\r\n\r\n'))),
    );
    expect((await load(url, few)).tally.errorsByKind).toEqual({ protocol: 10 });
  });

  it('a name that does not resolve', async () => {
    expect(Object.keys((await load('http://nothing.invalid:80', few)).tally.errorsByKind)).not.toContain('other');
  });

  it('a request that the client itself will not send: it says nothing about the server', async () => {
    const url = await web((_, response) => response.end());
    const targets = [{ name: 'it', weight: 1, url, headers: { 'transfer-encoding': 'chunked' } }];
    expect((await load(url, { ...few, targets })).tally.errorsByKind).toEqual({ local: 10 });
  });

  it('a server that hangs: its time-outs are in the histogram, at no less than the time-out', async () => {
    const { tally } = await load(await web(() => undefined), few);
    expect(tally.errorsByKind).toEqual({ timeout: 10 });
    expect(tally.histogram.totalCount).toBe(10);
    expect(tally.histogram.minNonZeroValue).toBeGreaterThanOrEqual(299_000);
  });

  it('a body that never ends', async () => {
    const { tally } = await load(await web((_, response) => response.write('begun')), few);
    expect(tally).toMatchObject({ completed: 0, errorsByKind: { timeout: 10 } });
  });
});

describe('a server that stalls for two seconds', () => {
  const stalling = () => {
    const end = performance.now() + 2500;
    const begin = end - 2000;
    return web(async (_, response) => {
      const now = performance.now();
      if (now > begin && now < end) await sleep(end - now);
      response.end();
    });
  };

  it('shows in p90 of the open model, with one connection or many', async () => {
    const urls = await Promise.all([stalling(), stalling()]);
    const plan = { stages: [{ rate: 50, seconds: 4 }], timeoutMs: 10_000 };
    const [one, many] = await Promise.all(
      urls.map((url, index) => load(url, { ...plan, connections: index === 0 ? 1 : 200 })),
    );
    for (const run of [one, many]) {
      expect(run?.tally.completed).toBe(200);
      // Half of the requests were due during the stall; a fifth of those waited 1.6 seconds or more.
      expect(run?.tally.histogram.getValueAtPercentile(91)).toBeGreaterThan(1_500_000);
    }
  });

  it('is one slow request of many to a closed loop', async () => {
    const url = await stalling();
    const latencies: number[] = [];
    const end = performance.now() + 4000;
    while (performance.now() < end) {
      const begun = performance.now();
      await (await fetch(url)).text();
      latencies.push(performance.now() - begun);
      await sleep(Math.max(0, 20 - (performance.now() - begun)));
    }
    latencies.sort((a, b) => a - b);
    expect(latencies[Math.floor(latencies.length * 0.91)]).toBeLessThan(1000);
    expect(latencies.at(-1)).toBeGreaterThan(1000);
  });
});

it('a stop ends it at once; open requests are neither good nor bad', async () => {
  const stop = new AbortController();
  let seen = 0;
  const url = await web(() => {
    seen += 1;
    if (seen === 10) stop.abort();
  });
  const { tally, outcome } = await load(url, { stages: [{ rate: 50, seconds: 600 }], timeoutMs: 60_000 }, stop.signal);
  expect(outcome.endedBy).toBe('stopped');
  expect(tally.abandoned).toBe(tally.sent);
  expect(tally.sent).toBeLessThan(1000);
  expect(tally.errorsByKind).toEqual({});
});
