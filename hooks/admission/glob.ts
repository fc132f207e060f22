import { DOCKER_HUB, LEGACY_DOCKER_HUB, quote } from './reference.ts';
import { identifyRegistry, isEcrLookAlike } from './registry.ts';

/** A pattern for images, ready to match. */
export interface Glob {
  /** As written in the policy. */
  pattern: string;
  /** What its author should know: it matches more than it seems to, or nothing. */
  warnings: readonly string[];
  /**
   * Does an image belong to it? `name` is that of `identifyImage`: canonical host, slash, repository, no tag. The time
   * it takes grows with the name's length times the pattern's, which is bounded, and with nothing else.
   */
  matches(name: string): boolean;
}

export type CompiledGlob = { ok: true; glob: Glob } | { ok: false; reason: string };

// The longest host name and the longest repository name together stay below it.
const MAX_PATTERN = 512;

/**
 * Reads a pattern for canonical image names, such as `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/**`. It must
 * fit the whole name. `*` stands for any characters but a slash, `**` for any at all; either may stand for none. Short
 * names are not completed. A registry without wildcard may be written as any of its hosts, and means all of them.
 */
export function compileGlob(pattern: string): CompiledGlob {
  const reason = problem(pattern);
  if (reason !== undefined) return { ok: false, reason };
  const slash = pattern.indexOf('/');
  const registry = pattern.slice(0, slash);
  const path = pattern.slice(slash + 1);
  const matches = matcher(`${canonical(registry)}/${path}`);
  return { ok: true, glob: { pattern, warnings: warnings(registry, path), matches } };
}

function problem(pattern: string): string | undefined {
  if (pattern === '') return 'the pattern is empty';
  if (pattern.length > MAX_PATTERN) {
    return `the pattern has ${pattern.length} characters, and ${MAX_PATTERN} are allowed`;
  }
  const unwanted = pattern.search(/[^a-z0-9._/:*-]/);
  if (unwanted >= 0) {
    const found = quote(String.fromCodePoint(pattern.codePointAt(unwanted) ?? 0));
    return `the pattern ${quote(pattern)} has ${found} at position ${unwanted + 1}: a-z, 0-9 and . _ - / : * are allowed`;
  }
  if (pattern.includes('/')) return undefined;
  return `the pattern ${quote(pattern)} has no "/": write the registry and the repository`;
}

function canonical(registry: string): string {
  return registry === LEGACY_DOCKER_HUB ? DOCKER_HUB : identifyRegistry(registry).canonicalHost;
}

function warnings(registry: string, path: string): string[] {
  const found = registry.includes('*') ? wildcardWarnings(registry) : literalWarnings(registry, path);
  if (path.includes(':')) found.push('it matches nothing: names are matched without tag and digest');
  if (/(?:^|\/)(?:\/|$)/.test(path)) found.push('it matches nothing: a component of the repository name is empty');
  return found;
}

function wildcardWarnings(registry: string): string[] {
  const reach = registry.includes('**') ? ', and "**" reaches into the repository name as well' : '';
  const found = [`the registry ${quote(registry)} has a wildcard: whoever runs one that fits is trusted${reach}`];
  if (/dkr-ecr|ecr-fips|^ecr-public/.test(registry)) {
    found.push(
      'it matches nothing of Amazon ECR: dual-stack and FIPS hosts are matched as the classic host, .dkr.ecr.<region>',
    );
  }
  return found;
}

function literalWarnings(registry: string, path: string): string[] {
  if (isEcrLookAlike(registry)) return [`it matches nothing: ${quote(registry)} looks like Amazon ECR, and is not`];
  if (registry !== 'localhost' && !/[.:]/.test(registry)) {
    return [`it matches nothing: ${quote(registry)} is no registry host, and short names are not completed`];
  }
  const isOfficial = canonical(registry) === DOCKER_HUB && !path.includes('/') && !path.includes('**');
  return isOfficial ? ['it matches nothing: official images of Docker Hub are docker.io/library/<name>'] : [];
}

/**
 * All places in the pattern that the name read so far may have led to, as the bits of one number: bit i is set when the
 * first i tokens fit. One step a character, so no pattern and no name makes it search.
 */
function matcher(pattern: string): (name: string) => boolean {
  const tokens = pattern.match(/\*+|[^*]/g) ?? [];
  const literals = new Map<string, bigint>();
  let stars = 0n;
  let deepStars = 0n;
  tokens.forEach((token, index) => {
    const bit = 1n << BigInt(index);
    if (!token.startsWith('*')) literals.set(token, (literals.get(token) ?? 0n) | bit);
    else stars |= bit;
    if (token.startsWith('**')) deepStars |= bit;
  });
  // No star follows another, so passing over one star is enough.
  const passStars = (places: bigint) => places | ((places & stars) << 1n);
  const end = 1n << BigInt(tokens.length);
  return (name) => {
    let places = passStars(1n);
    for (const character of name) {
      const staying = places & (character === '/' ? deepStars : stars);
      places = passStars(((places & (literals.get(character) ?? 0n)) << 1n) | staying);
      if (places === 0n) return false;
    }
    return (places & end) !== 0n;
  };
}
