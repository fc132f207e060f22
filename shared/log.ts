import type { JsonObject } from './schema.ts';
import { plain } from './text.ts';

/*
 * What Powertools for AWS Lambda would write, key by key, in a tenth of its code: it took a tenth of every zip, and a
 * sixteenth of the cold start. Its environment variables are heeded too.
 */

/** Structured logging: the message is static, the data goes into fields. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

const NAME = 'ecs-lifecycle-hooks';
const NAMESPACE = 'EcsLifecycleHooks';

const env = process.env;
const stdout = process.stdout;
const stderr = process.stderr;
/** When a line is written is its own business. */
const now = () => new Date();

/** In Lambda's order; SILENT is Powertools' own. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'CRITICAL', 'SILENT'];
/**
 * Nothing below it is written: POWERTOOLS_LOG_LEVEL, unless the function's own logging configuration asks for less.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
const THRESHOLD = Math.max(
  levelOf(env.POWERTOOLS_LOG_LEVEL) ?? LEVELS.indexOf('INFO'),
  levelOf(env.AWS_LAMBDA_LOG_LEVEL) ?? 0,
);
const METRICS_DISABLED = ['true', '1'].includes(env.POWERTOOLS_METRICS_DISABLED?.toLowerCase() ?? '');

function levelOf(name = ''): number | undefined {
  const level = LEVELS.indexOf(name.toUpperCase());
  return level < 0 ? undefined : level;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

export const log: Log = {
  debug: (message, fields) => write('debug', message, NAME, fields),
  info: (message, fields) => write('info', message, NAME, fields),
  warn: (message, fields) => write('warn', message, NAME, fields),
  error: (message, fields) => write('error', message, NAME, fields),
};

/** An object, so that who tests a hook can listen. */
export const decisionLog = {
  /** Writes the decision line: one JSON object on one line. Its `service` is the ECS service. */
  write(level: 'info' | 'error', service: string | undefined, fields: JsonObject): void {
    write(level, 'decision', service ?? 'unknown', fields);
  },
};

function write(name: Level, message: string, service: string, fields: JsonObject = {}): void {
  const level = name.toUpperCase();
  if (LEVELS.indexOf(level) < THRESHOLD) return;
  const line: Record<string, unknown> = {
    level,
    message,
    timestamp: now().toISOString(),
    service,
    sampling_rate: 0,
    xray_trace_id: /^Root=([^;]+)/.exec(env._X_AMZN_TRACE_ID ?? '')?.[1],
  };
  for (const [key, value] of Object.entries(fields)) {
    if (!Object.hasOwn(line, key) && value !== null && value !== '') line[key] = shown(value);
  }
  // Not console: where the log format is text, Lambda's would put words of its own before the object.
  (name === 'warn' || name === 'error' ? stderr : stdout).write(`${plain(toJson(line))}\n`);
}

function shown(value: unknown): unknown {
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value;
}

/** What JSON cannot hold is shown as well as can be: a circle is left out, a bigint is text. */
function toJson(line: object): string {
  try {
    return JSON.stringify(line);
  } catch {
    const above: unknown[] = [];
    return JSON.stringify(line, function (this: unknown, _key, value: unknown) {
      if (typeof value === 'bigint') return String(value);
      // `this` is the object that holds the value: what came after it has been left again.
      while (above.length > 0 && above.at(-1) !== this) above.pop();
      if (above.includes(value)) return undefined;
      above.push(value);
      return value;
    });
  }
}

/** Names of the CloudWatch metrics: counts of 1, but for `Duration` in milliseconds. */
export type MetricName = 'Succeeded' | 'Failed' | 'InProgress' | 'Errors' | 'WouldFail' | 'RollbackErrors' | 'Duration';

/**
 * Writes one record in CloudWatch's embedded metric format, with the dimensions `service`, `hook` and `stage`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function putMetrics(hook: string, stage: string, values: Partial<Record<MetricName, number>>): void {
  if (METRICS_DISABLED) return;
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: Name === 'Duration' ? 'Milliseconds' : 'Count' }));
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [['service', 'hook', 'stage']], Metrics }];
  const record = { _aws: { Timestamp: now().getTime(), CloudWatchMetrics }, service: NAME, hook, stage, ...values };
  stdout.write(`${plain(JSON.stringify(record))}\n`);
}
