import type { ImageDetail } from '@aws-sdk/client-ecr';
import { describeError, isRetryable } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { oneLine } from '../../shared/text.ts';
import { batchGetImage } from './ecr.ts';
import {
  detailOf,
  type Facts,
  gatherFacts,
  goesByDetails,
  goesByTag,
  type Inquiry,
  imageFor,
  isTagBound,
  known,
  refOf,
  scanOf,
  tagOf,
} from './facts.ts';
import { type IndexEntry, type Manifest, pickPlatforms, platformName, readManifest } from './manifest.ts';
import { tagMutability } from './mutability.ts';
import { ageTrouble } from './rules.ts';
import { judgeScans, type PlatformScan } from './scan.ts';
import { type ImageVerdict, type Judgement, ruleName, type Subject, verdict } from './subject.ts';

/**
 * Judges images of one repository, each for itself: what lasts (no permission, no such repository) denies the images
 * that are concerned; what a later look may not meet leaves them without a verdict.
 */
export async function judgeRepository(subjects: readonly Subject[], inquiry: Inquiry): Promise<Judgement> {
  const open = subjects.filter((subject) => !isCached(subject, inquiry));
  const cached = subjects.filter((subject) => !open.includes(subject)).map(cachedVerdict);
  if (open.length === 0) return { verdicts: cached, trouble: undefined };
  const facts = await gatherFacts(open, inquiry);
  const judged = await Promise.all(open.map((subject) => attempt(subject, judgeSubject(subject, facts, inquiry))));
  const verdicts = judged.flatMap((one) => ('verdict' in one ? [one.verdict] : []));
  return { verdicts: [...cached, ...verdicts], trouble: judged.find((one) => 'trouble' in one)?.trouble };
}

type Attempt = { verdict: ImageVerdict; trouble?: never } | { trouble: unknown };

async function attempt(subject: Subject, judging: Promise<ImageVerdict>): Promise<Attempt> {
  try {
    return { verdict: await judging };
  } catch (error) {
    if (isRetryable(error)) return { trouble: error };
    return { verdict: verdict(subject, 'denied', describeError(error), evidenceOf(subject)) };
  }
}

async function judgeSubject(subject: Subject, facts: Facts, inquiry: Inquiry): Promise<ImageVerdict> {
  const denied = (reason: string, digest?: string) =>
    withDigest(verdict(subject, 'denied', reason, evidenceOf(subject)), digest);
  const image = imageFor(subject, facts);
  if ('why' in image) return denied(image.why);
  const { imageId, imageManifest, imageManifestMediaType: mediaType } = image;
  const digest = subject.digest ?? imageId?.imageDigest;
  if (imageManifest === undefined || digest === undefined) return denied('ECR answered no manifest for it');
  const manifest = readManifest(imageManifest, { digest, mediaType });
  if (manifest.kind === 'refused' || manifest.kind === 'artifact') return denied(manifest.why, digest);
  const platforms = platformsOf(manifest, inquiry);
  if ('why' in platforms) return denied(platforms.why, digest);
  const detail = goesByDetails(subject) ? detailOf(digest, facts) : undefined;
  const trouble = ofFacts(subject, facts, detail, inquiry.now);
  if (trouble !== undefined) return denied(trouble, digest);
  return judgeByScans(subject, { digest, platforms, manifest, detail, facts }, inquiry);
}

/** One image that could be started, and for people its platform. */
interface Runnable {
  digest: string;
  name?: string;
  /** Where it is in an index. */
  entry?: IndexEntry;
}

interface Found {
  digest: string;
  manifest: Manifest;
  platforms: readonly Runnable[];
  detail: ImageDetail | undefined;
  facts: Facts;
}

async function judgeByScans(subject: Subject, found: Found, inquiry: Inquiry): Promise<ImageVerdict> {
  const { digest, detail, manifest } = found;
  const rules = subject.rules.flatMap(({ rule, origin }) => {
    const { vulnerabilities } = rule;
    return vulnerabilities === undefined ? [] : [{ rule, origin, vulnerabilities }];
  });
  const scans = rules.length === 0 ? [] : await readScans(subject, found, inquiry);
  const times = { now: inquiry.now, since: inquiry.since, pushedAt: detail?.imagePushedAt };
  const judged = rules.map((applied) => ({ applied, scan: judgeScans(applied.vulnerabilities, scans, times) }));
  const deciding =
    judged.find(({ scan }) => scan.outcome === 'deny') ?? judged.find(({ scan }) => scan.outcome === 'wait');
  const evidence = {
    ...evidenceOf(subject),
    digest,
    mediaType: manifest.mediaType,
    size: manifest.size,
    pushedAt: detail?.imagePushedAt?.toISOString(),
    platforms: found.platforms.map(({ digest: of, name }) => ({ digest: of, name })),
    scans: judged.map(({ applied, scan: { waits: _, ...scan } }) => ({ rule: applied.rule.name, ...scan })),
  };
  if (deciding !== undefined) {
    const outcome = deciding.scan.outcome === 'deny' ? 'denied' : 'pending';
    const reason = `${ruleName(deciding.applied)}: ${deciding.scan.reason}`;
    const waits = judged.flatMap(({ scan }) => scan.waits);
    const awaited = waits.map(({ digest: of, until }) => ({ image: `${subject.identity.name}@${of}`, until }));
    return { ...verdict(subject, outcome, reason, evidence), digest, ...(outcome === 'pending' && { awaited }) };
  }
  inquiry.cache.add(cacheKey(subject, digest, inquiry), performance.now());
  const seen = judged.map(({ scan }) => `; ${scan.reason}`).join('');
  const names = subject.rules.map(ruleName).join(', ');
  const platformDigests = found.platforms.map((platform) => platform.digest);
  return { ...verdict(subject, 'admitted', `${digest} passes ${names}${seen}`, evidence), digest, platformDigests };
}

