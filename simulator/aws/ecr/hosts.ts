/** Where a registry's images are named and where its ARNs live. */
export interface RegistryPlace {
  /** The account id, 12 digits. */
  registryId: string;
  region: string;
}

/** AWS general reference, page "AWS Regions and endpoints": Regions by prefix, partition and DNS suffix. */
const PARTITIONS: readonly (readonly [prefix: string, partition: string, dnsSuffix: string])[] = [
  ['cn-', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-', 'aws-us-gov', 'amazonaws.com'],
  ['eusc-', 'aws-eusc', 'amazonaws.eu'],
  ['us-isob-', 'aws-iso-b', 'sc2s.sgov.gov'],
  ['us-isof-', 'aws-iso-f', 'csp.hci.ic.gov'],
  ['us-iso-', 'aws-iso', 'c2s.ic.gov'],
  ['eu-isoe-', 'aws-iso-e', 'cloud.adc-e.uk'],
];
const COMMERCIAL = ['', 'aws', 'amazonaws.com'] as const;

const HOSTED = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z0-9.-]+\/(.+)$/;

/** @returns the host that images of this registry are pulled from */
export function registryHost({ registryId, region }: RegistryPlace): string {
  return `${registryId}.dkr.ecr.${region}.${partition(region)[2]}`;
}

export function repositoryArn({ registryId, region }: RegistryPlace, name: string): string {
  return `arn:${partition(region)[1]}:ecr:${region}:${registryId}:repository/${name}`;
}

/** @returns the parts of `<account>.dkr.ecr.<Region>.<suffix>/<repository>`, or undefined for a bare repository name */
export function parseRepositoryUri(uri: string): (RegistryPlace & { repository: string }) | undefined {
  const [, registryId, region, repository] = HOSTED.exec(uri) ?? [];
  return registryId && region && repository ? { registryId, region, repository } : undefined;
}

function partition(region: string): readonly [string, string, string] {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix)) ?? COMMERCIAL;
}
