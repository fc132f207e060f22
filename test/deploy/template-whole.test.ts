/** The template as CloudFormation reads it: every name leads somewhere, whatever is chosen, and every property exists. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack as CdkStack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import fc from 'fast-check';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { logicalId } from '../../scripts/deploy/names.ts';
import { ROOT } from '../fixtures/sources.ts';
import { Stack } from './cloudformation.ts';
import { HOOKS } from './hooks.ts';

const FILE = join(ROOT, 'deploy/template.yaml');
const TEXT = readFileSync(FILE, 'utf8');
const Section = z.record(z.string(), z.record(z.string(), z.unknown()));
const Shape = z.object({
  Parameters: Section,
  Rules: Section,
  Conditions: Section,
  Resources: Section,
  Outputs: Section,
});
const TEMPLATE = parse(TEXT);
const { Parameters, Rules, Conditions, Resources, Outputs } = Shape.parse(TEMPLATE);
const OUT = mkdtempSync(join(tmpdir(), 'template-'));
afterAll(() => rmSync(OUT, { recursive: true }));

/** Every `{ [name]: argument }` below a value, such as each Fn::If. */
function uses(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = Object.entries(value).flatMap(([key, item]) => (key === name ? [item] : []));
  return [...here, ...Object.values(value).flatMap((item) => uses(item, name))];
}

const first = (list: unknown): string => String(Array.isArray(list) ? list[0] : list);

it('every condition, parameter and resource that is named is there, and every one that is there is named', () => {
  const named = [...uses({ Resources, Outputs, Conditions }, 'Condition'), ...uses(Resources, 'Fn::If').map(first)];
  const conditions = [...named, ...uses(Outputs, 'Fn::If').map(first)].filter((one) => typeof one === 'string');
  expect(new Set(conditions)).toEqual(new Set(Object.keys(Conditions)));

  const inText = uses(TEMPLATE, 'Fn::Sub').flatMap((text) => [...first(text).matchAll(/\$\{([A-Za-z]+)(\.\w+)?\}/g)]);
  // A variable of the Fn::Sub itself hides a parameter of the same name, which its value then names.
  const refs = [...uses(TEMPLATE, 'Ref').map(String), ...inText.map(([, name = '']) => name)];
  const gotten = uses(TEMPLATE, 'Fn::GetAtt').map(first);
  const own = uses(TEMPLATE, 'Fn::Sub').flatMap((one) => (Array.isArray(one) ? Object.keys(one[1]) : []));
  const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources), ...own]);
  expect([...refs, ...gotten].filter((name) => !name.startsWith('AWS::') && !known.has(name))).toEqual([]);
  expect(Object.keys(Parameters).filter((name) => !refs.includes(name))).toEqual([]);
  expect(Object.keys(Parameters).filter((name) => name in Resources)).toEqual([]);
});

