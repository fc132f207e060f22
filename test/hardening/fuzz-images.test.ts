import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileGlob } from '../../hooks/admission/glob.ts';
import { readManifest } from '../../hooks/admission/manifest.ts';
import { formatReference, parseReference } from '../../hooks/admission/reference.ts';
import { identifyImage, strictDenial } from '../../hooks/admission/registry.ts';
import { matchesWildcard } from '../../hooks/admission/wildcard.ts';
import { anyText, mutationsOf, textsLike } from './fuzz/arbitraries.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';

/**
 * The grammar of the distribution project, put together from its own parts as its reference package does, in place of
 * our reading of it. Go's regexp has no `$` that matches before a last line feed, and neither has JavaScript's.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference
 */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${LABEL}(?:\\.${LABEL})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^(?:${DOMAIN}/)?${PATH}(?::[\\w][\\w.-]{0,127})?(?:@${DIGEST})?$`);

const HEX = '0123456789abcdef'.repeat(4);
const REFERENCES = [
  ...[
    'nginx',
    'nginx:1.27',
    'docker.io/library/nginx',
    'index.docker.io/team/app',
    'localhost/app',
    'localhost:5000/a/b',
  ],
  `nginx@sha256:${HEX}`,
  `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0@sha256:${HEX}`,
  '123456789012.dkr-ecr-fips.us-gov-east-1.on.aws/team/app',
  'public.ecr.aws/aws/agent:3',
  ...[
    '[2001:db8::1]:5000/app:v1',
    'ghcr.io/a__b/c--d.e_f:V1.0-x',
    'foo_bar.com/app',
    HEX,
    `sha384:${HEX}${'0'.repeat(32)}`,
  ],
];
const ALPHABET = 'aZ09._-/:@[]*\\ %\u00e9';

it(
  'an image reference is read as the grammar has it, and written again as it was read',
  () => {
    const texts = fc.oneof(
      { weight: 8, arbitrary: textsLike(fc.constantFrom(...REFERENCES), ALPHABET) },
      { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(...ALPHABET), maxLength: 30 }) },
      { weight: 1, arbitrary: anyText },
    );
    return fuzz(
      'image references',
      texts,
      ['read', 'of AWS', 'format', 'upper-case', 'image-id', 'digest-length'],
      (text) => {
        const parsed = parseReference(text);
        if (!parsed.ok) {
          expect(parsed.reason).toMatch(/^[\x20-\x7e]+$/);
          // What the grammar takes is refused for a reason beyond it, of which there are few.
          if (REFERENCE.test(text)) expect(parsed.problem).toMatch(/^(image-id|too-long|upper-case|digest-)/);
          else expect(parsed.problem).toMatch(/^(format|upper-case)$/);
          return parsed.problem as 'format'; // one of those that must come up, or another
        }
        const { reference } = parsed;
        expect(text).toMatch(REFERENCE);
        expect(text.endsWith(formatReference({ ...reference, name: reference.name.split('/').at(-1) ?? '' }))).toBe(
          true,
        );
        const again = parseReference(formatReference(reference));
        const { text: _text, writtenRegistry: _written, ...meant } = reference;
        expect(again).toMatchObject({ ok: true, reference: meant });
        const { kind, canonicalHost, name } = identifyImage(reference);
        expect(name).toBe(`${canonicalHost}/${reference.repository}`);
        // AWS's is a host that is AWS's letter for letter; what only looks like one is denied, and nothing of AWS's is.
        if (kind !== 'other') expect(reference.registry).toMatch(AWS_HOST);
        if (kind === 'other' && strictDenial(reference) === undefined) expect(reference.registry).not.toMatch(AWS_HOST);
        return kind === 'other' ? 'read' : 'of AWS';
      },
    );
  },
  PATIENCE_MS,
);

const AWS_HOST =
  /^(\d{12}\.dkr\.ecr(-fips)?\.[a-z]{2,12}(-[a-z]{2,12}){1,2}-\d{1,2}\.amazonaws\.com|\d{12}\.dkr-ecr(-fips)?\.[a-z]{2,12}(-[a-z]{2,12}){1,2}-\d{1,2}\.on\.aws|public\.ecr\.aws|ecr-public\.aws\.com)$/;

const PATTERNS = [
  '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/**',
  ...['docker.io/library/*', '*/a*b', '**/app', 'ghcr.io/*/x-**', 'localhost:5000/a*', 'public.ecr.aws/**'],
];
const NAMES = ['docker.io/library/nginx', 'ghcr.io/a/x-y/z', 'x/aab', 'localhost:5000/abc', 'public.ecr.aws/aws/agent'];

it(
  'a pattern matches what the same pattern as a regular expression matches',
  () => {
    const patterns = textsLike(fc.constantFrom(...PATTERNS), 'ab*./:-');
    const names = textsLike(fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...PATTERNS)), 'ab./:-');
    const outcomes = ['matches', 'does not', 'refused'] as const;
    return fuzz('patterns of images', fc.tuple(patterns, names), outcomes, ([pattern, name]) => {
      const compiled = compileGlob(pattern);
      if (!compiled.ok) {
        expect(
          pattern === '' || pattern.length > 512 || !pattern.includes('/') || /[^a-z0-9._/:*-]/.test(pattern),
        ).toBe(true);
        return 'refused';
      }
      const { glob } = compiled;
      const slash = pattern.indexOf('/');
      const registry = pattern.slice(0, slash);
      // A registry without wildcard means all hosts of that registry, and is compared in its canonical spelling.
      const host = identifyImage({
        registry: registry === 'index.docker.io' ? 'docker.io' : registry,
        repository: 'x',
      });
      const canonical = `${registry.includes('*') ? registry : host.canonicalHost}/${pattern.slice(slash + 1)}`;
      expect(glob.matches(name)).toBe(searched(canonical, name));
      return glob.matches(name) ? 'matches' : 'does not';
    });
  },
  PATIENCE_MS,
);

/** By trying every way: slow, and plain. */
function searched(pattern: string, name: string): boolean {
  const reachable = new Set([0]);
  const pieces = pattern.match(/\*+|[^*]/g) ?? [];
  let places: ReadonlySet<number> = reachable;
  for (const piece of pieces) {
    const next = new Set<number>();
    for (const from of places) {
      if (!piece.startsWith('*')) {
        if (name.startsWith(piece, from)) next.add(from + piece.length);
        continue;
      }
      next.add(from);
      for (let at = from; at < name.length && (piece.length > 1 || name[at] !== '/'); at += 1) next.add(at + 1);
    }
    places = next;
  }
  return places.has(name.length);
}

it(
  'a wildcard stands for any run of characters, and for nothing else',
  () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '-'), maxLength: 12 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '-', '\n'), maxLength: 14 });
    return fuzz('wildcards', fc.tuple(letters, texts), ['matches', 'does not'], ([pattern, text]) => {
      const quoted = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '[^]*');
      const matches = matchesWildcard(pattern, text);
      expect(matches).toBe(new RegExp(`^${quoted}$`).test(text));
      return matches ? 'matches' : 'does not';
    });
  },
  PATIENCE_MS,
);

const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${HEX}`, size: 100 };
const image = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: `sha256:${HEX}`, size: 7 },
  layers: [layer, layer],
};
const entry = { mediaType: image.mediaType, digest: `sha256:${HEX}`, size: 400 };
const index = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    { ...entry, platform: { os: 'linux', architecture: 'amd64' } },
    { ...entry, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
    { ...entry, digest: `sha256:${'1'.repeat(64)}`, platform: { os: 'unknown', architecture: 'unknown' } },
  ],
};

