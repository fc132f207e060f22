import type { Repository as RepositoryShape } from '@aws-sdk/client-ecr';
import { optionalString } from '../input.ts';
import { page } from '../paging.ts';
import type { JsonObject, OperationContext } from '../service.ts';
import { repositoryNotFound } from './errors.ts';
import { registryHost } from './hosts.ts';
import type { ImageRegistries } from './registries.ts';
import type { Repository } from './repository.ts';
import { boundedStrings, invalidToken, pageSize, placeOf, refusePaging, requireRepositoryName } from './request.ts';

/** DescribeRepositories (ECR API reference): by name, or page by page through a registry. */
export function describeRepositories(
  registries: ImageRegistries,
  input: JsonObject,
  context: OperationContext,
): object {
  const place = placeOf(input, context);
  const names = boundedStrings(input, 'repositoryNames', 1, 100);
  if (names !== undefined) {
    refusePaging(input, 'repositoryNames');
    for (const name of names) requireRepositoryName('repositoryNames', name);
    const found = [...new Set(names)].map((name) => {
      const repository = registries.find(place, name);
      if (repository === undefined) throw repositoryNotFound({ registryId: place.registryId, repository: name });
      return repository;
    });
    return { repositories: found.map(shape) };
  }
  const { items, nextToken } = page(
    registries.list(place),
    ({ name }) => name,
    pageSize(input, 1000, 100),
    optionalString(input, 'nextToken'),
    `DescribeRepositories ${place.registryId} ${place.region}`,
    invalidToken(),
  );
  return { repositories: items.map(shape), nextToken };
}

function shape({ place, name, arn, createdAt, settings }: Repository): RepositoryShape {
  const { imageTagMutability = 'MUTABLE', imageTagMutabilityExclusionFilters: filters, kmsKey } = settings;
  return {
    repositoryArn: arn,
    registryId: place.registryId,
    repositoryName: name,
    repositoryUri: `${registryHost(place)}/${name}`,
    createdAt: new Date(createdAt),
    imageTagMutability,
    imageTagMutabilityExclusionFilters: filters === undefined ? undefined : [...filters],
    imageScanningConfiguration: { scanOnPush: settings.scanOnPush ?? false },
    encryptionConfiguration: kmsKey === undefined ? { encryptionType: 'AES256' } : { encryptionType: 'KMS', kmsKey },
  };
}
