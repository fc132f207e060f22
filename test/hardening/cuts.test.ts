import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CUTS, cuts } from '../../scripts/cuts.ts';
import { hookIds, ROOT, sourcesIn } from '../fixtures/sources.ts';

type Probe = typeof import('./cuts/sdk-probe.ts');

/** What the service answers to every request. */
interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

const folder = mkdtempSync(join(tmpdir(), 'cuts-'));
let server: Server;
let answer: Answer;
let seen: { headers: IncomingMessage['headers'] }[] = [];
let whole: Probe;
let cut: Probe;

beforeAll(async () => {
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    seen.push({ headers: request.headers });
    response.writeHead(answer.status, { 'x-amzn-requestid': 'request-1', ...answer.headers });
    request.resume().on('end', () => response.end(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`); // it listens on TCP
  [whole, cut] = [await probe([]), await probe([cuts])];
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function probe(plugins: BuildOptions['plugins'] & object): Promise<Probe> {
  const { recipe }: { recipe: BuildOptions } = await import(pathToFileURL(join(ROOT, 'esbuild.config.mjs')).href);
  const outfile = join(folder, `probe-${plugins.length}.cjs`);
  const entryPoints = ['test/hardening/cuts/sdk-probe.ts'];
  await build({ ...recipe, plugins, absWorkingDir: ROOT, entryPoints, outfile, sourcemap: false });
  return createRequire(import.meta.url)(outfile);
}

const json = (type: string, message = 'no') => JSON.stringify({ __type: type, message });
const xml = (code: string, type = 'Sender') =>
  `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>${type}</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>request-1</RequestId></ErrorResponse>`;
const queryError = (code: string) => ({ 'x-amzn-query-error': `${code};Sender` });

describe('an error of AWS says the same with the cuts as without', () => {
  it.each<[string, string, Answer]>([
    ['ssm', 'ParameterNotFound', { status: 400, body: json('ParameterNotFound') }],
    ['ssm', 'ParameterNotFound', { status: 400, body: json('com.amazonaws.ssm#ParameterNotFound') }],
    ['ssm', 'InternalServerError', { status: 500, body: json('InternalServerError') }],
    ['ssm', 'AccessDeniedException', { status: 400, body: json('AccessDeniedException') }],
    ['ssm', 'ThrottlingException', { status: 400, body: json('ThrottlingException', 'Rate exceeded') }],
    ['ssm', 'ExpiredTokenException', { status: 400, body: json('ExpiredTokenException') }],
    ['ecs', 'ClusterNotFoundException', { status: 400, body: json('ClusterNotFoundException') }],
    ['ecs', 'ServerException', { status: 500, body: json('ServerException') }],
    ['ecs', 'ConflictException', { status: 400, body: '{"__type":"ConflictException","resourceIds":["task/1"]}' }],
    ['ecr', 'RepositoryNotFoundException', { status: 400, body: json('RepositoryNotFoundException') }],
    ['ecr', 'ScanNotFoundException', { status: 400, body: '{"__type":"ScanNotFoundException","Message":"none"}' }],
    ['sns', 'NotFoundException', { status: 404, body: xml('NotFound') }],
    ['sns', 'AuthorizationErrorException', { status: 403, body: xml('AuthorizationError') }],
    ['sns', 'InternalErrorException', { status: 500, body: xml('InternalError', 'Receiver') }],
    ['sns', 'Throttling', { status: 400, body: xml('Throttling') }],
    [
      'sqs',
      'QueueDoesNotExist',
      {
        status: 400,
        body: json('com.amazonaws.sqs#QueueDoesNotExist'),
        headers: queryError('AWS.SimpleQueueService.NonExistentQueue'),
      },
    ],
    ['sqs', 'RequestThrottled', { status: 403, body: json('com.amazonaws.sqs#RequestThrottled') }],
    [
      'cloudwatch',
      'InvalidParameterValueException',
      { status: 400, body: json('InvalidParameterValueException'), headers: queryError('InvalidParameterValue') },
    ],
    ['ssm', 'a gateway without a name', { status: 503, body: '' }],
    ['ecs', 'a gateway without a name', { status: 503, body: '' }],
    ['sns', 'a gateway without a name', { status: 503, body: '' }],
  ])('%s: %s', async (service, name, given) => {
    answer = given;
    const [expected, found] = [await whole.calls[service]?.(), await cut.calls[service]?.()];
    expect(found).toEqual(expected);
    if (!name.includes(' ')) expect(found).toMatchObject({ name, $fault: given.status < 500 ? 'client' : 'server' });
  });
});

describe('an answer of AWS is read the same', () => {
  const history = [{ Name: '/a', Version: 1, Value: 'pending', LastModifiedDate: 1_772_442_000.123 }];
  it.each<[string, string]>([
    ['ssm', JSON.stringify({ Parameters: history })],
    ['ecs', JSON.stringify({ services: [{ serviceName: 'ui', createdAt: 1_772_442_000.5, desiredCount: 2 }] })],
    ['ecr', JSON.stringify({ imageDetails: [{ imageDigest: 'sha256:0', imagePushedAt: 1_772_442_000 }] })],
    ['sns', '<PublishResponse><PublishResult><MessageId>é &amp; 1</MessageId></PublishResult></PublishResponse>'],
    ['sqs', JSON.stringify({ Attributes: { ApproximateNumberOfMessages: '3' } })],
    ['cloudwatch', JSON.stringify({ MetricDataResults: [{ Id: 'm', Timestamps: [1_772_442_000], Values: [1.5] }] })],
  ])('%s', async (service, body) => {
    answer = { status: 200, body };
    seen = [];
    const [expected, found] = [await whole.calls[service]?.(), await cut.calls[service]?.()];
    expect(found).toEqual(expected);
    expect(JSON.stringify(found)).toMatch(/2026|1.5|é & 1|"3"/);
    const [before, after] = seen.map(({ headers }) => Object.keys(headers).sort());
    expect(after).toEqual(before);
  });
});

describe('the environment is read the same', () => {
  it.each<[string, Record<string, string>]>([
    ['as Lambda sets it', {}],
    ['FIPS endpoints', { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
    ['a value that is none', { AWS_USE_FIPS_ENDPOINT: 'perhaps', AWS_MAX_ATTEMPTS: 'many' }],
    ['attempts and a name', { AWS_MAX_ATTEMPTS: '7', AWS_SDK_UA_APP_ID: 'hooks' }],
    ['no region', { AWS_REGION: '' }],
  ])('%s', async (_, variables) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    try {
      const found = await cut.settings();
      expect(found).toEqual(await whole.settings());
      expect(found).toMatchObject({ credentials: 'test', retryMode: 'standard' });
    } finally {
      for (const name of Object.keys(variables)) vi.stubEnv(name, undefined);
      vi.stubEnv('AWS_REGION', 'eu-west-1');
    }
  });

  it('but for credentials that are not there: nothing else is asked, and the error says what is missing', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    const found = await cut.settings();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
    expect(found).toMatchObject({ credentials: 'Unable to find environment variable credentials.' });
  });

  it('but for adaptive retries, which are the standard ones', async () => {
    vi.stubEnv('AWS_RETRY_MODE', 'adaptive');
    expect(await whole.settings()).toMatchObject({ retryMode: 'adaptive' });
    expect(await cut.settings()).toMatchObject({ retryMode: 'standard' });
    answer = { status: 500, body: json('InternalServerError') };
    seen = [];
    expect(await cut.calls.ssm?.()).toMatchObject({ name: 'InternalServerError', attempts: 2 });
    expect(seen).toHaveLength(2);
    vi.stubEnv('AWS_RETRY_MODE', undefined);
  });
});

describe('a cut', () => {
  it.each(CUTS.map(({ name, file, mayMiss }) => ({ name, file, mayMiss })))(
    'of $name is made in some hook',
    ({ file }) => {
      const inputs = hookIds().flatMap((id) => {
        const meta: { inputs: object } = JSON.parse(readFileSync(join(ROOT, 'dist', id, 'meta.json'), 'utf8'));
        return Object.keys(meta.inputs);
      });
      expect(inputs.some((input) => file.test(join(ROOT, input)))).toBe(true);
    },
  );

  it('that finds nothing to cut fails the build', async () => {
    const path = join(folder, 'node_modules/@aws-sdk/client-ssm/dist-es/schemas/schemas_0.js');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'export const Parameter = [];\n');
    const options = { entryPoints: [path], bundle: true, write: false, plugins: [cuts] };
    await expect(build({ ...options, logLevel: 'silent' })).rejects.toThrow(
      'The cut of error classes finds nothing in ',
    );
  });

  it('of error classes leaves none that a hook could ask for', () => {
    const imported = [...sourcesIn('hooks'), ...sourcesIn('shared')].flatMap(({ path, code }) =>
      Array.from(code.matchAll(/^import \{([^}]*)\} from '@aws-sdk\/client-[a-z]+';$/gm), ([, names = '']) =>
        names.split(',').map((name) => `${path}: ${name.trim()}`),
      ).flat(),
    );
    const values = imported.filter((name) => !/: (type .*)?$/.test(name));
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter((name) => !/(Command|Client)$/.test(name))).toEqual([]);
  });
});
