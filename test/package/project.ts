/** A project of somebody else, in a folder of its own, into which the package is installed from its tarball. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../fixtures/sources.ts';

export const PACKAGE = 'ecs-lifecycle-hooks';

export interface Ran {
  code: number;
  /** What it wrote, to both streams. */
  output: string;
}

/** Runs a program to its end, however it ends. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env: environment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : Number(error !== null);
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

/** @throws Error with all that it wrote, unless it exits with 0 */
export async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${output}`);
  return output;
}

/** As in a shell of its own: what npm tells its scripts is about this project, not about the other. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|command|config_local_prefix)|AWS_|VITEST|NODE_OPTIONS|NODE_ENV|POWERTOOLS_)/.test(
        name,
      ),
  );
  return { ...Object.fromEntries(inherited), POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
}

/** Builds and packs this project, in a folder of its own, since other tests read this one. @returns the tarball's path */
export async function pack(folder: string): Promise<string> {
  if (!existsSync(join(ROOT, 'dist/approval.zip'))) throw new Error('dist is empty: run `npm run build` first');
  const staging = join(folder, 'staging');
  await succeed('npm', ['run', '--silent', 'build:package', '--', '--out', join(staging, 'lib')], ROOT);
  for (const name of ['package.json', 'README.md', 'LICENSE', 'docs']) {
    await cp(join(ROOT, name), join(staging, name), { recursive: true });
  }
  // Not with prepack, which has been done.
  await succeed('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], staging);
  return join(folder, `${PACKAGE}-${manifest.version}.tgz`);
}

interface Manifest {
  version: string;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}

export const manifest: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

interface Locked {
  version?: string;
  link?: boolean;
}

/** The versions that this project is tested with, so that a release of somebody else's does not fail a test of ours. */
function lockedVersions(): Record<string, string> {
  const { packages }: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  );
  const found = Object.entries(packages).flatMap(([path, { version }]): [string, string][] => {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1];
    return name === undefined || version === undefined ? [] : [[name, version]];
  });
  return Object.fromEntries(found);
}

/** What a user needs beside the package, as its page says. */
const TOOLS = ['esbuild', 'typescript', '@types/node'];

/** Installs the tarball with what it depends on, and the tools, and writes the files. @returns the project's folder */
export async function makeProject(tarball: string, files: ReadonlyMap<string, string>): Promise<string> {
  const folder = join(dirname(tarball), 'project');
  await mkdir(folder);
  const versions = lockedVersions();
  const devDependencies = Object.fromEntries(TOOLS.map((name) => [name, versions[name]]));
  const overrides = Object.fromEntries(Object.entries(versions).filter(([name]) => !TOOLS.includes(name)));
  const dependencies = { [PACKAGE]: `file:${tarball}` };
  const own = { name: 'somebody-elses', private: true, type: 'module', dependencies, devDependencies, overrides };
  await writeFile(join(folder, 'package.json'), JSON.stringify(own));
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  await succeed('npm', ['install', ...quick], folder);
  for (const [name, text] of files) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** A folder in which nothing of this project can be found by looking upwards. */
export function temporaryFolder(): { folder: string; remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The files that docs/library.md shows, by the name in the first line of each; the settings of TypeScript have none. */
export function filesOfPage(): Map<string, string> {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  const fences = [...page.matchAll(/^```(ts|yaml|json)\n([\s\S]*?)^```$/gm)];
  return new Map(
    fences.map(([, language, text = '']): [string, string] => {
      if (language === 'json') return ['tsconfig.json', text];
      const name = /^(?:\/\/|#) (\S+)\n/.exec(text)?.[1];
      if (name === undefined) throw new Error(`a fence of docs/library.md names no file: ${text.slice(0, 60)}`);
      return [name, text];
    }),
  );
}
