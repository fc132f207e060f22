import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseReference, type Reference } from '../../hooks/admission/reference.ts';
import {
  type DenialCode,
  identifyImage,
  identifyRegistry,
  isEcrLookAlike,
  strictDenial,
} from '../../hooks/admission/registry.ts';

const Vectors = z.object({
  references: z.array(
    z.object({
      input: z.string(),
      valid: z.boolean(),
      ecr: z.nullish(
        z.strictObject({
          kind: z.enum(['private', 'public']),
          account: z.string(),
          region: z.string(),
          partition: z.string(),
          fips: z.boolean(),
          dualStack: z.boolean(),
          canonicalHost: z.string(),
        }),
      ),
      strictForm: z.string().optional(),
    }),
  ),
});

const vectors = Vectors.parse(
  JSON.parse(readFileSync(new URL('../fixtures/admission-vectors.json', import.meta.url), 'utf8')),
).references.filter((vector) => vector.valid);

/** How the vectors word each of our codes. */
const WORDING: Partial<Record<DenialCode, string>> = {
  'upper-case-host': 'deny: registry host is not lower-case',
  'bare-digest': 'deny: bare digest',
  'ecr-look-alike': 'deny: looks like ECR, is not an ECR host',
  'port-on-aws-host': 'deny: port on an AWS registry host',
};

function valid(text: string): Reference {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reference;
}

describe('the vectors', () => {
  it.each(vectors)('$input', ({ input, ecr, strictForm }) => {
    const reference = valid(input);
    const identity = identifyImage(reference);
    if (ecr === null || ecr === undefined) {
      expect(identity.kind).toBe('other');
    } else {
      // The vectors keep a dual-stack or FIPS host as it is written; we have that as `host`.
      const { kind, canonicalHost: host, ...expected } = ecr;
      expect(identity).toMatchObject({ ...expected, kind: kind === 'private' ? 'ecr' : 'ecr-public', host });
    }
    const denial = strictDenial(reference);
    expect(denial === undefined ? 'ok' : WORDING[denial.code]).toBe(strictForm);
  });
});

const PARTITIONS = [
  ['us-east-1', 'aws', 'amazonaws.com', 'on.aws'],
  ['ap-southeast-7', 'aws', 'amazonaws.com', 'on.aws'],
  ['il-central-1', 'aws', 'amazonaws.com', 'on.aws'],
  ['ap-cn-north-1', 'aws', 'amazonaws.com', 'on.aws'],
  ['lala-land-12', 'aws', 'amazonaws.com', 'on.aws'],
  ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com', 'on.aws'],
  ['cn-northwest-1', 'aws-cn', 'amazonaws.com.cn', 'on.amazonwebservices.com.cn'],
  ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu', 'on.amazonwebservices.eu'],
  ['us-iso-east-1', 'aws-iso', 'c2s.ic.gov', 'on.aws.ic.gov'],
  ['us-isob-east-1', 'aws-iso-b', 'sc2s.sgov.gov', 'on.aws.scloud'],
  ['eu-isoe-west-1', 'aws-iso-e', 'cloud.adc-e.uk', 'on.cloud-aws.adc-e.uk'],
  ['us-isof-south-1', 'aws-iso-f', 'csp.hci.ic.gov', 'on.aws.hci.ic.gov'],
] as const;
const ACCOUNT = '123456789012';

describe('every form of one private registry', () => {
  it.each(PARTITIONS)('%s: %s', (region, partition, suffix, dualStackSuffix) => {
    const canonicalHost = `${ACCOUNT}.dkr.ecr.${region}.${suffix}`;
    const forms = [
      { host: canonicalHost, fips: false, dualStack: false },
      { host: `${ACCOUNT}.dkr.ecr-fips.${region}.${suffix}`, fips: true, dualStack: false },
      { host: `${ACCOUNT}.dkr-ecr.${region}.${dualStackSuffix}`, fips: false, dualStack: true },
      { host: `${ACCOUNT}.dkr-ecr-fips.${region}.${dualStackSuffix}`, fips: true, dualStack: true },
    ];
    for (const form of forms) {
      const registry = { kind: 'ecr', partition, account: ACCOUNT, region, ...form, canonicalHost };
      expect(identifyRegistry(form.host)).toEqual(registry);
      expect(identifyImage(valid(`${form.host}/team/app:1`))).toEqual({
        ...registry,
        repository: 'team/app',
        name: `${canonicalHost}/team/app`,
      });
      expect(strictDenial(valid(`${form.host}/team/app:1`))).toBeUndefined();
    }
  });

  it.each(PARTITIONS)('of %s, and not with what belongs to another partition', (region, _partition, suffix, dual) => {
    for (const [, , otherSuffix, otherDual] of PARTITIONS) {
      const forms = [`${ACCOUNT}.dkr.ecr.${region}.${otherSuffix}`, `${ACCOUNT}.dkr-ecr.${region}.${otherDual}`];
      expect(forms.map((host) => identifyRegistry(host).kind)).toEqual([
        otherSuffix === suffix ? 'ecr' : 'other',
        otherDual === dual ? 'ecr' : 'other',
      ]);
      const hybrids = [`${ACCOUNT}.dkr-ecr.${region}.${otherSuffix}`, `${ACCOUNT}.dkr.ecr.${region}.${otherDual}`];
      expect(hybrids.map((host) => [identifyRegistry(host).kind, isEcrLookAlike(host)])).toEqual([
        ['other', true],
        ['other', true],
      ]);
    }
  });
});

