import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../fixtures/sources.ts';

/** What a clone does not have, or what is made in it. */
const NOT_COPIED = new Set(['.git', 'dist', 'lib', 'node_modules', 'reports']);

/** The shell blocks of the page, in its order. */
const STEPS = [...(await readFile(join(ROOT, 'docs/write-your-own.md'), 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
  .map(([, text = '']) => text)
  .map((text, index) => ({ step: index + 1, text }));

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'new-hook-'));
  for (const name of await readdir(ROOT)) {
    if (!NOT_COPIED.has(name)) await cp(join(ROOT, name), join(root, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
});
afterAll(async () => rm(root, { recursive: true }));

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs a shell in the copy, which ends at the first command that fails. */
function shell(script: string): Promise<Ended> {
  const PATH = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const env = { PATH, HOME: root, npm_config_update_notifier: 'false', NO_COLOR: '1' };
  return new Promise((resolve) => {
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024 };
    execFile('sh', ['-e', '-c', script], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const LONG = 180_000;
const ALSO = ['PRE_PRODUCTION_TRAFFIC_SHIFT', 'TEST_TRAFFIC_SHIFT'];

describe('a call that is wrong', () => {
  it.concurrent.each<[string, string, RegExp]>([
    ['no id', '', /^npm run new -- <id>/],
    ['capitals', 'Smoke', /^The id must be lower-case words with hyphens, .* not "Smoke"\n$/],
    ['a path', '../smoke', /^The id must be lower-case words/],
    ['an id of 41 letters', 'a'.repeat(41), /40 characters at most/],
    ['two ids', 'one two', /^One hook at a time: one, two\n$/],
    ['a hook that is there', 'approval', /^approval is taken: there is hooks\/approval, .*Nothing was written\.\n$/],
    ['a page that is there', 'simulator', /^simulator is taken: there is docs\/simulator\.md\. Nothing/],
    ['a scenario that is there', 'pause', /^pause is taken: there is simulator\/scenarios\/pause\.yaml\./],
    ['a task that is there', 'consumer-gate', /^consumer-gate is taken: there is tasks\/consumer-gate, docs/],
    ['a name of the template', 'invoke', /^invoke is taken: there is InvokeRole in deploy\/template\.yaml\./],
    ['a folder of dist', 'tasks', /^tasks cannot be the name of a hook/],
    ['what YAML takes for no text', 'true', /^true cannot be the name of a hook/],
    [
      'no such stage',
      'x --stage POST_TEST_SHIFT',
      /^ECS calls no hook at POST_TEST_SHIFT.* Stages: RECONCILE_SERVICE,/,
    ],
    ['a stage that few deployments pass', 'x --stage RECONCILE_SERVICE', /^Few deployments pass RECONCILE_SERVICE/],
    ['an unknown option', 'x --boat', /^Unknown option '--boat'/],
  ])('%s ends with 2, and writes nothing', async (_, args, expected) => {
    const { code, out, err } = await shell(`node scripts/new.ts ${args}`);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/^ +at .*:\d+:\d+/m);
    expect(await readdir(join(root, 'hooks'))).toEqual(await readdir(join(ROOT, 'hooks')));
  });
});

describe('the page "Write your own", as a new user follows it', () => {
  it('has a hook for stages of its own made, before', { timeout: LONG }, async () => {
    const { code, out } = await shell(`npm run --silent new -- late-check --stage ${ALSO.join(' --stage ')}`);

    expect(code).toBe(0);
    expect(out).toContain('  hooks/late-check/hook.ts\n');
    expect(await readFile(join(root, 'hooks/late-check/hook.ts'), 'utf8')).toContain(
      `stages: ['${ALSO.join("', '")}'],`,
    );
  });

  it('makes a hook, builds it, and plays its scenario', { timeout: LONG }, async () => {
    const { code, out, err } = await shell(STEPS[0]?.text ?? '');

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('✓ as the scenario expects');
    expect(out).toMatch(/smoke-test: \S+\/good answered 200, 2 of 2 times in a row/);
    expect(out).toMatch(/smoke-test: \S+\/bad answered 503, not 200/);
  });

  it('has made hooks that pass untouched', { timeout: LONG }, async () => {
    const own = ['smoke-test', 'late-check'];
    const files = own.flatMap((id) => [`hooks/${id}`, `test/hooks/${id}.test.ts`]);
    const tests = own.map((id) => `test/hooks/${id}.test.ts`);
    const shared = ['conformance', 'build', 'deploy/schemas', 'deploy/template'].map((name) => `test/${name}.test.ts`);

    const { code, out, err } = await shell(
      [
        'npm run --silent docs:check',
        `biome check --vcs-enabled=false ${files.join(' ')}`,
        `vitest run ${tests.join(' ')} test/architecture.test.ts`,
        `vitest run --reporter=verbose ${shared.join(' ')} -t '${own.join('|')}'`,
        'node scripts/simulate.ts simulator/scenarios/late-check.yaml',
      ].join('\n'),
    );

    expect(code, `${out}\n${err}`).toBe(0);
    for (const id of own) {
      expect(out).toContain(`✓ test/hooks/${id}.test.ts`);
      expect(out).toContain(`the declaration of ${id}`);
      expect(out).toContain(`the artifact of ${id}`);
      expect(out).toContain(`the schema of ${id}`);
      expect(out).toContain(`${id} in the template`);
    }
    expect(await readFile(join(root, 'README.md'), 'utf8')).toContain('| [smoke-test](docs/smoke-test.md) |');
  });

  it('makes the check its own, and plays that', { timeout: LONG }, async () => {
    const [, config, proof, play] = STEPS;
    const { code, out, err } = await shell([config, proof, play].map((step) => step?.text ?? '').join('\n'));

    expect(code, `${out}\n${err}`).toBe(0);
    expect(out).toMatch(/smoke-test: \S+\/good answered 200, 2 of 2 times in a row/);
    expect(out).toMatch(/smoke-test: \S+\/bad answered 200, but does not say that database is up/);
    expect(await readFile(join(root, 'docs/smoke-test.md'), 'utf8')).toContain('| `fields` |');
    expect(await readFile(join(root, 'deploy/schemas/smoke-test.json'), 'utf8')).toContain('"fields"');
    expect(await readFile(join(root, 'deploy/template.yaml'), 'utf8')).toMatch(/^ {2}SmokeTest:$/m);
  });

  it('attaches it', { timeout: LONG }, async () => {
    const { code, out, err } = await shell(STEPS[4]?.text ?? '');

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(
      `HookDetails: '{"url":"https://ui.example.com:8443/health","fields":{"database":"up"}}'`, //
    );
    expect(STEPS).toHaveLength(5);
  });
});
