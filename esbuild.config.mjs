import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { hookIds, taskIds } from './scripts/hooks.ts';
import { zip } from './scripts/zip.ts';

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
};

/** Writes dist/<id>/index.cjs, its source map and metafile, and dist/<id>.zip; the same input gives the same zip. */
async function buildHook(id) {
  const outdir = `dist/${id}`;
  await mkdir(outdir, { recursive: true });
  const outfile = join(outdir, 'index.cjs');
  const { metafile } = await build({ ...recipe, entryPoints: [`hooks/${id}/hook.ts`], outfile });
  await writeFile(join(outdir, 'meta.json'), JSON.stringify(metafile));
  const archive = zip([{ name: 'index.cjs', data: await readFile(outfile) }]);
  await writeFile(`dist/${id}.zip`, archive);
  return {
    id,
    bundle: (await stat(outfile)).size,
    zip: archive.length,
    sha256: createHash('sha256').update(archive).digest('hex'),
  };
}

/**
 * Writes dist/tasks/<id>/index.cjs, for a container. There credentials come by HTTP, from the providers that Lambda never
 * needs, so they are bundled too.
 */
async function buildTask(id) {
  const outfile = `dist/tasks/${id}/index.cjs`;
  await build({ ...recipe, external: [], metafile: false, entryPoints: [`tasks/${id}/main.ts`], outfile });
  return { outfile, bundle: (await stat(outfile)).size };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await rm('dist', { recursive: true, force: true });
  for (const { id, bundle, zip: size, sha256 } of await Promise.all((await hookIds()).map(buildHook))) {
    console.log(
      `dist/${id}.zip  ${(size / 1024).toFixed(1)} KB (bundle ${(bundle / 1024).toFixed(1)} KB)  sha256 ${sha256}`,
    );
  }
  for (const { outfile, bundle } of await Promise.all((await taskIds()).map(buildTask))) {
    console.log(`${outfile}  ${(bundle / 1024).toFixed(1)} KB`);
  }
}
