import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JudgeInput, MINUTE } from '../../hooks/canary/judge/input.ts';
import { judge } from '../../hooks/canary/judge/judge.ts';
import { readCsv } from '../../scripts/judge/csv.ts';
import { readDocument } from '../../scripts/judge/document.ts';
import { renderHtml } from '../../scripts/judge/html.ts';
import { renderTerminal } from '../../scripts/judge/terminal.ts';
import { ABOUT, sample, sampleCsv } from '../fixtures/judge/sample.ts';
import { run } from './run.ts';

const JSON_FILE = 'test/fixtures/judge/four-times.json';
const CSV_FILE = 'test/fixtures/judge/four-times.csv';
const FROM = Date.UTC(2026, 8, 14, 9, 0);
const PLAN = { from: FROM, minutes: undefined, everyMinutes: undefined, share: 0.1, kinds: [] };
const HEADER = 'metric,side,part,time,value';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the command', () => {
  it('fails a release with four times the errors, and says why under both files', async () => {
    const html = join(folder, 'new', 'report.html');
    const [json, csv] = await Promise.all([
      run('judge', [JSON_FILE, '--html', html]),
      run('judge', [CSV_FILE, '--from', '2026-09-14T11:00:00+02:00', '--share', '0.1']),
    ]);
    expect(json).toMatchObject({ code: 1, err: '' });
    expect(json.out).toMatch(/^FAIL \(fail\) at look 1 of 1: 1 of 2 deciding metrics pass; FAIL errors: canary \d+\//);
    expect(json.out).toMatch(/^✓ PASS latency: /m);
    expect(csv).toEqual(json);
    expect(await readFile(html, 'utf8')).toContain('<svg class="lines"');
  });

  it('gives the same judgement of JSON and CSV', async () => {
    const [json, csv] = await Promise.all([
      run('judge', [JSON_FILE, '--json']),
      run('judge', [CSV_FILE, '--from', String(FROM / 1_000), '--share', '0.1', '--json']),
    ]);
    expect(json).toMatchObject({ code: 1, err: '' });
    expect(JSON.parse(json.out)).toEqual(judge(sample()));
    expect(csv).toEqual(json);
  });

  it.each([
    ['a release as good as blue', 0, (input: JudgeInput) => ({ ...input, metrics: input.metrics.slice(1) })],
    ['a run that has not come to its look', 3, (input: JudgeInput) => ({ ...input, now: FROM + 5 * MINUTE })],
  ])('exits by the decision: %s is %i', async (name, code, change) => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(change(sample())));
    expect(await run('judge', [file])).toMatchObject({ code, err: '' });
  });

  it('judges as if it were another moment', async () => {
    expect((await run('judge', [JSON_FILE, '--now', '2026-09-14T09:05:00Z'])).code).toBe(3);
  });

  it.each([
    [[], 'npm run judge -- <file.json'],
    [['no-such.json'], 'no-such.json cannot be read: ENOENT'],
    [[JSON_FILE, '--from', '2026-09-14T09:00:00Z'], '--from goes with a .csv file'],
    [[JSON_FILE, '--now', 'yesterday'], '--now must be a moment such as'],
    [[CSV_FILE], 'needs --from'],
    [[CSV_FILE, '--from', String(FROM / 1_000), '--share', '10'], '--share must be a number from 0 to 1, not "10"'],
    [[CSV_FILE, '--from', String(FROM / 1_000), '--minutes', '1'], 'is over before its warm-up is'],
    [[JSON_FILE, '--plot'], "Unknown option '--plot'"],
  ])('a wrong call is told in a sentence: %j', async (args, message) => {
    const ended = await run('judge', args);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain(message);
    expect(ended.err).not.toContain('    at ');
  });
});