describe('Amazon ECR Public', () => {
  it.each(['public.ecr.aws', 'ecr-public.aws.com'])('%s', (host) => {
    expect(identifyImage(valid(`${host}/datadog/agent:7`))).toEqual({
      kind: 'ecr-public',
      host,
      canonicalHost: 'public.ecr.aws',
      repository: 'datadog/agent',
      name: 'public.ecr.aws/datadog/agent',
    });
  });

  it.each(['public.ecr.aws.evil.com', 'xpublic.ecr.aws', 'a.public.ecr.aws', 'ecr-public.aws.com.evil.com', 'ecr.aws'])(
    'not %s',
    (host) => {
      expect(identifyRegistry(host)).toEqual({ kind: 'other', host, canonicalHost: host });
    },
  );
});

describe('hosts of other registries are taken as they are written', () => {
  it.each(['docker.io', 'ghcr.io', 'localhost:5000', '[::1]:5000', '169.254.169.254', 'Ghcr.io', ''])('%j', (host) => {
    expect(identifyRegistry(host)).toEqual({ kind: 'other', host, canonicalHost: host });
  });
});

describe('hosts that are not Amazon ECR', () => {
  it.each([
    ['11 digits', '12345678901.dkr.ecr.us-east-1.amazonaws.com', true],
    ['13 digits', '1234567890123.dkr.ecr.us-east-1.amazonaws.com', true],
    ['a letter among the digits', '12345678901a.dkr.ecr.us-east-1.amazonaws.com', true],
    ['digits of another script', '１２３４５６７８９０１２.dkr.ecr.us-east-1.amazonaws.com', false],
    ['a domain behind', '123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.com', true],
    ['a suffix that ends like it', '123456789012.dkr.ecr.us-east-1.evilamazonaws.com', true],
    ['a prefix', 'evil-123456789012.dkr.ecr.us-east-1.amazonaws.com', true],
    ['a label before', 'a.123456789012.dkr.ecr.us-east-1.amazonaws.com', false],
    ['a label within', '123456789012.dkr.ecr.evil.us-east-1.amazonaws.com', true],
    ['a final dot', '123456789012.dkr.ecr.us-east-1.amazonaws.com.', true],
    ['no Region', '123456789012.dkr.ecr.amazonaws.com', true],
    ['a Region without a number', '123456789012.dkr.ecr.us-east.amazonaws.com', true],
    ['a Region of one word', '123456789012.dkr.ecr.us-1.amazonaws.com', true],
    ['a Region with three digits', '123456789012.dkr.ecr.us-east-100.amazonaws.com', true],
    ['a Region with a letter before its number', '123456789012.dkr.ecr.us-east-a1.amazonaws.com', true],
    ['a Region of four words', '123456789012.dkr.ecr.us-gov-far-east-1.amazonaws.com', true],
    ['an upper-case Region', '123456789012.dkr.ecr.US-EAST-1.amazonaws.com', true],
    ['another service', '123456789012.dkr.s3.us-east-1.amazonaws.com', false],
    ['the API', '123456789012.ecr.us-east-1.amazonaws.com', true],
    ['the API of no account', 'api.ecr.us-east-1.amazonaws.com', false],
    ['fips in the wrong place', '123456789012.dkr-fips.ecr.us-east-1.amazonaws.com', true],
    ['fips twice', '123456789012.dkr.ecr-fips-fips.us-east-1.amazonaws.com', false],
    ['an underscore for a dot', '123456789012.dkr_ecr.us-east-1.amazonaws.com', false],
    ['a port', '123456789012.dkr.ecr.us-east-1.amazonaws.com:443', true],
    ['a line break', '123456789012.dkr.ecr.us-east-1.amazonaws.com\n', true],
    ['the suffix alone', 'amazonaws.com', false],
  ])('%s', (_what, host, isLookAlike) => {
    expect(identifyRegistry(host)).toEqual({ kind: 'other', host, canonicalHost: host });
    expect(isEcrLookAlike(host)).toBe(isLookAlike);
  });

  it('a real one is no look-alike', () => {
    expect(isEcrLookAlike('123456789012.dkr.ecr.us-east-1.amazonaws.com')).toBe(false);
  });
});

