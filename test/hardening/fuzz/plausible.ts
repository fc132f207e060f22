import { createHash } from 'node:crypto';
import { ParameterAlreadyExists, ParameterNotFound } from '@aws-sdk/client-ssm';
import { DEPLOYMENT_ID, SOURCE, TARGET } from '../../../library/testing/events.ts';
import { START } from '../../fixtures/probe.ts';
import type { Answering } from './aws.ts';
import { RESULT } from './load.ts';

/** Is it so, this time? */
export type Chance = (percent: number) => boolean;

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const SERVICE = TARGET.replace(':service-revision/', ':service/').replace(/\/\d+$/, '');
const DEPLOYMENT = `${SERVICE.replace(':service/', ':service-deployment/')}/${DEPLOYMENT_ID}`;
const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012';
const HEX = '0123456789abcdef'.repeat(4);
const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${HEX}`, size: 7 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${HEX}`, size: 100 }],
});
const DIGEST = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;
const IMAGE = `${HOST}/team/app:1.0`;
const HOOK = 'arn:aws:sts::123456789012:assumed-role/HookRole/probe-function';
const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders';

/** An AWS in which everything exists and most of it is well; what chance decides differs from call to call. */
export function plausible(chance: Chance): Answering {
  let version = 1;
  return (operation, input) => {
    switch (operation) {
      case 'GetParameter':
        return parameter(String(input.Name), chance, version);
      case 'PutParameter':
        if (input.Overwrite !== true && chance(30)) throw exists();
        version += 1;
        return { Version: version };
      case 'GetParameterHistory':
        return history(chance);
      case 'GetParametersByPath':
        return { Parameters: folder(String(input.Path), chance) };
      case 'GetMetricData':
        return { MetricDataResults: metrics(input.MetricDataQueries, chance), Messages: [] };
      default:
        return ofEcs(operation, chance) ?? ofOthers(operation, chance) ?? {};
    }
  };
}

function parameter(name: string, chance: Chance, version: number) {
  if (chance(25)) throw notFound();
  const revision = chance(50) ? (TARGET.split('/').at(-1) ?? '') : 'none';
  const steps = [{ weight: 10, seen: '2026-03-05T15:30:00Z', since: '2026-03-05T15:31:00Z' }];
  const value = name.includes('/canary/') ? JSON.stringify({ steps }) : revision;
  return { Parameter: { Name: name, Value: value, Version: version, LastModifiedDate: new Date(START) } };
}

function history(chance: Chance) {
  const vote = chance(50) ? 'accept' : 'decline: no';
  const by = ['ana', 'ben'].map((name) => `arn:aws:sts::123456789012:assumed-role/Approver/${name}`);
  const versions = [['pending', HOOK], ...(chance(70) ? by.map((name) => [vote, name]) : [])];
  const Parameters = versions.map(([Value, LastModifiedUser], index) => {
    return { Version: index + 1, Value, LastModifiedUser, LastModifiedDate: new Date(START) };
  });
  return { Parameters };
}

function folder(path: string, chance: Chance) {
  const until = new Date(START.getTime() + 600_000).toISOString();
  const plan = { v: 1, at: START.toISOString(), until, shards: 2, sides: ['green'], load: 'x' };
  const named = [
    ...(chance(70) ? [['plan', JSON.stringify(plan)]] : []),
    ...(chance(60) ? ['green-1', 'green-2'].map((name) => [name, JSON.stringify(RESULT)]) : []),
  ];
  return named.map(([name, Value]) => ({ Name: `${path}/${name}`, Value, LastModifiedDate: new Date(START) }));
}

function metrics(queries: unknown, chance: Chance) {
  const asked: { Id?: string }[] = Array.isArray(queries) ? queries : [];
  return asked.map(({ Id }, index) => {
    const minutes = Array.from({ length: 70 }, (_, minute) => minute - 65).filter(() => !chance(5));
    const level = index % 2 === 0 ? 2 : 100;
    return {
      Id,
      StatusCode: chance(95) ? 'Complete' : 'InternalError',
      Timestamps: minutes.map((minute) => new Date(Math.floor(START.getTime() / 60_000 + minute) * 60_000)),
      Values: minutes.map((minute) => level + (Math.abs(minute * 7) % 3)),
    };
  });
}

