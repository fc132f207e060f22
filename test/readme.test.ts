import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventFixture, withDetails } from '../library/testing/events.ts';
import packageJson from '../package.json' with { type: 'json' };
import { parseJson } from '../shared/schema.ts';
import { captureOutput } from './fixtures/output.ts';

const DOCS = ['README.md', ...readdirSync('docs').flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : []))];

interface Fence {
  file: string;
  language: string;
  text: string;
}

function fencesOf(file: string): Fence[] {
  const found = readFileSync(file, 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = '', text = '']) => ({ file, language, text }));
}

const FENCES = DOCS.flatMap(fencesOf);

describe('the documentation', () => {
  it('has no JSON that is none', () => {
    const json = FENCES.filter(({ language }) => language === 'json');
    expect(json.length).toBeGreaterThan(0);
    for (const { file, text } of json) expect(parseJson(text), `${file}: ${text}`).toBeDefined();
  });

  it('names no npm script that does not exist', () => {
    const named = FENCES.flatMap(({ text }) =>
      [...text.matchAll(/npm (?:run (?:--silent )?)?([a-z][\w:-]*)/g)].map(([, name]) => name),
    );
    const known = [...Object.keys(packageJson.scripts), 'ci', 'install', 'pack'];
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect(known).toContain(name);
  });

  it('links to no file that does not exist', () => {
    for (const file of DOCS) {
      const folder = new URL(`../${file}`, import.meta.url);
      for (const [, link = ''] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(() => readFileSync(new URL(link, folder)), `${file}: ${link}`).not.toThrow();
      }
    }
  });
});

describe('the hook that the README shows', () => {
  const output = captureOutput();
  let answers: number[] = [];
  const server = createServer((_request, response) => response.writeHead(answers.shift() ?? 200).end());
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  async function handlerOfReadme() {
    const source = FENCES.find(({ file, language }) => file === 'README.md' && language === 'ts')?.text ?? '';
    const bundle = await build({
      stdin: { contents: source, loader: 'ts', resolveDir: resolve('hooks/approval') },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      logLevel: 'silent',
    });
    const module: { exports: { handler?: (event: unknown, context: unknown) => Promise<unknown> } } = { exports: {} };
    new Function('module', 'exports', 'require', bundle.outputFiles[0]?.text ?? '')(
      module,
      module.exports,
      createRequire(import.meta.url),
    );
    const { handler } = module.exports;
    if (handler === undefined) throw new Error('the README exports no handler');
    return handler;
  }

  async function look(details: Record<string, unknown>) {
    const handler = await handlerOfReadme();
    return (await handler(withDetails(eventFixture('post-test-traffic-shift').event, details), {})) as {
      hookStatus: string;
      reason: string;
      hookDetails: Record<string, unknown>;
    };
  }

  it('waits for as many good answers as it says', async () => {
    let details: Record<string, unknown> = { url, looks: 2 };
    const first = await look(details);
    expect(first).toMatchObject({ hookStatus: 'IN_PROGRESS', reason: '1 of 2 good answers', callBackDelay: 10 });
    details = first.hookDetails;
    expect(await look(details)).toMatchObject({
      hookStatus: 'SUCCEEDED',
      reason: `${url} answered 200 2 times in a row`,
    });
    expect(output.decisions()).toHaveLength(2);
  });

  it('fails on a bad one, and says which', async () => {
    answers = [503];
    expect(await look({ url })).toMatchObject({ hookStatus: 'FAILED', reason: `${url} answered 503` });
  });

  it('is configured like every hook', async () => {
    expect((await look({ url: 'nowhere' })).reason).toContain('hookDetails.url');
  });
});