it(
  'a manifest is what its bytes are, and anything that could be read in two ways is refused',
  () => {
    const cases = fc.record({
      body: mutationsOf(fc.constantFrom<object>(image, index)),
      isDigestRight: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
      mediaType: fc.constantFrom(undefined, undefined, image.mediaType, index.mediaType, 'text/plain'),
    });
    const outcomes = ['image', 'index', 'artifact', 'refused'] as const;
    return fuzz('image manifests', cases, outcomes, ({ body, isDigestRight, mediaType }) => {
      const text = JSON.stringify(body) ?? '';
      const digest = isDigestRight ? digestOf(text) : `sha256:${HEX}`;
      const manifest = readManifest(text, { digest, mediaType });
      if (manifest.kind === 'refused') {
        expect(manifest.why).toMatch(/^\S/);
        return 'refused';
      }
      expect(isDigestRight).toBe(true);
      expect(manifest.digest).toBe(digest);
      expect(manifest.size).toBe(Buffer.byteLength(text));
      const read = JSON.parse(text);
      expect(read.mediaType ?? mediaType).toBe(manifest.mediaType);
      if (manifest.kind === 'index')
        expect([read.config, read.layers, read.artifactType]).toEqual([undefined, undefined, undefined]);
      if (manifest.kind === 'image') {
        expect(read.manifests).toBe(undefined);
        expect(manifest.layers).toHaveLength(read.layers.length);
        for (const one of [manifest.config, ...manifest.layers]) expect(one.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      }
      return manifest.kind;
    });
  },
  PATIENCE_MS,
);
