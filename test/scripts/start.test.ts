import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './run.ts';

const REPORT = 'reports/unicorn-watch.html';

describe('npm start', () => {
  it('plays a service, with a release that is let through and releases that are not, and writes the report', async () => {
    const { code, out, err } = await run('start', ['ui']);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('\u001b');
    for (const outcome of [
      /release 1, .*✓ Successful/,
      /release 2, .*✓ Successful/,
      /release 3, .*↺ Rolled back/,
      /release 4, .*↺ Rolled back/,
    ]) {
      expect(out).toMatch(outcome);
    }
    expect(out.endsWith(`✓ as the scenario expects\n\nReport: ${REPORT}\n`)).toBe(true);
    expect(await readFile(REPORT, 'utf8')).toMatch(/^<!doctype html>.*release 4, nobody answers.*<\/html>\n$/s);
  });

  it.concurrent.each<[string, string[], RegExp]>([
    ['an unknown service', ['ui', 'boat'], /^No such service: boat\n\nnpm start /],
    ['an unknown option', ['--boat'], /^Unknown option '--boat'/],
    ['a port of nothing', ['--port', '4570'], /^--port goes with --interactive\n$/],
    [
      'a port that is none',
      ['--interactive', '--port', 'x'],
      /^--port must be a whole number from 0 to 65535, not "x"\n$/,
    ],
    [
      'a service to decide on',
      ['ui', '--interactive'],
      /^--interactive plays a scenario of its own; name no service\n$/,
    ],
  ])('refuses %s', async (_what, args, expected) => {
    const { code, out, err } = await run('start', args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
  });

  it('prints its usage', async () => {
    expect(await run('start', ['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('--interactive'),
      err: '',
    });
  });
});

describe.concurrent('npm start -- --interactive', () => {
  let taken: Server;
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
  });
  afterAll(() => taken.close());

  it('says so when its port is taken', async () => {
    const address = taken.address();
    const port = String(typeof address === 'object' ? address?.port : 0);

    expect(await run('start', ['--interactive', '--port', port])).toEqual({
      code: 2,
      out: '',
      err: `Port ${port} is taken: choose another with --port, or 0 for any\n`,
    });
  });

  it('tells what to type, at the endpoint where it waits, and does what is decided there', async () => {
    let decided: Promise<unknown> | undefined;
    const { code, out } = await run('start', ['--interactive', '--port', '0'], (text) => {
      const [, deployment, endpoint] =
        /npm run approve -- decline .*? (\S+) --endpoint-url (\S+) --as ana\n/.exec(text) ?? [];
      if (deployment !== undefined && endpoint !== undefined) decided ??= decline(deployment, endpoint);
    });
    await decided;

    expect(code).toBe(0);
    // The hint comes once, between whole lines.
    expect(
      out.match(
        /^In another terminal:\n {2}npm run approve -- accept \S+ --endpoint-url http:\/\/127.0.0.1:\d+ --as ana\n/gm,
      ),
    ).toHaveLength(1);
    expect(out).toContain('too early');
    expect(out).toContain('ROLLBACK_SUCCESSFUL');
    expect(out).not.toContain('\u001b');
  });

  it('leaves at Ctrl-C, and nothing of its functions stays behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'start-'));
    const stop = (text: string, child: ChildProcess) => {
      if (text.includes('In another terminal')) child.kill('SIGINT');
    };
    const { code, out, err } = await run('start', ['--interactive', '--port', '0'], stop, { TMPDIR: folder });

    expect({ code, err }).toEqual({ code: 130, err: '' });
    expect(out).not.toContain('Report:');
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });
});

async function decline(deployment: string, endpoint: string): Promise<void> {
  const client = new SSMClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'ana', secretAccessKey: 'not verified' },
  });
  const Name = `/ecs-hooks/approval/unicorn-watch/ui/${deployment}/POST_TEST_TRAFFIC_SHIFT`;
  await client.send(new PutParameterCommand({ Name, Value: 'decline: too early', Overwrite: true }));
  client.destroy();
}