describe('what is refused whatever the rules say', () => {
  const HEX = 'a'.repeat(64);

  it.each<[string, DenialCode, RegExp]>([
    ['foo_bar.com/app:1', 'no-host', /^"foo_bar\.com\/app:1" begins with something that is no registry host$/],
    ['Ghcr.io/app', 'upper-case-host', /^the registry host "Ghcr\.io" has upper-case letters$/],
    ['123456789012.DKR.ecr.us-east-1.amazonaws.com/app', 'upper-case-host', /has upper-case letters$/],
    ['[FE80::1]/app', 'upper-case-host', /has upper-case letters$/],
    [`sha256:${HEX}`, 'bare-digest', /is a digest without the name of an image$/],
    [`sha384:${HEX}${HEX.slice(32)}`, 'bare-digest', /is a digest/],
    [`sha512:${HEX}${HEX}`, 'bare-digest', /is a digest/],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com:443/app', 'port-on-aws-host', /\.com:443" of AWS has a port$/],
    ['123456789012.dkr-ecr.us-east-1.on.aws:99999/app', 'port-on-aws-host', /has a port$/],
    ['public.ecr.aws:443/a/b', 'port-on-aws-host', /has a port$/],
    ['ecr-public.aws.com:80/a/b', 'port-on-aws-host', /has a port$/],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/app', 'ecr-look-alike', /looks like Amazon ECR, and is not$/],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.com:443/app', 'ecr-look-alike', /and is not$/],
    ['1.ecr-fips.us-east-1.amazonaws.com/app', 'ecr-look-alike', /and is not$/],
  ])('%s: %s', (text, code, reason) => {
    expect(strictDenial(valid(text))).toEqual({ code, reason: expect.stringMatching(reason) });
  });

  it.each([
    'nginx',
    'ghcr.io:443/app',
    'localhost:5000/app',
    `sha256:${HEX.slice(1)}`,
    `sha256:${HEX}a`,
    `sha384:${HEX}`,
    `sha512:${HEX}`,
    `sha1:${HEX}`,
    `x/sha256:${HEX}`,
    `a@sha256:${HEX}`,
    'evil.com/123456789012.dkr.ecr.us-east-1.amazonaws.com/app',
  ])('not %s', (text) => {
    expect(strictDenial(valid(text))).toBeUndefined();
  });
});

describe('properties', () => {
  const [hosts, characters] = [
    fc.constantFrom(
      ...PARTITIONS.flatMap(([region, , suffix, dual]) => [
        `${ACCOUNT}.dkr.ecr.${region}.${suffix}`,
        `${ACCOUNT}.dkr.ecr-fips.${region}.${suffix}`,
        `${ACCOUNT}.dkr-ecr.${region}.${dual}`,
      ]),
    ),
    fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789.-:_/A\n\0а'),
  ];

  it('one character more, less or different makes another registry', () => {
    fc.assert(
      fc.property(hosts, characters, fc.nat(70), fc.constantFrom(0, 1), fc.boolean(), (host, by, place, cut, put) => {
        const at = place % (host.length + 1);
        const other = `${host.slice(0, at)}${put ? by : ''}${host.slice(at + cut)}`;
        fc.pre(other !== host && other !== host.replace('-ecr-fips', '-ecr').replace('.ecr-fips', '.ecr'));
        expect(identifyRegistry(other).canonicalHost).not.toBe(identifyRegistry(host).canonicalHost);
      }),
      { numRuns: 3000 },
    );
  });

  it('an ECR registry is made of the account and the Region in its own host', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12}$/), hosts, (account, form) => {
        const host = form.replace(ACCOUNT, account);
        const registry = identifyRegistry(host);
        expect(registry).toMatchObject({ kind: 'ecr', account, host });
        expect(identifyRegistry(registry.canonicalHost)).toMatchObject({ canonicalHost: registry.canonicalHost });
      }),
    );
  });

  // Quadratic would be 10^12 steps, which do not end within the test's time limit.
  it.each([
    ['digits', '1'.repeat(1_000_000)],
    ['labels', `1.${'a.'.repeat(500_000)}ecr.`],
    ['dashes', `${ACCOUNT}.dkr.ecr.${'a-'.repeat(500_000)}1.amazonaws.com`],
    ['a suffix', `${ACCOUNT}.dkr.ecr.us-east-1.${'a.'.repeat(500_000)}`],
    ['a port', `a:${'1'.repeat(1_000_000)}x`],
    ['colons', ':'.repeat(1_000_000)],
  ])('a million characters: %s', (_what, host) => {
    expect(identifyRegistry(host).kind).toBe('other');
    expect(strictDenial({ text: host, registry: host })?.code).toBe(
      isEcrLookAlike(host) ? 'ecr-look-alike' : undefined,
    );
  });
});
