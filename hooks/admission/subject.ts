import type { JsonObject } from '../../shared/schema.ts';
import { oneLine } from '../../shared/text.ts';
import type { AwaitedScan } from './awaited.ts';
import { type ContainerImage, knownDigest } from './images.ts';
import type { Exemption, Rule } from './policy.ts';
import { parseReference, printable, type Reference } from './reference.ts';
import { type EcrRegistry, type ImageIdentity, identifyImage, strictDenial } from './registry.ts';
import { type AppliedRule, applicable, exemptionOf, referenceTrouble } from './rules.ts';

/** Characters of an image as it was given: more than any valid reference to ECR has. */
const SHOWN = 600;

/** What became of one image, with a clause that says why, and what it rests on. */
export interface ImageVerdict {
  container: string;
  image: string;
  outcome: 'admitted' | 'denied' | 'pending';
  reason: string;
  /** What was judged, where it is known. */
  digest?: string;
  /** Of an index: the images for which ECS may record their own digest in its place. */
  platformDigests?: readonly string[];
  /** Of a pending one. */
  awaited?: readonly AwaitedScan[];
  evidence: JsonObject;
}

export interface Judgement {
  verdicts: readonly ImageVerdict[];
  /** What kept some images from a verdict, and may have passed at the next look. */
  trouble: unknown;
}

/** An image of a private ECR registry that nothing speaks against so far: ECR must be asked about it. */
export interface Subject {
  container: string;
  image: string;
  identity: EcrRegistry & Pick<ImageIdentity, 'repository' | 'name'>;
  reference: Reference;
  rules: readonly AppliedRule[];
  /** As far as it is known without asking. */
  digest: string | undefined;
  digestSource: 'reference' | 'ecs' | 'resolved';
}

export interface PolicyInForce {
  rules: readonly Rule[];
  /** Of the service itself. */
  addedRules: readonly Rule[];
  exemptions: Exemption[];
}

/** Everything that can be said of an image without asking a registry. */
export function sortOut(
  image: ContainerImage,
  policy: PolicyInForce,
  { now, isStarted }: { now: Date; isStarted: boolean },
): Subject | ImageVerdict {
  const denied = (reason: string, evidence: JsonObject = {}) => verdict(image, 'denied', reason, evidence);
  const parsed = parseReference(image.image);
  if (!parsed.ok) return denied(parsed.reason, { problem: parsed.problem });
  const { reference } = parsed;
  const strict = strictDenial(reference);
  if (strict !== undefined) return denied(strict.reason, { problem: strict.code });
  const identity = identifyImage(reference);
  const judged = { container: image.container, name: identity.name };
  const { exemption, expired } = exemptionOf(judged, policy, now);
  if (exemption !== undefined) {
    const why = `exempt until ${exemption.until}: ${exemption.reason}`;
    return verdict(image, 'admitted', why, { name: identity.name, exemption });
  }
  const rules = applicable(judged, policy.rules, policy.addedRules);
  if (!rules.admissible) {
    const over = expired.map(({ until }) => `; its exemption ended with ${until}`).join('');
    return denied(`${rules.why}${over}`, { name: identity.name });
  }
  const trouble = ofReference(image, reference, rules.rules, isStarted);
  if (trouble !== undefined) return denied(trouble, { name: identity.name });
  const known = knownDigest(image, reference.digest);
  if (known !== undefined && 'conflict' in known) return denied(known.conflict, { name: identity.name });
  if (identity.kind !== 'ecr') return outsideEcr(image, identity, reference, rules.rules);
  return {
    container: image.container,
    image: image.image,
    identity,
    reference,
    rules: rules.rules,
    digest: known?.digest,
    digestSource: known?.source ?? 'resolved',
  };
}

/** What the rules, and ECS's own way with tags, have against a reference. */
function ofReference(
  image: ContainerImage,
  { tag, digest }: Reference,
  rules: readonly AppliedRule[],
  isStarted: boolean,
): string | undefined {
  for (const { rule, origin } of rules) {
    const trouble = referenceTrouble(rule, { tag, digest });
    if (trouble !== undefined) return `${ruleName({ rule, origin })}: ${trouble}`;
  }
  if (digest !== undefined) return undefined;
  if (image.versionConsistency === 'disabled') {
    return 'versionConsistency is disabled, so each task may pull something else under this tag; pin it by digest';
  }
  if (isStarted && image.digest === undefined) {
    return 'ECS has recorded no digest for it, so what its tasks run is not known; pin it by digest';
  }
  return undefined;
}

/** Other registries are not asked: the allow-list and the pinned digest must do, or the image is denied. */
function outsideEcr(
  image: ContainerImage,
  { kind, canonicalHost, name }: ImageIdentity,
  { digest }: Reference,
  rules: readonly AppliedRule[],
): ImageVerdict {
  const registry = kind === 'ecr-public' ? 'Amazon ECR Public' : canonicalHost;
  const evidence = { name, digest, rules: rules.map(({ rule }) => rule.name) };
  const denied = (reason: string) => verdict(image, 'denied', reason, evidence);
  if (digest === undefined) return denied(`a tag of ${registry} cannot be resolved here; pin it by digest`);
  for (const { rule, origin } of rules) {
    const asked =
      rule.vulnerabilities !== undefined ? 'vulnerabilities' : rule.maxAgeDays !== undefined && 'maxAgeDays';
    if (asked) return denied(`${ruleName({ rule, origin })}: ${asked} cannot be checked in ${registry}`);
  }
  const why = `allow-listed and pinned by digest; nothing else can be checked in ${registry}`;
  return { ...verdict(image, 'admitted', why, evidence), digest };
}

export function verdict(
  { container, image }: Pick<ContainerImage, 'container' | 'image'>,
  outcome: ImageVerdict['outcome'],
  reason: string,
  evidence: JsonObject,
): ImageVerdict {
  return { container, image: oneLine(printable(image.slice(0, SHOWN)), SHOWN), outcome, reason, evidence };
}

/** `rule own-images`, or `the service's rule own-images`. */
export function ruleName({ rule, origin }: AppliedRule): string {
  return `${origin === 'service' ? "the service's " : ''}rule ${rule.name}`;
}
