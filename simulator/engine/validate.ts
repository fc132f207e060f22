import type { DeploymentConfiguration, DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs';
import { HOOK_STAGES, ROLLBACK_STAGES } from '../../shared/stages.ts';
import { AwsError } from '../aws/errors.ts';
import { type LoadBalancing, type RevisionDefinition, strategyOf } from './definition.ts';
import type { Readings } from './readings.ts';

const STAGES: readonly string[] = HOOK_STAGES;
const RULE_ARN = /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:listener-rule\/app\/.+$/;
const LISTENER_ARN = /^arn:[^:]+:elasticloadbalancing:[^:]+:\d{12}:listener\/net\/.+$/;

/**
 * What CreateService and UpdateService check at once.
 * @throws AwsError InvalidParameterException; messages are AWS's own where troubleshooting-blue-green has them
 */
export function validateService(
  configuration: DeploymentConfiguration,
  loadBalancing: LoadBalancing,
  loadBalancers: readonly LoadBalancer[],
  readings: Readings,
): void {
  const hooks = configuration.lifecycleHooks ?? [];
  for (const hook of hooks) validateHook(hook, readings);
  for (const type of ['AWS_LAMBDA', 'PAUSE'] as const) {
    const count = hooks.filter((hook) => (hook.targetType ?? 'AWS_LAMBDA') === type).length;
    check(count <= 10, `A service can have at most 10 lifecycle hooks of type ${type}, got ${count}`);
  }
  validateTraffic(configuration);
  validateStrategy(configuration, loadBalancing, readings);
  validateLoadBalancers(configuration, loadBalancing, loadBalancers);
}

/** @throws AwsError InvalidParameterException when a revision has a fault that needs a load balancer, and there is none */
export function validateRevision(revision: RevisionDefinition, loadBalancers: readonly LoadBalancer[]): void {
  check(
    revision.networkingFault === undefined || loadBalancers.length > 0,
    `Revision ${revision.name} has a networkingFault, but the service has no load balancer`,
  );
}

function validateHook(hook: DeploymentLifecycleHook, readings: Readings): void {
  const type: string = hook.targetType ?? 'AWS_LAMBDA';
  check(type === 'AWS_LAMBDA' || type === 'PAUSE', 'Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE');
  const stages = hook.lifecycleStages ?? [];
  check(stages.length > 0, 'lifecycleStages must not be empty');
  for (const stage of stages) check(STAGES.includes(stage), `Invalid lifecycle stage: ${stage}`);
  if (type === 'PAUSE') {
    // They run again in a rollback, where nobody may be asked to wait (page on pause hooks).
    check(!stages.some((stage) => ROLLBACK_STAGES.has(stage)), 'Invalid lifecycle stage provided for Pause Hook');
    const reconciles = stages.includes('RECONCILE_SERVICE');
    const rejected = reconciles && readings.reading('pauseAtReconcile') === 'rejected';
    check(!rejected, 'Invalid lifecycle stage provided for Pause Hook');
  } else {
    check(hook.hookTargetArn !== undefined, 'hookTargetArn is required for lifecycle hooks of type AWS_LAMBDA');
    check(hook.roleArn !== undefined, 'roleArn is required for lifecycle hooks of type AWS_LAMBDA');
  }
  validateTimeout(type, hook, readings);
}

function validateTimeout(type: string, hook: DeploymentLifecycleHook, readings: Readings): void {
  const minutes = hook.timeoutConfiguration?.timeoutInMinutes;
  if (minutes === undefined) return;
  const short = type === 'AWS_LAMBDA' && minutes > 1440 && readings.reading('lambdaTimeoutOver1440') === 'rejected';
  const most = short ? 1440 : 20_160;
  range('timeoutInMinutes', minutes, 1, most);
  check(Number.isInteger(minutes), `timeoutInMinutes must be a whole number, got ${minutes}`);
}

function validateTraffic(configuration: DeploymentConfiguration): void {
  const { canaryConfiguration: canary, linearConfiguration: linear, bakeTimeInMinutes } = configuration;
  range('bakeTimeInMinutes', bakeTimeInMinutes, 0, 1440);
  percent('canaryPercent', canary?.canaryPercent, 0.1);
  range('canaryBakeTimeInMinutes', canary?.canaryBakeTimeInMinutes, 0, 1440);
  percent('stepPercent', linear?.stepPercent, 3);
  range('stepBakeTimeInMinutes', linear?.stepBakeTimeInMinutes, 0, 1440);
  const { thresholdConfiguration: threshold } = configuration.deploymentCircuitBreaker ?? {};
  if (threshold !== undefined)
    range('thresholdConfiguration.value', threshold.value, 1, threshold.type === 'COUNT' ? 1e6 : 100);
}

function validateStrategy(configuration: DeploymentConfiguration, { kind }: LoadBalancing, readings: Readings): void {
  const strategy = strategyOf(configuration);
  const progressive = strategy === 'CANARY' || strategy === 'LINEAR';
  check(
    !(kind === 'headless' && progressive && readings.reading('headlessProgressive') === 'rejected'),
    `The ${strategy} deployment strategy requires a load balancer or Service Connect`,
  );
  check(
    !(kind === 'nlb' && strategy === 'LINEAR' && readings.reading('nlbLinear') === 'rejected'),
    'The LINEAR deployment strategy does not support Network Load Balancers',
  );
  check(configuration.canaryConfiguration === undefined || strategy === 'CANARY', misplaced('canary', 'CANARY'));
  check(configuration.linearConfiguration === undefined || strategy === 'LINEAR', misplaced('linear', 'LINEAR'));
}

function validateLoadBalancers(
  configuration: DeploymentConfiguration,
  loadBalancing: LoadBalancing,
  loadBalancers: readonly LoadBalancer[],
): void {
  const advanced = loadBalancers.flatMap(({ advancedConfiguration }) => advancedConfiguration ?? []);
  check(
    advanced.length === 0 || advanced.length === loadBalancers.length,
    'Either all or none of the provided loadBalancers must have advancedConfiguration defined',
  );
  if (strategyOf(configuration) === 'ROLLING') return;
  check(
    advanced.length === loadBalancers.length,
    'advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy',
  );
  for (const { productionListenerRule = '', testListenerRule } of advanced) {
    validateRule('productionListenerRule', productionListenerRule, loadBalancing.kind);
    if (testListenerRule !== undefined) validateRule('testListenerRule', testListenerRule, loadBalancing.kind);
    check(
      loadBalancing.kind !== 'alb' ||
        testListenerRule !== undefined ||
        loadBalancing.productionRuleHasBothTargetGroups !== false,
      'For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both targetGroup and alternateTargetGroup',
    );
  }
}

function validateRule(field: string, arn: string, kind: LoadBalancing['kind']): void {
  const valid = kind === 'nlb' ? LISTENER_ARN : RULE_ARN;
  check(
    valid.test(arn),
    `${field} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: ${arn}`,
  );
}

function misplaced(prefix: string, strategy: string): string {
  return `${prefix}Configuration is only valid when the deployment strategy is ${strategy}`;
}

function percent(field: string, value: number | undefined, least: number): void {
  range(field, value, least, 100);
  if (value === undefined) return;
  // A multiple of 0.1 is rarely exact in binary: 0.3 * 10 is not 3.
  check(Math.abs(value * 10 - Math.round(value * 10)) < 1e-9, `${field} must be a multiple of 0.1, got ${value}`);
}

function range(field: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  check(value >= least && value <= most, `${field} must be between ${least} and ${most}, got ${value}`);
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new AwsError('InvalidParameterException', message);
}
