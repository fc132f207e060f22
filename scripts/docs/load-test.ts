import { Config } from '../../hooks/load-test/config.ts';
import { code, nestedTables } from './tables.ts';

/** A table for each object within the hook's configuration. */
export function loadTestTables(): string {
  const [, ...inner] = nestedTables('configuration', Config);
  // The keys of `tolerance` hold the same: one table stands for all.
  const shown = inner.filter(({ path }) => !path.startsWith('tolerance.') || path === 'tolerance.p50Ms');
  const title = (path: string) => (path.startsWith('tolerance.') ? 'Each of `tolerance`' : code(path));
  return shown.map(({ path, text }) => `### ${title(path)}\n\n${text}`).join('\n\n');
}
