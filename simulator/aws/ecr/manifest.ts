import { createHash } from 'node:crypto';
import { isObject } from '../input.ts';
import type { JsonObject } from '../service.ts';
import { isIndex } from './media-types.ts';

/** OCI image specification, page "OCI Content Descriptors". */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Readonly<Record<string, string>>;
  platform?: { architecture: string; os: string; variant?: string };
}

/** What the registry itself reads out of a manifest; everything else is only bytes to it. */
export interface ManifestFacts {
  mediaType: string;
  /** `artifactType`, or without it the media type of the config; undefined for an index that names none. */
  artifactType: string | undefined;
  /** Digest of the manifest that this one refers to, as signatures do. */
  subject: string | undefined;
  annotations: Readonly<Record<string, string>> | undefined;
  /** Config and layers of an image manifest. */
  blobs: readonly SizedDigest[];
  /** What an index lists. */
  manifests: readonly SizedDigest[];
}

export interface SizedDigest {
  digest: string;
  size: number;
}

/** @returns `sha256:` and 64 lower-case hexadecimal digits */
export function digestOf(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** @param mediaType as the pusher gave it, in case the manifest names none itself */
export function readManifest(text: string, mediaType: string): ManifestFacts {
  const manifest = parseObject(text);
  const config = isObject(manifest.config) ? manifest.config : undefined;
  const subject = isObject(manifest.subject) ? manifest.subject : undefined;
  return {
    mediaType,
    artifactType: stringOf(manifest.artifactType) ?? stringOf(config?.mediaType),
    subject: stringOf(subject?.digest),
    annotations: annotationsOf(manifest.annotations),
    blobs: isIndex(mediaType) ? [] : sized([manifest.config, ...listOf(manifest.layers)]),
    manifests: isIndex(mediaType) ? sized(listOf(manifest.manifests)) : [],
  };
}

/** A manifest that is no JSON object is kept as it is: a registry that was tampered with may hold anything. */
export function parseObject(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function sized(descriptors: readonly unknown[]): SizedDigest[] {
  return descriptors.filter(isObject).flatMap(({ digest, size }) => {
    if (typeof digest !== 'string') return [];
    return [{ digest, size: typeof size === 'number' ? size : 0 }];
  });
}

function annotationsOf(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