describe('the files', () => {
  it('are the seeded sample, and say that they are synthetic', async () => {
    const [json, csv] = await Promise.all([readFile(JSON_FILE, 'utf8'), readFile(CSV_FILE, 'utf8')]);
    expect(JSON.parse(json)).toEqual({ about: ABOUT, ...sample() });
    expect(csv).toBe(sampleCsv(sample()));
    expect(ABOUT).toMatch(/^Synthetic/);
  });

  it('JSON takes ISO moments as well', () => {
    const { plan, ...rest } = sample();
    const text = JSON.stringify({ ...rest, plan: { ...plan, from: '2026-09-14T09:00:00Z' } });
    expect(readDocument(text, 'a.json')).toEqual(sample());
  });

  it.each([
    [(input: JudgeInput) => ({ ...input, now: 'noon' }), 'document.now: must be epoch milliseconds or a moment'],
    [(input: JudgeInput) => ({ ...input, nwo: 1 }), 'document.nwo is not a known key'],
    [(input: JudgeInput) => ({ ...input, metrics: [] }), 'document.metrics must be at least 1'],
    [
      (input: JudgeInput) => ({ ...input, metrics: [{ ...input.metrics[0], canary: {} }] }),
      'document.metrics[0].canary.events is missing',
    ],
    [(input: JudgeInput) => ({ ...input, settings: { alpha: 2 } }), 'document.settings.alpha must be at most 1, not 2'],
  ])('JSON that is wrong is refused with its path %#', (change, message) => {
    expect(() => readDocument(JSON.stringify(change(sample())), 'a.json')).toThrow(message);
  });

  it('text that is not JSON is refused', () => {
    expect(() => readDocument('{', 'a.json')).toThrow(/^a\.json is not JSON: /);
  });

  it.each([
    ['', 'a.csv is empty'],
    ['metric,side,value', 'a.csv:1: the header must be'],
    [HEADER, 'a.csv:1: no rows follow the header'],
    [`${HEADER}\ne,green,events,1789376460`, 'a.csv:2: 5 cells are expected, not 4'],
    [`${HEADER}\n# note\n\ne,red,events,1789376460,1`, 'a.csv:4: side must be green or blue, not "red"'],
    [`${HEADER}\ne,green,toString,1789376460,1`, 'a.csv:2: part must be events, requests, values, samples'],
    [`${HEADER}\ne,green,events,2026-09-14 09:00,1`, 'a.csv:2: time must be a moment such as'],
    [`${HEADER}\ne,green,events,2026-02-31T99:00:00Z,1`, 'a.csv:2: time must be a moment such as'],
    [`${HEADER}\ne,green,events,1789376460,`, 'a.csv:2: value must be a number, not ""'],
    [`${HEADER}\ne,green,events,1789376460,NaN`, 'a.csv:2: value must be a number, not "NaN"'],
    [`${HEADER}\n"e,green,events,1789376460,1`, 'a.csv:2: a quoted cell is not closed'],
    [`${HEADER}\ne,green,events,1789376460,1\ne,green,events,1789376470,1`, 'a.csv:3: line 2 already has this minute'],
    [`${HEADER}\ne,green,events,1789376460,1\ne,green,values,1789376460,1`, 'a.csv:3: e has both events and values'],
    [`${HEADER}\ne,green,values,1789376460,1`, '--share needs the requests of green and blue'],
    [`${HEADER}\ne,green,values,1000000000,1`, 'a.csv: no point is at or after --from'],
  ])('CSV that is wrong is refused with its line: %j', (text, message) => {
    expect(() => readCsv(text, 'a.csv', PLAN)).toThrow(message);
  });

  it('CSV may be quoted, from Windows, and out of order; blue before the shift is history', () => {
    const rows = ['"a ""b"", c",blue,values,2026-09-14T08:59:00Z,3', '"a ""b"", c",green,values,1789376460,-2.5e-1'];
    const text = `\ufeff${[HEADER, ...rows].join('\r\n')}\r\n`;
    const input = readCsv(text, 'a.csv', { ...PLAN, share: undefined, kinds: ['a "b", c=gauge:p90'] });
    const series = (at: number, value: number) => ({ values: { status: 'Complete', points: [{ at, value }] } });
    expect(input.metrics).toEqual([
      {
        id: 'a "b", c',
        kind: 'gauge',
        statistic: 'p90',
        canary: series(FROM + MINUTE, -0.25),
        history: series(FROM - MINUTE, 3),
      },
    ]);
  });

  it.each([
    ['e=gauge', 'do not belong to a gauge'],
    ['x=count', 'has no metric "x"'],
    ['e=rate', '--kind takes ID=count'],
    ['e', '--kind takes ID=count'],
  ])('a kind that is not that of the rows is refused: %s', (kind, message) => {
    const text = `${HEADER}\ne,green,events,1789376460,1`;
    expect(() => readCsv(text, 'a.csv', { ...PLAN, share: undefined, kinds: [kind] })).toThrow(message);
  });
});

