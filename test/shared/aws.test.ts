import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { DeleteParametersCommand, GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import {
  describeServiceDeployment,
  describeServiceRevisions,
  describeTaskDefinition,
  sourceRevisionArns,
} from '../../shared/aws/ecs.ts';
import { createParameter, putParameter, removeLeftovers } from '../../shared/aws/parameters.ts';
import { isRetryable } from '../../shared/errors.ts';
import { mockAws, ssmError } from '../fixtures/aws.ts';

const aws = mockAws();
const { signal } = new AbortController();
const ARN = at('PRE_SCALE_UP').resourceArn;

describe('describeServiceDeployment', () => {
  it('asks for the one deployment, with the signal', async () => {
    aws.ecs
      .on(DescribeServiceDeploymentsCommand, { serviceDeploymentArns: [ARN] }, true)
      .resolves({ serviceDeployments: [{ status: 'IN_PROGRESS' }] });
    expect(await describeServiceDeployment(ARN, signal)).toEqual({ status: 'IN_PROGRESS' });
    expect(aws.ecs.send.firstCall.args).toEqual([expect.anything(), { abortSignal: signal }]);
  });

  it.each([
    [{ serviceDeployments: [], failures: [{ arn: ARN, reason: 'MISSING' }] }, 'MISSING'],
    [{ serviceDeployments: [], failures: [] }, 'nothing'],
    [{ serviceDeployments: [] }, 'nothing'],
    [{}, 'nothing'],
  ])('throws what may pass when ECS answers %j', async (output, answered) => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).resolves(output);
    const thrown = await describeServiceDeployment(ARN, signal).catch((error) => error);
    expect(thrown.message).toBe(`ecs:DescribeServiceDeployments answered ${answered} for ${ARN}`);
    expect(isRetryable(thrown)).toBe(true);
  });
});

describe('sourceRevisionArns', () => {
  const target = { targetServiceRevision: { arn: TARGET } };
  it.each([
    ['none at the first deployment', { ...target, sourceServiceRevisions: [] }, []],
    ['none when ECS leaves the list out', target, []],
    ['the one that is replaced', { ...target, sourceServiceRevisions: [{ arn: SOURCE }] }, [SOURCE]],
    ['not the target itself', { ...target, sourceServiceRevisions: [{ arn: TARGET }, { arn: SOURCE }] }, [SOURCE]],
    ['the one that is replaced, by a target not named', { sourceServiceRevisions: [{ arn: SOURCE }] }, [SOURCE]],
    ['not one without a name', { ...target, sourceServiceRevisions: [{}] }, []],
  ])('%s', (_, deployment, arns) => {
    expect(sourceRevisionArns(deployment)).toEqual(arns);
  });
});

describe('describeServiceRevisions', () => {
  it('keeps the order asked for, and the gaps', async () => {
    const unknown = `${SOURCE}9`;
    aws.ecs
      .on(DescribeServiceRevisionsCommand, { serviceRevisionArns: [TARGET, unknown, SOURCE] }, true)
      .resolves({ serviceRevisions: [{ serviceRevisionArn: SOURCE }, { serviceRevisionArn: TARGET }] });
    const revisions = await describeServiceRevisions([TARGET, unknown, SOURCE], signal);
    expect(revisions.map((revision) => revision?.serviceRevisionArn)).toEqual([TARGET, undefined, SOURCE]);
    expect(aws.ecs.send.firstCall.args).toEqual([expect.anything(), { abortSignal: signal }]);
  });

  it('knows none when ECS answers nothing', async () => {
    aws.ecs.on(DescribeServiceRevisionsCommand).resolves({});
    expect(await describeServiceRevisions([TARGET], signal)).toEqual([undefined]);
  });
});

describe('describeTaskDefinition', () => {
  const FAMILY = 'arn:aws:ecs:eu-west-1:123456789012:task-definition/ui:7';

  it('asks for the one task definition, with the signal', async () => {
    aws.ecs
      .on(DescribeTaskDefinitionCommand, { taskDefinition: FAMILY }, true)
      .resolves({ taskDefinition: { family: 'ui', revision: 7 } });
    expect(await describeTaskDefinition(FAMILY, signal)).toEqual({ family: 'ui', revision: 7 });
    expect(aws.ecs.send.firstCall.args).toEqual([expect.anything(), { abortSignal: signal }]);
  });

  it('throws what may pass when ECS answers none', async () => {
    aws.ecs.on(DescribeTaskDefinitionCommand).resolves({});
    const thrown = await describeTaskDefinition(FAMILY, signal).catch((error) => error);
    expect(thrown.message).toBe(`ecs:DescribeTaskDefinition answered nothing for ${FAMILY}`);
    expect(isRetryable(thrown)).toBe(true);
  });
});

