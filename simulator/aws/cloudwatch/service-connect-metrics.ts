import type { MetricDatum } from './metric-store.ts';
import type { MinuteOfTraffic } from './traffic.ts';

/**
 * One minute of a Service Connect service as its proxies publish it, under the discovery name alone: no dimension says
 * which revision answered, so the sides are one. TargetResponseTime is in milliseconds here, where a load balancer's is
 * in seconds (Amazon ECS developer guide, page "Amazon ECS CloudWatch metrics").
 */
export function serviceConnectMetrics(discoveryName: string, sides: readonly MinuteOfTraffic[]): MetricDatum[] {
  const served = sides.filter(({ requests }) => requests > 0);
  const sum = (count: (side: MinuteOfTraffic) => number) => served.reduce((total, side) => total + count(side), 0);
  const [requests, errors] = [sum((side) => side.requests), sum((side) => side.errors)];
  const [first] = served;
  if (first === undefined) return [];
  const common = { namespace: 'AWS/ECS', timestamp: first.at };
  const target = { TargetDiscoveryName: discoveryName };
  const count = (metricName: string, times: number, dimensions: Record<string, string> = target): MetricDatum[] =>
    times === 0 ? [] : [{ ...common, dimensions, metricName, values: [1], counts: [times], unit: 'Count' }];
  return [
    ...count('RequestCount', requests, { DiscoveryName: discoveryName }),
    ...count('RequestCountPerTarget', requests),
    ...count('HTTPCode_Target_2XX_Count', requests - errors),
    ...count('HTTPCode_Target_5XX_Count', errors),
    ...served.map(({ latencies: { values, counts } }) => ({
      ...common,
      dimensions: target,
      metricName: 'TargetResponseTime',
      values: values.map((seconds) => seconds * 1000),
      counts,
      unit: 'Milliseconds',
    })),
  ];
}