describe('the drawings', () => {
  const input = sample();
  const draw = (of: JudgeInput, drawing: { color: boolean; width: number }) => renderTerminal(of, judge(of), drawing);

  it.each([60, 100, 120])('fit %i columns, of which 100 are used at most', (width) => {
    const lines = draw(input, { color: false, width }).split('\n');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(Math.min(100, width));
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(draw(input, { color: true, width })).toContain('\u001b[32m');
  });

  it('mark the warm-up, the judged minutes, and the ones after the window', () => {
    const marks = (of: JudgeInput) => /^ +(~[~━·]*)$/m.exec(draw(of, { color: false, width: 100 }))?.[1];
    expect(marks(input)).toBe(`~${'━'.repeat(19)}`);
    const early = { ...input, now: FROM + 13 * MINUTE, plan: { ...input.plan, everyMinutes: 9 } };
    expect(marks(early)).toBe(`~${'━'.repeat(9)}${'·'.repeat(10)}`);
  });

  it('draw a gap where nothing was measured, and a foot where 0 was', () => {
    const points = [2, 3, 5].map((minute) => ({ at: FROM + minute * MINUTE, value: minute === 3 ? 0 : 8 }));
    const values = { status: 'Complete' as const, points };
    const only: JudgeInput = {
      now: input.now,
      plan: input.plan,
      metrics: [{ id: 'm', kind: 'gauge', statistic: 'Average', canary: { values } }],
    };
    expect(draw(only, { color: false, width: 100 })).toMatch(/^ {2}green {4}█▁ █$/m);
    expect(renderHtml(only, judge(only))).toContain('d="M10 4H15L15 96H20M25 4H30"');
  });

  it('are of the run and a day around it, however far a stray point is', () => {
    const stray = { at: 1e12, value: 8 };
    const values = { status: 'Complete' as const, points: [stray, { at: FROM + MINUTE, value: 8 }] };
    const only: JudgeInput = {
      now: input.now,
      plan: input.plan,
      metrics: [{ id: 'm', kind: 'gauge', statistic: 'Average', canary: { values } }],
    };
    expect(draw(only, { color: false, width: 100 })).toContain('09:00 to 09:20 UTC');
  });

  it('HTML escapes what comes from the file, runs nothing, and marks window and warm-up', () => {
    const [errors] = input.metrics;
    if (!errors) throw new Error('the sample has metrics');
    const title = '<script>alert(1)</script>';
    const evil: JudgeInput = { ...input, metrics: [{ ...errors, title, query: '<b>"q"</b>' }] };
    const page = renderHtml(evil, judge(evil));
    expect(page).not.toMatch(/<script|<b>/);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
    expect(policy).toBe("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'");
    expect(page).toContain('band--warm-up" style="left:60%;width:2%"');
    expect(page).toContain('band--counted" style="left:62%;width:38%"');
    expect(page).toContain('rate ratio, 95 % interval');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
