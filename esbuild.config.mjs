import { rm, stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildHook, recipe } from './scripts/bundle.ts';
import { hookIds, taskIds } from './scripts/hooks.ts';

export { recipe };

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
  const hooks = (await hookIds()).map((id) => buildHook({ id, entry: `hooks/${id}/hook.ts` }));
  for (const { zip, zipBytes, bundleBytes, sha256 } of await Promise.all(hooks)) {
    console.log(
      `${zip}  ${(zipBytes / 1024).toFixed(1)} KB (bundle ${(bundleBytes / 1024).toFixed(1)} KB)  sha256 ${sha256}`,
    );
  }
  for (const { outfile, bundle } of await Promise.all((await taskIds()).map(buildTask))) {
    console.log(`${outfile}  ${(bundle / 1024).toFixed(1)} KB`);
  }
}
