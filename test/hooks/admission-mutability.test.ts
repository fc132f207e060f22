import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagMutability } from '../../hooks/admission/mutability.ts';
import { matchesWildcard } from '../../hooks/admission/wildcard.ts';
import { vectors } from './admission-vectors.ts';

const wildcard = (...filters: string[]) => filters.map((filter) => ({ filterType: 'WILDCARD', filter }));

describe('tagMutability', () => {
  it.each([
    ['IMMUTABLE', [], '1.4', true, 'the repository is IMMUTABLE'],
    ['MUTABLE', [], '1.4', false, 'tag 1.4 can be moved: the repository is MUTABLE'],
    [undefined, [], '1.4', false, 'tag 1.4 can be moved: the repository is MUTABLE'],
    ['FROZEN', [], '1.4', false, 'tag 1.4 may be movable: imageTagMutability FROZEN is not known to this version'],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      wildcard('latest*'),
      'latest-1',
      false,
      'tag latest-1 is excluded from IMMUTABLE_WITH_EXCLUSION by filter latest*',
    ],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      wildcard('dev-*', '*-snapshot'),
      '2-snapshot',
      false,
      'tag 2-snapshot is excluded from IMMUTABLE_WITH_EXCLUSION by filter *-snapshot',
    ],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      wildcard('latest*'),
      '1.4',
      true,
      'no filter excludes tag 1.4 from IMMUTABLE_WITH_EXCLUSION',
    ],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      wildcard('latest'),
      'latest-1',
      true,
      'no filter excludes tag latest-1 from IMMUTABLE_WITH_EXCLUSION',
    ],
    ['IMMUTABLE_WITH_EXCLUSION', [], '1.4', true, 'no filter excludes tag 1.4 from IMMUTABLE_WITH_EXCLUSION'],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      [{ filterType: 'REGEX', filter: 'x' }],
      '1.4',
      false,
      'tag 1.4 may be movable: an exclusion filter is REGEX, not WILDCARD',
    ],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      [{ filter: '1.*' }],
      '1.4',
      false,
      'tag 1.4 may be movable: an exclusion filter is without a type, not WILDCARD',
    ],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      [{ filterType: 'WILDCARD' }],
      '1.4',
      false,
      'tag 1.4 may be movable: an exclusion filter has no pattern',
    ],
    [
      'MUTABLE_WITH_EXCLUSION',
      [{ filterType: 'WILDCARD' }],
      '1.4',
      false,
      'tag 1.4 can be moved: no filter excludes it from MUTABLE_WITH_EXCLUSION',
    ],
    [
      'MUTABLE_WITH_EXCLUSION',
      wildcard('v*'),
      'v1',
      true,
      'tag v1 is excluded from MUTABLE_WITH_EXCLUSION by filter v*',
    ],
    [
      'MUTABLE_WITH_EXCLUSION',
      wildcard('v*'),
      'latest',
      false,
      'tag latest can be moved: no filter excludes it from MUTABLE_WITH_EXCLUSION',
    ],
    [
      'MUTABLE_WITH_EXCLUSION',
      [{ filterType: 'REGEX', filter: 'v1' }],
      'v1',
      false,
      'tag v1 can be moved: no filter excludes it from MUTABLE_WITH_EXCLUSION',
    ],
  ])('%s with %j: tag %s immutable %s', (imageTagMutability, filters, tag, immutable, why) => {
    expect(tagMutability(tag, { imageTagMutability, imageTagMutabilityExclusionFilters: filters })).toEqual({
      immutable,
      why,
    });
  });

  it.each([
    ['MUTABLE_WITH_EXCLUSION', false],
    ['IMMUTABLE_WITH_EXCLUSION', true],
  ])('needs no filters in the answer: %s immutable %s', (imageTagMutability, immutable) => {
    expect(tagMutability('v1', { imageTagMutability }).immutable).toBe(immutable);
  });

  it('judges the reference case of an excluded tag as it expects', () => {
    const { facts, containerImages } = vectors.admissionCase('digest missing, IMMUTABLE_WITH_EXCLUSION');
    const tag = containerImages[0]?.image.split(':').at(-1) ?? '';
    const imageTagMutabilityExclusionFilters = wildcard(...(facts?.exclusionFilters ?? []));
    const judged = tagMutability(tag, {
      imageTagMutability: facts?.tagMutability,
      imageTagMutabilityExclusionFilters,
    });
    expect(judged.immutable).toBe(false);
  });
});

describe('matchesWildcard', () => {
  it.each([
    ['latest', 'latest', true],
    ['latest', 'latest-1', false],
    ['latest', 'Latest', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['**', 'x', true],
    ['v*', 'v', true],
    ['v*', 'w1', false],
    ['*-rc', '1-rc', true],
    ['*-rc', '1-rc2', false],
    ['v*-rc*', 'v1-rc2', true],
    ['v*-rc*', 'v1-c2', false],
    // A piece must not be found inside what the end already takes.
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
    ['*a*a*', 'a', false],
    ['', '', true],
    ['', 'x', false],
    ['1.4', '1x4', false],
  ])('%j against %j: %s', (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it('agrees with a matcher that tries every way', () => {
    const tries = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === '';
      if (pattern[0] === '*') {
        return Array.from({ length: text.length + 1 }, (_, n) => n).some((n) => tries(pattern.slice(1), text.slice(n)));
      }
      return text[0] === pattern[0] && tries(pattern.slice(1), text.slice(1));
    };
    const letters = (of: string[], maxLength: number) =>
      fc.array(fc.constantFrom(...of), { maxLength }).map((all) => all.join(''));
    fc.assert(
      fc.property(letters(['a', 'b', '*'], 7), letters(['a', 'b'], 8), (pattern, text) => {
        expect(matchesWildcard(pattern, text)).toBe(tries(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });
});
