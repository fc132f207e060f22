/** `npm run docs:check` notices when a file of deploy/ is not what the declarations give. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { bringInStep, deployFiles } from '../../scripts/deploy/generate.ts';
import { ROOT } from '../fixtures/sources.ts';
import { HOOKS } from './hooks.ts';

/** There programs and modules lie beside what is generated. */
const WRITTEN = ['deploy/cdk/', 'deploy/terraform/'];
const isGenerated = (path: string) => !WRITTEN.some((folder) => path.startsWith(folder));

const root = mkdtempSync(join(tmpdir(), 'deploy-'));
const FILES = [...deployFiles(HOOKS).keys()];
beforeEach(() => cpSync(join(ROOT, 'deploy'), join(root, 'deploy'), { recursive: true, force: true }));
afterAll(() => rmSync(root, { recursive: true }));

it('every file of deploy/ is generated, but for the construct and the module', () => {
  const files = readdirSync(join(ROOT, 'deploy'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter(isGenerated);
  expect(files.sort()).toEqual(FILES.filter(isGenerated).toSorted());
});

it('is quiet when all is in step', async () => {
  expect(await bringInStep(HOOKS, true, root)).toEqual([]);
});

describe.each(FILES)('%s', (path) => {
  it('with one other byte is told, and written anew', async () => {
    const file = join(root, path);
    const bytes = readFileSync(file);
    const middle = bytes.length >> 1;
    bytes[middle] = bytes[middle] === 0x20 ? 0x2d : 0x20;
    writeFileSync(file, bytes);
    expect(await bringInStep(HOOKS, true, root)).toEqual([path]);
    expect(readFileSync(file)).toEqual(bytes);
    expect(await bringInStep(HOOKS, false, root)).toEqual([path]);
    expect(readFileSync(file)).toEqual(readFileSync(join(ROOT, path)));
  });

  it('that is gone is told', async () => {
    rmSync(join(root, path));
    expect(await bringInStep(HOOKS, true, root)).toEqual([path]);
  });
});

it.each(['policies', 'roles', 'schemas'])('a file of %s that nothing writes any more is told', async (folder) => {
  const file = join(root, 'deploy', folder, 'gone.json');
  writeFileSync(file, '{}\n');
  expect(await bringInStep(HOOKS, true, root)).toEqual([`deploy/${folder}/gone.json`]);
  rmSync(file);
});

it('the check is that of npm run docs:check', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(scripts['docs:check']).toBe('node scripts/docs.ts --check');
  expect(scripts.test).toContain('npm run --silent docs:check');
  expect(readFileSync(join(ROOT, 'scripts/docs.ts'), 'utf8')).toContain('bringInStep(await loadHooks(), check)');
});
