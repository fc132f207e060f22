import './quiet.ts';
import { DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand } from '@aws-sdk/client-ecs';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetParameterHistoryCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Config } from '../../hooks/approval/config.ts';
import { readContext } from '../../hooks/approval/context.ts';
import type { Input } from '../../hooks/approval/input.ts';
import { notify } from '../../hooks/approval/notice.ts';
import { readHistory } from '../../hooks/approval/request.ts';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { COMMON_DEFAULTS } from '../../shared/config.ts';
import { isRetryable } from '../../shared/errors.ts';
import { idOf, parseEvent } from '../../shared/event.ts';
import { describesDeployment, mockAws, ssmError, transportError } from '../fixtures/aws.ts';

const aws = mockAws();
const { signal } = new AbortController();
const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const NAME = '/ecs-hooks/approval/prod/web/dep-1/PRE_SCALE_UP';
const BY = 'arn:aws:sts::123456789012:assumed-role/Approver/alice';
const AT = new Date('2026-03-02T09:00:00Z');
const deployment = parseEvent(at('PRE_SCALE_UP'));

beforeEach(() => {
  vi.clearAllMocks();
});

describe('the history', () => {
  const version = (Version: number) => ({ Version, Value: `v${Version}`, LastModifiedUser: BY, LastModifiedDate: AT });
  const read = (n: number) => ({ version: n, value: `v${n}`, by: BY, at: AT });

  it('is read page by page as long as there is time, and sorted, oldest first', async () => {
    aws.ssm
      .on(GetParameterHistoryCommand)
      .resolvesOnce({ Parameters: [version(3), version(4)], NextToken: 'a' })
      .resolvesOnce({ NextToken: 'b' })
      .resolvesOnce({ Parameters: [version(2), version(1)] });
    expect(await readHistory(NAME, signal)).toEqual([read(1), read(2), read(3), read(4)]);
    const page = { Name: NAME, MaxResults: 50, WithDecryption: true };
    expect(aws.ssm.calls().map(({ args: [{ input }] }) => input)).toStrictEqual([
      page,
      { ...page, NextToken: 'a' },
      { ...page, NextToken: 'b' },
    ]);
    const withSignal = [expect.anything(), { abortSignal: signal }];
    expect(aws.ssm.send.args).toEqual([withSignal, withSignal, withSignal]);
  });

  it('of a parameter that does not exist is empty', async () => {
    aws.ssm.on(GetParameterHistoryCommand).rejects(ssmError('ParameterNotFound', 'no'));
    expect(await readHistory(NAME, signal)).toEqual([]);
  });

  it.each([
    ['Version', { LastModifiedUser: BY, LastModifiedDate: AT }],
    ['LastModifiedUser', { Version: 2, LastModifiedDate: AT }],
    ['LastModifiedDate', { Version: 2, LastModifiedUser: BY }],
  ])('with a vote of which %s is not known counts no vote at all; the next look may', async (_what, record) => {
    aws.ssm.on(GetParameterHistoryCommand).resolves({ Parameters: [version(1), { Value: 'accept', ...record }] });
    const thrown = await readHistory(NAME, signal).catch((error) => error);
    expect(thrown.message).toBe(
      `ssm:GetParameterHistory answered a version of ${NAME} without its number, author or date`,
    );
    expect(isRetryable(thrown)).toBe(true);
  });

  it.each([
    ['no permission', ssmError('AccessDeniedException', 'no')],
    ['trouble that passes', ssmError('InternalServerError', 'no', 500)],
  ])('that cannot be read is not taken for an empty one: %s', async (_what, error) => {
    aws.ssm.on(GetParameterHistoryCommand).rejects(error);
    await expect(readHistory(NAME, signal)).rejects.toBe(error);
  });
});

describe('what an approver is told of the release', () => {
  const revision = (arn: string, images?: Record<string, string>) => ({
    serviceRevisionArn: arn,
    ...(images && {
      containerImages: Object.entries(images).map(([containerName, image]) => ({ containerName, image })),
    }),
  });
  const sourceRevisionId = idOf(SOURCE);

  it.each([
    [
      'each container, with its old image where that is another',
      [
        revision(TARGET, { web: 'web:2', proxy: 'proxy:1', logs: 'logs:1' }),
        revision(SOURCE, { web: 'web:1', proxy: 'proxy:1' }),
      ],
      ['web: web:1 → web:2', 'proxy: proxy:1', 'logs: logs:1'],
    ],
    ['the new images alone, where the old revision is gone', [revision(TARGET, { web: 'web:2' })], ['web: web:2']],
    [
      'the new images alone, where the old ones are not known',
      [revision(TARGET, { web: 'web:2' }), revision(SOURCE)],
      ['web: web:2'],
    ],
    ['what is replaced, where the new images are not known', [revision(TARGET), revision(SOURCE, { web: 'x:1' })], []],
    ['what is replaced, where the new revision is not known', [revision(SOURCE, { web: 'web:1' })], []],
  ])('%s', async (_what, serviceRevisions, images) => {
    describesDeployment(aws);
    aws.ecs.on(DescribeServiceRevisionsCommand).resolves({ serviceRevisions });
    expect(await readContext(deployment, signal, log)).toEqual({ sourceRevisionId, images });
    expect(log.warn).not.toHaveBeenCalled();
  });

  it('of the first deployment: the images', async () => {
    describesDeployment(aws, []);
    aws.ecs
      .on(DescribeServiceRevisionsCommand, { serviceRevisionArns: [TARGET] }, true)
      .resolves({ serviceRevisions: [revision(TARGET, { web: 'web:1' })] });
    expect(await readContext(deployment, signal, log)).toStrictEqual({ images: ['web: web:1'] });
  });

  it('is not asked for any more once the time is up', async () => {
    aws.ecs.on(DescribeServiceDeploymentsCommand).rejects(transportError('AbortError', 'Request aborted'));
    const timeIsUp = new Error('the time is up');
    await expect(readContext(deployment, AbortSignal.abort(timeIsUp), log)).rejects.toBe(timeIsUp);
    expect(log.warn).not.toHaveBeenCalled();
  });
});

describe('a notice', () => {
  const notifyTopicArn = 'arn:aws:sns:eu-west-1:123456789012:approvals';
  const request = { parameterName: NAME, deployment, deadline: AT, quorum: 1, context: { images: [] } };
  const inputWith = (until: AbortSignal): Input => ({
    deployment,
    config: { ...COMMON_DEFAULTS, ...Config.parse({ notifyTopicArn }) },
    state: undefined,
    now: AT,
    clock: () => AT.getTime(),
    deadline: AT,
    signal: until,
    log,
    functionName: 'hook-fn',
  });

  beforeEach(() => {
    aws.ssm.on(PutParameterCommand).resolves({ Version: 1 });
  });

  it('is published with the signal', async () => {
    aws.sns.on(PublishCommand).resolves({});
    expect(await notify(inputWith(signal), request, 1)).toBe(1);
    expect(aws.sns.send.args).toEqual([[expect.anything(), { abortSignal: signal }]]);
  });

  it('that the end of the time cut off keeps its claim: it may have gone out, so its lease holds', async () => {
    const time = new AbortController();
    const timeIsUp = new Error('the time is up');
    aws.sns.on(PublishCommand).callsFake(() => {
      time.abort(timeIsUp);
      throw transportError('AbortError', 'Request aborted');
    });
    await expect(notify(inputWith(time.signal), request, 1)).rejects.toBe(timeIsUp);
    const written = aws.ssm.commandCalls(PutParameterCommand).map(({ args: [{ input }] }) => input.Value);
    expect(written).toEqual(['claimed']);
  });
});
