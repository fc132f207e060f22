import type { MetricDatum } from './metric-store.ts';
import type { MinuteOfTraffic } from './traffic.ts';

export interface TargetGroupDimensions {
  /** `app/<name>/<id>`, the end of the load balancer's ARN. */
  LoadBalancer: string;
  /** `targetgroup/<name>/<id>`, the end of the target group's ARN. */
  TargetGroup: string;
}

/**
 * One minute of a target group as its load balancer publishes it: RequestCount, HTTPCode_Target_2XX_Count,
 * HTTPCode_Target_5XX_Count and TargetResponseTime. Each request is a datum of value 1, so Sum counts them; a count of
 * none is not published, and of a minute without requests there is nothing at all (Elastic Load Balancing user guide,
 * page "CloudWatch metrics for your Application Load Balancer").
 */
export function targetGroupMetrics(dimensions: TargetGroupDimensions, minute: MinuteOfTraffic): MetricDatum[] {
  const { at: timestamp, requests, errors, latencies } = minute;
  if (requests === 0) return [];
  const common = { namespace: 'AWS/ApplicationELB', dimensions: { ...dimensions }, timestamp };
  const count = (metricName: string, times: number): MetricDatum[] =>
    times === 0 ? [] : [{ ...common, metricName, values: [1], counts: [times], unit: 'Count' }];
  return [
    ...count('RequestCount', requests),
    ...count('HTTPCode_Target_2XX_Count', requests - errors),
    ...count('HTTPCode_Target_5XX_Count', errors),
    { ...common, metricName: 'TargetResponseTime', ...latencies, unit: 'Seconds' },
  ];
}

/**
 * How many targets of a target group are healthy, in the minute that begins at `at`: published whether or not there
 * are requests, for as long as targets are registered (same page).
 */
export function hostCountMetrics(
  dimensions: TargetGroupDimensions,
  { at: timestamp, healthy, unhealthy }: { at: number; healthy: number; unhealthy: number },
): MetricDatum[] {
  const datum = (metricName: string, value: number): MetricDatum => ({
    namespace: 'AWS/ApplicationELB',
    dimensions: { ...dimensions },
    timestamp,
    metricName,
    value,
    unit: 'Count',
  });
  return [datum('HealthyHostCount', healthy), datum('UnHealthyHostCount', unhealthy)];
}
