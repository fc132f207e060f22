import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { JsonObject } from './schema.ts';

/** Structured logging: the message is static, the data goes into fields. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

const logger = new Logger({ serviceName: 'ecs-lifecycle-hooks' });
const metrics = new Metrics({ namespace: 'EcsLifecycleHooks', serviceName: 'ecs-lifecycle-hooks' });

export const log: Log = {
  debug: (message, fields = {}) => logger.debug(message, { ...fields }),
  info: (message, fields = {}) => logger.info(message, { ...fields }),
  warn: (message, fields = {}) => logger.warn(message, { ...fields }),
  error: (message, fields = {}) => logger.error(message, { ...fields }),
};

/** Powertools keeps the key `service` for the logger's own name; in a decision line it is the ECS service. */
const decisionLoggers = new Map<string, Logger>();

/** Writes the decision line: one JSON object on one line. */
export function logDecision(level: 'info' | 'error', service: string | undefined, fields: JsonObject): void {
  const name = service ?? 'unknown';
  const decisions = decisionLoggers.get(name) ?? new Logger({ serviceName: name });
  // A function serves few services; a caller with endless names must not fill the memory.
  if (decisionLoggers.size < 100) decisionLoggers.set(name, decisions);
  decisions[level]('decision', { ...fields });
}

/** Names of the CloudWatch metrics: counts of 1, but for `Duration` in milliseconds. */
export type MetricName = 'Succeeded' | 'Failed' | 'InProgress' | 'Errors' | 'WouldFail' | 'RollbackErrors' | 'Duration';

/** Writes one record in CloudWatch's embedded metric format, with the dimensions `service`, `hook` and `stage`. */
export function putMetrics(hook: string, stage: string, values: Partial<Record<MetricName, number>>): void {
  metrics.addDimensions({ hook, stage });
  for (const [name, value] of Object.entries(values)) {
    metrics.addMetric(name, name === 'Duration' ? MetricUnit.Milliseconds : MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
}
