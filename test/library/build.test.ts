import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildHook } from '../../library/build.ts';
import { ROOT } from '../fixtures/sources.ts';
import { unzip } from '../fixtures/unzip.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-'));
});
afterAll(() => rm(folder, { recursive: true }));

const entry = join(ROOT, 'hooks/_template/hook.ts');

it('buildHook writes what it says, the same every time', async () => {
  const [first, second] = [
    await buildHook({ id: 'smoke', entry, outDir: join(folder, 'one') }),
    await buildHook({ id: 'smoke', entry, outDir: join(folder, 'two') }),
  ];
  expect(second.sha256).toBe(first.sha256);
  const [bundle, archive] = [await readFile(first.bundle), await readFile(first.zip)];
  expect([bundle.length, archive.length]).toEqual([first.bundleBytes, first.zipBytes]);
  expect(unzip(archive).map(({ name, data }) => [name, data.equals(bundle)])).toEqual([['index.cjs', true]]);
  expect(createRequire(import.meta.url)(first.bundle).handler).toBeTypeOf('function');
});

it('buildHook says what it cannot build', async () => {
  await expect(buildHook({ id: 'none', entry: join(folder, 'none.ts'), outDir: folder })).rejects.toThrow('none.ts');
});
