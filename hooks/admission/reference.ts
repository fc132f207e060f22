/**
 * Container image references, read as the distribution project's grammar has them: the same texts are accepted and
 * refused, and Docker Hub's short names are completed in the same way. ECS hands the text to the container runtime
 * unchanged, so a reading of our own would judge one image and let another one run.
 *
 * No expression here repeats within a repetition, so each takes one pass over the text, however hostile it is.
 *
 * @see https://pkg.go.dev/github.com/distribution/reference
 */

export interface Reference {
  /** The text as given. */
  text: string;
  /** The registry as written, with its port; undefined where none is written, which means Docker Hub. */
  writtenRegistry: string | undefined;
  /**
   * The registry, with its port; `docker.io` for every spelling of Docker Hub. Empty in one odd case: the text begins
   * with what looks like a host but cannot be one (`foo_bar.com/app`), and the grammar takes it for a path.
   */
  registry: string;
  /** The repository within the registry, without tag or digest. */
  repository: string;
  tag: string | undefined;
  /** `sha256:` and 64 lower-case hexadecimal digits. It wins over the tag, which then decides nothing. */
  digest: string | undefined;
  /** Registry and repository, with a slash between them. */
  name: string;
}

/**
 * Why a text is no reference: `image-id` (64 hexadecimal digits and nothing else), `upper-case` (in the repository
 * name), `too-long` (the repository name), `digest-…` (well-formed, but no digest that can be pulled by), and
 * `format` for everything else.
 */
export type ReferenceProblem =
  | 'image-id'
  | 'upper-case'
  | 'format'
  | 'too-long'
  | 'digest-algorithm'
  | 'digest-length'
  | 'digest-format';

export type ParsedReference =
  | { ok: true; reference: Reference }
  /** `reason` is a clause for people, with the offending part quoted and cut to a sane length. */
  | { ok: false; problem: ReferenceProblem; reason: string };

/** Docker Hub's canonical host, and its older name. */
export const DOCKER_HUB = 'docker.io';
export const LEGACY_DOCKER_HUB = 'index.docker.io';

const MAX_REPOSITORY = 255;
const MAX_TAG = 128;
const MIN_DIGEST_HEX = 32;
const SHA256_HEX = 64;
const MAX_SHOWN = 80;

/** A text taken apart at its separators, not yet checked. */
interface Parts {
  domain: string;
  path: string;
  tag: string | undefined;
  digest: string | undefined;
}

/** Reads an image reference. Takes time in proportion to the text's length, and never throws. */
export function parseReference(text: string): ParsedReference {
  if (/^[a-f0-9]{64}$/.test(text)) return invalid('image-id', `${quote(text)} is an image id, not a name`);
  const { written, domain, remainder } = splitDomain(text);
  const untilColon = before(remainder, ':');
  // As the grammar has it up to the colon, so that a digest without a tag counts as part of the name here.
  if (untilColon !== untilColon.toLowerCase()) {
    return invalid('upper-case', `the repository name ${quote(untilColon)} has upper-case letters`);
  }
  const parts = splitRemainder(domain, remainder);
  const problem = malformation(parts);
  if (problem !== undefined) {
    const isCaseAlone = malformation(lowerCase(parts)) === undefined;
    return invalid(isCaseAlone ? 'upper-case' : 'format', problem);
  }
  return checked(text, written, parts);
}

/** The reference in full: name, tag and digest. Reading it again gives the same reference. */
export function formatReference({ name, tag, digest }: Pick<Reference, 'name' | 'tag' | 'digest'>): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Quoted for a message: cut to a sane length, and printable. */
export function quote(text: string): string {
  const shown = `"${printable(text.slice(0, MAX_SHOWN))}"`;
  return text.length > MAX_SHOWN ? `${shown} and ${text.length - MAX_SHOWN} characters more` : shown;
}

