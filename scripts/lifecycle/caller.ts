import { resolve } from 'node:path';

/**
 * A path as whoever called `npm run` meant it: npm moves to the folder of package.json first, from a folder below it or,
 * with --prefix, from another repository.
 */
export function callersPath(path: string): string {
  const { npm_package_json: packageJson, INIT_CWD: from } = process.env;
  const isByNpm = packageJson !== undefined && packageJson === resolve(import.meta.dirname, '../../package.json');
  return resolve(isByNpm && from !== undefined ? from : process.cwd(), path);
}
