import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hook } from '../../hooks/_template/hook.ts';
import { matches } from '../../hooks/_template/match.ts';
import { get } from '../../hooks/_template/request.ts';
import { at, ROLLBACK_FIXTURES, withDetails } from '../../library/testing/events.ts';
import { captureOutput } from '../fixtures/output.ts';
import { rig } from '../fixtures/probe.ts';

const output = captureOutput();

let answers: RequestListener[] = [];
let asked: IncomingMessage[] = [];
const server = createServer((request, response) => {
  asked.push(request);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  answer?.(request, response);
});
let origin = '';
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is an object
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function with200(body = 'ok'): RequestListener {
  return (_request, response) => response.writeHead(200).end(body);
}

function withStatus(status: number, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => response.writeHead(status, headers).end();
}

/** All answers of the hook at its first stage, until it has decided. */
function play(details: Record<string, unknown>, ...site: RequestListener[]) {
  answers = site;
  return rig(hook).play(withDetails(at(hook.stages[0]), { url: `${origin}/health`, ...details }));
}

describe('a site that answers', () => {
  it('passes after as many good answers as asked for, with the headers of the configuration', async () => {
    const looked = await play({ looks: 2, headers: { 'x-test': 'yes' } }, with200());

    expect(looked).toMatchObject([
      { hookStatus: 'IN_PROGRESS', callBackDelay: 10, reason: expect.stringContaining('1 of 2') },
      { hookStatus: 'SUCCEEDED', reason: `${origin}/health answered 200, 2 of 2 times in a row` },
    ]);
    expect(asked.map(({ url, headers }) => [url, headers['x-test']])).toEqual([
      ['/health', 'yes'],
      ['/health', 'yes'],
    ]);
  });

  it.each<[string, Record<string, unknown>, RequestListener, string]>([
    ['another status', {}, withStatus(503), 'answered 503, not 200'],
    ['a redirect, which is not followed', {}, withStatus(302, { location: '/other' }), 'answered 302, not 200'],
    ['another body', { bodyPattern: '^fine$' }, with200('poor'), 'its body does not match ^fine$'],
    ['the text beyond the first 64 KB', { bodyPattern: 'end' }, with200(`${'x'.repeat(65_536)}end`), 'does not match'],
  ])('fails at once with %s', async (_, details, site, reason) => {
    const looked = await play(details, site);

    expect(looked).toMatchObject([{ hookStatus: 'FAILED', reason: expect.stringContaining(reason) }]);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, RequestListener]>([
    ['the status that is asked for', { status: 302 }, withStatus(302, { location: '/other' })],
    ['a body that matches', { bodyPattern: '"status":\\s*"ok"' }, with200('{"status": "ok"}')],
  ])('passes with %s', async (_, details, site) => {
    expect((await play({ looks: 1, ...details }, site)).at(-1)).toMatchObject({ hookStatus: 'SUCCEEDED' });
  });

  it('tells what was asked and answered as evidence', async () => {
    await play({ looks: 1, status: 204 }, withStatus(204));

    expect(output.decisions().at(-1)?.evidence).toMatchObject({ url: `${origin}/health`, status: 204 });
  });

  it('does not wait for the end of a long body, and leaves the connection', async () => {
    let left: Promise<unknown> | undefined;
    const endless: RequestListener = (request, response) => {
      left = once(request.socket, 'close');
      for (const part of ['fine', 'x'.repeat(65_000), 'y'.repeat(532)]) response.write(part);
    };
    const looked = await play({ looks: 1, bodyPattern: '^fine' }, endless);

    expect(looked).toMatchObject([{ hookStatus: 'SUCCEEDED' }]);
    await left;
  });

  it('fails when a good answer is followed by a bad one', async () => {
    const looked = await play({}, with200(), withStatus(500));

    expect(looked.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'FAILED']);
  });
});

describe('a site that does not answer is looked at again', () => {
  it.each<[string, RequestListener, string]>([
    ['cut', (request) => request.socket.destroy(), 'socket hang up'],
    ['slow', () => undefined, 'no whole answer within 100 ms'],
    ['cut in its body', (_, response) => response.write('o', () => response.destroy()), 'aborted'],
  ])('%s, then well', async (_, broken, trouble) => {
    const looked = await play({ looks: 1, requestSeconds: 0.1 }, broken, with200());

    expect(looked).toMatchObject([
      { hookStatus: 'IN_PROGRESS', reason: expect.stringContaining(trouble) },
      { hookStatus: 'SUCCEEDED' },
    ]);
  });

  it('a body that sends the pattern astray is no answer either', async () => {
    const body = `${'a'.repeat(60)}b`;
    const looked = await play({ looks: 1, bodyPattern: '^(a+)+$' }, with200(body), with200('aaa'));

    expect(looked).toMatchObject([
      { hookStatus: 'IN_PROGRESS', reason: expect.stringContaining('bodyPattern ^(a+)+$ is not done after 1000 ms') },
      { hookStatus: 'SUCCEEDED' },
    ]);
  });

  it('one that does not speak TLS', async () => {
    const looked = await play({ url: origin.replace('http:', 'https:'), maxErrors: 1 }, with200());

    expect(looked).toMatchObject([{ hookStatus: 'FAILED', reason: expect.stringMatching(/SSL|TLS/) }]);
    expect(asked).toEqual([]);
  });

  it('with the cause of each', async () => {
    answers = [(request) => request.socket.destroy()];
    const signal = new AbortController().signal;

    await expect(get(origin, { headers: {}, timeoutMs: 5000, signal })).rejects.toMatchObject({
      cause: { code: 'ECONNRESET' },
    });
    expect(() => matches('^(a+)+$', `${'a'.repeat(60)}b`)).toThrow(
      expect.objectContaining({ cause: expect.objectContaining({ code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' }) }),
    );
  });

  it('and not for ever', async () => {
    const looked = await play({ maxErrors: 3 }, (request) => request.socket.destroy());

    expect(looked.map(({ hookStatus }) => hookStatus)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FAILED']);
  });
});

describe('a rollback', () => {
  it.each(ROLLBACK_FIXTURES)('asks nothing, and lets it go on: $name', async ({ event }) => {
    answers = [withStatus(503)];
    const looked = await rig(hook).play(withDetails(event, { url: `${origin}/health` }));

    expect(looked).toMatchObject([{ hookStatus: 'SUCCEEDED' }]);
    expect(asked).toEqual([]);
  });
});

describe('the configuration', () => {
  it.each<[string, Record<string, unknown>]>([
    ['url', { url: 'nowhere' }],
    ['url', { url: 'file:///etc/hosts' }],
    ['url', { url: 'https://user:secret@ui.example.com/' }],
    ['bodyPattern', { bodyPattern: '(' }],
    ['bodyPattern', { bodyPattern: '' }],
    ['bodyPattern', { bodyPattern: 'ok|' }],
    ['looks', { looks: 0 }],
    ['status', { status: 100 }],
    ['requestSeconds', { requestSeconds: 0 }],
    ['headers', { headers: { 'x y': '1' } }],
    ['headers', { headers: { x: 'a\r\nb' } }],
  ])('refuses a wrong %s', async (key, details) => {
    const looked = await play(details, with200());

    expect(looked).toMatchObject([{ hookStatus: 'FAILED', reason: expect.stringContaining(`hookDetails.${key}`) }]);
    expect(asked).toEqual([]);
  });
});
