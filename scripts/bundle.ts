import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { zip } from './zip.ts';

/**
 * The recipe that halves the cold start. Lambda gives credentials by environment variables, so the other providers of
 * the SDK's chain are never loaded; its lazy `import()` of them, once bundled, would defeat tree shaking. CommonJS,
 * because an ESM import of node:http loads the whole namespace, undici with it.
 */
export const recipe = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  mainFields: ['module', 'main'],
  minify: true,
  legalComments: 'none',
  metafile: true,
  sourcemap: 'external',
  external: [
    ...['ini', 'sso', 'process', 'web-identity', 'http', 'login'].map((name) => `@aws-sdk/credential-provider-${name}`),
    '@smithy/credential-provider-imds',
    '@smithy/core/event-streams',
  ],
} satisfies BuildOptions;

/** What `buildHook` builds, and where to. */
export interface BuildHookOptions {
  /** Its name in scenarios, and its folder's below `outDir`. */
  id: string;
  /** The module that exports `handler`: TypeScript or JavaScript. */
  entry: string;
  /** `dist` without it. */
  outDir?: string;
  /** Of esbuild, beside the recipe; none without it. */
  plugins?: Plugin[];
}

/** What `buildHook` wrote. Paths are as `outDir` was given. */
export interface BuiltHook {
  id: string;
  /** `<outDir>/<id>/index.cjs`; its source map and esbuild's metafile, `meta.json`, are beside it. */
  bundle: string;
  bundleBytes: number;
  /** `<outDir>/<id>.zip`: what Lambda takes. Runtime `nodejs24.x`, handler `index.handler`, either architecture. */
  zip: string;
  zipBytes: number;
  /** Of the zip, in hexadecimal digits. */
  sha256: string;
}

/**
 * Bundles a hook for Lambda, as this project's own are, but for what those are cut by: that depends on the very versions
 * in its lockfile. The same input gives the same zip, byte for byte.
 *
 * @throws BuildFailure of esbuild
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-package.html
 */
export async function buildHook(options: BuildHookOptions): Promise<BuiltHook> {
  const { id, entry, outDir = 'dist', plugins = [] } = options;
  const folder = join(outDir, id);
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, 'index.cjs');
  const { metafile } = await build({ ...recipe, plugins, entryPoints: [entry], outfile });
  await writeFile(join(folder, 'meta.json'), JSON.stringify(metafile));
  const data = await readFile(outfile);
  const archive = zip([{ name: 'index.cjs', data }]);
  await writeFile(join(outDir, `${id}.zip`), archive);
  return {
    id,
    bundle: outfile,
    bundleBytes: data.length,
    zip: join(outDir, `${id}.zip`),
    zipBytes: archive.length,
    sha256: createHash('sha256').update(archive).digest('hex'),
  };
}
