import { parseRepositoryUri } from '../aws/ecr/hosts.ts';
import type { LocalAws } from '../aws/local-aws.ts';
import type { ImageSpec } from './schema-images.ts';

/** `<repository uri>:<tag>` in its two parts; undefined when it is no image of a private ECR registry. */
function partsOf(image: string): { uri: string; tag: string } | undefined {
  const slash = image.lastIndexOf('/');
  const colon = image.indexOf(':', slash);
  const uri = colon < 0 ? image : image.slice(0, colon);
  if (parseRepositoryUri(uri) === undefined) return undefined;
  return { uri, tag: colon < 0 ? 'latest' : image.slice(colon + 1) };
}

/**
 * Pushes an image to its registry; a tag that is there already moves to it.
 *
 * @throws AwsError as ECR would refuse it; Error when it does not name an ECR repository
 */
export function pushImage(aws: LocalAws, spec: ImageSpec, now: number): void {
  const parts = partsOf(spec.image);
  if (parts === undefined) throw new Error(`${spec.image} is not the name of an image in a private ECR registry`);
  const { uri, tag } = parts;
  const { content = spec.image, platforms, age = 0, scan, tagMutability } = spec;
  const pushed = aws.registry.push({
    repository: uri,
    tag,
    createdFrom: content,
    pushedAt: now - age,
    ...(platforms !== undefined && { platforms }),
  });
  if (tagMutability !== undefined) aws.registry.setMutability(uri, tagMutability);
  if (scan === undefined) return;
  const { takes, findings, ...result } = scan;
  const found = findings.map(({ package: name, fixedInVersion, exploitAvailable, ...finding }) => ({
    ...finding,
    ...(name !== undefined && { package: name }),
    ...(fixedInVersion !== undefined && { fixedInVersion }),
    ...(exploitAvailable !== undefined && { exploitAvailable }),
  }));
  const digests = Object.values(pushed.platforms);
  for (const digest of digests.length > 0 ? digests : [pushed.digest]) {
    aws.registry.setScan(uri, digest, {
      ...result,
      findings: found,
      ...(takes !== undefined && { pendingUntil: now + takes }),
    });
  }
}

/** The digest that a tag stands for at this moment; undefined for what is in no private registry of the play. */
export function resolveImage(aws: LocalAws, image: string): string | undefined {
  const parts = image.includes('@') ? undefined : partsOf(image);
  if (parts === undefined) return undefined;
  try {
    return aws.registry.image(parts.uri, parts.tag).digest;
  } catch {
    return undefined;
  }
}
