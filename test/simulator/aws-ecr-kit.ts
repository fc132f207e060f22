import { createHash } from 'node:crypto';
import { ECRClient } from '@aws-sdk/client-ecr';
import type { LocalAwsOptions } from '../../simulator/aws/local-aws.ts';
import { type Fixture, startAws } from './aws-fixture.ts';

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const ALL_TYPES = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST];
export const NO_DIGEST = `sha256:${'0'.repeat(64)}`;

export interface EcrFixture extends Fixture {
  ecr: ECRClient;
  registry: Fixture['aws']['registry'];
}

export async function startEcr(options: Omit<LocalAwsOptions, 'clock'> = {}): Promise<EcrFixture> {
  const fixture = await startAws(options);
  return { ...fixture, ecr: new ECRClient(fixture.config), registry: fixture.aws.registry };
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
