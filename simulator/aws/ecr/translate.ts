import { isObject } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { parseObject } from './manifest.ts';
import { DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from './media-types.ts';

const TO_DOCKER: Readonly<Record<string, string>> = {
  [OCI_MANIFEST]: DOCKER_MANIFEST,
  [OCI_CONFIG]: DOCKER_CONFIG,
  [OCI_LAYER]: DOCKER_LAYER,
};
const TO_OCI: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(TO_DOCKER).map(([oci, docker]) => [docker, oci]),
);

/**
 * Puts an image manifest into the other format's media types: the blobs stay the same, the manifest's digest does not.
 * @param wanted OCI's or Docker's image manifest
 * @returns undefined for what has no counterpart, such as an artifact
 */
export function translate(text: string, wanted: string): string | undefined {
  const manifest = parseObject(text);
  if (!isObject(manifest.config) || !Array.isArray(manifest.layers)) return undefined;
  const types = wanted === DOCKER_MANIFEST ? TO_DOCKER : TO_OCI;
  const config = renamed(manifest.config, types);
  const layers = manifest.layers.map((layer) => (isObject(layer) ? renamed(layer, types) : undefined));
  if (config === undefined || layers.includes(undefined)) return undefined;
  return JSON.stringify({ schemaVersion: 2, mediaType: wanted, config, layers }, null, 2);
}

function renamed(descriptor: JsonObject, types: Readonly<Record<string, string>>): JsonObject | undefined {
  const mediaType = types[String(descriptor.mediaType)];
  return mediaType === undefined ? undefined : { ...descriptor, mediaType };
}
