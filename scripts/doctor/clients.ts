import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { naming } from '../../shared/aws/client.ts';

export interface Clients {
  ecs: ECSClient;
  lambda: LambdaClient;
  iam: IAMClient;
  events: EventBridgeClient;
  ssm: SSMClient;
  sqs: SQSClient;
  sns: SNSClient;
  cloudwatch: CloudWatchClient;
  ecr: ECRClient;
}

export interface ClientOptions {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  maxAttempts?: number;
}

/** IAM is asked often and throttles early: the SDK waits and tries again. */
const ATTEMPTS = 6;

/** Credentials, Region and endpoint by the SDK's default chain, where the options do not say. */
export function connect(options: ClientOptions = {}): Clients {
  const patient = { maxAttempts: ATTEMPTS, ...options };
  return {
    ecs: naming(new ECSClient(patient)),
    lambda: naming(new LambdaClient(patient)),
    iam: naming(new IAMClient(patient)),
    events: naming(new EventBridgeClient(patient)),
    ssm: naming(new SSMClient(patient)),
    // As the hooks do it: requests go to SQS, and never to a host that hookDetails name.
    sqs: naming(new SQSClient({ ...patient, useQueueUrlAsEndpoint: false })),
    sns: naming(new SNSClient(patient)),
    cloudwatch: naming(new CloudWatchClient(patient)),
    ecr: naming(new ECRClient(patient)),
  };
}
