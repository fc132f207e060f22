import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  formatReference,
  parseReference,
  quote,
  type Reference,
  type ReferenceProblem,
} from '../../hooks/admission/reference.ts';

const Vectors = z.object({
  references: z.array(
    z.union([
      z.object({
        input: z.string(),
        valid: z.literal(true),
        registry: z.string(),
        repository: z.string(),
        tag: z.nullable(z.string()),
        digest: z.nullable(z.string()),
      }),
      z.object({ input: z.string(), valid: z.literal(false), goError: z.string() }),
    ]),
  ),
});

const { references } = Vectors.parse(
  JSON.parse(readFileSync(new URL('../fixtures/admission-vectors.json', import.meta.url), 'utf8')),
);

/** How the distribution project words each of our codes. */
const WORDING: Record<ReferenceProblem, RegExp> = {
  'image-id': /cannot specify 64-byte hexadecimal strings$/,
  'upper-case': /must be lowercase$/,
  format: /^invalid reference format$/,
  'too-long': /must not be more than 255 characters$/,
  'digest-algorithm': /^unsupported digest algorithm$/,
  'digest-length': /^invalid checksum digest length$/,
  'digest-format': /^invalid checksum digest format$/,
};

const HEX = '0123456789abcdef'.repeat(4);
const SHA256 = `sha256:${HEX}`;

function valid(text: string): Reference {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reference;
}

function problemOf(text: string): ReferenceProblem | 'none' {
  const parsed = parseReference(text);
  return parsed.ok ? 'none' : parsed.problem;
}

describe('the answers of the distribution project', () => {
  it.each(references)('$input', (expected) => {
    const parsed = parseReference(expected.input);
    if (!expected.valid) {
      expect(parsed).toMatchObject({ ok: false, reason: expect.stringMatching(/\w/) });
      expect(expected.goError).toMatch(WORDING[parsed.ok ? 'image-id' : parsed.problem]);
      return;
    }
    const { registry, repository } = expected;
    expect(parsed).toMatchObject({
      ok: true,
      reference: {
        text: expected.input,
        registry,
        repository,
        tag: expected.tag ?? undefined,
        digest: expected.digest ?? undefined,
        name: `${registry}/${repository}`,
      },
    });
  });
});

describe('which registry is meant', () => {
  it.each([
    ['nginx', undefined, 'docker.io', 'library/nginx'],
    ['nginx:1.27', undefined, 'docker.io', 'library/nginx'],
    [`nginx@${SHA256}`, undefined, 'docker.io', 'library/nginx'],
    ['team/app', undefined, 'docker.io', 'team/app'],
    ['docker.io/nginx', 'docker.io', 'docker.io', 'library/nginx'],
    ['docker.io/team/app', 'docker.io', 'docker.io', 'team/app'],
    ['index.docker.io/nginx', 'index.docker.io', 'docker.io', 'library/nginx'],
    ['index.docker.io/team/app', 'index.docker.io', 'docker.io', 'team/app'],
    ['Index.docker.io/nginx', 'Index.docker.io', 'Index.docker.io', 'nginx'],
    ['registry-1.docker.io/nginx', 'registry-1.docker.io', 'registry-1.docker.io', 'nginx'],
    ['registry.hub.docker.com/nginx', 'registry.hub.docker.com', 'registry.hub.docker.com', 'nginx'],
    ['docker.io:443/nginx', 'docker.io:443', 'docker.io:443', 'nginx'],
    ['localhost', undefined, 'docker.io', 'library/localhost'],
    ['localhost/app', 'localhost', 'localhost', 'app'],
    ['localhost:5000/app', 'localhost:5000', 'localhost:5000', 'app'],
    ['localhosts/app', undefined, 'docker.io', 'localhosts/app'],
    ['ghcr.io/a/b/c', 'ghcr.io', 'ghcr.io', 'a/b/c'],
    ['FOO/app', 'FOO', 'FOO', 'app'],
    ['a:99999/app', 'a:99999', 'a:99999', 'app'],
    ['[::1]/app', '[::1]', '[::1]', 'app'],
    ['[FE80::1]:5000/app', '[FE80::1]:5000', '[FE80::1]:5000', 'app'],
    [
      '123456789012.dkr.ecr.us-east-1.amazonaws.com',
      undefined,
      'docker.io',
      'library/123456789012.dkr.ecr.us-east-1.amazonaws.com',
    ],
    [
      '123456789012.dkr.ecr.us-east-1.amazonaws.com:5000',
      undefined,
      'docker.io',
      'library/123456789012.dkr.ecr.us-east-1.amazonaws.com',
    ],
    [
      'evil.com/123456789012.dkr.ecr.us-east-1.amazonaws.com/app',
      'evil.com',
      'evil.com',
      '123456789012.dkr.ecr.us-east-1.amazonaws.com/app',
    ],
    // No host name has an underscore, and a path may: the grammar sees no registry here at all.
    ['foo_bar.com/app', 'foo_bar.com', '', 'foo_bar.com/app'],
  ])('%s', (text, writtenRegistry, registry, repository) => {
    expect(valid(text)).toMatchObject({ writtenRegistry, registry, repository });
  });

  it('names an image without a registry as the grammar does', () => {
    expect(valid('foo_bar.com/app:1').name).toBe('foo_bar.com/app');
  });
});

