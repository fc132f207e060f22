import { instant } from '../../shared/text.ts';
import { type CompiledGlob, compileGlob } from './glob.ts';
import type { Exemption, Policy, Rule } from './policy.ts';
import { isOver } from './vulnerabilities.ts';
import { matchesWildcard } from './wildcard.ts';

/** What of an image the rules are chosen by. */
export interface JudgedImage {
  container: string;
  /** The canonical name without tag and digest, as `identifyImage` gives it. */
  name: string;
}

/** A rule and whose it is, for reasons that the service's team understands. */
export interface AppliedRule {
  rule: Rule;
  origin: 'policy' | 'service';
}

export type Applicable =
  | { admissible: true; rules: readonly AppliedRule[] }
  /** No rule of the policy is for this image, so it is denied, whatever the service adds. */
  | { admissible: false; why: string };

/**
 * All rules that an image must pass: those of the policy that match it, at least one, and those that the service adds.
 * An added rule never admits: it is only asked once the policy's own have matched.
 */
export function applicable(image: JudgedImage, floor: readonly Rule[], added: readonly Rule[]): Applicable {
  const own = floor.filter(({ match }) => matchesAny(match, image.name));
  if (own.length === 0) {
    const names = floor.map(({ name }) => name).join(', ');
    return { admissible: false, why: `no rule of the policy matches ${image.name} (rules: ${names || 'none'})` };
  }
  const more = added.filter(({ match }) => matchesAny(match, image.name));
  return {
    admissible: true,
    rules: [
      ...own.map((rule) => ({ rule, origin: 'policy' as const })),
      ...more.map((rule) => ({ rule, origin: 'service' as const })),
    ],
  };
}

export interface Exempted {
  /** The exemption that holds for the image. */
  exemption?: Exemption;
  /** Those that would, were they not over: to be named in the reason of a denial. */
  expired: readonly Exemption[];
}

/** Whether a container is exempt: by its name and its image together, and not after the exemption's last day. */
export function exemptionOf(image: JudgedImage, policy: Pick<Policy, 'exemptions'>, now: Date): Exempted {
  const meant = policy.exemptions.filter(
    ({ container, match }) => container === image.container && matchesAny(match, image.name),
  );
  const exemption = meant.find(({ until }) => !isOver(until, now));
  const expired = meant.filter(({ until }) => isOver(until, now));
  return { ...(exemption && { exemption }), expired };
}

/**
 * What a rule has against a reference before anybody is asked: the digest that it lacks, the tag that it has.
 *
 * @returns a clause, or undefined when the rule has nothing against it
 */
export function referenceTrouble(
  rule: Pick<Rule, 'digest' | 'denyTags'>,
  { tag, digest }: { tag: string | undefined; digest: string | undefined },
): string | undefined {
  if (digest !== undefined) return undefined;
  if (rule.digest === 'require') return 'the reference has no digest (@sha256:…), which the rule requires';
  const selected = tag ?? 'latest';
  const denying = rule.denyTags.find((pattern) => matchesWildcard(pattern, selected));
  if (denying === undefined) return undefined;
  const given = tag === undefined ? 'the reference has no tag, which means latest' : `the tag is ${selected}`;
  return `${given}: denied by denyTags ${denying}`;
}

/**
 * What a rule has against the age of an image.
 *
 * @param pushedAt ECR's `imagePushedAt`; without it an age limit cannot be checked, which is a denial as well
 * @returns a clause, or undefined when the rule has nothing against it
 */
export function ageTrouble(rule: Pick<Rule, 'maxAgeDays'>, pushedAt: Date | undefined, now: Date): string | undefined {
  if (rule.maxAgeDays === undefined) return undefined;
  if (pushedAt === undefined || Number.isNaN(pushedAt.getTime()))
    return 'ECR does not say when the image was pushed, so its age is not known';
  const days = (now.getTime() - pushedAt.getTime()) / 86_400_000;
  if (days <= rule.maxAgeDays) return undefined;
  const age = Math.ceil(days * 10) / 10; // rounded up, so that it never reads as what is allowed
  return `it was pushed ${instant(pushedAt)}, ${age} days ago; the rule allows ${rule.maxAgeDays}`;
}

const compiled = new Map<string, CompiledGlob>();

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => {
    const glob = compiled.get(pattern) ?? compileGlob(pattern);
    if (compiled.size < 1000) compiled.set(pattern, glob);
    return glob.ok && glob.glob.matches(name);
  });
}
