import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DefinitionImages, gatherImages, knownDigest, type RevisionImages } from '../../hooks/admission/images.ts';
import { parseReference } from '../../hooks/admission/reference.ts';
import { vectors } from './admission-vectors.ts';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

function revision(...images: [name: string, image: string, digest?: string][]): RevisionImages {
  return {
    containerImages: images.map(([containerName, image, imageDigest]) => ({ containerName, image, imageDigest })),
  };
}

function definition(...containers: [name: string, image: string, versionConsistency?: string][]): DefinitionImages {
  return {
    containerDefinitions: containers.map(([name, image, versionConsistency]) => ({ name, image, versionConsistency })),
  };
}

describe('gatherImages', () => {
  it('joins both lists by container and keeps the digest that ECS found', () => {
    expect(
      gatherImages(
        revision(['proxy', 'envoy:1'], ['app', 'app:1', A]),
        definition(['app', 'app:1'], ['proxy', 'envoy:1', 'enabled']),
      ),
    ).toEqual({
      images: [
        { container: 'app', image: 'app:1', digest: A, versionConsistency: 'enabled' },
        { container: 'proxy', image: 'envoy:1', versionConsistency: 'enabled' },
      ],
      problems: [],
    });
  });

  it('judges a container that only one of the lists has', () => {
    const { images, problems } = gatherImages(
      revision(['app', 'app:1'], ['injected', 'agent:3', B]),
      definition(['init', 'busybox'], ['app', 'app:1']),
    );
    expect(problems).toEqual([]);
    expect(images).toEqual([
      { container: 'init', image: 'busybox', versionConsistency: 'enabled' },
      { container: 'app', image: 'app:1', versionConsistency: 'enabled' },
      { container: 'injected', image: 'agent:3', digest: B, versionConsistency: 'enabled' },
    ]);
  });

  it('notes containers whose image ECS does not resolve', () => {
    const { images } = gatherImages(revision(['app', 'app:1']), definition(['app', 'app:1', 'disabled']));
    expect(images).toEqual([{ container: 'app', image: 'app:1', versionConsistency: 'disabled' }]);
  });

  it.each<[string, RevisionImages, DefinitionImages, string[]]>([
    [
      'both lists empty',
      revision(),
      definition(),
      ['the task definition names no container', 'the service revision names no container image'],
    ],
    [
      'both lists absent',
      {},
      {},
      ['the task definition names no container', 'the service revision names no container image'],
    ],
    [
      'no list in the revision',
      revision(),
      definition(['app', 'app:1']),
      ['the service revision names no container image'],
    ],
    ['no list in the definition', revision(['app', 'app:1']), {}, ['the task definition names no container']],
    [
      'two different images',
      revision(['app', 'app:2', A]),
      definition(['app', 'app:1']),
      ['container app is app:1 in the task definition, but app:2 in the service revision'],
    ],
    [
      'no image in the definition',
      revision(['app', 'app:1']),
      { containerDefinitions: [{ name: 'app' }] },
      ['container app has no image in the task definition'],
    ],
    [
      'an empty image in the revision',
      revision(['app', '']),
      definition(['app', 'app:1']),
      ['container app has no image in the service revision'],
    ],
    [
      'no name in the definition',
      revision(['app', 'app:1']),
      { containerDefinitions: [{ image: 'app:1' }] },
      ['the task definition has a container without a name'],
    ],
    [
      'an empty name in the revision',
      revision(['', 'app:1']),
      definition(['app', 'app:1']),
      ['the service revision has a container without a name'],
    ],
    [
      'a container twice in the definition',
      revision(['app', 'app:1']),
      definition(['app', 'app:0'], ['app', 'app:1']),
      ['the task definition names container app twice'],
    ],
    [
      'a container twice in the revision',
      revision(['app', 'app:1', A], ['app', 'app:1', B]),
      definition(['app', 'app:1']),
      ['the service revision names container app twice'],
    ],
    [
      'a digest that is none',
      revision(['app', 'app:1', 'sha256:abc\nforged']),
      definition(['app', 'app:1']),
      ['ECS gives sha256:abc forged as digest of container app, which is no sha256 digest'],
    ],
  ])('refuses %s', (_, inRevision, inDefinition, problems) => {
    expect(gatherImages(inRevision, inDefinition).problems).toEqual(problems);
  });

  it('refuses the reference case of no images', () => {
    const { containerImages } = vectors.admissionCase('empty containerImages');
    expect(gatherImages({ containerImages }, definition(['app', 'app:1'])).problems).not.toEqual([]);
  });

  it('leaves no container out, whatever the lists hold', () => {
    const name = fc.constantFrom('app', 'proxy', 'init', '__proto__', 'constructor');
    const list = fc.uniqueArray(fc.tuple(name, fc.constantFrom('a:1', 'b:1')), {
      selector: ([container]) => container,
      maxLength: 5,
    });
    fc.assert(
      fc.property(list, list, (inRevision, inDefinition) => {
        const { images, problems } = gatherImages(revision(...inRevision), definition(...inDefinition));
        const names = new Set([...inRevision, ...inDefinition].map(([container]) => container));
        expect(new Set(images.map(({ container }) => container))).toEqual(names);
        const agree = inRevision.every(([container, image]) =>
          inDefinition.every(([other, its]) => other !== container || its === image),
        );
        expect(problems.length === 0).toBe(agree && inRevision.length > 0 && inDefinition.length > 0);
      }),
    );
  });
});

describe('knownDigest', () => {
  it.each([
    [undefined, undefined, undefined],
    [A, undefined, { digest: A, source: 'ecs' }],
    [undefined, A, { digest: A, source: 'reference' }],
    [A, A, { digest: A, source: 'reference' }],
    [B, A, { conflict: `the reference pins ${A}, but ECS has recorded ${B}` }],
  ])('ECS %s, reference %s', (digest, inReference, expected) => {
    expect(knownDigest(digest === undefined ? {} : { digest }, inReference)).toEqual(expected);
  });

  it('finds the conflict of the reference case', () => {
    const [image] = vectors.admissionCase('imageDigest and digest in the reference differ').containerImages;
    const parsed = parseReference(image?.image ?? '');
    const given = image?.imageDigest === undefined ? {} : { digest: image.imageDigest };
    expect(knownDigest(given, parsed.ok ? parsed.reference.digest : undefined)).toHaveProperty('conflict');
  });
});
