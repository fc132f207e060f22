import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Exemption, Rule } from '../../hooks/admission/policy.ts';
import { ageTrouble, applicable, exemptionOf, referenceTrouble } from '../../hooks/admission/rules.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const NOW = new Date('2026-11-20T12:00:00Z');

function rule(name: string, ...match: string[]): Rule {
  return Rule.parse({ name, match });
}

const team = rule('team', `${HOST}/team/**`);
const app = rule('app', `${HOST}/team/app`);
const hub = rule('hub', 'docker.io/library/*');

function names(image: string, floor: Rule[], added: Rule[] = []) {
  const found = applicable({ container: 'app', name: image }, floor, added);
  return found.admissible ? found.rules.map(({ rule: { name }, origin }) => `${origin} ${name}`) : found.why;
}

describe('applicable', () => {
  it.each<[string, string, Rule[], Rule[], string[] | string]>([
    ['all of the policy that match', `${HOST}/team/app`, [team, hub, app], [], ['policy team', 'policy app']],
    [
      'those with several patterns, of which one matches',
      'docker.io/library/nginx',
      [rule('two', 'a.io/b', 'docker.io/library/*')],
      [],
      ['policy two'],
    ],
    ['what the service adds', `${HOST}/team/app`, [team], [app, hub], ['policy team', 'service app']],
    [
      'nothing: an added rule does not admit',
      'docker.io/library/nginx',
      [team],
      [hub],
      'no rule of the policy matches docker.io/library/nginx (rules: team)',
    ],
    [
      'nothing: no rules',
      `${HOST}/team/app`,
      [],
      [app],
      `no rule of the policy matches ${HOST}/team/app (rules: none)`,
    ],
    [
      'nothing: a neighbour by name',
      `${HOST}/team-evil/app`,
      [team],
      [],
      `no rule of the policy matches ${HOST}/team-evil/app (rules: team)`,
    ],
  ])('%s', (_, image, floor, added, expected) => {
    expect(names(image, floor, added)).toEqual(expected);
  });

  it('adding rules only ever adds requirements', () => {
    const rules = fc.array(fc.constantFrom(team, app, hub), { maxLength: 4 });
    const image = fc.constantFrom(`${HOST}/team/app`, `${HOST}/other`, 'docker.io/library/nginx');
    fc.assert(
      fc.property(image, rules, rules, (name, floor, added) => {
        const without = applicable({ container: 'app', name }, floor, []);
        const withThem = applicable({ container: 'app', name }, floor, added);
        expect(withThem.admissible).toBe(without.admissible);
        if (!without.admissible || !withThem.admissible) return;
        expect(withThem.rules.slice(0, without.rules.length)).toEqual(without.rules);
      }),
    );
  });
});

describe('exemptionOf', () => {
  const exemption = Exemption.parse({
    container: 'agent',
    match: ['public.ecr.aws/datadog/**'],
    reason: 'vendor sidecar',
    until: '2026-11-20',
  });
  const agent = { container: 'agent', name: 'public.ecr.aws/datadog/agent' };

  it.each([
    ['its container and image', agent, NOW, { exemption, expired: [] }],
    ['another container', { ...agent, container: 'agent2' }, NOW, { expired: [] }],
    ['another image', { ...agent, name: 'public.ecr.aws/other/agent' }, NOW, { expired: [] }],
    ['the end of its last day', agent, new Date('2026-11-20T23:59:59.999Z'), { exemption, expired: [] }],
    ['the day after', agent, new Date('2026-11-21T00:00:00Z'), { expired: [exemption] }],
  ])('%s', (_, image, now, expected) => {
    expect(exemptionOf(image, { exemptions: [exemption] }, now)).toEqual(expected);
  });

  it('finds one that holds behind one that is over', () => {
    const over = { ...exemption, until: '2025-01-01' };
    expect(exemptionOf(agent, { exemptions: [over, exemption] }, NOW)).toEqual({ exemption, expired: [over] });
  });
});

describe('referenceTrouble', () => {
  const required = 'the reference has no digest (@sha256:…), which the rule requires';
  it.each<[object, { tag?: string; digest?: string }, string | undefined]>([
    [{}, { tag: 'latest' }, undefined],
    [{ digest: 'require' }, { tag: '1.4' }, required],
    [{ digest: 'require' }, {}, required],
    [{ digest: 'require' }, { digest: DIGEST }, undefined],
    [{ denyTags: ['latest'] }, { tag: 'latest' }, 'the tag is latest: denied by denyTags latest'],
    [{ denyTags: ['latest'] }, {}, 'the reference has no tag, which means latest: denied by denyTags latest'],
    [{ denyTags: ['latest'] }, { tag: 'latest-1' }, undefined],
    [{ denyTags: ['x', '*-snapshot'] }, { tag: '2-snapshot' }, 'the tag is 2-snapshot: denied by denyTags *-snapshot'],
    // The digest decides what is pulled; the tag beside it is decoration.
    [{ denyTags: ['latest'] }, { tag: 'latest', digest: DIGEST }, undefined],
    [{ denyTags: ['latest'] }, { digest: DIGEST }, undefined],
  ])('%j against %j: %s', (keys, { tag, digest }, expected) => {
    const parsed = Rule.parse({ name: 'r', match: ['a.io/b'], ...keys });
    expect(referenceTrouble(parsed, { tag, digest })).toBe(expected);
  });
});

describe('ageTrouble', () => {
  const pushedAt = new Date('2026-11-10T12:00:00Z');
  it.each<[string, object, Date | undefined, string | undefined]>([
    ['no limit', {}, undefined, undefined],
    ['as old as allowed', { maxAgeDays: 10 }, pushedAt, undefined],
    [
      'a moment older',
      { maxAgeDays: 10 },
      new Date(pushedAt.getTime() - 1),
      'it was pushed 2026-11-10 11:59 UTC, 10.1 days ago; the rule allows 10',
    ],
    [
      'half days',
      { maxAgeDays: 9.5 },
      pushedAt,
      'it was pushed 2026-11-10 12:00 UTC, 10 days ago; the rule allows 9.5',
    ],
    ['pushed after now, by a clock that differs', { maxAgeDays: 1 }, new Date('2026-11-20T12:00:05Z'), undefined],
    [
      'no time known',
      { maxAgeDays: 10 },
      undefined,
      'ECR does not say when the image was pushed, so its age is not known',
    ],
    [
      'a time that is none',
      { maxAgeDays: 10 },
      new Date(Number.NaN),
      'ECR does not say when the image was pushed, so its age is not known',
    ],
  ])('%s', (_, keys, at, expected) => {
    expect(ageTrouble(Rule.parse({ name: 'r', match: ['a.io/b'], ...keys }), at, NOW)).toBe(expected);
  });
});
