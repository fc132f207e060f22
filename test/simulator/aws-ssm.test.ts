import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  type ParameterType,
  PutParameterCommand,
  type PutParameterCommandInput,
  paginateDescribeParameters,
  paginateGetParameterHistory,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { START, startAws } from './aws-fixture.ts';

const APPROVER = 'arn:aws:sts::123456789012:assumed-role/Approver/ana';
const HOOK = 'arn:aws:sts::123456789012:assumed-role/ApprovalHook/approval';

function put(name: string, value: string, more: Partial<PutParameterCommandInput> = {}): PutParameterCommand {
  return new PutParameterCommand({ Name: name, Value: value, Type: 'String', ...more });
}

describe('PutParameter', () => {
  it('lets exactly one of two concurrent creates win', async () => {
    const { aws, configAs } = await startAws();
    const clients = [APPROVER, HOOK].map((arn) => new SSMClient(configAs(arn)));
    const results = await Promise.allSettled(
      clients.map((ssm, index) => ssm.send(put('/claim', `by ${index}`, { Overwrite: false }))),
    );
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(lost).toHaveLength(1);
    expect(lost[0]).toMatchObject({
      name: 'ParameterAlreadyExists',
      message:
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      $metadata: { httpStatusCode: 400 },
    });
    expect(aws.parameters.history('/claim')).toHaveLength(1);
  });

  it('numbers versions and keeps what an overwrite leaves out', async () => {
    const { config } = await startAws();
    const ssm = new SSMClient(config);
    expect(await ssm.send(put('/a', 'one', { Description: 'why', AllowedPattern: '[a-z]+' }))).toMatchObject({
      Version: 1,
      Tier: 'Standard',
    });
    expect(await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'two', Overwrite: true }))).toMatchObject({
      Version: 2,
    });
    const { Parameters } = await ssm.send(new DescribeParametersCommand({}));
    expect(Parameters).toMatchObject([
      { Name: '/a', Version: 2, Type: 'String', Description: 'why', AllowedPattern: '[a-z]+', DataType: 'text' },
    ]);
    await expect(ssm.send(put('/a', 'THREE', { Overwrite: true }))).rejects.toMatchObject({
      name: 'ParameterPatternMismatchException',
      message: 'Parameter value, cannot be validated against allowedPattern: [a-z]+',
    });
  });

  const levels = (count: number) => Array.from({ length: count }, (_, index) => `/L${index}`).join('');

  it.each<[string, Partial<PutParameterCommandInput>, string, string]>([
    [
      'a hierarchy without its slash',
      { Name: 'a/b' },
      'ValidationException',
      'Parameter name must be a fully qualified name.',
    ],
    ['the prefix aws', { Name: 'awsThing' }, 'ValidationException', 'can\'t be prefixed with "aws" or "ssm"'],
    ['the prefix ssm in a path', { Name: '/SSM/a' }, 'ValidationException', 'If formed as a path'],
    [
      'the reserved hierarchy',
      { Name: '/aws/service/a' },
      'AccessDeniedException',
      'No access to reserved parameter name: /aws/service/a.',
    ],
    ['a space inside', { Name: '/a b' }, 'ValidationException', 'Parameter name:'],
    ['an empty level', { Name: '/a//b' }, 'ValidationException', 'Parameter name:'],
    [
      'sixteen levels',
      { Name: levels(16) },
      'HierarchyLevelLimitExceededException',
      'A hierarchy can have a maximum of 15 levels.',
    ],
    ['a name too long with its ARN', { Name: `/${'x'.repeat(1000)}` }, 'ValidationException', 'at most 1011'],
    [
      'no type',
      { Type: undefined },
      'ValidationException',
      'A parameter type is required when you create a parameter.',
    ],
    [
      'a type that is none',
      { Type: 'Text' as ParameterType }, // what a caller without types could send
      'ValidationException',
      "1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]",
    ],
    [
      'an empty value',
      { Value: '' },
      'ValidationException',
      "Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a nested parameter',
      { Value: 'x {{ssm:y}}' },
      'ValidationException',
      "Parameter value can't nest another parameter.",
    ],
    [
      '4 KB and one byte',
      { Value: `${'x'.repeat(4095)}é` },
      'ValidationException',
      'Standard tier parameters support a maximum parameter value of 4096 characters.',
    ],
    ['8 KB and one byte', { Value: 'x'.repeat(8193), Tier: 'Advanced' }, 'ValidationException', '8192'],
    [
      'a bad pattern',
      { AllowedPattern: '(' },
      'InvalidAllowedPatternException',
      'The request does not meet the regular expression requirement.',
    ],
    [
      'a key without a secret',
      { KeyId: 'alias/k' },
      'ValidationException',
      'KeyId is required for SecureString type parameter only.',
    ],
    [
      'tags with overwrite',
      { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      'ValidationException',
      "tags and overwrite can't be used together",
    ],
    ['policies', { Tier: 'Advanced', Policies: '[{}]' }, 'NotImplementedException', 'Policies'],
  ])('refuses %s', async (_what, input, name, message) => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    await expect(ssm.send(put('/fine', 'fine', input))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
    expect(aws.parameters.names()).toEqual([]);
  });

  it.each([
    ['fifteen levels', { Name: levels(15) }, 'Standard'],
    ['spaces around the name', { Name: ' /fine ' }, 'Standard'],
    ['4 KB exactly', { Value: 'x'.repeat(4096) }, 'Standard'],
    ['8 KB exactly, advanced', { Value: 'x'.repeat(8192), Tier: 'Advanced' as const }, 'Advanced'],
    [
      'more than 4 KB, by Intelligent-Tiering',
      { Value: 'x'.repeat(4097), Tier: 'Intelligent-Tiering' as const },
      'Advanced',
    ],
    ['little, by Intelligent-Tiering', { Tier: 'Intelligent-Tiering' as const }, 'Standard'],
    ['JSON with closing braces', { Value: '{"a":{"b":{}}}' }, 'Standard'],
  ])('takes %s', async (_what, input, tier) => {
    const { aws, config } = await startAws();
    expect(await new SSMClient(config).send(put('/fine', 'fine', input))).toMatchObject({ Version: 1, Tier: tier });
    expect(aws.parameters.names()).toHaveLength(1);
  });

  it('neither shrinks an advanced parameter nor changes a type', async () => {
    const { config } = await startAws();
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', 'one', { Tier: 'Advanced' }));
    await expect(ssm.send(put('/a', 'two', { Overwrite: true, Tier: 'Standard' }))).rejects.toThrow(
      "You can't downgrade a parameter",
    );
    expect(await ssm.send(put('/a', 'two', { Overwrite: true }))).toMatchObject({ Tier: 'Advanced' });
    await expect(ssm.send(put('/a', 'x', { Overwrite: true, Type: 'SecureString' }))).rejects.toMatchObject({
      name: 'HierarchyTypeMismatchException',
    });
  });

  it('changes a type where that reading is chosen', async () => {
    const { config } = await startAws({ ssm: { typeChange: 'allowed' } });
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', 'one'));
    expect(await ssm.send(put('/a', 'two', { Overwrite: true, Type: 'StringList' }))).toMatchObject({ Version: 2 });
  });

  it('keeps 100 versions, and stops at one that has a label', async () => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    for (let version = 1; version <= 101; version += 1) {
      aws.parameters.put({ name: '/a', value: `v${version}`, type: 'String', overwrite: true }, HOOK);
    }
    const kept = aws.parameters.history('/a') ?? [];
    expect([kept.length, kept[0]?.version, kept.at(-1)?.version]).toEqual([100, 2, 101]);
    await expect(ssm.send(new GetParameterCommand({ Name: '/a:1' }))).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
    });
    await ssm.send(new LabelParameterVersionCommand({ Name: '/a', ParameterVersion: 2, Labels: ['keep'] }));
    await expect(ssm.send(put('/a', 'v102', { Overwrite: true }))).rejects.toMatchObject({
      name: 'ParameterMaxVersionLimitExceeded',
      message: expect.stringContaining("Version 2, the oldest version, can't be deleted"),
    });
    expect(aws.parameters.get('/a')?.version).toBe(101);
  });

  it('holds so many standard parameters and no more', async () => {
    const { config } = await startAws({ ssm: { maxStandardParameters: 2 } });
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', '1'));
    await ssm.send(put('/b', '1'));
    await expect(ssm.send(put('/c', '1'))).rejects.toMatchObject({ name: 'ParameterLimitExceeded' });
    expect(await ssm.send(put('/a', '2', { Overwrite: true }))).toMatchObject({ Version: 2 });
    expect(await ssm.send(put('/c', '1', { Tier: 'Intelligent-Tiering' }))).toMatchObject({ Tier: 'Advanced' });
    await ssm.send(new DeleteParameterCommand({ Name: '/b' }));
    expect(await ssm.send(put('/d', '1'))).toMatchObject({ Tier: 'Standard' });
  });

  it('refuses a deleted name for 30 seconds, where that is chosen', async () => {
    const { config, clock } = await startAws({ ssm: { recreateAfterSeconds: 30 } });
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', '1'));
    await ssm.send(new DeleteParameterCommand({ Name: '/a' }));
    clock.advance(29);
    await expect(ssm.send(put('/a', '2'))).rejects.toMatchObject({ name: 'TooManyUpdates' });
    clock.advance(1);
    expect(await ssm.send(put('/a', '2'))).toMatchObject({ Version: 1 });
  });
});