function ofEcs(operation: string, chance: Chance): object | undefined {
  switch (operation) {
    case 'DescribeServiceDeployments':
      return { serviceDeployments: [deployment(chance)], failures: [] };
    case 'ListServiceDeployments':
      return { serviceDeployments: [deployment(chance)] };
    case 'DescribeServiceRevisions':
      return { serviceRevisions: [revision(TARGET, chance), revision(SOURCE, chance)] };
    case 'DescribeTaskDefinition':
      return { taskDefinition: { containerDefinitions: [{ name: 'web', image: IMAGE }], runtimePlatform: {} } };
    case 'DescribeServices':
      return { services: [{ serviceArn: SERVICE, desiredCount: 1, runningCount: 1, status: 'ACTIVE' }] };
    case 'DescribeTasks':
      return { tasks: [task(chance(50) ? 'STOPPED' : 'RUNNING')], failures: [] };
    case 'RunTask':
      return { tasks: [task('PENDING')], failures: [] };
    default:
      return undefined;
  }
}

function deployment(chance: Chance) {
  return {
    serviceDeploymentArn: DEPLOYMENT,
    serviceArn: SERVICE,
    status: chance(90) ? 'IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS',
    createdAt: new Date(START.getTime() - 3_600_000),
    startedAt: new Date(START.getTime() - 3_500_000),
    targetServiceRevision: { arn: TARGET, requestedProductionTrafficWeight: 10 },
    sourceServiceRevisions: chance(90) ? [{ arn: SOURCE, requestedProductionTrafficWeight: 90 }] : [],
    deploymentConfiguration: {
      strategy: chance(50) ? 'CANARY' : 'BLUE_GREEN',
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 15 },
    },
  };
}

function revision(arn: string, chance: Chance) {
  const colour = arn === TARGET ? 'green' : 'blue';
  return {
    serviceRevisionArn: arn,
    taskDefinition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/ui:7',
    containerImages: [{ containerName: 'web', image: IMAGE, ...(chance(70) && { imageDigest: DIGEST }) }],
    createdAt: new Date(START.getTime() - 86_400_000),
    resolvedConfiguration: {
      loadBalancers: [
        {
          targetGroupArn: `${BALANCER}:targetgroup/${colour}/0123`,
          productionListenerRule: `${BALANCER}:listener-rule/app/web/1/2/3`,
        },
      ],
    },
  };
}

function task(lastStatus: string) {
  return {
    taskArn: 'arn:aws:ecs:eu-west-1:123456789012:task/unicorn-watch/0123',
    lastStatus,
    stopCode: 'EssentialContainerExited',
    containers: [{ name: 'k6', exitCode: 0, lastStatus }],
  };
}

function ofOthers(operation: string, chance: Chance): object | undefined {
  switch (operation) {
    case 'BatchGetImage':
      return { images: [{ imageId: { imageDigest: DIGEST }, imageManifest: MANIFEST }], failures: [] };
    case 'DescribeImages':
      return { imageDetails: [{ imageDigest: DIGEST, imagePushedAt: new Date(START), imageStatus: 'ACTIVE' }] };
    case 'DescribeRepositories':
      return {
        repositories: [{ repositoryName: 'team/app', imageTagMutability: chance(80) ? 'IMMUTABLE' : 'MUTABLE' }],
      };
    case 'DescribeImageScanFindings': {
      const findings = chance(30) ? [{ name: 'CVE-2024-0001', severity: 'CRITICAL', attributes: [] }] : [];
      const counted = findings.length === 0 ? {} : { CRITICAL: 1 };
      const imageScanFindings = { findings, findingSeverityCounts: counted, imageScanCompletedAt: new Date(START) };
      return { imageScanStatus: { status: 'COMPLETE', description: 'done' }, imageScanFindings };
    }
    case 'GetQueueUrl':
      return { QueueUrl: `${QUEUE}-dlq` };
    case 'GetQueueAttributes': {
      const counts = {
        ApproximateNumberOfMessages: '3',
        ApproximateNumberOfMessagesNotVisible: chance(60) ? '0' : '2',
      };
      return { Attributes: counts };
    }
    case 'SendMessageBatch':
      return { Successful: [{ Id: '1' }], Failed: [] };
    default:
      return undefined;
  }
}

function notFound(): Error {
  return new ParameterNotFound({ message: 'none', $metadata: { httpStatusCode: 400 } });
}

function exists(): Error {
  return new ParameterAlreadyExists({ message: 'there is one', $metadata: { httpStatusCode: 400 } });
}
