import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { LoadBalancing } from '../../simulator/engine/definition.ts';
import type { Choices } from '../../simulator/engine/readings.ts';
import { lambdaHook, makeKit, pauseHook, serviceOf } from './engine-kit.ts';

function create(configuration: DeploymentConfiguration, loadBalancing?: LoadBalancing, choices: Choices = {}): void {
  const { engine } = makeKit({}, choices);
  engine.createService(serviceOf(configuration, loadBalancing === undefined ? {} : { loadBalancing }));
}
const invalid = (message: string | RegExp) =>
  expect.objectContaining({ name: 'InvalidParameterException', message: expect.stringMatching(message) });
const hook = (timeoutInMinutes: number) =>
  lambdaHook('h', ['PRE_SCALE_UP'], { timeoutConfiguration: { timeoutInMinutes } });
const pause = (timeoutInMinutes: number) => pauseHook(['PRE_SCALE_UP'], { timeoutConfiguration: { timeoutInMinutes } });
const many = (count: number, make: () => DeploymentLifecycleHook) => Array.from({ length: count }, make);

describe('accepts', () => {
  it.each<[string, DeploymentConfiguration]>([
    ['10 Lambda and 10 PAUSE hooks', { lifecycleHooks: [...many(10, () => hook(1)), ...many(10, () => pause(1))] }],
    ['time-outs at their limits', { lifecycleHooks: [hook(1), hook(1440), pause(1), pause(20_160)] }],
    [
      'canary limits',
      { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.1, canaryBakeTimeInMinutes: 1440 } },
    ],
    ['a percentage that is inexact in binary', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0.3 } }],
    ['linear limits', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 3, stepBakeTimeInMinutes: 0 } }],
    ['a step of 100 %', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 100 } }],
    ['a day of bake', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1440 }],
  ])('%s', (_, configuration) => {
    expect(() => create(configuration)).not.toThrow();
  });
});

describe('rejects', () => {
  it.each<[string, DeploymentConfiguration, string]>([
    ['11 Lambda hooks', { lifecycleHooks: many(11, () => hook(1)) }, 'at most 10'],
    ['11 PAUSE hooks', { lifecycleHooks: many(11, () => pause(1)) }, 'at most 10'],
    ['0 minutes', { lifecycleHooks: [hook(0)] }, 'between 1 and 20160, got 0'],
    ['1441 minutes', { lifecycleHooks: [hook(1441)] }, 'between 1 and 1440, got 1441'],
    ['20161 minutes', { lifecycleHooks: [pause(20_161)] }, 'between 1 and 20160, got 20161'],
    ['half a minute', { lifecycleHooks: [hook(1.5)] }, 'whole number, got 1.5'],
    [
      'an unknown targetType',
      { lifecycleHooks: [{ ...hook(1), targetType: 'SNS' as never }] },
      '^Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE$',
    ],
    [
      'PAUSE at a shift stage',
      { lifecycleHooks: [pauseHook(['PRODUCTION_TRAFFIC_SHIFT'])] },
      '^Invalid lifecycle stage provided for Pause Hook$',
    ],
    [
      'PAUSE at the other shift stage',
      { lifecycleHooks: [pauseHook(['PRE_SCALE_UP', 'TEST_TRAFFIC_SHIFT'])] },
      '^Invalid lifecycle stage provided for Pause Hook$',
    ],
    [
      'a stage without hooks',
      { lifecycleHooks: [lambdaHook('h', ['BAKE_TIME' as never])] },
      'Invalid lifecycle stage: BAKE_TIME',
    ],
    ['no function', { lifecycleHooks: [{ lifecycleStages: ['PRE_SCALE_UP'], roleArn: 'r' }] }, 'hookTargetArn'],
    ['no role', { lifecycleHooks: [{ lifecycleStages: ['PRE_SCALE_UP'], hookTargetArn: 'f' }] }, 'roleArn'],
    ['no stage', { lifecycleHooks: [lambdaHook('h', [])] }, 'lifecycleStages must not be empty'],
    ['canary 0', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 0 } }, 'between 0.1 and 100, got 0'],
    ['canary 100.1', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100.1 } }, 'between 0.1 and 100'],
    ['canary 5.05', { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 5.05 } }, 'multiple of 0.1, got 5.05'],
    ['canary bake 1441', { strategy: 'CANARY', canaryConfiguration: { canaryBakeTimeInMinutes: 1441 } }, 'got 1441'],
    ['step 2.9', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } }, 'between 3 and 100, got 2.9'],
    ['step bake -1', { strategy: 'LINEAR', linearConfiguration: { stepBakeTimeInMinutes: -1 } }, 'got -1'],
    ['bake 1441', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1441 }, 'between 0 and 1440, got 1441'],
    ['canaryConfiguration elsewhere', { strategy: 'LINEAR', canaryConfiguration: { canaryPercent: 5 } }, 'only valid'],
    ['linearConfiguration elsewhere', { strategy: 'CANARY', linearConfiguration: { stepPercent: 5 } }, 'only valid'],
    [
      'a circuit breaker at 101 %',
      {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: true,
          thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 101 },
        },
      },
      'between 1 and 100, got 101',
    ],
  ])('%s', (_, configuration, message) => {
    expect(() => create(configuration)).toThrow(invalid(message));
  });

  it.each<[string, DeploymentConfiguration, LoadBalancing, Choices]>([
    [
      'PAUSE at RECONCILE_SERVICE',
      { lifecycleHooks: [pauseHook(['RECONCILE_SERVICE'])] },
      { kind: 'headless' },
      { pauseAtReconcile: 'rejected' },
    ],
    ['a headless canary', { strategy: 'CANARY' }, { kind: 'headless' }, { headlessProgressive: 'rejected' }],
    ['a linear NLB', { strategy: 'LINEAR' }, { kind: 'nlb' }, { nlbLinear: 'rejected' }],
  ])('%s by one reading, and accepts it by the other', (_, configuration, loadBalancing, choices) => {
    expect(() => create(configuration, loadBalancing, choices)).toThrow(invalid(/./));
    expect(() => create(configuration, loadBalancing)).not.toThrow();
  });

  it('lets the Lambda time-out exceed a day by the other reading', () => {
    expect(() =>
      create({ lifecycleHooks: [hook(20_160)] }, undefined, { lambdaTimeoutOver1440: 'accepted' }),
    ).not.toThrow();
  });
});