describe('reading', () => {
  it('answers GetParameter with the latest version, a version, a label, or by ARN', async () => {
    const { config } = await startAws();
    const ssm = new SSMClient(config);
    await ssm.send(put('/a/b', 'one'));
    await ssm.send(put('/a/b', 'two', { Overwrite: true }));
    await ssm
      .send(new LabelParameterVersionCommand({ Name: '/a/b', ParameterVersion: 1, Labels: ['first', '1st'] }))
      .then((answer) => {
        expect(answer).toMatchObject({ InvalidLabels: ['1st'], ParameterVersion: 1 });
      });
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/a/b';
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a/b' }));
    expect(Parameter).toEqual({
      Name: '/a/b',
      Type: 'String',
      Value: 'two',
      Version: 2,
      LastModifiedDate: new Date(START),
      ARN: arn,
      DataType: 'text',
    });
    const value = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter;
    expect(await value('/a/b:1')).toMatchObject({ Name: '/a/b', Value: 'one', Selector: ':1' });
    expect(await value('/a/b:first')).toMatchObject({ Value: 'one', Selector: ':first' });
    expect(await value(arn)).toMatchObject({ Name: '/a/b', Value: 'two' });
    await expect(value('/a/b:9')).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 9 of /a/b. Verify the version and try again.',
    });
    await expect(value('/none')).rejects.toMatchObject({
      name: 'ParameterNotFound',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('answers GetParameters with what there is and what there is not', async () => {
    const { config } = await startAws();
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', 'one'));
    const answer = await ssm.send(new GetParametersCommand({ Names: ['/a', '/a:7', '/b'] }));
    expect(answer.Parameters?.map(({ Name }) => Name)).toEqual(['/a']);
    expect(answer.InvalidParameters).toEqual(['/a:7', '/b']);
    await expect(
      ssm.send(new GetParametersCommand({ Names: Array.from({ length: 11 }, (_, index) => `/p${index}`) })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(
        "at 'names' failed to satisfy constraint: Member must have length less than or equal to 10",
      ),
    });
  });

  it('records who wrote each version, and when', async () => {
    const { clock, configAs } = await startAws();
    await new SSMClient(configAs(HOOK)).send(put('/vote', 'pending', { Description: 'release 2' }));
    clock.advance(300);
    const approver = new SSMClient(configAs(APPROVER));
    await approver.send(put('/vote', 'accept', { Overwrite: true }));
    const { Parameters } = await approver.send(new GetParameterHistoryCommand({ Name: '/vote' }));
    expect(Parameters).toMatchObject([
      {
        Version: 1,
        Value: 'pending',
        LastModifiedUser: HOOK,
        LastModifiedDate: new Date(START),
        Description: 'release 2',
        Labels: [],
        Tier: 'Standard',
      },
      { Version: 2, Value: 'accept', LastModifiedUser: APPROVER, LastModifiedDate: new Date(START + 300_000) },
    ]);
    await expect(approver.send(new GetParameterHistoryCommand({ Name: '/none' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });

  it('pages the history, oldest version first, 50 at most', async () => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    for (let version = 1; version <= 99; version += 1) {
      aws.parameters.put({ name: '/a', value: `v${version}`, type: 'String', overwrite: true }, HOOK);
    }
    const pages: number[][] = [];
    for await (const page of paginateGetParameterHistory({ client: ssm }, { Name: '/a' })) {
      pages.push((page.Parameters ?? []).map(({ Version }) => Version ?? 0));
    }
    expect(pages.map((page) => page.length)).toEqual([50, 49]);
    expect(pages.flat()).toEqual(Array.from({ length: 99 }, (_, index) => index + 1));
    await expect(ssm.send(new GetParameterHistoryCommand({ Name: '/a', MaxResults: 51 }))).rejects.toMatchObject({
      message:
        "1 validation error detected: Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50",
    });
    await expect(ssm.send(new GetParameterHistoryCommand({ Name: '/a', NextToken: 'mine' }))).rejects.toMatchObject({
      name: 'InvalidNextToken',
    });
  });

  it('lists a hierarchy, one level or all, in pages that neither skip nor repeat when parameters come and go', async () => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    const names = Array.from({ length: 23 }, (_, index) => `/p/${String(index).padStart(2, '0')}`);
    for (const name of [...names, '/p/deep/er', '/pq', 'root'])
      aws.parameters.put({ name, value: 'x', type: 'String' }, HOOK);
    const seen: string[] = [];
    for await (const { Parameters = [] } of paginateGetParametersByPath({ client: ssm }, { Path: '/p' })) {
      expect(Parameters.length).toBeLessThanOrEqual(10);
      seen.push(...Parameters.map(({ Name }) => Name ?? ''));
      aws.parameters.delete(Parameters[0]?.Name ?? '');
    }
    expect(seen).toEqual(names);
    const listed = async (Path: string, Recursive: boolean) =>
      ((await ssm.send(new GetParametersByPathCommand({ Path, Recursive }))).Parameters ?? []).map(({ Name }) => Name);
    expect(await listed('/p/deep', false)).toEqual(['/p/deep/er']);
    expect(await listed('/', false)).toEqual(['/pq', 'root']);
    expect(await listed('/nothing', true)).toEqual([]);
    expect(await listed('/p/', true)).toContain('/p/01');
    await expect(listed('p', true)).rejects.toThrow("The parameter doesn't meet the parameter name requirements.");
    await expect(
      ssm.send(new GetParametersByPathCommand({ Path: '/p', ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })),
    ).rejects.toMatchObject({
      name: 'InvalidFilterKey',
    });
  });

  it.each([
    [[{ Key: 'Name', Values: ['/ecs-hooks/approval/a'] }], ['/ecs-hooks/approval/a']],
    [
      [{ Key: 'Name', Option: 'BeginsWith', Values: ['/ecs-hooks/'] }],
      ['/ecs-hooks/approval/a', '/ecs-hooks/approval/b/c'],
    ],
    [[{ Key: 'Name', Option: 'Contains', Values: ['oval'] }], ['/ecs-hooks/approval/a', '/ecs-hooks/approval/b/c']],
    [[{ Key: 'Path', Values: ['/ecs-hooks/approval'] }], ['/ecs-hooks/approval/a']],
    [
      [{ Key: 'Path', Option: 'Recursive', Values: ['/ecs-hooks'] }],
      ['/ecs-hooks/approval/a', '/ecs-hooks/approval/b/c'],
    ],
    [[{ Key: 'Type', Values: ['SecureString'] }], ['/secret']],
    [[{ Key: 'KeyId', Values: ['alias/aws/ssm'] }], ['/secret']],
    [[{ Key: 'tag:team', Values: ['unicorn'] }], ['/secret']],
    [
      [
        { Key: 'Type', Values: ['String'] },
        { Key: 'Name', Values: ['/secret'] },
      ],
      [],
    ],
  ])('describes what the filters %j let through', async (ParameterFilters, names) => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    for (const name of ['/ecs-hooks/approval/a', '/ecs-hooks/approval/b/c'])
      aws.parameters.put({ name, value: 'x', type: 'String' }, HOOK);
    await ssm.send(put('/secret', 's', { Type: 'SecureString', Tags: [{ Key: 'team', Value: 'unicorn' }] }));
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    expect(Parameters?.map(({ Name }) => Name)).toEqual(names);
  });

  it.each([
    [[{ Key: 'Colour', Values: ['x'] }], 'ValidationException'],
    [[{ Key: 'Label', Values: ['x'] }], 'InvalidFilterKey'],
    [[{ Key: 'Name' }], 'InvalidFilterValue'],
    [[{ Key: 'Type', Values: ['Text'] }], 'InvalidFilterValue'],
    [[{ Key: 'Name', Option: 'Recursive', Values: ['x'] }], 'InvalidFilterOption'],
    [[{ Key: 'Path', Values: ['x'] }], 'ValidationException'],
    [
      [
        { Key: 'Name', Values: ['x'] },
        { Key: 'Name', Values: ['y'] },
      ],
      'InvalidFilterKey',
    ],
  ])('refuses the filters %j', async (ParameterFilters, name) => {
    const { config } = await startAws();
    await expect(new SSMClient(config).send(new DescribeParametersCommand({ ParameterFilters }))).rejects.toMatchObject(
      { name },
    );
  });

  it('pages DescribeParameters by 50', async () => {
    const { aws, config } = await startAws();
    const names = Array.from({ length: 120 }, (_, index) => `/p/${String(index).padStart(3, '0')}`);
    for (const name of names) aws.parameters.put({ name, value: 'x', type: 'String' }, HOOK);
    const pages: string[][] = [];
    for await (const { Parameters = [] } of paginateDescribeParameters({ client: new SSMClient(config) }, {}))
      pages.push(Parameters.map(({ Name }) => Name ?? ''));
    expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(pages.flat()).toEqual(names);
  });
});

describe('secrets', () => {
  it('shows a SecureString only decrypted, and never in the call log', async () => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    await ssm.send(put('/s', 'hunter2', { Type: 'SecureString' }));
    await ssm.send(new PutParameterCommand({ Name: '/s', Value: 'hunter3', Overwrite: true }));
    const value = async (WithDecryption: boolean) =>
      (await ssm.send(new GetParameterCommand({ Name: '/s', WithDecryption }))).Parameter?.Value;
    expect(await value(true)).toBe('hunter3');
    expect(await value(false)).toMatch(/^AQICAH/);
    expect(aws.calls).toMatchObject([{ input: { Value: '********' } }, { input: { Value: '********' } }, {}, {}]);
    expect(JSON.stringify(aws.calls)).not.toContain('hunter');
  });
});

describe('deleting', () => {
  it('tells what was there and what was not', async () => {
    const { aws, config } = await startAws();
    const ssm = new SSMClient(config);
    for (const name of ['/a', '/b']) await ssm.send(put(name, 'x'));
    await ssm.send(new DeleteParameterCommand({ Name: '/a' }));
    await expect(ssm.send(new DeleteParameterCommand({ Name: '/a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    const answer = await ssm.send(new DeleteParametersCommand({ Names: ['/a', '/b'] }));
    expect([answer.DeletedParameters, answer.InvalidParameters]).toEqual([['/b'], ['/a']]);
    expect(aws.parameters.names()).toEqual([]);
    await expect(
      ssm.send(new DeleteParametersCommand({ Names: Array.from({ length: 11 }, (_, index) => `/p${index}`) })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('labels', () => {
  it('move from one version to another, ten to a version', async () => {
    const { config } = await startAws();
    const ssm = new SSMClient(config);
    await ssm.send(put('/a', 'one'));
    await ssm.send(put('/a', 'two', { Overwrite: true }));
    const label = (ParameterVersion: number | undefined, Labels: string[]) =>
      ssm.send(new LabelParameterVersionCommand({ Name: '/a', ParameterVersion, Labels }));
    await label(1, ['live']);
    expect(await label(undefined, ['live'])).toMatchObject({ ParameterVersion: 2, InvalidLabels: [] });
    const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name: '/a' }));
    expect(Parameters?.map(({ Labels }) => Labels)).toEqual([[], ['live']]);
    await expect(
      label(
        2,
        Array.from({ length: 10 }, (_, index) => `l${index}`),
      ),
    ).rejects.toMatchObject({ name: 'ParameterVersionLabelLimitExceeded' });
    await expect(label(7, ['x'])).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  });
});
