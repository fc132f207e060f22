import { describe, expect, it } from 'vitest';
import { logicalId } from '../../scripts/deploy/names.ts';
import { template } from '../../scripts/deploy/template.ts';
import { snake } from '../../scripts/deploy/terraform-variables.ts';
import { readHcl, referencesOf } from './hcl.ts';
import { HOOKS } from './hooks.ts';
import { BLOCKS, blocksOf, DATA, expressionsOf, stringsIn, textOf } from './terraform-module.ts';

const TEMPLATE = template(HOOKS);
const OWN = new Set(HOOKS.flatMap(({ name }) => ['', 'Defaults', 'Policy'].map((kind) => `${logicalId(name)}${kind}`)));
const PARAMETERS = Object.keys(Object(TEMPLATE.Parameters)).filter((name) => !OWN.has(name));
const RESOURCES: Record<string, { Type: string }> = Object(TEMPLATE.Resources);

const variables = blocksOf('variable');
const locals = [
  ...blocksOf('locals').flatMap(({ attributes }) => Object.keys(attributes)),
  ...Object.keys(DATA.locals),
];
const declared = new Set([
  ...variables.map(({ labels }) => `var.${labels[0]}`),
  ...locals.map((name) => `local.${name}`),
  ...blocksOf('resource').map(({ labels }) => labels.join('.')),
  ...blocksOf('data').map(({ labels }) => `data.${labels.join('.')}`),
]);
const inData = stringsIn(DATA.locals).flatMap((text) => referencesOf(`"${text}"`));
const used = new Set([...BLOCKS.flatMap(expressionsOf).flatMap(referencesOf), ...inData]);

/** The types of the provider's resources by CloudFormation's; a policy or a target is a resource of its own there. */
const TYPES: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': 'aws_cloudwatch_metric_alarm',
  'AWS::ECS::Service': 'aws_ecs_service',
  'AWS::ECS::TaskDefinition': 'aws_ecs_task_definition',
  'AWS::Events::Rule': 'aws_cloudwatch_event_rule',
  'AWS::IAM::ManagedPolicy': 'aws_iam_policy',
  'AWS::IAM::Role': 'aws_iam_role',
  'AWS::Lambda::EventInvokeConfig': 'aws_lambda_function_event_invoke_config',
  'AWS::Lambda::Permission': 'aws_lambda_permission',
  'AWS::Logs::LogGroup': 'aws_cloudwatch_log_group',
  'AWS::SNS::Topic': 'aws_sns_topic',
  'AWS::SQS::Queue': 'aws_sqs_queue',
  'AWS::SQS::QueuePolicy': 'aws_sqs_queue_policy',
  'AWS::Serverless::Function': 'aws_lambda_function',
};
const PARTS = ['aws_cloudwatch_event_target', 'aws_iam_role_policy', 'aws_iam_role_policy_attachment'];