describe('load balancers', () => {
  const group = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/a/1';
  const rule = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/a/1/2/3';
  const listener = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/a/1/2';
  const advanced = (productionListenerRule: string, more = {}) => ({
    targetGroupArn: group,
    advancedConfiguration: { alternateTargetGroupArn: group, productionListenerRule, roleArn: 'r', ...more },
  });
  const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN' };
  it.each<[LoadBalancing, string]>([
    [
      { kind: 'alb', loadBalancers: [{ targetGroupArn: group }] },
      '^advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy$',
    ],
    [
      { kind: 'alb', loadBalancers: [{ targetGroupArn: group }, advanced(rule)] },
      '^Either all or none of the provided loadBalancers must have advancedConfiguration defined$',
    ],
    [
      { kind: 'alb', loadBalancers: [advanced(listener)] },
      '^productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/a/1/2$',
    ],
    [
      { kind: 'nlb', loadBalancers: [advanced(listener, { testListenerRule: rule })] },
      '^testListenerRule has an invalid ARN format.',
    ],
    [
      { kind: 'alb', productionRuleHasBothTargetGroups: false },
      '^For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both targetGroup and alternateTargetGroup$',
    ],
  ])('%j', (loadBalancing, message) => {
    expect(() => create(BLUE_GREEN, loadBalancing)).toThrow(invalid(message));
  });

  it('needs no advanced configuration for ROLLING', () => {
    expect(() =>
      create({ strategy: 'ROLLING' }, { kind: 'alb', loadBalancers: [{ targetGroupArn: group }] }),
    ).not.toThrow();
    expect(() => create(BLUE_GREEN, { kind: 'nlb', loadBalancers: [advanced(listener)] })).not.toThrow();
  });
});

it('leaves a service as it was when an update is rejected', () => {
  const { engine } = makeKit();
  engine.addRunningService(serviceOf({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 3 }));
  const update = { cluster: 'unicorn', service: 'ui', deploymentConfiguration: { bakeTimeInMinutes: -1 } };
  expect(() => engine.updateService(update)).toThrow(invalid('bakeTimeInMinutes'));
  expect(engine.services()[0]?.deploymentConfiguration).toMatchObject({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 3 });
  expect(() => engine.updateService({ ...update, service: 'other' })).toThrow(
    expect.objectContaining({ name: 'ServiceNotFoundException' }),
  );
});

it('accepts a networking fault only where there is a network to be at fault', () => {
  const fault = { name: 'r', containers: [], networkingFault: { kind: 'two-target-groups-serving' } } as const;
  const { engine } = makeKit();
  const headless = serviceOf({}, { loadBalancing: { kind: 'headless' } });
  expect(() => engine.createService({ ...headless, revision: fault })).toThrow(invalid('has no load balancer'));
  engine.addRunningService(headless);
  expect(() => engine.updateService({ cluster: 'unicorn', service: 'ui', revision: fault })).toThrow(
    invalid('has no load balancer'),
  );
});
