import { ConfigError } from '../../shared/errors.ts';
import type { CountConfig, GaugeConfig, MetricStat, Preset } from './config.ts';
import type { Placeholders } from './sides.ts';

export type MetricConfig = CountConfig | GaugeConfig;

type Dimensions = Readonly<Record<string, string>>;

function stat(namespace: string, metricName: string, dimensions: Dimensions, statistic: string): MetricStat {
  return { namespace, metricName, dimensions: { ...dimensions }, statistic };
}

function count(id: string, events: MetricStat, requests: MetricStat, more: Partial<CountConfig> = {}): CountConfig {
  return { id, kind: 'count', events, requests, critical: true, muted: false, direction: 'increase', ...more };
}

function gauge(id: string, values: MetricStat, more: Partial<GaugeConfig> = {}): GaugeConfig {
  return { id, kind: 'gauge', values, critical: true, muted: false, direction: 'increase', ...more };
}

/**
 * The metrics of a preset; `{…}` in a dimension stands for what differs between the revisions.
 *
 * @throws ConfigError when the service has nothing that the preset could look at
 */
export function expand(preset: Preset, green: Placeholders): MetricConfig[] {
  switch (preset.preset) {
    case 'alb':
      return albs(green);
    case 'service-connect':
      return serviceConnect(preset.discoveryName);
    case 'sqs':
      return sqs(preset.queueName, preset.maxAgeSeconds);
    case 'ecs':
      return ecs();
  }
}

/** Of every Application Load Balancer that the service is behind; their metrics are in no other namespace. */
function albs(green: Placeholders): MetricConfig[] {
  const names = Object.keys(green).filter((name) => name.startsWith('loadBalancer'));
  const application = names.filter((name) => green[name]?.startsWith('app/'));
  if (application.length > 0) return application.flatMap((name) => alb(name.slice('loadBalancer'.length)));
  const found = names.map((name) => green[name]).join(', ');
  throw new ConfigError(
    'Bad configuration: the preset alb needs a service behind an Application Load Balancer; ' +
      `ECS has resolved ${found === '' ? 'none' : found} for the target revision`,
  );
}

/** Per target group, so green and blue are told apart. A target group has no requests that the load balancer refused. */
function alb(number: string): MetricConfig[] {
  const dimensions = { LoadBalancer: `{loadBalancer${number}}`, TargetGroup: `{targetGroup${number}}` };
  const of = (name: string, statistic: string) => stat('AWS/ApplicationELB', name, dimensions, statistic);
  const requests = of('RequestCount', 'Sum');
  return [
    count(`errors5xx${number}`, of('HTTPCode_Target_5XX_Count', 'Sum'), requests),
    count(`connectionErrors${number}`, of('TargetConnectionErrorCount', 'Sum'), requests),
    gauge(`latency${number}`, of('TargetResponseTime', 'Average')),
    gauge(`unhealthyHosts${number}`, of('UnHealthyHostCount', 'Maximum'), {
      compare: 'none',
      wall: { above: 0, minutes: 2 },
    }),
  ];
}

/**
 * Service Connect's metrics do not say which revision answered: the service before the shift is the comparison.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
 */
function serviceConnect(discoveryName: string): MetricConfig[] {
  const answered = { TargetDiscoveryName: discoveryName };
  // Requests are published under the one dimension, what was answered to them under the other.
  const requests = stat('AWS/ECS', 'RequestCount', { DiscoveryName: discoveryName }, 'Sum');
  return [
    count('connectErrors5xx', stat('AWS/ECS', 'HTTPCode_Target_5XX_Count', answered, 'Sum'), requests, {
      compare: 'history',
    }),
    gauge('connectLatency', stat('AWS/ECS', 'TargetResponseTime', answered, 'Average'), { compare: 'history' }),
  ];
}

function sqs(queueName: string, maxAgeSeconds: number): MetricConfig[] {
  const of = (name: string, statistic: string) => stat('AWS/SQS', name, { QueueName: queueName }, statistic);
  return [
    gauge('oldestMessage', of('ApproximateAgeOfOldestMessage', 'Maximum'), {
      compare: 'none',
      wall: { above: maxAgeSeconds, minutes: 2 },
    }),
    gauge('backlog', of('ApproximateNumberOfMessagesVisible', 'Average'), { compare: 'history', critical: false }),
  ];
}

/** Of the whole service, both revisions together: worth a look, not a decision. */
function ecs(): MetricConfig[] {
  const of = (name: string) => stat('AWS/ECS', name, { ClusterName: '{cluster}', ServiceName: '{service}' }, 'Average');
  return [
    gauge('cpu', of('CPUUtilization'), { compare: 'history', critical: false, direction: 'increase' }),
    gauge('memory', of('MemoryUtilization'), { compare: 'history', critical: false, direction: 'increase' }),
  ];
}
