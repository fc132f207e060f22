import { basename, join } from 'node:path';
import {
  CfnResource,
  Duration,
  type ITaggable,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  TagManager,
  TagType,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import * as z from 'zod/mini';
import type { JsonObject } from '../../shared/schema.ts';

/** Types of the template's other resources that CloudFormation lets have tags. */
const TAGGABLE: ReadonlySet<string> = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::ECS::Service',
  'AWS::ECS::TaskDefinition',
  'AWS::Events::Rule',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
]);

// Strict: a property that the template gets one day is made here too, or told.
const LogGroup = z.strictObject({ LogGroupName: z.string(), RetentionInDays: z.number() });

const Document = z.object({ Statement: z.array(z.record(z.string(), z.unknown())) });
const Trust = z.object({
  Statement: z.tuple([
    z.object({
      Principal: z.strictObject({ Service: z.string() }),
      Condition: z.optional(z.record(z.string(), z.unknown())),
    }),
  ]),
});
const Role = z.strictObject({
  Description: z.string(),
  AssumeRolePolicyDocument: Trust,
  Policies: z._default(z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: Document })), []),
  ManagedPolicyArns: z._default(z.array(z.string()), []),
});

const LambdaFunction = z.strictObject({
  FunctionName: z.string(),
  Description: z.string(),
  CodeUri: z.string(),
  Handler: z.string(),
  Runtime: z.string(),
  Architectures: z.tuple([z.string()]),
  MemorySize: z.number(),
  Timeout: z.number(),
  Role: z.string(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()) }),
});

export function makeLogGroup(scope: Construct, id: string, properties: JsonObject): logs.LogGroup {
  const { LogGroupName: logGroupName, RetentionInDays: retention } = LogGroup.parse(properties);
  return new logs.LogGroup(scope, id, { logGroupName, retention, removalPolicy: RemovalPolicy.DESTROY });
}

export function makeRole(scope: Construct, id: string, properties: JsonObject): iam.Role {
  const { Description: description, AssumeRolePolicyDocument: trust, ...given } = Role.parse(properties);
  const [{ Principal: principal, Condition: conditions }] = trust.Statement;
  const policies = given.Policies.map(({ PolicyName, PolicyDocument: document }) => {
    const statements = document.Statement.map((statement) => iam.PolicyStatement.fromJson(statement));
    // Merging statements would lose their names.
    return [PolicyName, new iam.PolicyDocument({ statements, minimize: false })] as const;
  });
  return new iam.Role(scope, id, {
    description,
    assumedBy: new iam.ServicePrincipal(principal.Service, { ...(conditions && { conditions }) }),
    inlinePolicies: Object.fromEntries(policies),
    managedPolicies: given.ManagedPolicyArns.map((arn, index) =>
      iam.ManagedPolicy.fromManagedPolicyArn(scope, `${id}Managed${index}`, arn),
    ),
  });
}

export interface Surroundings {
  artifacts: string;
  role: iam.IRole;
  logGroup: logs.ILogGroup;
}

export function makeFunction(
  scope: Construct,
  id: string,
  properties: JsonObject,
  { artifacts, role, logGroup }: Surroundings,
): lambda.Function {
  const given = LambdaFunction.parse(properties);
  return new lambda.Function(scope, id, {
    functionName: given.FunctionName,
    description: given.Description,
    code: lambda.Code.fromAsset(join(artifacts, basename(given.CodeUri))),
    handler: given.Handler,
    runtime: new lambda.Runtime(given.Runtime, lambda.RuntimeFamily.NODEJS),
    architecture: lambda.Architecture.custom(given.Architectures[0]),
    memorySize: given.MemorySize,
    timeout: Duration.seconds(given.Timeout),
    environment: given.Environment.Variables,
    role,
    // The one that the role may write to. CDK would make another beside it.
    logGroup,
  });
}

class Tagged extends CfnResource implements ITaggable {
  readonly tags: TagManager;

  constructor(scope: Construct, id: string, type: string, properties: JsonObject) {
    super(scope, id, { type, properties });
    this.tags = new TagManager(TagType.STANDARD, type, undefined, { tagPropertyName: 'Tags' });
  }

  protected override renderProperties({ Tags: _tags, ...properties }: JsonObject): Record<string, unknown> {
    const tags = this.tags.tagValues();
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    return Tags.length === 0 ? properties : { ...properties, Tags };
  }
}

/** A resource as the template has it. */
export function makeOther(scope: Construct, id: string, type: string, properties: JsonObject): CfnResource {
  return TAGGABLE.has(type)
    ? new Tagged(scope, id, type, properties)
    : new CfnResource(scope, id, { type, properties });
}