describe('tag and digest', () => {
  it.each([
    ['a', undefined, undefined],
    ['a:1', '1', undefined],
    ['a:_A.b-c', '_A.b-c', undefined],
    [`a:${'t'.repeat(128)}`, 't'.repeat(128), undefined],
    [`a@${SHA256}`, undefined, SHA256],
    [`a:1@${SHA256}`, '1', SHA256],
    [`x.io:5000/a:1@${SHA256}`, '1', SHA256],
    ['x.io:5000/a', undefined, undefined],
  ])('%s', (text, tag, digest) => {
    expect(valid(text)).toMatchObject({ tag, digest });
  });
});

describe('what is no reference', () => {
  it.each<[string, ReferenceProblem, RegExp]>([
    ['', 'format', /the repository name "library\/" has an empty component/],
    ['/', 'format', /has an empty component/],
    ['/app', 'format', /begins or ends with a separator/],
    ['x.io/', 'format', /the repository name is empty/],
    ['x.io//app', 'format', /has an empty component/],
    ['x.io/app/', 'format', /has an empty component/],
    ['x.io/.app', 'format', /begins or ends with a separator/],
    ['x.io/app-', 'format', /begins or ends with a separator/],
    ['x.io/a_/b', 'format', /begins or ends with a separator/],
    ['x.io/a/-b', 'format', /begins or ends with a separator/],
    ['x.io/a..b', 'format', /separators in a row other than "__" and "--"/],
    ['x.io/a.-b', 'format', /in a row/],
    ['x.io/a._b', 'format', /in a row/],
    ['x.io/a_.b', 'format', /in a row/],
    ['x.io/a_-b', 'format', /in a row/],
    ['x.io/a___b', 'format', /in a row/],
    ['x.io/a-.b', 'format', /in a row/],
    ['x.io/a-_b', 'format', /in a row/],
    ['x.io/a b', 'format', /the repository name has " " at position 2/],
    ['x.io/a\0', 'format', /has "\\u0000" at position 2/],
    ['x.io/a\n', 'format', /has "\\n" at position 2/],
    ['x.io/а', 'format', /has "\\u0430" at position 1/],
    ['x.io/😀', 'format', /has "\\ud83d\\ude00" at position 1/],
    ['x.io/a\u200b', 'format', /has "\\u200b" at position 2/],
    ['user@x.io/a', 'format', /the registry host has "@" at position 5/],
    ['https://x.io/a', 'format', /":" after the registry host is no port/],
    ['x.io:/a', 'format', /":" after the registry host is no port/],
    ['x.io:50a/a', 'format', /":50a" after the registry host is no port/],
    ['x.io:5:5/a', 'format', /":5:5" after the registry host is no port/],
    ['x.io:５/a', 'format', /is no port/],
    [':5000/a', 'format', /the registry host is empty/],
    ['x..io/a', 'format', /the registry host "x\.\.io" has an empty label/],
    ['.x.io/a', 'format', /an empty label/],
    ['x.io./a', 'format', /an empty label/],
    ['-x.io/a', 'format', /begins or ends with "-"/],
    ['x-.io/a', 'format', /begins or ends with "-"/],
    ['x.-io/a', 'format', /begins or ends with "-"/],
    ['x.io-/a', 'format', /begins or ends with "-"/],
    ['[]:1/a', 'format', /the registry host "\[\]" is no IPv6 address/],
    ['[::g]/a', 'format', /is no IPv6 address/],
    ['[g::]/a', 'format', /is no IPv6 address/],
    ['x[::1]/a', 'format', /"::1\]" after the registry host is no port/],
    ['[::1/a', 'format', /after the registry host is no port/],
    ['[::1]x/a', 'format', /"x" after the registry host is no port/],
    ['foo_bar:5000/a', 'format', /the registry host has "_" at position 4/],
    ['a:', 'format', /the tag is empty/],
    ['a:.b', 'format', /the tag "\.b" begins with "\."/],
    ['a:-b', 'format', /the tag "-b" begins with "-"/],
    ['a:b:c', 'format', /the tag has ":" at position 2/],
    ['a:b+c', 'format', /the tag has "\+" at position 2/],
    [`a:${'t'.repeat(129)}`, 'format', /the tag has 129 characters, and 128 are allowed/],
    ['a@', 'format', /"" is no digest algorithm/],
    [`a@:${HEX}`, 'format', /"" is no digest algorithm/],
    [`a@1a:${HEX}`, 'format', /"1a" is no digest algorithm/],
    [`a@a+:${HEX}`, 'format', /"a\+" is no digest algorithm/],
    [`a@a+1:${HEX}`, 'format', /"a\+1" is no digest algorithm/],
    [`a@a!b:${HEX}`, 'format', /"a!b" is no digest algorithm/],
    ['a@sha256', 'format', /the digest has 0 digits/],
    [`a@sha256:${HEX.slice(33)}`, 'format', /the digest has 31 digits/],
    [`a@sha256:${HEX.slice(1)}g`, 'format', /the digest has "g" at position 64/],
    [`a@${SHA256}@${SHA256}`, 'format', /the digest has "@" at position 65/],
    [`a@sha256:${HEX.slice(32)}`, 'digest-length', /has 32 digits instead of 64/],
    [`a@sha256:${HEX.slice(1)}`, 'digest-length', /has 63 digits instead of 64/],
    [`a@${SHA256}0`, 'digest-length', /has 65 digits instead of 64/],
    [`a@sha256:${HEX.toUpperCase()}`, 'digest-format', /has upper-case digits/],
    [`a:1@SHA256:${HEX}`, 'digest-format', /"SHA256" has upper-case letters/],
    [`a@sha512:${HEX}${HEX}`, 'digest-algorithm', /"sha512" is not supported: use sha256/],
    [`a@sha384:${HEX}`, 'digest-algorithm', /"sha384"/],
    [`a@sha256+b64.x_y-z:${HEX}`, 'digest-algorithm', /"sha256\+b64\.x_y-z"/],
    [HEX, 'image-id', /is an image id, not a name/],
    ['App', 'upper-case', /the repository name "library\/App" has upper-case letters/],
    ['x.io/App:1', 'upper-case', /"App"/],
    [`a@SHA256:${HEX}`, 'upper-case', /"library\/a@SHA256"/],
    ['Foo_x/app', 'upper-case', /the registry host has "_" at position 4/],
    ['exam\u212a.io/app', 'upper-case', /the registry host has "\\u212a" at position 5/],
    ['x.io/a:\u212a', 'upper-case', /the tag has "\\u212a" at position 1/],
    [`a:1@\u212a:${HEX}`, 'upper-case', /"\\u212a" is no digest algorithm/],
    ['Foo_x/app b', 'format', /the registry host has "_" at position 4/],
    [`x.io/${'a'.repeat(256)}`, 'too-long', /has 256 characters, and 255 are allowed/],
    ['a'.repeat(248), 'too-long', /has 256 characters/],
    [`foo_bar.com/${'a'.repeat(244)}`, 'too-long', /has 256 characters/],
    [`x.io/${'a'.repeat(256)}@sha512:${HEX}`, 'too-long', /has 256 characters/],
  ])('%j: %s', (text, problem, reason) => {
    expect(parseReference(text)).toEqual({ ok: false, problem, reason: expect.stringMatching(reason) });
  });

  it.each([
    ['a repository name of 255 characters', `x.io/${'a'.repeat(255)}`],
    ['one of 255 with "library/"', 'a'.repeat(247)],
    ['one of 255 without a registry', `foo_bar.com/${'a'.repeat(243)}`],
    ['63 hexadecimal digits', HEX.slice(1)],
    ['65 hexadecimal digits', `${HEX}0`],
    ['64 with one that is none', `g${HEX.slice(1)}`],
    ['an image id as the name of a repository', `docker.io/${HEX}`],
    ['every separator', 'x.io/a.b/c_d/e__f/g-h/i---j'],
    ['dashes within a label', 'x--y.io/a'],
  ])('but %s is one', (_what, text) => {
    expect(problemOf(text)).toBe('none');
  });
});

