import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** One package of package-lock.json, as it is installed. */
export interface Package {
  /** Its folder: `node_modules/@aws-sdk/core`. */
  folder: string;
  name: string;
  version: string;
  /** An SPDX expression, as the package itself says. */
  licence: string;
  /** Subresource integrity of what the registry served: `sha512-…`. */
  integrity: string;
  /** Needed only to build and test, but for what gets into the tasks. */
  dev: boolean;
  /** Came within another package, whose integrity is its own. */
  bundled: boolean;
  /** Names of what it asks for. */
  dependencies: string[];
}

/** What the bundles of tasks/ hold beside what hooks hold: devDependencies, since the npm package has no task. */
const OF_TASKS = ['hdr-histogram-js', 'undici'];

interface LockEntry {
  version?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  inBundle?: boolean;
  dependencies?: Record<string, string>;
}

/** Every package of the lockfile, in the order of their folders. */
export function lockedPackages(): Package[] {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const { packages }: { packages: Record<string, LockEntry> } = JSON.parse(text);
  return Object.entries(packages).flatMap(
    ([folder, { version = '', integrity = '', license: licence = '', ...entry }]) => {
      const { dev = false, inBundle: bundled = false, dependencies = {} } = entry;
      const names = Object.keys(dependencies);
      return folder === ''
        ? []
        : [{ folder, name: nameOf(folder), version, licence, integrity, dev, bundled, dependencies: names }];
    },
  );
}

/** What an artifact may hold: what a production install brings, and what the tasks ask for beside it. */
export function shippedPackages(): Package[] {
  const packages = lockedPackages();
  const asked = new Set(OF_TASKS);
  // A set grows while one goes through it.
  for (const name of asked) {
    for (const { dependencies } of packages.filter((one) => one.folder === `node_modules/${name}`)) {
      for (const other of dependencies) asked.add(other);
    }
  }
  return packages.filter(({ dev, folder, name }) => !dev || (asked.has(name) && folder === `node_modules/${name}`));
}

/** The folder in the lockfile of the package that a file belongs to; undefined for a file of this project. */
export function packageFolder(path: string): string | undefined {
  // Where node_modules is a link, the path begins elsewhere.
  const inside = /(?:^|\/)(node_modules\/.*)$/.exec(path)?.[1] ?? '';
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(inside)?.[0];
}

function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
