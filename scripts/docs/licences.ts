import { shippedPackages } from '../packages.ts';
import { code } from './tables.ts';

/** Every package that an artifact may hold, with its licence, from package-lock.json. */
export function licencesTable(): string {
  const packages = shippedPackages();
  packages.sort((a, b) => (a.folder < b.folder ? -1 : 1));
  const rows = packages.map(({ name, version, licence }) => `| ${code(name)} | ${version} | ${licence} |`);
  return ['| package | version | licence |', '|---|---|---|', ...rows].join('\n');
}
