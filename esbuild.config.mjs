import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildHook, recipe as plainRecipe } from './scripts/bundle.ts';
import { cuts } from './scripts/cuts.ts';
import { hookIds, taskIds } from './scripts/hooks.ts';
import { cycloneDx } from './scripts/sbom.ts';

/** How the hooks here are built: what tree shaking cannot know to be dead, `cuts` takes out. */
export const recipe = { ...plainRecipe, plugins: [cuts] };

const { version } = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));

/** Writes the files of a hook, and what is in them as dist/<id>.cdx.json. */
async function buildOurs(id) {
  const built = await buildHook({ id, entry: `hooks/${id}/hook.ts`, plugins: recipe.plugins });
  const metafile = JSON.parse(await readFile(join(dirname(built.bundle), 'meta.json'), 'utf8'));
  await writeFile(`dist/${id}.cdx.json`, cycloneDx({ id, version, sha256: built.sha256 }, metafile));
  return built;
}

/**
 * Writes dist/tasks/<id>/index.cjs and dist/tasks/<id>.cdx.json, for a container. There credentials come by HTTP, from
 * providers that Lambda never needs, so nothing is cut.
 */
async function buildTask(id) {
  const outfile = `dist/tasks/${id}/index.cjs`;
  const { metafile } = await build({ ...plainRecipe, external: [], entryPoints: [`tasks/${id}/main.ts`], outfile });
  const sha256 = createHash('sha256')
    .update(await readFile(outfile))
    .digest('hex');
  await writeFile(`dist/tasks/${id}.cdx.json`, cycloneDx({ id: `tasks/${id}`, version, sha256 }, metafile));
  return { outfile, bundle: (await stat(outfile)).size };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await rm('dist', { recursive: true, force: true });
  for (const { zip, zipBytes, bundleBytes, sha256 } of await Promise.all((await hookIds()).map(buildOurs))) {
    console.log(
      `${zip}  ${(zipBytes / 1024).toFixed(1)} KB (bundle ${(bundleBytes / 1024).toFixed(1)} KB)  sha256 ${sha256}`,
    );
  }
  for (const { outfile, bundle } of await Promise.all((await taskIds()).map(buildTask))) {
    console.log(`${outfile}  ${(bundle / 1024).toFixed(1)} KB`);
  }
}