describe('how an offending part is shown', () => {
  it.each([
    ['plain', '"plain"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['а\u202e\u007f', '"\\u0430\\u202e\\u007f"'],
    ['~ ', '"~ "'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(82), `"${'x'.repeat(80)}" and 2 characters more`],
  ])('%j', (text, expected) => {
    expect(quote(text)).toBe(expected);
  });
});

/** The grammar once more, composed as a regular expression: it backtracks, and is fine for short texts. */
const MODEL = (() => {
  const label = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)';
  const domain = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
  const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  const word = '[A-Za-z][A-Za-z0-9]*';
  const digest = `(?<algorithm>${word}(?:[-_+.]${word})*):(?<hex>[0-9a-fA-F]{32,})`;
  const name = `(?:(?<domain>${domain})/)?(?<path>${component}(?:/${component})*)`;
  return new RegExp(`^${name}(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@${digest})?$`);
})();

function modelOf(text: string): ReferenceProblem | 'none' {
  if (/^[0-9a-f]{64}$/.test(text)) return 'image-id';
  const [first = '', ...others] = text.split('/');
  const isHost = others.length > 0 && (first === 'localhost' || /[.:A-Z]/.test(first));
  const registry = isHost && first !== 'index.docker.io' ? first : 'docker.io';
  const rest = isHost ? others.join('/') : text;
  const full = `${registry}/${registry === 'docker.io' && !rest.includes('/') ? 'library/' : ''}${rest}`;
  if (/^[^:]*[A-Z]/.test(rest)) return 'upper-case';
  const groups = MODEL.exec(full)?.groups;
  if (groups === undefined) return MODEL.test(full.toLowerCase()) ? 'upper-case' : 'format';
  const { path = '', algorithm, hex = '' } = groups;
  if (path.length > 255) return 'too-long';
  if (algorithm === undefined) return 'none';
  if (/[A-Z]/.test(algorithm)) return 'digest-format';
  if (algorithm !== 'sha256') return 'digest-algorithm';
  if (hex.length !== 64) return 'digest-length';
  return /[A-F]/.test(hex) ? 'digest-format' : 'none';
}

