import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READINGS } from '../../simulator/engine/readings-table.ts';
import type { PlayRecord } from '../../simulator/record.ts';
import { loadScenario } from '../../simulator/scenario/load.ts';
import { play } from '../../simulator/scenario/play.ts';
import { run } from './run.ts';

const SCENARIO = `name: small
functions: { judge: { answers: [SUCCEEDED] } }
services:
  ui:
    cluster: c
    loadBalancing: { kind: alb, testListener: true }
    running: { name: r1, images: { app: a:1 } }
    deploymentConfiguration:
      strategy: BLUE_GREEN
      lifecycleHooks: [{ function: judge, lifecycleStages: [POST_TEST_TRAFFIC_SHIFT] }]
deployments:
  - title: one
    service: ui
    revision: { name: r2, images: { app: a:2 } }
    expect: { status: SUCCESSFUL }
`;

let folder = '';
let good = '';
let unmet = '';
let broken = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
  good = join(folder, 'good.yaml');
  unmet = join(folder, 'unmet.yaml');
  await writeFile(good, SCENARIO);
  broken = join(folder, 'broken.yaml');
  await writeFile(broken, SCENARIO.replace('[SUCCEEDED]', '[{ error: boom }, SUCCEEDED]'));
  await writeFile(unmet, SCENARIO.replace('status: SUCCESSFUL', 'status: STOPPED'));
});
afterAll(async () => rm(folder, { recursive: true }));

const simulate = (...args: string[]) => run('simulate', args);

describe('the exit code', () => {
  it('is 0 when the expectation holds, and the timeline and summary are still text without escapes', async () => {
    const { code, out, err } = await simulate(good);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^━━ one ━/);
    expect(out).toContain('POST_TEST_TRAFFIC_SHIFT\n');
    expect(out).toContain('✓ judge SUCCEEDED');
    expect(out).toMatch(/\nsmall\ndeployment .*\none .*✓ Successful +yes/);
    expect(out.endsWith('✓ as the scenario expects\n')).toBe(true);
    expect(out).not.toContain('\u001b');
  });

  it('is 1 when it does not', async () => {
    const { code, out, err } = await simulate(unmet);

    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toContain(
      '✗ not as the scenario expects: 1 difference\n  - one: expected status "STOPPED", got "SUCCESSFUL"',
    );
  });

  it.concurrent.each<[string, string[], RegExp]>([
    ['no file', [], /^npm run simulate -- <scenario.yaml> \[options\]\n/],
    ['two files', ['a.yaml', 'b.yaml'], /^One scenario at a time: a.yaml, b.yaml\n$/],
    ['a file that is not there', ['no/such.yaml'], /^no\/such.yaml: cannot be read: ENOENT.*\n$/],
    ['an unknown option', ['GOOD', '--boat'], /^Unknown option '--boat'/],
    ['a cap of nothing', ['GOOD', '--cap', '3'], /^--cap goes with --all-readings\n$/],
    [
      'a cap that is no number',
      ['GOOD', '--all-readings', '--cap', '1.5'],
      /^--cap must be a whole number from 1, not "1.5"\n$/,
    ],
    [
      'a report of many plays',
      ['GOOD', '--all-readings', '--html', 'x.html'],
      /^--html draws one play; --all-readings makes many\n$/,
    ],
    ['a reading without value', ['GOOD', '--reading', 'abortStop'], /^--reading takes ID=VALUE, not "abortStop"\n$/],
    ['an unknown reading', ['GOOD', '--reading', 'boat=1'], /^--reading: Unknown reading "boat". Readings: .*\n$/],
    [
      "a reading's unknown value",
      ['GOOD', '--reading', 'abortStop=maybe'],
      /^--reading: Reading "abortStop" cannot be "maybe". Values: stops, rejected\n$/,
    ],
    ['a report that cannot be written', ['GOOD', '--html', '/dev/null/x.html'], /^--html: .*\/dev\/null.*\n$/],
    [
      'hooks that are not built',
      ['simulator/scenarios/canary-approval.yaml', '--dist', 'no/dist'],
      /^simulator\/scenarios\/canary-approval.yaml:\d+: functions.approval: there is no built hook at no\/dist\/approval\/index.cjs: run "npm run build" first/,
    ],
  ])('is 2, with a sentence and no stack, for %s', async (_what, args, expected) => {
    const { code, out, err } = await simulate(...args.map((arg) => (arg === 'GOOD' ? good : arg)));

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/^ +at .*:\d+:\d+/m);
  });

  it('is 2 for a wrong scenario, with a line for each mistake', async () => {
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, SCENARIO.replace('cluster: c', 'colour: red').replace('title: one', 'title: 1'));

    expect(await simulate(file)).toEqual({
      code: 2,
      out: '',
      err: [
        `${file}:4: services.ui.cluster is missing (string expected)\n`,
        `${file}:5: services.ui.colour is not a known key\n`,
        `${file}:12: deployments[0].title must be of type string, not 1\n`,
      ].join(''),
    });
  });
});