describe('parameters', () => {
  const TEXT = { name: '/ecs-hooks/a', value: 'b', description: 'c' };
  const PUT = { Name: TEXT.name, Value: TEXT.value, Type: 'String', Description: TEXT.description } as const;

  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  beforeEach(() => {
    log.warn.mockReset();
  });

  it.each([
    ['created', false, () => createParameter(TEXT, signal)],
    ['put', true, () => putParameter({ ...TEXT, overwrite: true }, signal)],
  ] as const)('are %s, with the signal: overwrite is %s', async (_, Overwrite, write) => {
    aws.ssm.on(PutParameterCommand, { ...PUT, Overwrite }, true).resolves({ Version: 3 });
    expect(await write()).toBe(3);
    expect(aws.ssm.send.firstCall.args).toEqual([expect.anything(), { abortSignal: signal }]);
  });

  it('that are there already are not created, and that is no error', async () => {
    aws.ssm.on(PutParameterCommand).rejects(ssmError('ParameterAlreadyExists', 'words'));
    expect(await createParameter(TEXT, signal)).toBeUndefined();
  });

  it.each(['AccessDeniedException', 'ThrottlingException'])('that are refused with %s are an error', async (name) => {
    aws.ssm.on(PutParameterCommand).rejects(ssmError(name, 'words'));
    await expect(createParameter(TEXT, signal)).rejects.toThrow(expect.objectContaining({ name }));
  });

  it('of which no version is answered are not known to be written', async () => {
    aws.ssm.on(PutParameterCommand).resolves({});
    const thrown = await createParameter(TEXT, signal).catch((error) => error);
    expect(thrown.message).toBe('ssm:PutParameter answered no version for /ecs-hooks/a');
    expect(isRetryable(thrown)).toBe(true);
  });

  it('that are left over are removed if they were last changed before the time, and of another deployment', async () => {
    const before = new Date(1_000_000);
    const old = new Date(999_999);
    aws.ssm.on(GetParametersByPathCommand).resolves({
      Parameters: [
        { Name: '/ecs-hooks/a/old', LastModifiedDate: old },
        { Name: '/ecs-hooks/a/just', LastModifiedDate: before },
        { Name: '/ecs-hooks/mine/old', LastModifiedDate: old },
        { Name: '/ecs-hooks/a/undated' },
        { LastModifiedDate: old },
      ],
    });
    aws.ssm.on(DeleteParametersCommand).resolves({});
    await removeLeftovers({ folder: '/ecs-hooks', deploymentId: 'mine', before }, signal, log);
    expect(aws.ssm.commandCalls(DeleteParametersCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { Names: ['/ecs-hooks/a/old'] },
    ]);
    const withSignal = [expect.anything(), { abortSignal: expect.any(AbortSignal) }];
    expect(aws.ssm.send.args).toEqual([withSignal, withSignal]);
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('that are left over are looked for in five pages of ten, as long as the caller has time', async () => {
    const asked = aws.ssm.on(GetParametersByPathCommand);
    for (const NextToken of ['2', '3', '4', '5', '6']) asked.resolvesOnce({ NextToken });
    const caller = new AbortController();
    await removeLeftovers({ folder: '/ecs-hooks', deploymentId: 'mine', before: new Date(0) }, caller.signal, log);
    const page = { Path: '/ecs-hooks', Recursive: true, MaxResults: 10 };
    expect(aws.ssm.calls().map(({ args: [{ input }] }) => input)).toStrictEqual([
      page,
      ...['2', '3', '4', '5'].map((NextToken) => ({ ...page, NextToken })),
    ]);
    caller.abort();
    expect(aws.ssm.send.firstCall.args).toMatchObject([{}, { abortSignal: { aborted: true } }]);
  });

  it('of which none is left over are not removed', async () => {
    aws.ssm.on(GetParametersByPathCommand).resolves({});
    await removeLeftovers({ folder: '/ecs-hooks', deploymentId: 'mine', before: new Date(0) }, signal, log);
    expect(aws.calls()).toEqual(['GetParametersByPathCommand']);
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('that are left over and cannot be removed are told of, and not thrown for', async () => {
    aws.ssm.on(GetParametersByPathCommand).rejects(ssmError('AccessDeniedException', 'no'));
    await removeLeftovers({ folder: '/ecs-hooks', deploymentId: 'mine', before: new Date(0) }, signal, log);
    expect(log.warn.mock.calls).toEqual([
      ['old parameters could not be removed', { folder: '/ecs-hooks', trouble: 'AccessDeniedException: no' }],
    ]);
  });
});
