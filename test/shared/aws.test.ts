import { DescribeServiceDeploymentsCommand, DescribeServiceRevisionsCommand } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { at, SOURCE, TARGET } from '../../library/testing/events.ts';
import { describeServiceDeployment, describeServiceRevisions, sourceRevisionArns } from '../../shared/aws/ecs.ts';
import { isRetryable } from '../../shared/errors.ts';
import { mockAws } from '../fixtures/aws.ts';

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
  });

  it('knows none when ECS answers nothing', async () => {
    aws.ecs.on(DescribeServiceRevisionsCommand).resolves({});
    expect(await describeServiceRevisions([TARGET], signal)).toEqual([undefined]);
  });
});