const pieces = fc.constantFrom(
  ...'aZ0._-:/@[]+ \n',
  ...['__', '--', '/a', '.a', ':1', 'a.b/', 'A/', 'localhost', 'docker.io/', 'index.docker.io/', 'library/', '[::1]'],
  ...['@sha256:', '@SHA256:', '@sha512:', HEX, HEX.toUpperCase(), HEX.slice(32), 'a'.repeat(120)],
);
const almostReferences = fc.array(pieces, { maxLength: 9 }).map((found) => found.join(''));

const labels = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?$/);
const hosts = fc.oneof(
  fc.array(labels, { minLength: 2, maxLength: 4 }).map((found) => found.join('.')),
  fc.constantFrom('localhost', '[::1]', '[2001:db8::1]', 'index.docker.io', 'docker.io', 'foo_bar.com'),
);
const domains = fc
  .tuple(hosts, fc.option(fc.nat(99_999), { nil: undefined }))
  .map(([host, port]) => (port === undefined || host === 'foo_bar.com' ? host : `${host}:${port}`));
const components = fc.stringMatching(/^[a-z0-9]{1,5}((\.|_|__|-{1,3})[a-z0-9]{1,5}){0,2}$/);
const references4 = fc.record({
  domain: domains,
  path: fc.array(components, { minLength: 1, maxLength: 4 }).map((found) => found.join('/')),
  tag: fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined }),
  digest: fc.option(fc.stringMatching(/^sha256:[0-9a-f]{64}$/), { nil: undefined }),
});

