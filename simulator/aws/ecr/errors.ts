import { AwsError } from '../errors.ts';
import type { ImageId } from './request.ts';

/**
 * ECR's errors under its own names (ECR API reference, "Errors" of each operation). The texts of repository, image,
 * scan, tag and parameter errors are AWS's, as users quote them; those of layers and upstreams follow their manner.
 */

/** Where something was looked for. */
export interface Named {
  registryId: string;
  repository: string;
}

export function invalidParameter(member: string, constraint: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function repositoryNotFound({ registryId, repository }: Named): AwsError {
  return new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${repository}' does not exist in the registry with id '${registryId}'`,
  );
}

export function imageNotFound(id: ImageId, { registryId, repository }: Named): AwsError {
  return new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${shown(id)} does not exist within the repository with name '${repository}' in the registry with id '${registryId}'`,
  );
}

export function scanNotFound(id: ImageId, { registryId, repository }: Named): AwsError {
  return new AwsError(
    'ScanNotFoundException',
    `Image scan does not exist for the image with '${shown(id)}' in the repository with name '${repository}' in the registry with id '${registryId}'`,
  );
}

export function layersNotFound(digest: string, { registryId, repository }: Named): AwsError {
  return new AwsError(
    'LayersNotFoundException',
    `The layer with digest '${digest}' does not exist within the repository with name '${repository}' in the registry with id '${registryId}'`,
  );
}

export function layerInaccessible(digest: string, { registryId, repository }: Named): AwsError {
  return new AwsError(
    'LayerInaccessibleException',
    `The layer with digest '${digest}' is not associated with an active image within the repository with name '${repository}' in the registry with id '${registryId}'`,
  );
}

export function tagAlreadyExists(tag: string, repository: string): AwsError {
  return new AwsError(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`,
  );
}

function shown({ imageDigest, imageTag }: ImageId): string {
  return `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;
}