async function readScans(subject: Subject, { platforms, facts }: Found, inquiry: Inquiry): Promise<PlatformScan[]> {
  const images = await withoutArtifacts(subject, platforms, inquiry);
  const scans = await Promise.allSettled(
    images.map(async ({ digest, name }) => {
      const scan = await scanOf(subject, digest, facts, inquiry);
      return { digest, scan, ...(name !== undefined && { platform: name }) };
    }),
  );
  return scans.map(known);
}

/** What an index claims to be no image, such as a SOCI index, needs no scan once its own manifest has proved it. */
async function withoutArtifacts(
  subject: Subject,
  platforms: readonly Runnable[],
  { limiter, signal }: Inquiry,
): Promise<readonly Runnable[]> {
  const claims = platforms.flatMap(({ entry }) => (entry?.artifactType === undefined ? [] : [entry]));
  if (claims.length === 0) return platforms;
  const ids = [...new Set(claims.map(({ digest }) => digest))].map((imageDigest) => ({ imageDigest }));
  const { images } = await limiter.run(() => batchGetImage(refOf(subject), ids, signal));
  const proved = claims.filter(({ digest, size, mediaType }) => {
    const text = images.find(({ imageId }) => imageId?.imageDigest === digest)?.imageManifest;
    return text !== undefined && readManifest(text, { digest, size, mediaType }).kind === 'artifact';
  });
  return platforms.filter(({ digest }) => !proved.some((artifact) => artifact.digest === digest));
}

/** What the rules have against what ECR says of the image and its repository, scans aside. */
function ofFacts(subject: Subject, facts: Facts, detail: ImageDetail | undefined, now: Date): string | undefined {
  if (detail?.imageStatus !== undefined && detail.imageStatus !== 'ACTIVE') {
    return `ECR has the image as ${oneLine(detail.imageStatus, 60)}: it cannot be pulled`;
  }
  const byTag = goesByTag(subject);
  const settings = byTag ? known(facts.settings) : undefined;
  for (const applied of subject.rules) {
    if (byTag && isTagBound(applied)) {
      const { immutable, why } = tagMutability(tagOf(subject), settings ?? {});
      if (!immutable) return `${ruleName(applied)}: ${why}`;
    }
    const trouble = ageTrouble(applied.rule, detail?.imagePushedAt, now);
    if (trouble !== undefined) return `${ruleName(applied)}: ${trouble}`;
  }
  return undefined;
}

function platformsOf(manifest: Manifest, { platform }: Inquiry): readonly Runnable[] | { why: string } {
  if (manifest.kind !== 'index') return [{ digest: manifest.digest }];
  const picked = pickPlatforms(manifest, platform);
  if (picked.kind === 'refused') return { why: picked.why };
  return picked.entries.map((entry) => ({ digest: entry.digest, name: platformName(entry.platform), entry }));
}

function isCached(subject: Subject, inquiry: Inquiry): boolean {
  return (
    subject.digest !== undefined && inquiry.cache.has(cacheKey(subject, subject.digest, inquiry), performance.now())
  );
}

/** The tag belongs to it where a rule goes by the tag, and the platform, since an index is judged by its platforms. */
function cacheKey(subject: Subject, digest: string, { fingerprint, platform }: Inquiry): string {
  const tag = subject.reference.digest === undefined ? tagOf(subject) : '';
  return JSON.stringify([fingerprint, subject.identity.name, digest, tag, platform]);
}

function cachedVerdict(subject: Subject): ImageVerdict {
  const reason = `${subject.digest} passed ${subject.rules.map(ruleName).join(', ')} a moment ago`;
  return withDigest(verdict(subject, 'admitted', reason, { ...evidenceOf(subject), cached: true }), subject.digest);
}

function withDigest(judged: ImageVerdict, digest: string | undefined): ImageVerdict {
  return digest === undefined ? judged : { ...judged, digest };
}

function evidenceOf({ identity, rules, digestSource }: Subject): JsonObject {
  const { account, region, name } = identity;
  return { name, account, region, digestSource, rules: rules.map(({ rule }) => rule.name) };
}
