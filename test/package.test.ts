import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildHook } from '../library/build.ts';
import { hookIds, ROOT } from './fixtures/sources.ts';
import {
  filesOfPage,
  makeProject,
  manifest,
  PACKAGE,
  pack,
  type Ran,
  run,
  succeed,
  temporaryFolder,
} from './package/project.ts';
import { exportsOf, filesIn, packagesOf, specifiersIn } from './package/tarball.ts';

/** MB of the tarball at the most: 2.2 now, 1.2 of it the built hooks, as files and as zips. */
const CEILING = 2.6;

// Type checks, builds and plays, each a program of its own.
vi.setConfig({ testTimeout: 120_000 });

const { folder, remove } = temporaryFolder();
let tarball = '';
/** The project of a user, with the files of docs/library.md. */
let project = '';
/** The package as it is installed there. */
let installed = '';
let files: string[] = [];

beforeAll(async () => {
  tarball = await pack(folder);
  project = await makeProject(tarball, filesOfPage());
  installed = join(project, 'node_modules', PACKAGE);
  files = filesIn(installed);
}, 240_000);
afterAll(remove);

const textOf = (path: string) => readFileSync(join(installed, path), 'utf8');

describe('the tarball', () => {
  it('is of a stated size', () => {
    expect(statSync(tarball).size / 1e6).toBeLessThan(CEILING);
  });

  it('holds the library, the documentation, and no sources, tests or source maps', () => {
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'docs/library.md', 'lib/library/index.js', 'package.json']),
    );
    expect(files.filter((path) => !/^(LICENSE|README\.md|package\.json|docs\/[\w.-]+|lib\/.+)$/.test(path))).toEqual(
      [],
    );
    expect(files.filter((path) => /(^|\/)tests?\/|\.test\.|\.map$|(?<!\.d)\.ts$|meta\.json$/.test(path))).toEqual([]);
  });

  it('names no folder of the machine that it was made on', () => {
    const places = [ROOT, `${homedir()}/`, `${folder}/`];
    const found = files.filter((path) => places.some((place) => textOf(path).includes(place)));
    expect(found).toEqual([]);
  });

  it('has every file that its code and its types import', () => {
    const missing = codeFiles().flatMap((path) =>
      specifiersIn(join(installed, path))
        .filter((name) => name.startsWith('.'))
        .filter((name) => !existsSync(join(installed, dirname(path), typed(path, name))))
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('has the artifacts where its template looks for them', () => {
    const uris = [...textOf('lib/deploy/template.yaml').matchAll(/CodeUri: (\S+)/g)].map(([, uri = '']) => uri);
    expect(uris).toHaveLength(hookIds().length);
    for (const uri of uris) expect(files).toContain(join('lib/deploy', uri));
  });

  it('declares every package that it imports, and no other', () => {
    const imported = new Set(
      codeFiles().flatMap((path) => specifiersIn(join(installed, path)).flatMap((name) => packagesOf(name))),
    );
    // Types of what only some hooks' declarations name are found by their own name.
    const types = new Map([['aws-lambda', '@types/aws-lambda']]);
    const named = [...imported].map((name) => types.get(name) ?? name).sort();
    const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
    expect(named.filter((name) => name !== PACKAGE && !declared.includes(name))).toEqual([]);
    // What Node's types are needed for is no import.
    const unused = declared.filter((name) => !named.includes(name) && name !== '@types/node');
    expect(unused).toEqual([]);
  });

  it('says of everything that it exports what it is', () => {
    const entries = files.filter((path) => /^lib\/library\/[\w-]+\.d\.ts$/.test(path));
    const exports = entries.flatMap((path) => exportsOf(join(installed, path)));
    expect(exports.length).toBeGreaterThan(100);
    expect(exports.flatMap(({ name, isDocumented }) => (isDocumented ? [] : [name]))).toEqual([]);
  });

  it('is what publint would have', async () => {
    const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages).toEqual([]);
  });

  it('has types that every resolution of ES modules finds', async () => {
    const hooks = hookIds().map((id) => `./hooks/${id}`);
    const own = Object.keys(manifest.exports).filter((name) => !name.includes('*') && name !== './package.json');
    const args = ['--profile', 'esm-only', '--format', 'ascii', '--no-color', '--entrypoints', ...own, ...hooks];
    const { code, output } = await run(join(ROOT, 'node_modules/.bin/attw'), [tarball, ...args], folder);
    expect(code, output).toBe(0);
    for (const hook of hooks) expect(output).toContain(`"${PACKAGE}${hook.slice(1)}"`);
  });
});

