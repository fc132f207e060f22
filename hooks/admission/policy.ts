import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { ConfigError } from '../../shared/errors.ts';
import { described, isJsonObject, problems } from '../../shared/schema.ts';
import { compileGlob } from './glob.ts';
import { Day, Vulnerabilities } from './vulnerabilities.ts';

/** A key that the policy format knows and this version does not act on: accepting it would promise what is not done. */
function refused(what: string) {
  const error = `this version does not verify ${what} yet, so a policy that names them is refused`;
  return described(
    z.optional(z.unknown().check(z.refine(() => false, { error }))),
    `refused: this version does not verify ${what} yet`,
  );
}

const Pattern = z.string().check((payload) => {
  const compiled = compileGlob(payload.value);
  if (!compiled.ok) payload.issues.push({ code: 'custom', input: payload.value, message: compiled.reason });
});

const Match = z.array(Pattern).check(z.minLength(1), z.maxLength(100));

const TagPattern = z
  .string()
  .check(z.regex(/^[\w.*-]{1,128}$/, { error: 'must be a tag, in which * stands for any characters' }));

const Name = z.string().check(
  z.regex(/^[A-Za-z0-9][\w .:/-]{0,63}$/, {
    error: 'must be 1 to 64 letters, digits, spaces or . _ : / -, and begin with a letter or digit',
  }),
);

export const Rule = z.strictObject({
  name: described(Name, 'what reasons and evidence call the rule; no two rules of a policy have the same'),
  match: described(
    Match,
    'the images that the rule is for: patterns of registry/repository without tag, such as 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/**; * stops at a slash, ** does not',
  ),
  digest: described(
    z._default(z.enum(['require', 'resolve']), 'resolve'),
    'require: the reference itself must carry a digest (@sha256:…); resolve: a tag will do, and the hook holds ECS to the digest that it found behind it',
  ),
  denyTags: described(
    z._default(z.array(TagPattern).check(z.maxLength(100)), []),
    'tags that may not select an image, * stands for any characters; a reference without tag and digest has the tag latest; beside a digest a tag selects nothing, and is not looked at',
  ),
  tagImmutability: described(
    z._default(z.enum(['require', 'ignore']), 'ignore'),
    'require: ECR must refuse to move the tag that selects the image (tag immutability of the repository, exclusion filters considered); a reference with a digest passes',
  ),
  maxAgeDays: described(
    z.optional(z.number().check(z.positive(), z.maximum(36_500))),
    'how long ago the image may have been pushed to ECR, in days of 24 hours; without it any age will do',
  ),
  vulnerabilities: described(
    z.optional(Vulnerabilities),
    'what the scan of the image may have found; without it no scan is looked at',
  ),
  signatures: refused('signatures'),
  attestations: refused('attestations'),
});
export type Rule = z.infer<typeof Rule>;

const Rules = z.array(Rule).check(z.maxLength(100), (payload) => {
  const names = new Set<string>();
  for (const [at, { name }] of payload.value.entries()) {
    if (names.has(name)) {
      const message = 'two rules have this name';
      payload.issues.push({ code: 'custom', input: name, path: [at, 'name'], message });
    }
    names.add(name);
  }
});

export const Exemption = z.strictObject({
  container: described(
    z.string().check(z.regex(/^[\w-]{1,255}$/, { error: 'must be the name of one container, without wildcards' })),
    'the name of the container',
  ),
  match: described(Match, "patterns that the container's image must match as well, written as in a rule"),
  reason: described(z.string().check(z.trim(), z.minLength(1), z.maxLength(500)), 'why; it goes into the evidence'),
  until: described(Day, 'the last day on which the exemption holds, in UTC'),
});
export type Exemption = z.infer<typeof Exemption>;

/** The platform team's policy. An image must match one of its rules, and pass all that it matches. */
export const Policy = z.strictObject({
  version: described(z.literal(1), 'the version of this format'),
  mode: described(
    z._default(z.enum(['enforce', 'audit']), 'enforce'),
    'audit: all is checked and logged, but what would have been denied is admitted',
  ),
  onError: described(
    z._default(z.enum(['deny', 'allow']), 'deny'),
    'when AWS could not be asked until deadlineSeconds were over; a policy that cannot be read denies in any case',
  ),
  deadlineSeconds: described(
    z._default(z.int().check(z.minimum(1), z.maximum(86_400)), 600),
    'how long one stage may take, scans waited for and retries included; keep it below the timeout of the lifecycle hook',
  ),
  rules: described(Rules.check(z.minLength(1)), 'an image that matches none of them is denied', [
    [
      {
        name: 'own-images',
        match: ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/**'],
        digest: 'resolve',
        denyTags: ['latest'],
        tagImmutability: 'require',
      },
    ],
  ]),
  exemptions: described(
    z._default(z.array(Exemption).check(z.maxLength(100)), []),
    'containers that are admitted without any rule, until a day',
  ),
  verifiers: refused('signatures and attestations'),
  breakGlass: refused('break-glass requests'),
});
export type Policy = z.infer<typeof Policy>;

/** What a service may add in its hookDetails: it makes the policy stricter, never looser. */
export const Overlay = z.strictObject({
  rules: described(
    z._default(Rules, []),
    'rules that the images which they match must pass as well; they admit no image that the policy does not know',
  ),
  mode: described(z.optional(z.literal('enforce')), 'enforce although the policy says audit; never the reverse'),
});
export type Overlay = z.infer<typeof Overlay>;

/**
 * Reads a policy document.
 *
 * @param source what it came from, such as `HOOK_POLICY`: the root of the paths in the error
 * @throws ConfigError with every problem and its path in one sentence
 */
export function parsePolicy(document: unknown, source: string): Policy {
  return parse(Policy, document, source);
}

/**
 * Reads what a service adds to the policy.
 *
 * @throws ConfigError with every problem and its path in one sentence
 */
export function parseOverlay(document: unknown, source: string): Overlay {
  return parse(Overlay, document, source);
}

function parse<T extends z.ZodMiniType>(schema: T, document: unknown, source: string): z.infer<T> {
  const result = schema.safeParse(document, { reportInput: true });
  if (result.success) return result.data;
  throw new ConfigError(`Bad policy: ${problems(result.error, source)}`);
}

/** What the author of a policy should know of it: each a sentence with the path of what it is about. */
export function policyWarnings(policy: Pick<Policy, 'rules' | 'exemptions'>): string[] {
  const lists = [
    ...policy.rules.map(({ match }, at) => ({ path: `rules[${at}].match`, match })),
    ...policy.exemptions.map(({ match }, at) => ({ path: `exemptions[${at}].match`, match })),
  ];
  return lists.flatMap(({ path, match }) =>
    match.flatMap((pattern, at) => {
      const compiled = compileGlob(pattern);
      return compiled.ok ? compiled.glob.warnings.map((warning) => `${path}[${at}]: ${warning}`) : [];
    }),
  );
}

/** A name for exactly these rules, whatever the order of their keys: for evidence, and as a key of remembered results. */
export function fingerprint(...documents: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify(documents.map(sorted)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}
