import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';

const SCRIPT = new URL('../../scripts/local-aws.ts', import.meta.url).pathname;

function seedFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-aws-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'seed.yaml');
  writeFileSync(file, content);
  return file;
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'serves what it was seeded with, logs each call, and stops on %s',
  async (signal) => {
    const file = seedFile('topics: [approvals]\nparameters:\n  /a: accept\n  /json: {max: 3}\n');
    const child = spawn(process.execPath, [SCRIPT, '--port', '0', '--region', 'us-east-1', '--seed', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const exit = new Promise((resolve) => child.once('exit', resolve));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async () => String((await lines.next()).value);
    const endpoint = /http:\/\/127\.0\.0\.1:\d+/.exec(await nextLine())?.[0] ?? '';
    expect([await nextLine(), await nextLine(), await nextLine()]).toEqual([
      `  export AWS_ENDPOINT_URL=${endpoint}`,
      '  export AWS_REGION=us-east-1',
      '  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local',
    ]);
    const config = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    const ssm = new SSMClient(config);
    expect((await ssm.send(new GetParameterCommand({ Name: '/json' }))).Parameter?.Value).toBe('{"max":3}');
    await expect(ssm.send(new GetParameterCommand({ Name: '/b' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    await new SNSClient(config).send(
      new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:123456789012:approvals', Message: 'x' }),
    );
    const caller = 'arn:aws:sts::123456789012:assumed-role/Local/local';
    const logged = [await nextLine(), await nextLine(), await nextLine()].map((line) =>
      line.slice('2026-03-05T15:54:41.618Z '.length),
    );
    expect(logged).toEqual([
      `ssm:GetParameter /json ok ${caller}`,
      `ssm:GetParameter /b ParameterNotFound ${caller}`,
      `sns:Publish arn:aws:sns:us-east-1:123456789012:approvals ok ${caller}`,
    ]);
    child.kill(signal);
    expect(await exit).toBe(0);
  },
);

it.each([
  ['an unknown option', ['--prot', '1'], '--prot'],
  ['a port that is none', ['--port', '70000'], '--port must be 0 to 65535: 70000'],
  ['an account that is none', ['--account', '12'], '--account must have 12 digits: 12'],
  ['a seed file that is not there', ['--seed', '/nonexistent.yaml'], '--seed /nonexistent.yaml: ENOENT'],
  ['a scenario that is not there', ['--scenario', '/nonexistent.yaml'], '--scenario /nonexistent.yaml: '],
  ['a scenario beside a Region', ['--scenario', 'x.yaml', '--region', 'us-east-1'], 'only --port goes with it'],
])('explains itself and exits with 2 on %s', (_what, args, message) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [SCRIPT, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(message)]);
  expect(stderr).toContain('Usage: npm run local-aws');
});

it.each([
  ['another key', 'queues: [a]', 'unknown key queues; known: topics, parameters'],
  ['a list', '- a', 'it must hold a mapping'],
  ['a name that SSM refuses', 'parameters: {a/b: x}', 'Parameter name must be a fully qualified name.'],
])('refuses a seed file with %s', (_what, content, message) => {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, '--seed', seedFile(content)], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

it('tells how to use it', () => {
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, '--help'], { encoding: 'utf8', timeout: 20_000 });
  expect([status, stdout]).toEqual([0, expect.stringContaining('--seed <file>')]);
});
