import type { EcsArn } from '../../shared/event.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** A text in a hook's configuration, which was checked when it was read. */
export function textAt(config: JsonObject, ...path: readonly string[]): string | undefined {
  let value: unknown = config;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

export function numberAt(config: JsonObject, key: string): number | undefined {
  const value = config[key];
  return typeof value === 'number' ? value : undefined;
}

export function prefixOf(config: JsonObject): string {
  return textAt(config, 'parameterPrefix') ?? '/ecs-hooks';
}

/** Of `https://sqs.<region>.amazonaws.com/<account>/<name>`, and of a local endpoint's. */
export function queueArn({ partition, region, account }: EcsArn, url: string): string {
  const [name = '', owner = account] = url.split('/').reverse();
  return `arn:${partition}:sqs:${region}:${/^\d{12}$/.test(owner) ? owner : account}:${name}`;
}
