import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_ec2 as ec2, aws_ecs as ecs, Stack, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { EcsLifecycleHooks, type EcsLifecycleHooksProps } from '../../deploy/cdk/index.ts';
import { Stack as Evaluated } from './cloudformation.ts';
import { HOOKS } from './hooks.ts';
import { inOneForm } from './one-form.ts';

/** The parameters of a CloudFormation template. */
export interface Synthesised {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown>; DependsOn?: string | string[] }>;
}

/** admission works with no policy in no case. */
export const POLICY = 'ssm:/ecs-hooks-policy/admission';
export const SUBNET = 'subnet-0123456789abcdef0';
export const SECURITY_GROUP = 'sg-0123456789abcdef0';
export const ALARMS = 'arn:aws:sns:eu-west-1:123456789012:alarms';

const outputs = mkdtempSync(join(tmpdir(), 'ecs-lifecycle-hooks-cdk-'));

/** Takes away what the apps wrote. */
export function removeOutputs(): void {
  rmSync(outputs, { recursive: true });
}

/** An app as `cdk init` makes it, with all feature flags that are recommended. */
export function app(context: Record<string, unknown> = flags): App {
  return new App({
    context: { ...context, 'aws:cdk:disable-stack-trace': true },
    outdir: mkdtempSync(join(outputs, 'app-')),
  });
}

/** A stack in such an app. */
export function stack(context?: Record<string, unknown>): Stack {
  return new Stack(app(context), 'Unicorns');
}

export function vpcOf(scope: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: [SUBNET],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
}

/** A service that deploys blue/green. */
export function serviceIn(scope: Stack): ecs.FargateService {
  const cluster = ecs.Cluster.fromClusterAttributes(scope, 'Cluster', {
    clusterName: 'unicorn-watch',
    vpc: vpcOf(scope),
  });
  const taskDefinition = new ecs.FargateTaskDefinition(scope, 'Task');
  taskDefinition.addContainer('ui', { image: ecs.ContainerImage.fromRegistry('ui:1') });
  return new ecs.FargateService(scope, 'Ui', {
    cluster,
    taskDefinition,
    deploymentStrategy: ecs.DeploymentStrategy.BLUE_GREEN,
    circuitBreaker: { enable: true },
    minHealthyPercent: 100,
  });
}

export function hooksIn(scope: Stack, props: Partial<EcsLifecycleHooksProps>): EcsLifecycleHooks {
  return new EcsLifecycleHooks(scope, 'Hooks', { hooks: { approval: {} }, cluster: 'unicorn-watch', ...props });
}

/** What the test of the template deploys, in these props. */
export function everything(scope: Stack): Partial<EcsLifecycleHooksProps> {
  return {
    hooks: Object.fromEntries(HOOKS.map(({ name }) => [name, name === 'admission' ? { hookPolicy: POLICY } : {}])),
    alarmTopic: sns.Topic.fromTopicArn(scope, 'Alarms', ALARMS),
    enhancedScanning: true,
    workQueues: 'sightings*',
    loadTestTaskFamily: 'k6',
    loadTestTaskRoles: 'k6-*',
    trafficGenerator: {
      image: 'generator:1',
      namespace: 'unicorn-watch',
      vpc: vpcOf(scope),
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(scope, 'Group', SECURITY_GROUP)],
      allowedTargets: ['http://catalog:8080'],
    },
  };
}

/** The template of a stack. */
export function synthesise(scope: Stack): Synthesised {
  // toJSON() is of the template that CDK writes.
  return Template.fromStack(scope).toJSON() as Synthesised;
}

/** The logical id in the SAM template of one of CDK's. */
export function nameOf(id: string): string {
  return id.replace(/^Hooks|[0-9A-F]{8}$/g, '');
}

/** The hooks' resources, under the names that the SAM template has for them, and worked out as far as it is. */
export function resourcesOf(template: Synthesised): Record<string, { type: string; properties: unknown }> {
  const names = new Map(Object.keys(template.Resources).map((id) => [id, nameOf(id)]));
  const evaluated = new Evaluated({ Parameters: {}, Conditions: {}, ...template }, {});
  return Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([id]) => id.startsWith('Hooks'))
      .map(([id, { Type }]) => {
        const text = JSON.stringify(evaluated.properties(id));
        const named = [...names].reduce((result, [cdk, sam]) => result.replaceAll(cdk, sam), text);
        return [names.get(id) ?? id, { type: Type, properties: inOneForm(JSON.parse(named)) }];
      }),
  );
}
