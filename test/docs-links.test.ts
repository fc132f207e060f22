import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import packageJson from '../package.json' with { type: 'json' };
import { parseJson } from '../shared/schema.ts';

const PAGES = ['README.md', ...readdirSync('docs').flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []))];
const textOf = (file: string) => readFileSync(file, 'utf8');
const FENCE = /^ *```(\w*)\n([\s\S]*?)^ *```$/gm;

/** The anchors that GitHub makes of a page's headings. */
function anchorsOf(file: string): string[] {
  const times = new Map<string, number>();
  const headings = textOf(file)
    .replaceAll(FENCE, '')
    .matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = '']) => {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = words
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const n = times.get(slug) ?? 0;
    times.set(slug, n + 1);
    return n === 0 ? slug : `${slug}-${n}`;
  });
}

describe.each(PAGES)('%s', (file) => {
  const text = textOf(file);
  const fences = [...text.matchAll(FENCE)].map(([, language = '', code = '']) => ({ language, code }));
  const links = [...text.replaceAll(FENCE, '').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);

  it('has no link that leads nowhere', () => {
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : join(dirname(file), path);
      if (!existsSync(target)) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names no command that is not there', () => {
    const commands = [...text.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
  });

  it('has no JSON or YAML that is none', () => {
    for (const { language, code } of fences) {
      if (language === 'json') expect(parseJson(code), code).toBeDefined();
      if (language !== 'yaml') continue;
      // CloudFormation's own tags are unknown to a parser, which only warns of them.
      for (const document of parseAllDocuments(code)) expect(document.errors, code).toEqual([]);
    }
  });
});

describe('TypeScript', () => {
  const shown = ['README.md', 'docs/migrate.md'].flatMap((file) =>
    [...textOf(file).matchAll(FENCE)].flatMap(([, language, code = '']) => (language === 'ts' ? [{ file, code }] : [])),
  );
  it.each(shown)('of $file parses', async ({ code }) => {
    await expect(transform(code, { loader: 'ts' })).resolves.toBeDefined();
  });
});

it('every page is in the index of the README', () => {
  const readme = textOf('README.md');
  for (const page of PAGES.slice(1)) expect(readme, page).toContain(`](${page}`);
});