it('whatever is chosen, nothing that there is names anything that there is not', () => {
  const names = Object.keys(Parameters).filter(
    (name) => name !== 'Cluster' && !HOOKS.some((h) => logicalId(h.name) === name),
  );
  const values = Object.fromEntries(names.map((name) => [name, fc.option(anyValue(name), { nil: undefined })]));
  const hooks = fc.subarray(
    HOOKS.map(({ name }) => logicalId(name)),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(hooks, fc.record(values), (chosen, given) => {
      const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
      const stack = new Stack(TEMPLATE, {
        ...present,
        Cluster: 'prod',
        ...Object.fromEntries(chosen.map((name) => [name, 'true'])),
      });
      for (const id of stack.resources()) expect(JSON.stringify(stack.properties(id)), id).not.toMatch(/\$\{/);
      for (const { Condition, Value } of Object.values(Outputs)) {
        if (Condition === undefined || stack.holds(String(Condition))) expect(stack.value(Value)).toMatch(/\S/);
      }
    }),
    { numRuns: 200 },
  );
});

function anyValue(name: string): fc.Arbitrary<unknown> {
  const { Type, AllowedValues, Default } = z
    .object({ Type: z.string(), AllowedValues: z.optional(z.array(z.unknown())), Default: z.unknown() })
    .parse({ Default: undefined, ...Parameters[name] });
  if (AllowedValues !== undefined) return fc.constantFrom(...AllowedValues);
  if (Type === 'CommaDelimitedList') return fc.constant(['subnet-1', 'subnet-2']);
  return fc.constantFrom(Default ?? '', name.startsWith('Parameter') || name.startsWith('Policy') ? '/other' : 'other');
}

it.each(Object.entries(Parameters))('the parameter %s takes its own default, and says what it is', (_, parameter) => {
  const { Default, AllowedPattern, AllowedValues, Description } = parameter;
  expect(Description).toMatch(/^\S.{10,}[^.]$/);
  if (Default === undefined) return;
  if (typeof AllowedPattern === 'string') expect(String(Default)).toMatch(new RegExp(`^(?:${AllowedPattern})$`));
  if (Array.isArray(AllowedValues)) expect(AllowedValues).toContain(Default);
});

it.each([
  ['prod', true],
  ['*', true],
  ['shop-*', true],
  ['*-api', true],
  ['a*b', true],
  ['shop-**', false],
  ['**', false],
  ['arn:aws:ecs', false],
  ['a/b', false],
])('a cluster or service may be %s: %s', (name, taken) => {
  for (const { AllowedPattern } of [Parameters.Cluster, Parameters.Service].filter((one) => one !== undefined)) {
    expect(new RegExp(`^(?:${AllowedPattern})$`).test(name)).toBe(taken);
  }
});

/** "Rule-specific intrinsic functions" and Ref are all that Rules may use. */
it('rules use what rules may', () => {
  const allowed = /^(Ref|Fn::(And|Contains|EachMemberEquals|EachMemberIn|Equals|Not|Or|RefAll|ValueOf|ValueOfAll))$/;
  const keys = JSON.stringify(Rules).match(/"(Ref|Fn::\w+)":/g) ?? [];
  expect(keys.length).toBeGreaterThan(5);
  expect(keys.map((key) => key.slice(1, -2)).filter((key) => !allowed.test(key))).toEqual([]);
});

const WHOLE = { TrafficGenerator: 'true', GeneratorImage: 'i', GeneratorNamespace: 'n', AllowedTargets: 'http://a' };

it.each<[string, Record<string, string>, string[]]>([
  ['a hook', { Canary: 'true' }, []],
  ['no hook', {}, ['AtLeastOneHook']],
  ['whole generators', { LoadTest: 'true', ...WHOLE }, []],
  ['generators without an image', { LoadTest: 'true', ...WHOLE, GeneratorImage: '' }, ['TrafficGeneratorIsWhole']],
  ['generators in every cluster', { LoadTest: 'true', ...WHOLE, Cluster: '*' }, ['TrafficGeneratorIsWhole']],
  ['generators in one of them', { LoadTest: 'true', ...WHOLE, Cluster: '*', LoadTestCluster: 'load' }, []],
  ['a task without its roles', { LoadTest: 'true', LoadTestTaskFamily: 'k6' }, ['RunTaskPassesItsRoles']],
  [
    'a schedule for every service',
    { ConsumerSwitch: 'true', ConsumerSwitchScheduleExpression: 'rate(5 minutes)' },
    ['ScheduleIsForOneService'],
  ],
  [
    'a schedule for one',
    { ConsumerSwitch: 'true', ConsumerSwitchScheduleExpression: 'rate(5 minutes)', Service: 'mail' },
    [],
  ],
])('CloudFormation is given %s: %j, refused by %j', (_, given, refused) => {
  const stack = new Stack(TEMPLATE, { Cluster: 'prod', ...given });
  const broken = Object.entries(Rules).filter(([, { RuleCondition, Assertions }]) => {
    if (RuleCondition !== undefined && stack.value(RuleCondition) !== true) return false;
    const assertions = z.array(z.object({ Assert: z.unknown() })).parse(Assertions);
    return assertions.some(({ Assert }) => stack.value(Assert) !== true);
  });
  expect(broken.map(([name]) => name)).toEqual(refused);
});

it('keeps to the limits of CloudFormation for a template in S3', () => {
  expect(Buffer.byteLength(TEXT)).toBeLessThan(1_000_000);
  expect(Object.keys(Parameters).length).toBeLessThanOrEqual(200);
  expect(Object.keys(Resources).length).toBeLessThanOrEqual(500);
  expect(Object.keys(Outputs).length).toBeLessThanOrEqual(200);
  for (const or of [...uses(TEMPLATE, 'Fn::Or'), ...uses(TEMPLATE, 'Fn::And')]) {
    expect(z.array(z.unknown()).parse(or).length).toBeGreaterThanOrEqual(2);
    expect(z.array(z.unknown()).parse(or).length).toBeLessThanOrEqual(10);
  }
});

/** CDK's classes are made of CloudFormation's own definitions, and its synthesis has CloudFormation's checks. */
describe('as CDK reads it', () => {
  const app = new App({ outdir: OUT, analyticsReporting: false });
  const included = new CfnInclude(new CdkStack(app, 'Included'), 'Template', { templateFile: FILE });

  it.each(Object.entries(Resources))('%s has only properties that its type has', (id, { Type, Properties }) => {
    const resource = included.getResource(id);
    const unknown = Object.keys(Properties ?? {}).filter((name) => !(propertyName(name) in resource));
    expect(unknown, String(Type)).toEqual([]);
  });

  it('comes out as it went in, and the checks find nothing but defaults that stand for "none"', () => {
    const quiet = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const { template } = app.synth().getStackByName('Included');
    quiet.mockRestore();
    expect(Shape.parse(template).Resources).toEqual(Resources);
    const report = z
      .object({ pluginReports: z.array(z.object({ violations: z.array(z.object({ ruleName: z.string() })) })) })
      .parse(JSON.parse(readFileSync(join(OUT, 'validation-report.json'), 'utf8')));
    const found = report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
    expect(new Set(found)).toEqual(new Set(['E1150', 'W1030']));
  });
});

function propertyName(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
