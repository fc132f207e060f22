import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageOf, ROOT, type SourceFile, sourcesIn } from './fixtures/sources.ts';

/** What each folder may import besides itself; the others (library, simulator, scripts, deploy, test) may import anything. */
const DOWN: Readonly<Record<string, readonly string[]>> = { shared: [], hooks: ['shared'], tasks: ['shared'] };

const folders = ['shared', 'hooks', 'tasks', 'library', 'simulator', 'scripts', 'deploy', 'test'];
const files = folders.flatMap(sourcesIn);
const inLambda = files.filter(({ path }) => path.startsWith('shared/') || path.startsWith('hooks/'));
const manifest: { dependencies: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** `path: what it did` for every file that breaks a rule. */
function offences(of: readonly SourceFile[], find: (file: SourceFile) => readonly string[]): string[] {
  return of.flatMap((file) => find(file).map((what) => `${file.path}: ${what}`));
}

function matches(pattern: RegExp): (file: SourceFile) => string[] {
  return ({ code }) => [...code.matchAll(pattern)].map(([found]) => found.trim());
}

it('the files are found, and their imports read', () => {
  const look = files.find(({ path }) => path === 'shared/look.ts');
  expect(look?.imports).toEqual(expect.arrayContaining(['zod/mini', 'shared/aws/ecs.ts', 'shared/hook.ts']));
  const approval = files.find(({ path }) => path === 'hooks/approval/hook.ts');
  expect(approval?.imports).toEqual(expect.arrayContaining(['shared/lambda.ts', 'hooks/approval/config.ts']));
});

describe('imports', () => {
  const ownFolder = (path: string) =>
    path.startsWith('hooks/') ? path.split('/', 2).join('/') : path.split('/', 1).join();

  it('only go down: hooks and tasks to shared, shared to nothing, no hook to another', () => {
    const above = offences(files, ({ path, imports }) => {
      const allowed = DOWN[path.split('/', 1).join()];
      if (allowed === undefined) return [];
      const inside = imports.filter((name) => existsSync(join(ROOT, name)) || name.startsWith('..'));
      return inside.filter((name) => ![...allowed, ownFolder(path)].some((folder) => name.startsWith(`${folder}/`)));
    });
    expect(above).toEqual([]);
  });

  it('are of files that exist, with their extension', () => {
    const wrong = offences(files, ({ imports }) =>
      imports.filter(
        (name) => /^(shared|hooks|tasks|library|simulator|scripts|test)\//.test(name) && !existsSync(join(ROOT, name)),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('of packages in a Lambda function are dependencies, or of Node itself', () => {
    const foreign = offences(inLambda, ({ imports, code }) => {
      const packages = imports.filter((name) => !/^(shared|hooks)\//.test(name) && !name.startsWith('node:'));
      // A type leaves nothing behind in the bundle.
      const isType = (name: string) => new RegExp(`^import type [^;]*from '${name}'`, 'm').test(code);
      return packages.filter((name) => !(packageOf(name) in manifest.dependencies) && !isType(name));
    });
    expect(foreign).toEqual([]);
  });

  it('of zod in a Lambda function are the namespace of zod/mini, which tree shaking understands', () => {
    const others = offences(inLambda, ({ code }) =>
      [...code.matchAll(/^import (.*) from '(zod[^']*)';$/gm)]
        .filter(([, what, name]) => name !== 'zod/mini' || !/^(type )?\* as z$/.test(what ?? ''))
        .map(([found]) => found),
    );
    expect(others).toEqual([]);
  });
});

describe('exports', () => {
  it('are by name: no default, and no `export *` but the one that stands for all of zod', () => {
    const found = offences(files, matches(/^export (\*|default\b).*$/gm));
    expect(found).toEqual(["library/zod.ts: export * from 'zod/mini';"]);
  });
});

describe('types', () => {
  it('are never any, but for the one that stands for every hook', () => {
    const others = files.filter(({ path }) => path !== 'test/architecture.test.ts');
    const found = offences(others, matches(/(?:[:<|&]|\bas|=>)\s*any(?=\s*(?:[;,)>=|&[{]|$))[^;\n]*|,\s*any\s*[,>]/gm));
    expect(found).toEqual(['shared/hook.ts: <any, any>']);
    const marked = offences(files, ({ text }) => [...text.matchAll(/^\/\/ biome-ignore .*$/gm)].map(([line]) => line));
    expect(marked.filter((mark) => mark.includes('noExplicitAny'))).toHaveLength(1);
  });
});

describe('a Lambda function', () => {
  it('reads the environment in one place, and its log in another', () => {
    const found = offences(inLambda, matches(/\bprocess\.env\b/g));
    expect(found).toEqual(['shared/lambda.ts: process.env', 'shared/log.ts: process.env']);
  });

  it('takes time and chance as arguments, but for the time of a log line', () => {
    const found = offences(inLambda, matches(/\bDate\.now\b|\bMath\.random\b|\bnew Date\(\)|\brandomUUID\b/g));
    expect(found).toEqual(['shared/lambda.ts: new Date()', 'shared/log.ts: new Date()']);
  });

  it('prints through its log only, and leaves fetch off its cold path', () => {
    const found = offences(inLambda, matches(/\bconsole\.\w+|\bprocess\.std\w+|\bfetch\(/g));
    expect(found).toEqual(['shared/log.ts: process.stdout', 'shared/log.ts: process.stderr']);
  });
});

// The rule is about 350; a tenth more is no reason to split in haste.
it('no file is much longer than 350 lines, except tables of tests', () => {
  const long = files.filter(({ path, text }) => text.split('\n').length > 385 && !path.endsWith('.test.ts'));
  expect(long.map(({ path }) => path)).toEqual([]);
});
