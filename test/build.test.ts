import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { zip } from '../scripts/zip.ts';
import { type AnyHook, FRAMEWORK_PERMISSIONS } from '../shared/hook.ts';
import { captureOutput } from './fixtures/output.ts';
import { hookIds, ROOT } from './fixtures/sources.ts';
import { unzip } from './fixtures/unzip.ts';

captureOutput();

/**
 * KB of each zip at the most; raise one only with the reason why the bytes are worth it.
 */
const CEILINGS: Readonly<Record<string, number>> = {
  // 85 now: what approval has but SNS, and the ECR client, the policy's schema and the admission's own code.
  admission: 89,
  // 76 now, of a bundle of 230: SDK and Smithy 163, our own code 35, zod/mini 28, middy 3.
  approval: 80,
  // 88 now, of a bundle of 259: our own code 77, most of it the judge with its statistics.
  canary: 92,
  // 76 now: the clients of ECS, SSM, SQS and CloudWatch, of each a few commands, and our own code.
  'consumer-switch': 80,
  // 82 now: the SQS client, the ECS client's tasks and services, our own code. The histogram decoder is ours:
  // hdr-histogram-js alone would add 60.
  'load-test': 86,
};

/** Of a hook that has no number of its own: the template has 96.5, and two more clients with a few commands fit. */
const CEILING = 118;

const ids = hookIds();

describe('zip', () => {
  const entries = [
    { name: 'index.cjs', data: Buffer.from('exports.handler = 1;\n'.repeat(100)) },
    { name: 'é/🦄.txt', data: Buffer.from([0, 255, 1]) },
    { name: 'empty', data: Buffer.alloc(0) },
  ];

  it('can be read back, with readable files of the one date', () => {
    const read = unzip(zip(entries));
    expect(read.map(({ name, data }) => ({ name, data }))).toEqual(entries);
    for (const { mode, dosTime, dosDate } of read) {
      expect({ mode, dosTime, dosDate }).toEqual({ mode: 0o100644, dosTime: 0, dosDate: 0x0021 });
    }
  });

  it('depends on its entries alone', () => {
    expect(zip(entries)).toEqual(zip(entries));
    expect(zip(entries)).not.toEqual(zip(entries.slice(1)));
    expect(unzip(zip([]))).toEqual([]);
  });

  it('compresses', () => {
    expect(zip(entries.slice(0, 1)).length).toBeLessThan(200);
  });

  it.each([
    [0, 'no local header'],
    [16, 'two headers'],
    [31, 'two names'],
  ])('a byte changed at %d is seen by the reader', (at, problem) => {
    const archive = zip(entries.slice(0, 1));
    archive.writeUInt8(archive.readUInt8(at) ^ 1, at);
    expect(() => unzip(archive)).toThrow(problem);
  });
});

it('every ceiling is of a hook', () => {
  expect(ids).toEqual(expect.arrayContaining(Object.keys(CEILINGS)));
});

