import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writtenReasons } from '../../scripts/docs/reasons.ts';
import { loadHooks } from '../../scripts/hooks.ts';
import { ADVICE } from '../../scripts/reasons/advice.ts';
import { ReasonBook } from '../../scripts/reasons/book.ts';
import { matchesText } from '../../scripts/reasons/match.ts';
import { newRun } from '../../scripts/reasons/run.ts';
import { textsOf } from '../../scripts/reasons/values.ts';
import { Writer } from '../../scripts/reasons/write.ts';

const folder = mkdtempSync(join(tmpdir(), 'reasons-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
/** What `say(input)` of a module may return, as it is written, and what it may throw. § stands for the dollar sign. */
function read(source: string) {
  files += 1;
  const file = join(folder, `${files}.ts`);
  writeFileSync(file, source.replaceAll('§', '$'));
  const run = newRun();
  const [say] = run.module(file).find('say')?.values() ?? [];
  if (say?.kind !== 'function') throw new Error('the module has no function say');
  const values = run.apply(say, [[{ kind: 'unknown', name: 'input' }]]);
  const writer = new Writer();
  const said = textsOf(values, 'said').map((text) => writer.write(text));
  return { said, places: writer.places(), thrown: run.thrown.map(({ name }) => name), texts: textsOf(values, 'said') };
}

describe('what a function may say', () => {
  it.each([
    ['a template', 'function say({ p95, limit }) { return `p95 §{p95} > §{limit}`; }', ['p95 <p95> > <limit>']],
    ['a choice', "const say = (a) => (a.ok ? 'yes' : `no: §{a.why}`);", ['yes', 'no: <why>']],
    [
      'what may be absent',
      "const say = ({ why }) => `failed§{why === undefined ? '' : `: §{why}`}`;",
      ['failed[: <why>]'],
    ],
    [
      'a helper',
      'const say = (a) => `after §{tell(a.n)}`; function tell(n) { return `§{n} looks`; }',
      ['after <n> looks'],
    ],
    ['a constant', "const WHAT = 'queue'; const say = ({ n }) => `§{n} in the §{WHAT}`;", ['<n> in the queue']],
    ['a count', "const say = ({ n }) => `§{n} vote§{n === 1 ? '' : 's'}`;", ['<n> vote[s]']],
    ['words added up', "const say = (a) => 'one, ' + a.two;", ['one, <two>']],
    ['an early return', "function say(a) { if (a.x) return 'one'; return 'two'; }", ['one', 'two']],
    ['a switch', "function say(a) { switch (a.x) { case 1: return 'one'; default: return 'more'; } }", ['one', 'more']],
    [
      'a variable that changes',
      "function say(a) { let x = 'one'; if (a) x = 'two'; return `it is §{x}`; }",
      ['it is (one | two)'],
    ],
    [
      'only what the case comes to',
      "const say = () => tell({ kind: 'a' }); const tell = (x) => (x.kind === 'a' ? 'A' : 'B');",
      ['A'],
    ],
    [
      'each case with its own words',
      'const say = (a) => tell(a.x ? { w: 1, t: `fail` } : { w: 2, t: `pass` }); const tell = ({ t }) => `it did §{t}`;',
      ['it did (fail | pass)'],
    ],
    ['a call that calls itself', "function say(a) { return a.x ? say(a.y) : 'the end'; }", ['<say>', 'the end']],
    [
      'an error that is caught',
      "function say() { try { throw new Error('in'); } catch (error) { return `caught §{error.message}`; } }",
      ['caught (in | <message>)'],
    ],
  ])('%s', (_, source, expected) => {
    expect(read(source).said.toSorted()).toEqual(expected.toSorted());
  });

  it('a list, with what its entries say', () => {
    const { said, places } = read(
      "function say(all) { const found = []; if (all.a) found.push('too old'); for (const x of all) found.push(`§{x.n} too many`); return `Denied: §{found.join('; ')}`; }",
    );
    expect(said).toEqual(['Denied: <found; …>']);
    expect(places).toEqual([{ name: 'found', says: ['too old', '<n> too many'], separator: '; ' }]);
  });

  it('a list that a helper fills', () => {
    const { places } = read(
      "function say() { const found = []; fill(found); return found.join(', '); } function fill(list) { list.push('one'); list.push('two'); }",
    );
    expect(places[0]?.says).toEqual(['one', 'two']);
  });

  it('what it may throw, but for what it catches', () => {
    const source =
      "class OwnError extends Error {} function say(a) { try { throw new RangeError('x'); } catch {} if (a) throw new OwnError('no'); return 'yes'; }";
    expect(read(source).thrown).toEqual(['OwnError']);
  });
});

describe('a reason that was said', () => {
  const { texts } = read(
    "const say = ({ all, why }) => `Denied §{all.length} image§{all.length === 1 ? '' : 's'}: §{all.map((x) => `§{x.name} §{x.ok ? 'is old' : `has §{x.n} holes`}`).join('; ')}§{why === undefined ? '' : ` (§{why})`}`;",
  );
  const [text = { parts: [], file: '' }] = texts;
  it.each([
    ['Denied 1 image: web is old', true],
    ['Denied 2 images: web is old; api has 3 holes', true],
    ['Denied 2 images: web is old; api has 3 holes (a trial)', true],
    ['Denied 1 image: web is new', false],
    ['Denied 2 images: web is old and dusty', false],
    ['Admitted 1 image: web is old', false],
    ['Denied 1 image', false],
  ])('%s: %s', (reason, expected) => {
    expect(matchesText(text, reason)).toBe(expected);
  });

  it('is known by its beginning where it was cut off', () => {
    const reason = `Denied 99 images: ${Array.from({ length: 99 }, (_, n) => `c${n} has 7 holes`).join('; ')}`;
    expect(matchesText(text, `${reason.slice(0, 999)}…`)).toBe(true);
    expect(matchesText(text, `Refused${reason.slice(0, 992)}…`)).toBe(false);
  });
});

describe('the reasons of the hooks', async () => {
  const hooks = await loadHooks();
  const written = writtenReasons(hooks);
  const book = await ReasonBook.load();

  it('are found for each of them', () => {
    expect(written.map(({ owner }) => owner)).toEqual(['framework', ...hooks.map(({ name }) => name)]);
    for (const { owner, rows } of written) {
      if (ADVICE[owner] !== undefined) expect(new Set(rows.map(({ status }) => status)).size).toBe(3);
    }
  });

  it('say something beside their places', () => {
    for (const { text } of written.flatMap(({ rows }) => rows)) expect(text).toMatch(/\w+[^<>[\]]*\w/);
  });

  it.each([
    [
      'approval',
      'SUCCEEDED',
      'Deployment accepted by ana at 2026-03-02 09:19 UTC: looks right (1 of 1 approval)',
      true,
    ],
    ['approval', 'FAILED', 'Deployment accepted by ana at 2026-03-02 09:19 UTC: looks right (1 of 1 approval)', false],
    ['approval', 'SUCCEEDED', 'Deployment was accepted', false],
    ['approval', 'SUCCEEDED', 'Audit mode, would have been FAILED: Deployment declined by ana at noon', true],
    ['approval', 'SUCCEEDED', 'Audit mode, would have been FAILED: Green was slow', false],
    [
      'load-test',
      'FAILED',
      'Load test failed: p95 184 ms > 150 ms over 6,000 requests at 100 % of the wanted rate',
      true,
    ],
    ['load-test', 'FAILED', 'Load test failed: p95 184 ms', false],
    ['canary', 'FAILED', 'ecs:DescribeServiceRevisions: AccessDeniedException: not authorized', true],
    ['canary', 'FAILED', 'iam:GetRole: AccessDeniedException: not authorized', false],
  ] as const)('%s %s "%s": %s', (hook, status, reason, expected) => {
    expect(book.knows(hook, status, reason)).toBe(expected);
  });

  it('have advice wherever a deployment is rolled back', () => {
    const ours = written.filter(({ owner }) => ADVICE[owner] !== undefined);
    expect(ours.map(({ owner }) => owner).toSorted()).toEqual(Object.keys(ADVICE).toSorted());
    const without = ours.flatMap(({ rows }) =>
      rows.filter(({ status, advice }) => status === 'FAILED' && advice === undefined),
    );
    expect(without).toEqual([]);
  });

  it('are those that the advice is for', () => {
    for (const [owner, entries] of Object.entries(ADVICE)) {
      const texts = written.find((one) => one.owner === owner)?.rows.map(({ text }) => text) ?? [];
      for (const [beginning] of entries)
        expect(
          texts.some((text) => text.startsWith(beginning)),
          `${owner}: ${beginning}`,
        ).toBe(true);
    }
  });
});