describe('what is installed with it', () => {
  it('is nothing that only some need', () => {
    for (const name of ['@aws-sdk/client-iam', 'aws-cdk-lib', 'constructs', 'sqs-consumer', 'undici', 'vitest']) {
      expect(existsSync(join(project, 'node_modules', name)), name).toBe(false);
    }
  });

  it('is one zod', () => {
    expect(filesIn(join(project, 'node_modules')).filter((path) => /(^|\/)zod\/package\.json$/.test(path))).toEqual([
      'zod/package.json',
    ]);
  });
});

describe('every sub-path', () => {
  it.each(['', '/aws', '/build', '/simulator', '/testing', '/zod', '/tasks/consumer-gate'])(
    '%s can be imported, with all that it says it has',
    async (path) => {
      const script = `console.log(JSON.stringify(Object.keys(await import('${PACKAGE}${path}'))))`;
      const names: string[] = JSON.parse(await succeed('node', ['--input-type=module', '--eval', script], project));
      const source = path === '/tasks/consumer-gate' ? 'consumer-gate' : path.slice(1) || 'index';
      const own: object = await import(join(ROOT, 'library', `${source}.ts`));
      expect(names.length).toBeGreaterThan(1);
      expect(names.sort()).toEqual(Object.keys(own).sort());
    },
  );

  it('of a hook has its declaration and its handler; its schema and its artifact are there', async () => {
    const script = `
      const found = [];
      for (const id of ${JSON.stringify(hookIds())}) {
        const { hook, handler } = await import('${PACKAGE}/hooks/' + id);
        const schema = await import('${PACKAGE}/schemas/' + id + '.json', { with: { type: 'json' } });
        found.push([hook.name, typeof handler, schema.default.type, import.meta.resolve('${PACKAGE}/artifacts/' + id + '.zip')]);
      }
      console.log(JSON.stringify(found));`;
    const found: string[][] = JSON.parse(await succeed('node', ['--input-type=module', '--eval', script], project));
    expect(found.map((one) => one.slice(0, 3))).toEqual(hookIds().map((id) => [id, 'function', 'object']));
    for (const [id = '', , , url = ''] of found) {
      expect(readFileSync(new URL(url)).equals(readFileSync(join(ROOT, 'dist', `${id}.zip`))), id).toBe(true);
    }
  });
});

