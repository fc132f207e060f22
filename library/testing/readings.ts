import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/**
 * What ECS may send at the next look, given what it sent and what the hook returned. AWS says that it merges, not how
 * deeply; a hook must be right under every reading.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
export const ECS_READINGS = {
  replace: (_sent: JsonObject, returned: JsonObject): JsonObject => returned,
  'shallow merge': (sent: JsonObject, returned: JsonObject): JsonObject => ({ ...sent, ...returned }),
  'deep merge': deepMerge,
} as const;

/** How ECS combines the hookDetails that it sent with those that the hook returned. */
export type EcsReading = keyof typeof ECS_READINGS;

function deepMerge(sent: JsonObject, returned: JsonObject): JsonObject {
  const merged = new Map(Object.entries(sent));
  for (const [key, value] of Object.entries(returned)) {
    const old = merged.get(key);
    merged.set(key, isJsonObject(old) && isJsonObject(value) ? deepMerge(old, value) : value);
  }
  return Object.fromEntries(merged);
}
