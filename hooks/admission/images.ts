import { oneLine } from '../../shared/text.ts';
import { isDigest } from './manifest.ts';

/** What of ECS's `ServiceRevision` names images. */
export interface RevisionImages {
  containerImages?:
    | readonly {
        containerName?: string | undefined;
        image?: string | undefined;
        imageDigest?: string | undefined;
      }[]
    | undefined;
}

/** What of ECS's `TaskDefinition` names images. */
export interface DefinitionImages {
  containerDefinitions?:
    | readonly { name?: string | undefined; image?: string | undefined; versionConsistency?: string | undefined }[]
    | undefined;
}

export interface ContainerImage {
  container: string;
  /** As it stands in the task definition or the service revision. */
  image: string;
  /** What ECS has resolved the image to; before the first task has started usually nothing. */
  digest?: string;
  /** `disabled`: ECS never resolves this image, so each task may pull something else under the same tag. */
  versionConsistency: 'enabled' | 'disabled';
}

export interface Gathered {
  /** In the order of the task definition, then what only the revision names. */
  images: readonly ContainerImage[];
  /** Why the lists cannot be trusted, a sentence each; any of them denies the deployment. */
  problems: readonly string[];
}

/**
 * Every image that the revision runs: the union of what the service revision and its task definition name, by
 * container. Init and sidecar containers are containers like any other. One list that is empty, a container without an
 * image, or two lists that disagree, are problems: nothing to check must never look like nothing wrong.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerImage.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
export function gatherImages(revision: RevisionImages, definition: DefinitionImages): Gathered {
  const problems: string[] = [];
  const images = new Map<string, ContainerImage>();
  const defined = definition.containerDefinitions ?? [];
  const listed = revision.containerImages ?? [];
  if (defined.length === 0) problems.push('the task definition names no container');
  if (listed.length === 0) problems.push('the service revision names no container image');
  for (const { name, image, versionConsistency } of defined) {
    const entry = named(name, image, 'the task definition', problems);
    if (entry === undefined) continue;
    if (images.has(entry.container))
      problems.push(`the task definition names container ${told(entry.container)} twice`);
    const consistency = versionConsistency === 'disabled' ? 'disabled' : 'enabled';
    images.set(entry.container, { ...entry, versionConsistency: consistency });
  }
  const seen = new Set<string>();
  for (const { containerName, image, imageDigest } of listed) {
    const entry = named(containerName, image, 'the service revision', problems);
    if (entry === undefined) continue;
    if (seen.has(entry.container)) problems.push(`the service revision names container ${told(entry.container)} twice`);
    seen.add(entry.container);
    merge(images, entry, imageDigest, problems);
  }
  return { images: [...images.values()], problems };
}

type Named = Pick<ContainerImage, 'container' | 'image'>;

function named(
  container: string | undefined,
  image: string | undefined,
  where: string,
  problems: string[],
): Named | undefined {
  if (container === undefined || container === '') {
    problems.push(`${where} has a container without a name`);
    return undefined;
  }
  if (image === undefined || image === '') {
    problems.push(`container ${told(container)} has no image in ${where}`);
    return undefined;
  }
  return { container, image };
}

function merge(
  images: Map<string, ContainerImage>,
  { container, image }: Named,
  digest: string | undefined,
  problems: string[],
): void {
  const defined = images.get(container);
  if (defined !== undefined && defined.image !== image) {
    problems.push(
      `container ${told(container)} is ${told(defined.image)} in the task definition, but ${told(image)} in the service revision`,
    );
    return;
  }
  if (digest !== undefined && !isDigest(digest)) {
    problems.push(`ECS gives ${told(digest)} as digest of container ${told(container)}, which is no sha256 digest`);
    return;
  }
  const entry = defined ?? { container, image, versionConsistency: 'enabled' };
  images.set(container, { ...entry, ...(digest !== undefined && { digest }) });
}

function told(text: string): string {
  return oneLine(text, 300);
}

export interface KnownDigest {
  digest: string;
  source: 'reference' | 'ecs';
}

/**
 * The digest of an image as far as it is known without asking the registry: the one in the reference, or ECS's own.
 * Two that differ are a conflict, and nothing that can be admitted.
 */
export function knownDigest(
  { digest: fromEcs }: Pick<ContainerImage, 'digest'>,
  fromReference: string | undefined,
): KnownDigest | { conflict: string } | undefined {
  if (fromReference !== undefined && fromEcs !== undefined && fromReference !== fromEcs) {
    return { conflict: `the reference pins ${fromReference}, but ECS has recorded ${fromEcs}` };
  }
  if (fromReference !== undefined) return { digest: fromReference, source: 'reference' };
  return fromEcs === undefined ? undefined : { digest: fromEcs, source: 'ecs' };
}