/** With everything but plain ASCII escaped, look-alikes included. */
export function printable(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  return escaped.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Is the text before the first slash a registry? Docker's rule, in Docker's order. */
function splitDomain(text: string): { written: string | undefined; domain: string; remainder: string } {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const written = isDomain ? first : undefined;
  const domain = written === undefined || written === LEGACY_DOCKER_HUB ? DOCKER_HUB : written;
  const remainder = written === undefined ? text : text.slice(slash + 1);
  const isOfficial = domain === DOCKER_HUB && !remainder.includes('/');
  return { written, domain, remainder: isOfficial ? `library/${remainder}` : remainder };
}

function splitRemainder(domain: string, remainder: string): Parts {
  const tagged = before(remainder, '@');
  const path = before(tagged, ':');
  return {
    domain,
    path,
    tag: path.length < tagged.length ? tagged.slice(path.length + 1) : undefined,
    digest: tagged.length < remainder.length ? remainder.slice(tagged.length + 1) : undefined,
  };
}

function lowerCase({ domain, path, tag, digest }: Parts): Parts {
  return {
    domain: domain.toLowerCase(),
    path,
    tag: tag?.toLowerCase(),
    digest: digest?.toLowerCase(),
  };
}

/** What the grammar lets through and is wrong all the same: a name that is too long, a digest that is none. */
function checked(text: string, writtenRegistry: string | undefined, parts: Parts): ParsedReference {
  const { domain, path, tag, digest } = parts;
  const registry = domainMalformation(domain) === undefined ? domain : '';
  const name = `${domain}/${path}`;
  const repository = registry === '' ? name : path;
  if (repository.length > MAX_REPOSITORY) {
    const reason = `the repository name has ${repository.length} characters, and ${MAX_REPOSITORY} are allowed`;
    return invalid('too-long', reason);
  }
  const wrong = digest === undefined ? undefined : digestProblem(digest);
  return wrong ?? { ok: true, reference: { text, writtenRegistry, registry, repository, tag, digest, name } };
}

function digestProblem(digest: string): ParsedReference | undefined {
  const algorithm = before(digest, ':');
  const hex = digest.slice(algorithm.length + 1);
  if (algorithm !== algorithm.toLowerCase()) {
    return invalid('digest-format', `the digest algorithm ${quote(algorithm)} has upper-case letters`);
  }
  if (algorithm !== 'sha256') {
    return invalid('digest-algorithm', `the digest algorithm ${quote(algorithm)} is not supported: use sha256`);
  }
  if (hex.length !== SHA256_HEX) {
    return invalid('digest-length', `the sha256 digest has ${hex.length} digits instead of ${SHA256_HEX}`);
  }
  return /[A-F]/.test(hex) ? invalid('digest-format', 'the sha256 digest has upper-case digits') : undefined;
}

/** The first thing that the grammar does not allow, in words. */
function malformation({ domain, path, tag, digest }: Parts): string | undefined {
  const inDomain = domainMalformation(domain);
  // What cannot be a host may still be the beginning of a path: foo_bar.com/app.
  const inName = pathMalformation(domain) === undefined ? undefined : inDomain;
  return (
    inName ??
    pathMalformation(path) ??
    (tag === undefined ? undefined : tagMalformation(tag)) ??
    (digest === undefined ? undefined : digestMalformation(digest))
  );
}

function domainMalformation(domain: string): string | undefined {
  const bracket = domain.startsWith('[') ? domain.indexOf(']') : -1;
  const host = bracket >= 0 ? domain.slice(0, bracket + 1) : before(domain, ':');
  const port = domain.slice(host.length);
  if (port !== '' && !/^:[0-9]+$/.test(port)) return `${quote(port)} after the registry host is no port`;
  if (bracket >= 0) {
    return /^[a-fA-F0-9:]+$/.test(host.slice(1, -1))
      ? undefined
      : `the registry host ${quote(host)} is no IPv6 address`;
  }
  if (host === '') return 'the registry host is empty';
  return (
    unwanted(/[^a-zA-Z0-9.-]/, host, 'the registry host') ??
    (/(?:^|\.)[.-]|[.-](?:\.|$)/.test(host)
      ? `the registry host ${quote(host)} has an empty label, or one that begins or ends with "-"`
      : undefined)
  );
}

function pathMalformation(path: string): string | undefined {
  if (path === '') return 'the repository name is empty';
  return (
    unwanted(/[^a-z0-9._/-]/, path, 'the repository name') ??
    (/(?:^|\/)[._/-]|[._/-](?:\/|$)/.test(path)
      ? `the repository name ${quote(path)} has an empty component, or one that begins or ends with a separator`
      : undefined) ??
    (/\.[._-]|_[.-]|___|-[._]/.test(path)
      ? `the repository name ${quote(path)} has separators in a row other than "__" and "--"`
      : undefined)
  );
}

function tagMalformation(tag: string): string | undefined {
  if (tag === '') return 'the tag is empty';
  if (tag.length > MAX_TAG) return `the tag has ${tag.length} characters, and ${MAX_TAG} are allowed`;
  if (/^[.-]/.test(tag)) return `the tag ${quote(tag)} begins with "${tag.charAt(0)}"`;
  return unwanted(/[^\w.-]/, tag, 'the tag');
}

function digestMalformation(digest: string): string | undefined {
  const algorithm = before(digest, ':');
  const hex = digest.slice(algorithm.length + 1);
  const isAlgorithm = !/[^A-Za-z0-9+._-]|(?:^|[+._-])[^A-Za-z]|^$|[+._-]$/.test(algorithm);
  if (!isAlgorithm) return `${quote(algorithm)} is no digest algorithm`;
  if (hex.length < MIN_DIGEST_HEX) {
    return `the digest has ${hex.length} digits, fewer than any digest`;
  }
  return unwanted(/[^a-fA-F0-9]/, hex, 'the digest');
}

function unwanted(expression: RegExp, text: string, what: string): string | undefined {
  const at = text.search(expression);
  if (at < 0) return undefined;
  return `${what} has ${quote(String.fromCodePoint(text.codePointAt(at) ?? 0))} at position ${at + 1}`;
}

function before(text: string, separator: string): string {
  const at = text.indexOf(separator);
  return at < 0 ? text : text.slice(0, at);
}

function invalid(problem: ReferenceProblem, reason: string): ParsedReference {
  return { ok: false, problem, reason };
}
