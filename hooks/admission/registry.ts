import { quote, type Reference } from './reference.ts';

/**
 * Which registry a host is. One private Amazon ECR registry has several hosts: the classic one, a dual-stack one, and
 * both again for FIPS. All of them are one registry here; a host that only resembles them is none.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html "Making requests to Amazon ECR registries"
 * @see https://docs.aws.amazon.com/general/latest/gr/ecr.html "Amazon ECR endpoints and quotas"
 */

export type Partition =
  | 'aws'
  | 'aws-cn'
  | 'aws-eusc'
  | 'aws-iso'
  | 'aws-iso-b'
  | 'aws-iso-e'
  | 'aws-iso-f'
  | 'aws-us-gov';

/** A private Amazon ECR registry: `region` for the client, `account` as `registryId` of its calls. */
export interface EcrRegistry {
  kind: 'ecr';
  partition: Partition;
  account: string;
  region: string;
  fips: boolean;
  dualStack: boolean;
  /** As written. */
  host: string;
  /** The classic host, the same for every form: `<account>.dkr.ecr.<region>.amazonaws.com`. */
  canonicalHost: string;
}

/** Amazon ECR Public: the same images under two hosts. */
export interface EcrPublicRegistry {
  kind: 'ecr-public';
  host: string;
  canonicalHost: string;
}

/** Any other registry. Its host is taken as it is written, port and case included. */
export interface OtherRegistry {
  kind: 'other';
  host: string;
  canonicalHost: string;
}

export type Registry = EcrRegistry | EcrPublicRegistry | OtherRegistry;

/** `name` is the canonical host and the repository with a slash between them: what patterns are matched with. */
export type ImageIdentity = Registry & { repository: string; name: string };

interface Naming {
  partition: Partition;
  /** What the names of its Regions begin with. */
  regions: string;
  suffix: string;
  dualStackSuffix: string;
}

// The last one takes every Region that the others do not, so that a Region opened tomorrow is known today: nobody but
// AWS can give out names under these suffixes.
const NAMINGS: readonly Naming[] = [
  {
    partition: 'aws-cn',
    regions: 'cn-',
    suffix: 'amazonaws.com.cn',
    dualStackSuffix: 'on.amazonwebservices.com.cn',
  },
  { partition: 'aws-eusc', regions: 'eusc-', suffix: 'amazonaws.eu', dualStackSuffix: 'on.amazonwebservices.eu' },
  { partition: 'aws-iso', regions: 'us-iso-', suffix: 'c2s.ic.gov', dualStackSuffix: 'on.aws.ic.gov' },
  { partition: 'aws-iso-b', regions: 'us-isob-', suffix: 'sc2s.sgov.gov', dualStackSuffix: 'on.aws.scloud' },
  { partition: 'aws-iso-e', regions: 'eu-isoe-', suffix: 'cloud.adc-e.uk', dualStackSuffix: 'on.cloud-aws.adc-e.uk' },
  { partition: 'aws-iso-f', regions: 'us-isof-', suffix: 'csp.hci.ic.gov', dualStackSuffix: 'on.aws.hci.ic.gov' },
  { partition: 'aws-us-gov', regions: 'us-gov-', suffix: 'amazonaws.com', dualStackSuffix: 'on.aws' },
  { partition: 'aws', regions: '', suffix: 'amazonaws.com', dualStackSuffix: 'on.aws' },
];

const ECR_HOST = /^(\d{12})\.(dkr\.ecr|dkr-ecr)(-fips)?\.([a-z]{2,12}(?:-[a-z]{2,12}){1,2}-\d{1,2})\.([a-z0-9.-]+)$/;
const ECR_PUBLIC_HOST = 'public.ecr.aws';
const ECR_PUBLIC_DUAL_STACK_HOST = 'ecr-public.aws.com';
// A number where the account is and ECR's name behind it, or anything before dkr.ecr: meant to pass for ECR, or mistyped.
const ECR_LOOK_ALIKE = /^(?:\d+\.(?:[a-z0-9-]+\.)?(?:dkr-)?ecr|[a-z0-9-]+\.dkr[.-]ecr)(?:-fips)?\./;

/** Reads a registry host, with its port if it has one. A port makes any host an `other` one. */
export function identifyRegistry(host: string): Registry {
  if (host === ECR_PUBLIC_HOST || host === ECR_PUBLIC_DUAL_STACK_HOST) {
    return { kind: 'ecr-public', host, canonicalHost: ECR_PUBLIC_HOST };
  }
  return readEcrHost(host) ?? { kind: 'other', host, canonicalHost: host };
}

/** Which image, of which registry, a reference means. */
export function identifyImage({ registry, repository }: Pick<Reference, 'registry' | 'repository'>): ImageIdentity {
  const identity = identifyRegistry(registry);
  return { ...identity, repository, name: `${identity.canonicalHost}/${repository}` };
}

/**
 * Why a well-formed reference is refused whatever the rules say. In words, and as a code:
 * - `no-host`: it begins with what looks like a host and cannot be one, and programs read it differently;
 * - `upper-case-host`: host names have no case, but allow-lists do;
 * - `bare-digest`: a digest without a name, which the grammar takes for an image called `sha256`;
 * - `port-on-aws-host`: AWS's registries have no ports, so it is there to slip past a list;
 * - `ecr-look-alike`: made to look like an ECR host, or one of a Region and partition that do not belong together.
 */
export type DenialCode = 'no-host' | 'upper-case-host' | 'bare-digest' | 'port-on-aws-host' | 'ecr-look-alike';

export interface Denial {
  code: DenialCode;
  reason: string;
}

/** References that the grammar allows and that no careful person means. */
export function strictDenial({ text, registry }: Pick<Reference, 'text' | 'registry'>): Denial | undefined {
  const host = quote(registry);
  if (registry === '') return denial('no-host', `${quote(text)} begins with something that is no registry host`);
  if (/[A-Z]/.test(registry)) return denial('upper-case-host', `the registry host ${host} has upper-case letters`);
  if (isBareDigest(text)) return denial('bare-digest', `${quote(text)} is a digest without the name of an image`);
  const withoutPort = registry.replace(/:\d+$/, '');
  if (withoutPort !== registry && identifyRegistry(withoutPort).kind !== 'other') {
    return denial('port-on-aws-host', `the registry host ${host} of AWS has a port`);
  }
  if (!isEcrLookAlike(registry)) return undefined;
  return denial('ecr-look-alike', `the registry host ${host} looks like Amazon ECR, and is not`);
}

/** Does a host look like a private ECR registry without being one? */
export function isEcrLookAlike(host: string): boolean {
  return ECR_LOOK_ALIKE.test(host) && identifyRegistry(host).kind === 'other';
}

function readEcrHost(host: string): EcrRegistry | undefined {
  const [, account, service, fips, region, suffix] = ECR_HOST.exec(host) ?? [];
  if (account === undefined || region === undefined) return undefined;
  const naming = NAMINGS.find(({ regions }) => region.startsWith(regions));
  const dualStack = service === 'dkr-ecr';
  if (naming === undefined || suffix !== (dualStack ? naming.dualStackSuffix : naming.suffix)) return undefined;
  return {
    kind: 'ecr',
    partition: naming.partition,
    account,
    region,
    fips: fips !== undefined,
    dualStack,
    host,
    canonicalHost: `${account}.dkr.ecr.${region}.${naming.suffix}`,
  };
}

/** The digest algorithms of the OCI image specification, each with its number of digits. */
function isBareDigest(text: string): boolean {
  return /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/.test(text);
}

function denial(code: DenialCode, reason: string): Denial {
  return { code, reason };
}
