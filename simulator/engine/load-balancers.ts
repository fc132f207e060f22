import { createHash } from 'node:crypto';
import type { LoadBalancer } from '@aws-sdk/client-ecs';
import { partitionOf } from '../aws/service.ts';
import type { LoadBalancing } from './definition.ts';
import type { ServiceState } from './state.ts';

/** The load balancer configuration that a service of this kind would have; none when it has no load balancer. */
export function makeLoadBalancers(
  loadBalancing: LoadBalancing,
  name: string,
  place: { region: string; accountId: string; containerName: string },
): LoadBalancer[] {
  if (loadBalancing.loadBalancers !== undefined) return [...loadBalancing.loadBalancers];
  const { kind } = loadBalancing;
  if (kind !== 'alb' && kind !== 'nlb') return [];
  const partition = partitionOf(place.region);
  const prefix = `arn:${partition}:elasticloadbalancing:${place.region}:${place.accountId}`;
  const id = (part: string): string => createHash('sha256').update(`${name}/${part}`).digest('hex').slice(0, 16);
  // An Application Load Balancer routes by listener rules, a Network Load Balancer by listeners.
  const rule = (use: string): string =>
    kind === 'alb'
      ? `${prefix}:listener-rule/app/${name}/${id('lb')}/${id(`${use}-listener`)}/${id(`${use}-rule`)}`
      : `${prefix}:listener/net/${name}/${id('lb')}/${id(`${use}-listener`)}`;
  return [
    {
      targetGroupArn: `${prefix}:targetgroup/${name}-blue/${id('blue')}`,
      containerName: place.containerName,
      containerPort: 80,
      advancedConfiguration: {
        alternateTargetGroupArn: `${prefix}:targetgroup/${name}-green/${id('green')}`,
        productionListenerRule: rule('production'),
        ...(loadBalancing.testListener === true ? { testListenerRule: rule('test') } : {}),
        roleArn: `arn:${partition}:iam::${place.accountId}:role/ecsLoadBalancerRole`,
      },
    },
  ];
}

export function targetGroupArn(service: ServiceState, which: 0 | 1): string | undefined {
  const [balancer] = service.loadBalancers;
  return which === 0 ? balancer?.targetGroupArn : balancer?.advancedConfiguration?.alternateTargetGroupArn;
}

/** The ARN of the listener that production traffic comes in by. */
export function listenerArn(service: ServiceState, region: string): string {
  const rule = service.loadBalancers[0]?.advancedConfiguration?.productionListenerRule;
  if (rule === undefined) return `arn:${partitionOf(region)}:elasticloadbalancing:${region}:*:listener/*`;
  return rule.replace(':listener-rule/', ':listener/').replace(/^(.*:listener\/app\/[^/]+\/[^/]+\/[^/]+)\/.*$/, '$1');
}