describe.each(ids)('the artifact of %s', (id) => {
  const bundle = join(ROOT, 'dist', id, 'index.cjs');
  beforeAll(() => {
    if (!existsSync(bundle)) throw new Error(`dist/${id}/index.cjs is not there: run \`npm run build\` first`);
  });

  it('is what the sources give, byte for byte', async () => {
    const [first, second] = [await bundled(id), await bundled(id)];
    expect(first.equals(second)).toBe(true);
    const archive = readFileSync(join(ROOT, 'dist', `${id}.zip`));
    expect(archive.equals(zip([{ name: 'index.cjs', data: first }])), 'dist is out of date: `npm run build`').toBe(
      true,
    );
    const [entry, ...others] = unzip(archive);
    expect(entry?.name).toBe('index.cjs');
    expect(entry?.data.equals(readFileSync(bundle))).toBe(true);
    expect(others).toEqual([]);
  });

  it('exports the handler', () => {
    const exported: Record<string, unknown> = createRequire(import.meta.url)(bundle);
    expect(Object.keys(exported).sort()).toEqual(['handler', 'hook']);
    expect(exported.handler).toBeTypeOf('function');
  });

  it('keeps below its ceiling', () => {
    expect(statSync(join(ROOT, 'dist', `${id}.zip`)).size / 1024).toBeLessThan(CEILINGS[id] ?? CEILING);
  });

  it.each([
    ["the SDK's clients within clients", /nested-clients/],
    ['bowser', /node_modules\/bowser\//],
    ['credential providers that Lambda never needs', /credential-provider-(?!env\/|node\/)/],
    ['the locales of zod', /zod\/.*\/locales\/(?!en\.)/],
    ['the whole of zod', /zod\/v4\/classic\//],
    ['tests, the simulator or scripts', /^(test|simulator|scripts)\//],
    ['another hook', new RegExp(`^hooks/(?!${id}/)`)],
    ['undici', /node_modules\/undici\//],
    ['classes of errors', /client-[a-z]+\/dist-es\/models\/errors\.js$/],
    ['the readers of configuration files', /shared-ini-file-loader\/(parse|load|read)/],
    ['digests in JavaScript', /(Sha256|Md5)Js\.js$/],
    ['the rate limiter of adaptive retries', /DefaultRateLimiter\.js$/],
    ["zod's metadata", /zod\/v4\/core\/registries\.js$/],
    ['Powertools', /@aws-lambda-powertools\//],
  ])('holds nothing of %s', (_, pattern) => {
    expect(inputsOf(id).filter((input) => pattern.test(input))).toEqual([]);
  });

  it('holds what it should, so that the patterns above are of real names', () => {
    const inputs = inputsOf(id);
    expect(inputs).toEqual(expect.arrayContaining([`hooks/${id}/hook.ts`, 'shared/lambda.ts']));
    expect(inputs.some((input) => /credential-provider-node\//.test(input))).toBe(true);
  });

  it('declares exactly the permissions of the commands in it', async () => {
    const { hook }: { hook: AnyHook } = await import(`../hooks/${id}/hook.ts`);
    const actions = inputsOf(id).flatMap(actionOf);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.sort()).toEqual([...new Set([...hook.permissions, ...FRAMEWORK_PERMISSIONS])].sort());
  });
});

/** The bundle that the recipe of the build makes, kept in memory. */
async function bundled(id: string): Promise<Buffer> {
  const config: { recipe: BuildOptions } = await import(pathToFileURL(join(ROOT, 'esbuild.config.mjs')).href);
  const entryPoints = [`hooks/${id}/hook.ts`];
  const options = { ...config.recipe, absWorkingDir: ROOT, entryPoints, outfile: `dist/${id}/index.cjs`, write: false };
  const { outputFiles } = await build({ ...options, write: false });
  const file = outputFiles.find(({ path }) => path.endsWith('.cjs'));
  if (file === undefined) throw new Error(`esbuild made no bundle of ${id}`);
  return Buffer.from(file.contents);
}

/** The files that left bytes in the bundle. */
function inputsOf(id: string): string[] {
  const { outputs }: Metafile = JSON.parse(readFileSync(join(ROOT, 'dist', id, 'meta.json'), 'utf8'));
  const inputs = outputs[`dist/${id}/index.cjs`]?.inputs ?? {};
  return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
}

/** Commands that another action permits (service authorization reference of SQS). */
const PERMITTED_BY: ReadonlyMap<string, string> = new Map([['sqs:SendMessageBatch', 'sqs:SendMessage']]);

/** The IAM action of an SDK command: the services here name the two alike, with few exceptions. */
function actionOf(input: string): string[] {
  const [, service, command] = /@aws-sdk\/client-([a-z-]+)\/dist-es\/commands\/(\w+)Command\.js$/.exec(input) ?? [];
  if (service === undefined) return [];
  const action = `${service}:${command}`;
  return [PERMITTED_BY.get(action) ?? action];
}