describe('the module', () => {
  it('has the parameters of the template as variables, each with a description and a type', () => {
    expect(variables.map(({ labels }) => labels[0]).sort()).toEqual(
      ['artifacts', 'hooks', ...PARAMETERS.map(snake)].sort(),
    );
    for (const { labels, attributes } of variables) {
      expect(textOf(attributes.description), labels.join()).toMatch(/\S{4}/);
      expect(attributes.type, labels.join()).toMatch(/^(?:string|number|bool|list\(string\)|map\(.+\))$/);
    }
  });

  it('has its defaults', () => {
    for (const name of PARAMETERS) {
      const { attributes } = found(variables, snake(name));
      const { Default: standard, Type: type } = Object(TEMPLATE.Parameters)[name];
      const expected = type === 'CommaDelimitedList' ? [] : standard;
      const given: unknown = attributes.default === undefined ? undefined : JSON.parse(attributes.default);
      expect(typeof given === 'boolean' ? String(given) : given, name).toEqual(expected);
    }
  });

  it('declares what it refers to, and uses what it declares', () => {
    expect([...used].filter((reference) => !declared.has(reference))).toEqual([]);
    const read = [...declared].filter((reference) => /^(?:var|local|data)\b/.test(reference));
    expect(read.filter((reference) => !used.has(reference))).toEqual([]);
  });

  it('has resources of every type that the template has, and of no other', () => {
    const expected = Object.values(RESOURCES).map(({ Type }) => TYPES[Type] ?? `no type for ${Type}`);
    const types = blocksOf('resource').map(({ labels: [type] }) => type);
    expect([...new Set(types)].sort()).toEqual([...new Set([...expected, ...PARTS])].sort());
  });

  it('has the outputs of the template, the functions as one map', () => {
    const names = Object.keys(Object(TEMPLATE.Outputs)).filter((name) => !name.endsWith('FunctionArn'));
    expect(
      blocksOf('output')
        .map(({ labels }) => labels[0])
        .sort(),
    ).toEqual(['function_arns', ...names.map(snake)].sort());
    for (const name of names) {
      const { Description: description } = Object(TEMPLATE.Outputs)[name];
      expect(textOf(found(blocksOf('output'), snake(name)).attributes.description)).toContain(
        description.replace('roleArn', 'role_arn'),
      );
    }
  });

  it('refuses what the rules of the template refuse', () => {
    const rules = Object.entries<{ Assertions: { AssertDescription: string }[] }>(Object(TEMPLATE.Rules));
    const wanted = rules
      .filter(([name]) => name !== 'AtLeastOneHook')
      .flatMap(([, { Assertions }]) =>
        Assertions.map(({ AssertDescription: text }) => text.replace(/[A-Z]\w+/g, snake)),
      );
    const told = blocksOf('resource').flatMap(({ blocks }) =>
      blocks.flatMap(({ blocks: inner }) =>
        inner.filter(({ type }) => type === 'precondition').map(({ attributes }) => textOf(attributes.error_message)),
      ),
    );
    expect(wanted.length).toBeGreaterThan(4);
    expect(told).toEqual(expect.arrayContaining(wanted));
  });

  it('gives every function the size, the runtime and the role that it has in the template', () => {
    const { attributes } = found(blocksOf('resource'), 'aws_lambda_function', 'hook');
    for (const [name, argument] of Object.entries({
      handler: 'handler',
      runtime: 'runtime',
      memory_size: 'memory_size',
      timeout: 'timeout',
      architectures: 'architectures',
      description: 'description',
    })) {
      expect(attributes[name]).toBe(`each.value.${argument}`);
    }
    for (const { name } of HOOKS) {
      const { Handler, Runtime, MemorySize, Timeout, Architectures, Description } = Object(
        RESOURCES[`${logicalId(name)}Function`],
      ).Properties;
      expect(Object(DATA.locals.all_hooks)[name]).toMatchObject({
        handler: Handler,
        runtime: Runtime,
        memory_size: MemorySize,
        timeout: Timeout,
        architectures: Architectures,
        description: Description,
      });
    }
  });
});

describe('the reader of HCL', () => {
  it('finds blocks, labels, and expressions to their last bracket', () => {
    const text = 'a "b" "c" {\n  # no = comment\n  d = {\n    e = "}" # }\n  }\n  f {\n    g = 1\n  }\n}\n';
    expect(readHcl(text)).toEqual({
      attributes: {},
      blocks: [
        {
          type: 'a',
          labels: ['b', 'c'],
          attributes: { d: '{\n    e = "}" \n  }' },
          blocks: [{ type: 'f', labels: [], attributes: { g: '1' }, blocks: [] }],
        },
      ],
    });
  });

  it.each([
    ['a {\n  b = (1\n}\n', 'line 3: } closes nothing'],
    ['a {\n  b = [1\n', 'has no end'],
    ['a "b" = 1\n', 'line 1: a cannot be set here'],
    ['a {\n  b = 1\n  b = 2\n}\n', 'line 3: b cannot be set here'],
    ['a {\n  b =\n}\n', 'an expression is missing'],
    ['a {\n', 'the block a has no end'],
    ['a {\n  b = "x\n}\n', 'a string without end'],
    ['}\n', 'nothing can stand here'],
  ])('refuses %j', (text, message) => {
    expect(() => readHcl(text)).toThrow(message);
  });

  it.each([
    ['var.a', ['var.a']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as HCL writes it
    ['"x-${var.a}-${local.b[var.c]}"', ['var.a', 'local.b', 'var.c']],
    ['"$${var.a}"', []],
    ['"var.a"', []],
    ['[for x in aws_sqs_queue.q : x.arn] # var.a', ['aws_sqs_queue.q']],
    ['data.aws_region.current.region', ['data.aws_region.current']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as HCL writes it
    ['"${"${var.a}"}"', ['var.a']],
    ['each.value.local.x', []],
  ])('%s refers to %j', (expression, references) => {
    expect(referencesOf(expression)).toEqual(references);
  });
});

function found(blocks: typeof BLOCKS, ...labels: string[]) {
  const block = blocks.find((one) => one.labels.join() === labels.join());
  if (block === undefined) throw new Error(`there is no ${labels.join(' ')}`);
  return block;
}