describe('the project of docs/library.md', () => {
  const tsc = (...args: string[]) => run(join(project, 'node_modules/.bin/tsc'), args, project);

  it.each([
    ['nodenext', []],
    ['bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])('passes the type check, %s', async (_, args) => {
    expect(await tsc('--skipLibCheck', 'false', ...args)).toEqual({ code: 0, output: '' });
  });

  it('does not pass it with a stage that ECS does not have, a state of another type, or an unknown key', async () => {
    const text = filesOfPage().get('hooks/release-window/hook.ts') ?? '';
    const mistakes: [right: string, wrong: string, problem: string][] = [
      ["stages: ['PRE_SCALE_UP']", "stages: ['SCALE_UP']", 'Type \'"SCALE_UP"\' is not assignable'],
      [
        'state: { closedLooks }',
        "state: { closedLooks: 'many' }",
        "not assignable to type 'Check<{ parameter: string; }, { closedLooks: number; }>'",
      ],
      ['config.parameter, signal', 'config.parametre, signal', "'parametre' does not exist"],
    ];
    await mkdir(join(project, 'wrong'));
    for (const [index, [right, wrong]] of mistakes.entries()) {
      expect(text).toContain(right);
      await writeFile(join(project, `wrong/${index}.ts`), text.replace(right, wrong));
    }
    const { code, output } = await tsc();
    await rm(join(project, 'wrong'), { recursive: true });
    expect(code).not.toBe(0);
    for (const [index, [, , problem]] of mistakes.entries()) {
      const told = output.split('\n').filter((line) => line.startsWith(`wrong/${index}.ts`));
      expect(told.join('\n')).toContain(problem);
    }
  });

  it('passes its own test', async () => {
    const tested = await succeed('node', ['--test', 'hooks/**/*.test.ts'], project);
    expect(tested).toMatch(/^. tests 4$/m);
    expect(tested).toMatch(/^. pass 4$/m);
  });

  it('builds with our recipe, and then plays as its scenario expects', async () => {
    const built = await succeed('node', ['build.ts'], project);
    const archive = readFileSync(join(project, 'dist/release-window.zip'));
    expect(built).toContain(`${archive.length} bytes  sha256 ${createHash('sha256').update(archive).digest('hex')}`);
    expect(await succeed('node', ['build.ts'], project)).toBe(built);
    const bundle: object = createRequire(join(project, 'build.ts'))('./dist/release-window/index.cjs');
    expect(Object.keys(bundle).sort()).toEqual(['handler', 'hook']);
    // Of a hook of ours it is what the recipe makes of our source, but for the short names that esbuild chooses.
    const ours = { id: 'approval', entry: join(ROOT, 'hooks/approval/hook.ts'), outDir: join(project, 'ours') };
    expect(bundleIn(project)).toHaveLength((await buildHook(ours)).bundleBytes);

    const tested = await succeed('node', ['--test', 'release-window.test.ts'], project);
    expect(tested).toMatch(/^. pass 1$/m);
    const { code, output } = await command('simulate', 'release-window.yaml');
    expect(code, output).toBe(0);
    expect(output).toContain('the window opens after an hour');
  });

  it("changes a hook of the package's, and keeps its rules", async () => {
    const file = './hooks/customer-approval/hook.ts';
    const script = `
      const { at, rig, withDetails } = await import('${PACKAGE}/testing');
      const { hook } = await import('${file}');
      const event = JSON.parse(JSON.stringify(at('POST_TEST_TRAFFIC_SHIFT')).replaceAll('/ui', '/internal-ui'));
      const answers = [await rig(hook).look(event), await rig(hook).look(withDetails(event, { quorum: 0 }))];
      console.log(JSON.stringify(answers));`;
    const answers = JSON.parse(await succeed('node', ['--input-type=module', '--eval', script], project));
    expect(answers).toMatchObject([
      { hookStatus: 'SUCCEEDED', reason: 'internal-ui is internal: nobody has to accept it' },
      { hookStatus: 'FAILED', reason: expect.stringContaining('hookDetails.quorum must be at least 1') },
    ]);
  });
});

describe('the command', () => {
  it('plays a scenario of the package with its own hooks', async () => {
    const scenario = join(installed, 'lib/simulator/scenarios/approval-votes.yaml');
    const { code, output } = await command('simulate', scenario, '--dist', join(installed, 'lib/dist'), '--json');
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ expectation: { met: true } });
  });

  it('says what it has, and that it has no other', async () => {
    const help = await command();
    expect(help.code).toBe(0);
    const names = [...help.output.matchAll(/^ {2}([a-z-]+) {2}/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(3);
    for (const name of names.filter((one) => one !== 'doctor')) {
      const { code, output } = await command(name, '--help');
      expect(code, name).toBe(0);
      expect(output).toContain(`npx ${PACKAGE} ${name} `);
    }
    expect(await command('deploy')).toMatchObject({ code: 2, output: expect.stringContaining('no command deploy') });
  });
});

describe('what only some need', () => {
  it('is asked for by the command that needs it', async () => {
    const { code, output } = await command('doctor', '--help');
    expect({ code, output }).toEqual({
      code: 2,
      output: 'This command needs a package that is not there: npm install @aws-sdk/client-eventbridge\n',
    });
  });

  it('is found by the construct for CDK, which takes the artifacts of the package', async () => {
    for (const name of ['aws-cdk-lib', 'constructs']) {
      await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
    }
    const stack = `
      import { App, Stack } from 'aws-cdk-lib';
      import { EcsLifecycleHooks } from '${PACKAGE}/cdk';

      const app = new App({ outdir: 'cdk.out' });
      new EcsLifecycleHooks(new Stack(app, 'Unicorns'), 'Hooks', { cluster: 'unicorn-watch', hooks: { approval: {} } });
      app.synth();`;
    await writeFile(join(project, 'stack.ts'), stack);
    expect(await run(join(project, 'node_modules/.bin/tsc'), ['--skipLibCheck'], project)).toEqual({
      code: 0,
      output: '',
    });
    await succeed('node', ['stack.ts'], project);
    const zips = filesIn(join(project, 'cdk.out')).filter((path) => path.endsWith('.zip'));
    const [asset = ''] = zips.map((path) => readFileSync(join(project, 'cdk.out', path)).toString('base64'));
    expect(zips).toHaveLength(1);
    expect(asset).toBe(readFileSync(join(ROOT, 'dist/approval.zip')).toString('base64'));
  });
});

/** Runs the installed command in the project. */
function command(...args: string[]): Promise<Ran> {
  return run(join(project, 'node_modules/.bin', PACKAGE), args, project);
}

function bundleIn(place: string): Buffer {
  return readFileSync(join(place, 'dist/approval/index.cjs'));
}

function codeFiles(): string[] {
  return files.filter((path) => /^lib\/.*\.(js|d\.ts)$/.test(path));
}

/** A type's file, of what it names as its code. */
function typed(from: string, name: string): string {
  return from.endsWith('.d.ts') ? name.replace(/\.js$/, '.d.ts') : name;
}
