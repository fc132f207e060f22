import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { compileGlob, type Glob } from '../../hooks/admission/glob.ts';
import { parseReference } from '../../hooks/admission/reference.ts';
import { identifyImage } from '../../hooks/admission/registry.ts';

const Vectors = z.object({
  globs: z.array(
    z.object({ pattern: z.string(), name: z.string(), expect: z.union([z.boolean(), z.literal('invalid-pattern')]) }),
  ),
});

const { globs } = Vectors.parse(
  JSON.parse(readFileSync(new URL('../fixtures/admission-vectors.json', import.meta.url), 'utf8')),
);

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

function compiled(pattern: string): Glob {
  const result = compileGlob(pattern);
  if (!result.ok) throw new Error(result.reason);
  return result.glob;
}

function nameOf(text: string): string {
  const parsed = parseReference(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return identifyImage(parsed.reference).name;
}

it.each(globs)('$pattern, $name: $expect', ({ pattern, name, expect: expected }) => {
  const result = compileGlob(pattern);
  expect(result.ok ? result.glob.matches(name) : 'invalid-pattern').toBe(expected);
});

describe('what matches', () => {
  it.each([
    ['ghcr.io/a', 'ghcr.io/a', true],
    ['ghcr.io/a', 'ghcr.io/ab', false],
    ['ghcr.io/a', 'xghcr.io/a', false],
    ['ghcr.io/a', 'ghcr.io/', false],
    ['ghcr.io/a', '', false],
    ['ghcr.io/a', 'ghcrxio/a', false],
    ['ghcr.io/*', 'ghcr.io/a', true],
    ['ghcr.io/*', 'ghcr.io/', true],
    ['ghcr.io/*', 'ghcr.io/a/b', false],
    ['ghcr.io/a*', 'ghcr.io/a', true],
    ['ghcr.io/a*b', 'ghcr.io/ab', true],
    ['ghcr.io/a*b', 'ghcr.io/axbxb', true],
    ['ghcr.io/a*b', 'ghcr.io/ab/b', false],
    ['ghcr.io/**', 'ghcr.io/a/b/c', true],
    ['ghcr.io/**', 'ghcr.io', false],
    ['ghcr.io/**', 'ghcr.io.evil.com/a', false],
    ['ghcr.io/a**b', 'ghcr.io/ab', true],
    ['ghcr.io/a**b', 'ghcr.io/a/x/b', true],
    ['ghcr.io/a**b', 'ghcr.io/a/x/bc', false],
    ['ghcr.io/a/**/b', 'ghcr.io/a/x/b', true],
    ['ghcr.io/a/**/b', 'ghcr.io/a/b', false],
    ['ghcr.io/***', 'ghcr.io/a/b', true],
    ['ghcr.io/****', 'ghcr.io/a/b', true],
    ['ghcr.io/**/a*/c', 'ghcr.io/ab/ab/c', true],
    ['ghcr.io/**/a*/c', 'ghcr.io/x/ab/c', true],
    ['ghcr.io/**/a*/c', 'ghcr.io/x/ab/y/c', false],
    ['ghcr.io/*a*a', 'ghcr.io/aba', true],
    ['ghcr.io/*a*a', 'ghcr.io/a', false],
    ['*/**', 'ghcr.io/a/b', true],
    ['*/**', 'a', false],
    ['localhost:5000/*', 'localhost:5000/a', true],
    ['ghcr.io/a', 'ghcr.io/a:1', false],
    ['ghcr.io/*', 'ghcr.io/😀', true],
    ['ghcr.io/a', 'ghcr.io/😀', false],
  ])('%s, %s: %s', (pattern, name, expected) => {
    expect(compiled(pattern).matches(name)).toBe(expected);
  });

  it.each([
    [`${ECR}/team/**`, '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1', true],
    [`${ECR}/team/**`, '123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/team/app:1', true],
    [`${ECR}/team/**`, '123456789012.dkr-ecr.eu-west-1.on.aws/team/app:1', true],
    ['123456789012.dkr-ecr-fips.eu-west-1.on.aws/team/**', '123456789012.dkr-ecr.eu-west-1.on.aws/team/app', true],
    ['123456789012.dkr-ecr.eu-west-1.on.aws/team/**', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app', true],
    ['*.dkr.ecr.eu-west-1.amazonaws.com/**', '123456789012.dkr-ecr.eu-west-1.on.aws/team/app', true],
    [`${ECR}/team/**`, '123456789012.dkr-ecr.eu-west-2.on.aws/team/app', false],
    [`${ECR}/team/**`, '123456789013.dkr-ecr.eu-west-1.on.aws/team/app', false],
    [`${ECR}/team/**`, '123456789012.dkr.ecr.eu-west-1.on.aws/team/app', false],
    [`${ECR}/team/**`, `evil.com/${ECR}/team/app`, false],
    [`${ECR}/team/**`, `${ECR}.evil.com/team/app`, false],
    [`${ECR}/team/**`, `${ECR}:443/team/app`, false],
    [`${ECR}/team/**`, ECR, false],
    ['public.ecr.aws/datadog/*', 'ecr-public.aws.com/datadog/agent:7', true],
    ['ecr-public.aws.com/datadog/*', 'public.ecr.aws/datadog/agent:7', true],
    ['docker.io/library/*', 'nginx:1', true],
    ['index.docker.io/library/*', 'nginx:1', true],
    ['library/nginx', 'nginx', false],
    ['docker.io/nginx', 'nginx', false],
  ])('the pattern %s, the image %s: %s', (pattern, image, expected) => {
    expect(compiled(pattern).matches(nameOf(image))).toBe(expected);
  });
});

describe('which patterns are refused', () => {
  it.each([
    ['', /^the pattern is empty$/],
    ['*', /^the pattern "\*" has no "\/": write the registry and the repository$/],
    ['**', /has no "\/"/],
    ['nginx', /has no "\/"/],
    ['Ghcr.io/a', /^the pattern "Ghcr\.io\/a" has "G" at position 1: a-z, 0-9 and \. _ - \/ : \* are allowed$/],
    ['ghcr.io/a b', /has " " at position 10/],
    ['ghcr.io/[a-z]', /has "\[" at position 9/],
    ['ghcr.io/a?', /has "\?" at position 10/],
    ['ghcr.io/.+', /has "\+" at position 10/],
    ['ghcr.io/a@sha256', /has "@" at position 10/],
    ['ghcr.io/а', /has "\\u0430" at position 9/],
    ['ghcr.io/😀', /has "\\ud83d\\ude00" at position 9/],
    ['ghcr.io/a\n', /has "\\n" at position 10/],
    [`ghcr.io/${'a'.repeat(505)}`, /^the pattern has 513 characters, and 512 are allowed$/],
    ['/'.repeat(1_000_000), /^the pattern has 1000000 characters/],
  ])('%j', (pattern, reason) => {
    expect(compileGlob(pattern)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  it('the longest is matched to its last character', () => {
    const pattern = `ghcr.io/${'a'.repeat(504)}`;
    expect(compiled(pattern).matches(pattern)).toBe(true);
    expect(compiled(pattern).matches(`${pattern.slice(0, -1)}b`)).toBe(false);
    expect(compiled(pattern).matches(pattern.slice(0, -1))).toBe(false);
  });

  it('says what was written', () => {
    expect(compiled('index.docker.io/library/*').pattern).toBe('index.docker.io/library/*');
  });
});

describe('what the author is warned of', () => {
  it.each<[string, RegExp[]]>([
    [`${ECR}/team/**`, []],
    ['123456789012.dkr-ecr.eu-west-1.on.aws/team/*', []],
    ['docker.io/library/*', []],
    ['docker.io/**', []],
    ['docker.io/lib**', []],
    ['localhost/a', []],
    ['localhost:5000/a', []],
    ['public.ecr.aws/datadog/*', []],
    [
      '*.dkr.ecr.eu-west-1.amazonaws.com/**',
      [
        /^the registry "\*\.dkr\.ecr\.eu-west-1\.amazonaws\.com" has a wildcard: whoever runs one that fits is trusted$/,
      ],
    ],
    [
      '**/app',
      [/wildcard: whoever runs one that fits is trusted, and "\*\*" reaches into the repository name as well$/],
    ],
    ['x.io**/app', [/reaches into the repository name/]],
    ['*.dkr-ecr.eu-west-1.on.aws/**', [/has a wildcard/, /^it matches nothing of Amazon ECR: .*the classic host/]],
    ['*.dkr.ecr-fips.eu-west-1.amazonaws.com/**', [/has a wildcard/, /^it matches nothing of Amazon ECR/]],
    ['ecr-public.aws.*/**', [/has a wildcard/, /^it matches nothing of Amazon ECR/]],
    ['*ecr-public.io/**', [/has a wildcard/]],
    ['library/nginx', [/^it matches nothing: "library" is no registry host, and short names are not completed$/]],
    ['/nginx', [/^it matches nothing: "" is no registry host/]],
    ['docker.io/nginx', [/^it matches nothing: official images of Docker Hub are docker\.io\/library\/<name>$/]],
    ['index.docker.io/n*', [/^it matches nothing: official images/]],
    [
      '123456789012.dkr.ecr.eu-west-1.on.aws/**',
      [/^it matches nothing: "123456789012\.dkr\.ecr\.eu-west-1\.on\.aws" looks like/],
    ],
    [`${ECR}:443/**`, [/looks like Amazon ECR, and is not$/]],
    ['ghcr.io/a:latest', [/^it matches nothing: names are matched without tag and digest$/]],
    ['ghcr.io/', [/^it matches nothing: a component of the repository name is empty$/]],
    ['ghcr.io/a/', [/component/]],
    ['ghcr.io//a', [/component/]],
    ['ghcr.io/a//b', [/component/]],
  ])('%s', (pattern, expected) => {
    const { warnings } = compiled(pattern);
    expect(warnings).toHaveLength(expected.length);
    expected.forEach((words, index) => {
      expect(warnings[index]).toMatch(words);
    });
  });
});

/** The same as a regular expression: it backtracks, and is fine for short texts. */
function modelOf(pattern: string): RegExp {
  const source = pattern.replace(/\*+|[.]/g, (found) => (found === '.' ? '\\.' : found === '*' ? '[^/]*' : '[^]*'));
  return new RegExp(`^${source}$`, 'u');
}

describe('properties', () => {
  const patterns = fc.array(fc.constantFrom('a', 'b', '.', '/', '*', '**'), { maxLength: 12 });
  const names = fc.array(fc.constantFrom('a', 'b', '.', '/', 'a/', 'ab'), { maxLength: 16 });

  it('agrees with the pattern written as a regular expression', () => {
    fc.assert(
      fc.property(patterns, names, (some, others) => {
        // A fixed registry, so that the pattern itself stays as it is.
        const [pattern, name] = [`x.io/${some.join('')}`, `x.io/${others.join('')}`];
        expect(compiled(pattern).matches(name)).toBe(modelOf(pattern).test(name));
      }),
      { numRuns: 5000 },
    );
  });

  it('a name with any part of it made a wildcard is matched', () => {
    fc.assert(
      fc.property(names, fc.nat(), fc.nat(), (parts, some, other) => {
        const name = `x.io/${parts.join('')}`;
        const [from = 0, to = 0] = [some, other].map((at) => 5 + (at % (name.length - 4))).sort((a, b) => a - b);
        expect(compiled(`${name.slice(0, from)}**${name.slice(to)}`).matches(name)).toBe(true);
        const isWithinComponent = !name.slice(from, to).includes('/');
        expect(isWithinComponent && !compiled(`${name.slice(0, from)}*${name.slice(to)}`).matches(name)).toBe(false);
      }),
    );
  });

  it('never throws, for any text as pattern', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.stringMatching(/^[a-z/*.:]*$/)), (text) => {
        const result = compileGlob(text);
        if (result.ok) expect(result.glob.warnings.join()).toMatch(/^[ -~]*$/);
        else expect(result.reason).toMatch(/^[ -~]+$/);
      }),
      { numRuns: 2000 },
    );
  });
});

// Searching by trial and error takes more than 10^12 steps for these, and does not end within the test's time limit.
describe('a hostile pattern on a hundred thousand characters', () => {
  const N = 100_000;
  it.each([
    ['stars', `x.io/${'a*'.repeat(250)}b`, `x.io/${'a'.repeat(N)}`, false],
    ['double stars', `x.io/${'a**'.repeat(160)}b`, `x.io/${'a/'.repeat(N / 2)}`, false],
    ['both', `x.io/${'**a*'.repeat(120)}b`, `x.io/${'aa/'.repeat(N / 3)}`, false],
    ['both, and a match', `x.io/${'**a*'.repeat(120)}b`, `x.io/${'aa/'.repeat(N / 3)}aab`, true],
    ['nothing but stars', `x.io/${'*'.repeat(500)}`, `x.io/${'a/'.repeat(N / 2)}`, true],
  ])('%s', (_what, pattern, name, expected) => {
    expect(compiled(pattern).matches(name)).toBe(expected);
  });
});
