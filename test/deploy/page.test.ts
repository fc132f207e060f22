/** docs/deploy.md holds what it says: its JSON, its parameters, its costs, and the numbers that it tells of the stack. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { CASES, costOf, costRow, PRICES } from '../../scripts/deploy/costs.ts';
import { logicalId } from '../../scripts/deploy/names.ts';
import { readConfig } from '../../shared/config.ts';
import { ROOT } from '../fixtures/sources.ts';
import { Stack } from './cloudformation.ts';
import { HOOKS } from './hooks.ts';

const PAGE = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
const TEXT = readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8');
const TEMPLATE = parse(TEXT);
const FENCES = [...PAGE.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

it('every fenced JSON and YAML can be parsed', () => {
  const data = FENCES.filter(({ language }) => language === 'json' || language === 'yaml');
  expect(data.length).toBeGreaterThan(0);
  for (const { language, text } of data) {
    expect(language === 'json' ? JSON.parse(text) : parse(text), text).toBeTypeOf('object');
  }
});

describe('the parameters of step 2', () => {
  const Given = z.array(z.strictObject({ ParameterKey: z.string(), ParameterValue: z.string() }));
  const json = FENCES.find(({ text }) => text.includes('ParameterKey'))?.text ?? '[]';
  const given = Object.fromEntries(
    Given.parse(JSON.parse(json)).map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
  );

  it('are parameters of the template, and make the stack of the hooks that they choose', () => {
    const stack = new Stack(TEMPLATE, given);
    const functions = stack.resources().filter((id) => id.endsWith('Function'));
    expect(functions.sort()).toEqual(['AdmissionFunction', 'ApprovalFunction']);
    for (const id of stack.resources()) expect(stack.properties(id)).toBeTypeOf('object');
  });

  it('have a policy that the hook takes', async () => {
    const approval = HOOKS.find(({ name }) => name === 'approval');
    if (approval === undefined) throw new Error('there is no hook approval');
    const config = await readConfig(approval, {}, { HOOK_POLICY: given.ApprovalPolicy }, AbortSignal.timeout(5000));
    expect(config).toMatchObject({ approvers: ['arn:aws:sts::123456789012:assumed-role/Approver/*'] });
  });
});

it('the commands name parameters and files that there are', () => {
  const shell = FENCES.filter(({ language }) => language === 'sh').map(({ text }) => text);
  const commands = shell.join('\n');
  const overrides = [...commands.matchAll(/--parameter-overrides ((?:\w+=\S+ ?)+)/g)].flatMap(([, list = '']) =>
    list.trim().split(' '),
  );
  expect(overrides.length).toBeGreaterThan(2);
  for (const one of overrides) expect(Object.keys(TEMPLATE.Parameters)).toContain(one.split('=')[0]);
  const files = [...commands.matchAll(/--template-file (deploy\/\S+)/g)].map(([, file = '']) => file);
  expect(new Set(files)).toEqual(new Set(['deploy/template.yaml']));
});

it('the numbers about the stack are those of the template', () => {
  // A hook that somebody adds is not on the page.
  const shown = HOOKS.filter(({ name }) => CASES.some(({ hook }) => hook === name));
  const chosen = Object.fromEntries(shown.map(({ name }) => [logicalId(name), 'true']));
  const stack = new Stack(TEMPLATE, { ...chosen, Cluster: 'prod', LoadTestCluster: 'load' });
  const alarms = stack.resources().filter((id) => TEMPLATE.Resources[id].Type === 'AWS::CloudWatch::Alarm');
  expect(PAGE).toContain(`${(alarms.length * 0.1).toFixed(2)} for all five hooks`);
  expect(shown).toHaveLength(5);
  for (const { name } of shown) {
    const Timeout = name === 'consumer-switch' ? 300 : 60;
    expect(stack.properties(`${logicalId(name)}Function`)).toMatchObject({ MemorySize: 512, Timeout });
  }
  expect(PAGE).toContain('512 MB, 60 seconds; consumer-switch has 300');
  // Over this size a template goes through a bucket.
  expect(Buffer.byteLength(TEXT)).toBeGreaterThan(51_200);
});

describe('the costs', () => {
  const played = CASES.filter(({ real }) => real !== true);
  it.each(played)('of $hook, $what, are those of a play', { timeout: 120_000 }, async (one) => {
    expect(PAGE.split('\n')).toContain(costRow(one, await costOf(one)));
  });

  it.each(CASES.filter(({ real }) => real === true))('of $hook have their row', ({ hook, what }) => {
    const row = `^\\| ${hook} \\| ${what} (\\| \\d+ ){4}\\| 0\\.00\\d\\d \\|$`;
    expect(PAGE).toMatch(new RegExp(row, 'm'));
  });

  it('are worked out as the page says', () => {
    // Two looks a minute for an hour: requests, half a second of half a GB each, and their logs.
    const hour = 120 * (PRICES.lambdaRequest + 0.25 * PRICES.lambdaGbSecond + (2500 * PRICES.logGb) / 1e9);
    expect(PAGE).toContain(`an hour of waiting is 120 looks, ${(hour + 2 * PRICES.metricHour).toFixed(4)} USD`);
    const task = 0.03238 + 2 * 0.00356;
    expect(PAGE).toContain(`${task.toFixed(4)} USD an hour`);
    expect(PAGE).toContain(`ten minutes are ${((4 * task) / 6).toFixed(3)} USD`);
  });
});
