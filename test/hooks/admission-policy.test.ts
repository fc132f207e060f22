import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  fingerprint,
  Overlay,
  Policy,
  parseOverlay,
  parsePolicy,
  policyWarnings,
} from '../../hooks/admission/policy.ts';
import { ConfigError } from '../../shared/errors.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const rule = { name: 'own', match: [`${HOST}/team/**`] };
const least = { version: 1, rules: [rule] };
const exception = { id: 'CVE-2024-0001', until: '2026-12-31', reason: 'not reachable' };
const exemption = { container: 'agent', match: ['public.ecr.aws/datadog/**'], reason: 'vendor', until: '2027-01-01' };

function withRule(more: object) {
  return { version: 1, rules: [{ ...rule, ...more }] };
}

function withException(more: object) {
  return withRule({ vulnerabilities: { exceptions: [{ ...exception, ...more }] } });
}

function trouble(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('a policy', () => {
  it('has the documented defaults', () => {
    expect(parsePolicy(least, 'HOOK_POLICY')).toEqual({
      version: 1,
      mode: 'enforce',
      onError: 'deny',
      deadlineSeconds: 600,
      rules: [{ ...rule, digest: 'resolve', denyTags: [], tagImmutability: 'ignore' }],
      exemptions: [],
    });
  });

  it('has the documented defaults for vulnerabilities', () => {
    expect(parsePolicy(withRule({ vulnerabilities: {} }), 'HOOK_POLICY').rules[0]?.vulnerabilities).toEqual({
      max: { CRITICAL: 0 },
      ignoreUnfixed: false,
      denyExploitable: false,
      unknownSeverityAs: 'HIGH',
      onMissing: 'deny',
      waitSeconds: 300,
      exceptions: [],
    });
  });

  it('may say all that there is to say', () => {
    const whole = {
      version: 1,
      mode: 'audit',
      onError: 'allow',
      deadlineSeconds: 120,
      rules: [
        {
          ...rule,
          digest: 'require',
          denyTags: ['latest', '*-snapshot'],
          tagImmutability: 'require',
          maxAgeDays: 90,
          vulnerabilities: {
            max: { CRITICAL: 0, HIGH: 5, MEDIUM: 10, LOW: 100, INFORMATIONAL: 1000, UNDEFINED: 0, UNTRIAGED: 0 },
            ignoreUnfixed: true,
            denyExploitable: true,
            unknownSeverityAs: 'CRITICAL',
            onMissing: 'allow',
            waitSeconds: 0,
            exceptions: [{ ...exception, ticket: 'SEC-12', package: 'openssl' }],
          },
        },
      ],
      exemptions: [exemption],
    };
    expect(parsePolicy(whole, 'HOOK_POLICY')).toEqual(whole);
  });

  it.each<[string, unknown, string]>([
    ['no object', 'x', 'HOOK_POLICY must be of type object, not "x"'],
    ['no version', { rules: [rule] }, 'HOOK_POLICY.version must be 1, not undefined'],
    ['another version', { ...least, version: 2 }, 'HOOK_POLICY.version must be 1, not 2'],
    ['no rules', { version: 1 }, 'HOOK_POLICY.rules is missing (array expected)'],
    ['an empty list of rules', { version: 1, rules: [] }, 'HOOK_POLICY.rules must be at least 1 items, not []'],
    ['an unknown key', { ...least, rule: [] }, 'HOOK_POLICY.rule is not a known key'],
    [
      '__proto__',
      JSON.parse('{"version":1,"rules":[],"__proto__":{"mode":"audit"}}'),
      'HOOK_POLICY.__proto__ is not a known key',
    ],
    ['an unknown key of a rule', withRule({ digests: 'require' }), 'HOOK_POLICY.rules[0].digests is not a known key'],
    ['another mode', { ...least, mode: 'dryrun' }, 'HOOK_POLICY.mode must be "enforce" or "audit", not "dryrun"'],
    ['another onError', { ...least, onError: 'fail' }, 'HOOK_POLICY.onError must be "deny" or "allow", not "fail"'],
    ['no time', { ...least, deadlineSeconds: 0 }, 'HOOK_POLICY.deadlineSeconds must be at least 1, not 0'],
    [
      'more than a stage lasts',
      { ...least, deadlineSeconds: 86_401 },
      'HOOK_POLICY.deadlineSeconds must be at most 86400, not 86401',
    ],
    [
      'no name',
      { version: 1, rules: [{ match: rule.match }] },
      'HOOK_POLICY.rules[0].name is missing (string expected)',
    ],
    [
      'a name that forges a line',
      withRule({ name: 'a\nb' }),
      'HOOK_POLICY.rules[0].name: must be 1 to 64 letters, digits, spaces or . _ : / -, and begin with a letter or digit: "a\\nb"',
    ],
    [
      'two rules of a name',
      { version: 1, rules: [rule, { ...rule, match: ['a.io/b'] }] },
      'HOOK_POLICY.rules[1].name: two rules have this name: "own"',
    ],
    ['no match', withRule({ match: undefined }), 'HOOK_POLICY.rules[0].match is missing (array expected)'],
    ['an empty match', withRule({ match: [] }), 'HOOK_POLICY.rules[0].match must be at least 1 items, not []'],
    [
      'a match that is no list',
      withRule({ match: 'a.io/b' }),
      'HOOK_POLICY.rules[0].match must be of type array, not "a.io/b"',
    ],
    [
      'a pattern without a slash',
      withRule({ match: ['a.io/b', '*'] }),
      'HOOK_POLICY.rules[0].match[1]: the pattern "*" has no "/"',
    ],
    [
      'a pattern in upper case',
      withRule({ match: ['Ghcr.io/a'] }),
      'HOOK_POLICY.rules[0].match[0]: the pattern "Ghcr.io/a" has "G"',
    ],
    [
      'another digest rule',
      withRule({ digest: 'ignore' }),
      'HOOK_POLICY.rules[0].digest must be "require" or "resolve", not "ignore"',
    ],
    ['a tag that is none', withRule({ denyTags: ['a:b'] }), 'HOOK_POLICY.rules[0].denyTags[0]: must be a tag'],
    ['an age of nothing', withRule({ maxAgeDays: 0 }), 'HOOK_POLICY.rules[0].maxAgeDays must be at least 0, not 0'],
    [
      'an unknown severity',
      withRule({ vulnerabilities: { max: { SEVERE: 1 } } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.SEVERE is not a known key',
    ],
    [
      'a severity named __proto__',
      withRule({ vulnerabilities: { max: JSON.parse('{"__proto__":1}') } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.__proto__ is not a known key',
    ],
    [
      'a negative limit',
      withRule({ vulnerabilities: { max: { HIGH: -1 } } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.HIGH must be at least 0, not -1',
    ],
    [
      'half a finding',
      withRule({ vulnerabilities: { max: { HIGH: 0.5 } } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.HIGH must be of type int, not 0.5',
    ],
    [
      'a limit that is null',
      withRule({ vulnerabilities: { max: { HIGH: null } } }),
      'HOOK_POLICY.rules[0].vulnerabilities.max.HIGH must be of type number, not null',
    ],
    [
      'a day that does not exist',
      withException({ until: '2026-02-29' }),
      'HOOK_POLICY.rules[0].vulnerabilities.exceptions[0].until: must be a day that exists, written as 2026-12-31: "2026-02-29"',
    ],
    [
      'a day otherwise written',
      withException({ until: '31.12.2026' }),
      'HOOK_POLICY.rules[0].vulnerabilities.exceptions[0].until: must be a day',
    ],
    [
      'an exception for ever',
      withException({ until: undefined }),
      'HOOK_POLICY.rules[0].vulnerabilities.exceptions[0].until is missing (string expected)',
    ],
    [
      'an exception without a reason',
      withException({ reason: ' ' }),
      'HOOK_POLICY.rules[0].vulnerabilities.exceptions[0].reason must be at least 1 characters',
    ],
    [
      'an exception for all',
      withException({ id: '*' }),
      'HOOK_POLICY.rules[0].vulnerabilities.exceptions[0].id: must be the id of one vulnerability',
    ],
    [
      'an exemption of every container',
      { ...least, exemptions: [{ ...exemption, container: '*' }] },
      'HOOK_POLICY.exemptions[0].container: must be the name of one container',
    ],
    [
      'an exemption of any image',
      { ...least, exemptions: [{ ...exemption, match: [] }] },
      'HOOK_POLICY.exemptions[0].match must be at least 1 items',
    ],
    [
      'an exemption for ever',
      { ...least, exemptions: [{ ...exemption, until: undefined }] },
      'HOOK_POLICY.exemptions[0].until is missing (string expected)',
    ],
    [
      'signatures',
      withRule({ signatures: { require: 1, of: ['a'] } }),
      'HOOK_POLICY.rules[0].signatures: this version does not verify signatures yet, so a policy that names them is refused',
    ],
    [
      'signatures, if only null',
      withRule({ signatures: null }),
      'HOOK_POLICY.rules[0].signatures: this version does not verify signatures yet',
    ],
    [
      'attestations',
      withRule({ attestations: [] }),
      'HOOK_POLICY.rules[0].attestations: this version does not verify attestations yet',
    ],
    [
      'verifiers',
      { ...least, verifiers: {} },
      'HOOK_POLICY.verifiers: this version does not verify signatures and attestations yet',
    ],
    [
      'breakGlass',
      { ...least, breakGlass: { parameter: '/p' } },
      'HOOK_POLICY.breakGlass: this version does not verify break-glass requests yet',
    ],
  ])('is refused: %s', (_, document, expected) => {
    expect(trouble(() => parsePolicy(document, 'HOOK_POLICY'))).toContain(expected);
  });

  it('is refused with everything that is wrong at once', () => {
    const message = trouble(() =>
      parsePolicy({ ...withRule({ match: ['*'], digest: 1 }), mode: 'x' }, 'HOOK_DEFAULTS'),
    );
    expect(message).toMatch(/^Bad policy: /);
    for (const path of ['HOOK_DEFAULTS.mode', 'HOOK_DEFAULTS.rules[0].match[0]', 'HOOK_DEFAULTS.rules[0].digest']) {
      expect(message).toContain(path);
    }
  });

  it('is described, every key of it', () => {
    const undescribed: string[] = [];
    walk(z.toJSONSchema(Policy, { io: 'input' }), '', undescribed);
    walk(z.toJSONSchema(Overlay, { io: 'input' }), '', undescribed);
    expect(undescribed).toEqual([]);
  });
});

const Node = z.object({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
});

function walk(schema: unknown, path: string, undescribed: string[]): void {
  const { properties = {}, items } = Node.parse(schema);
  for (const [key, value] of Object.entries(properties)) {
    if (Node.parse(value).description === undefined) undescribed.push(`${path}.${key}`);
    walk(value, `${path}.${key}`, undescribed);
  }
  if (items !== undefined) walk(items, `${path}[]`, undescribed);
}

describe('what a service adds', () => {
  it('is rules, and mode enforce', () => {
    expect(parseOverlay({}, 'hookDetails')).toEqual({ rules: [] });
    expect(parseOverlay({ rules: [rule], mode: 'enforce' }, 'hookDetails')).toMatchObject({ mode: 'enforce' });
  });

  it.each([
    [{ mode: 'audit' }, 'hookDetails.mode must be "enforce", not "audit"'],
    [{ exemptions: [exemption] }, 'hookDetails.exemptions is not a known key'],
    [{ onError: 'allow' }, 'hookDetails.onError is not a known key'],
    [{ breakGlass: {} }, 'hookDetails.breakGlass is not a known key'],
    [
      { rules: [{ ...rule, signatures: {} }] },
      'hookDetails.rules[0].signatures: this version does not verify signatures yet',
    ],
    [{ rules: [rule, rule] }, 'hookDetails.rules[1].name: two rules have this name'],
  ])('is nothing else: %j', (document, expected) => {
    expect(trouble(() => parseOverlay(document, 'hookDetails'))).toContain(expected);
  });
});

describe('policyWarnings', () => {
  it('says where a pattern trusts more, or less, than it seems', () => {
    const policy = parsePolicy(
      {
        version: 1,
        rules: [rule, { name: 'wide', match: ['a.io/b', '*.dkr.ecr.eu-west-1.amazonaws.com/team/*'] }],
        exemptions: [{ ...exemption, match: ['docker.io/nginx'] }],
      },
      'HOOK_POLICY',
    );
    expect(policyWarnings(policy)).toEqual([
      expect.stringMatching(/^rules\[1\]\.match\[1\]: .*wildcard/),
      expect.stringMatching(/^exemptions\[0\]\.match\[0\]: it matches nothing/),
    ]);
  });
});

describe('fingerprint', () => {
  it('is that of what a policy says, not of how it is written', () => {
    const one = fingerprint({ a: 1, b: [{ c: 2, d: 3 }] });
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint({ b: [{ d: 3, c: 2 }], a: 1 })).toBe(one);
  });

  it.each([[{ a: 1, b: [{ c: 2, d: 4 }] }], [{ a: 1, b: [{ c: 2, d: 3 }, {}] }], [{ a: '1', b: [{ c: 2, d: 3 }] }]])(
    'differs where the policy does: %j',
    (other) => {
      expect(fingerprint(other)).not.toBe(fingerprint({ a: 1, b: [{ c: 2, d: 3 }] }));
    },
  );

  it('keeps the order of lists and the bounds of documents', () => {
    expect(fingerprint([1, 2])).not.toBe(fingerprint([2, 1]));
    expect(fingerprint({ a: 1 }, { b: 1 })).not.toBe(fingerprint({ a: 1, b: 1 }));
  });
});