describe.concurrent('options', () => {
  it('--json prints the record and nothing else, the same as a play in this process', async () => {
    const file = 'simulator/scenarios/lambda-trouble.yaml';
    const { code, out } = await simulate(file, '--json');

    const record: PlayRecord = JSON.parse(out);
    expect(code).toBe(0);
    expect(record.expectation).toEqual({ met: true, failures: [] });
    expect(record).toEqual(JSON.parse(JSON.stringify(await play(await loadScenario(file)))));
  });

  it('--html writes the report, into a folder that it makes', async () => {
    const file = join(folder, 'reports/deep/x.html');
    const { code } = await simulate(good, '--html', file);

    expect(code).toBe(0);
    expect(await readFile(file, 'utf8')).toMatch(/^<!doctype html>.*small.*<\/html>\n$/s);
  });

  it('--reading wins over the file, and what ECS then refuses is told with its place', async () => {
    const file = join(folder, 'reading.yaml');
    await writeFile(
      file,
      SCENARIO.replace('name: small', 'name: small\nreadings: { trafficShiftOrder: hook-first }').replace(
        'POST_TEST_T',
        'PRODUCTION_T',
      ),
    );
    const nlb = join(folder, 'nlb.yaml');
    await writeFile(nlb, SCENARIO.replace('kind: alb', 'kind: nlb').replace('BLUE_GREEN', 'LINEAR'));

    const played: PlayRecord = JSON.parse(
      (await simulate(file, '--json', '--reading', 'trafficShiftOrder=concurrent')).out,
    );

    expect(played.readings).toMatchObject({ trafficShiftOrder: 'concurrent' });
    expect(await simulate(nlb, '--reading', 'nlbLinear=rejected')).toEqual({
      code: 2,
      out: '',
      err: `${nlb}:4: services.ui: InvalidParameterException: The LINEAR deployment strategy does not support Network Load Balancers\n`,
    });
  });

  it('--readings lists them all', async () => {
    const { code, out } = await simulate('--readings');

    expect(code).toBe(0);
    for (const id of Object.keys(READINGS)) expect(out).toContain(`${id}: `);
  });

  it('--help prints the usage', async () => {
    expect(await simulate('--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('--all-readings'),
      err: '',
    });
  });

  it('--all-readings says what came of each combination, and fails when one of them does', async () => {
    const { code, out } = await simulate(broken, '--all-readings', '--cap', '50');
    const json = await simulate(broken, '--all-readings', '--json', '--cap', '50');

    expect(code).toBe(1);
    expect(out).toMatch(/^small: \d+ combinations of readings played\n/);
    expect(out).toContain('✗ 1 × ROLLBACK_SUCCESSFUL\n');
    expect(out).toContain('    for example with the default readings\n');
    expect(out).toContain('    for example with functionErrorRetry=retry\n');
    expect(JSON.parse(json.out)).toMatchObject({ unplayed: 0, outcomes: [{ met: true }, { met: false }] });
  });

  it('--all-readings tells when the cap left branches out', async () => {
    const { out } = await simulate(broken, '--all-readings', '--cap', '1');

    expect(out).toMatch(/^small: 1 combination of readings played, \d+ branch(es)? found and not played \(--cap\)\n/);
  });
});

it('ends quietly, as SIGPIPE would end it, when its reader has seen enough', async () => {
  const { code, err } = await run('simulate', ['simulator/scenarios/approval-votes.yaml'], (_out, child) =>
    child.stdout?.destroy(),
  );

  expect({ code, err }).toEqual({ code: 141, err: '' });
});