describe('properties', () => {
  it('agrees with the grammar written as a regular expression', () => {
    fc.assert(
      fc.property(almostReferences, (text) => {
        expect(problemOf(text)).toBe(modelOf(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('never throws, and gives a printable one-line reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), almostReferences), (text) => {
        const parsed = parseReference(text);
        if (!parsed.ok) expect(parsed.reason).toMatch(/^[ -~]{1,300}$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a reference apart into the parts it is made of', () => {
    fc.assert(
      fc.property(references4, ({ domain, path, tag, digest }) => {
        const text = formatReference({ name: `${domain}/${path}`, tag, digest });
        expect(valid(text)).toMatchObject({ text, writtenRegistry: domain, tag, digest });
      }),
    );
  });

  it('reads what it writes as the same reference', () => {
    fc.assert(
      fc.property(references4, ({ domain, path, tag, digest }) => {
        const { writtenRegistry: _, ...reference } = valid(formatReference({ name: `${domain}/${path}`, tag, digest }));
        const again = formatReference(reference);
        expect(valid(again)).toMatchObject({ ...reference, text: again });
        expect(formatReference(valid(again))).toBe(again);
      }),
    );
  });
});

// A search that backtracks, or that is quadratic, would need 10^12 steps and more: it would not end within the test's
// time limit, while one pass is over before one notices.
describe('a million characters', () => {
  const N = 1_000_000;
  const shapes: [string, string, ReferenceProblem | 'none'][] = [
    ['letters', 'a'.repeat(N), 'too-long'],
    ['letters, then a character that is not allowed', `${'a'.repeat(N)}!`, 'format'],
    ['upper-case letters', 'A'.repeat(N), 'upper-case'],
    ['a host of upper-case letters', `${'A'.repeat(N)}_!/a`, 'format'],
    ['dashes', `a${'-'.repeat(N)}`, 'format'],
    ['dashes within a name', `a${'-'.repeat(N)}a`, 'too-long'],
    ['underscores', `a${'_'.repeat(N)}a`, 'format'],
    ['separated letters', `${'a-'.repeat(N / 2)}!`, 'format'],
    ['slashes', '/'.repeat(N), 'format'],
    ['components', 'a/'.repeat(N / 2), 'format'],
    ['labels', `${'a.'.repeat(N / 2)}a/a`, 'none'],
    ['labels, then one that is not allowed', `${'a.'.repeat(N / 2)}-/a`, 'format'],
    ['dashes in a host', `a.${'-'.repeat(N)}/a`, 'format'],
    ['a port', `x.io:${'9'.repeat(N)}/a`, 'none'],
    ['a port that is none', `x.io:${'9'.repeat(N)}x/a`, 'format'],
    ['an IPv6 address', `[${':'.repeat(N)}]/a`, 'none'],
    ['an IPv6 address without an end', `[.${':'.repeat(N)}/a`, 'format'],
    ['opening brackets', `${'['.repeat(N)}./a`, 'format'],
    ['colons', `a${':'.repeat(N)}`, 'format'],
    ['a tag', `a:${'t'.repeat(N)}`, 'format'],
    ['at signs', `a${'@'.repeat(N)}`, 'format'],
    ['a digest', `a@sha256:${'f'.repeat(N)}`, 'digest-length'],
    ['a digest with a wrong end', `a@sha256:${'f'.repeat(N)}g`, 'format'],
    ['a digest algorithm', `a@${'a+'.repeat(N / 2)}:${HEX}`, 'format'],
    ['spaces', ' '.repeat(N), 'format'],
    ['characters of two units', '😀'.repeat(N / 2), 'format'],
  ];

  it.each(shapes)('%s', (_what, text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });
});
