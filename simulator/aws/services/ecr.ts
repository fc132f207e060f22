import { batchGetImage } from '../ecr/batch-get-image.ts';
import { describeImages } from '../ecr/describe-images.ts';
import { describeRepositories } from '../ecr/describe-repositories.ts';
import { imageNotFound, layersNotFound, repositoryNotFound, scanNotFound } from '../ecr/errors.ts';
import { repositoryArn } from '../ecr/hosts.ts';
import { getDownloadUrlForLayer, getLayer, noSuchKey } from '../ecr/layers.ts';
import { describeImageSigningStatus, listImageReferrers } from '../ecr/referrers.ts';
import type { ImageRegistries } from '../ecr/registries.ts';
import { type ImageId, placeOf, readImageId } from '../ecr/request.ts';
import { describeImageScanFindings } from '../ecr/scan-findings.ts';
import { AwsError } from '../errors.ts';
import { isObject } from '../input.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from '../service.ts';
import { jsonServiceErrors } from './common-errors.ts';

/** The reading side of ECR's private registries; what is in them is put there through ImageRegistries. */
export function ecrService(registries: ImageRegistries): ServiceDefinition {
  return {
    id: 'ecr',
    protocol: { kind: 'json', targetPrefix: 'AmazonEC2ContainerRegistry_V20150921' },
    operations: {
      BatchGetImage: (input, context) => batchGetImage(registries, input, context),
      DescribeImages: (input, context) => describeImages(registries, input, context),
      DescribeImageScanFindings: (input, context) => describeImageScanFindings(registries, input, context),
      DescribeImageSigningStatus: (input, context) => describeImageSigningStatus(registries, input, context),
      DescribeRepositories: (input, context) => describeRepositories(registries, input, context),
      GetDownloadUrlForLayer: (input, context) => getDownloadUrlForLayer(registries, input, context),
      ListImageReferrers: (input, context) => listImageReferrers(registries, input, context),
    },
    resource,
    errors: {
      ...jsonServiceErrors('ecr', {
        // The spelling is ECR's own.
        serverError: new AwsError('ServerException', 'An internal server error has occured', 500),
        notFound,
      }),
      // API reference, ListImageReferrers: the caller must have the permission of BatchGetImage.
      action: (operation) => `ecr:${operation === 'ListImageReferrers' ? 'BatchGetImage' : operation}`,
    },
  };
}

/** The S3 buckets that ECR's layers are downloaded from, by pre-signed URL alone. */
export function layerStore(registries: ImageRegistries): ServiceDefinition {
  return {
    id: 's3',
    protocol: { kind: 'presigned' },
    operations: { GetObject: (input, context) => getLayer(registries, input, context) },
    resource: (_operation, { Bucket, Key }, { partition }) => `arn:${partition}:s3:::${Bucket}/${Key}`,
    errors: {
      throttled: new AwsError('SlowDown', 'Please reduce your request rate.', 503),
      serverError: new AwsError('InternalError', 'We encountered an internal error. Please try again.', 500),
      unavailable: new AwsError('ServiceUnavailable', 'Service is unable to handle request.', 503),
      accessDenied: () => new AwsError('AccessDenied', 'Access Denied', 403),
      action: (operation) => `s3:${operation}`,
      expiredCredentials: new AwsError('ExpiredToken', 'The provided token has expired.', 400),
      clockSkew: () => new AwsError('AccessDenied', 'Request is not valid yet', 403),
      notFound: noSuchKey,
    },
    // The query string is the signature: whoever has it may download.
    redact: (_operation, { Bucket, Key }) => ({ Bucket, Key }),
  };
}

/** The error by which each operation says that what it was asked about is not there. */
function notFound(operation: string, input: JsonObject, context: OperationContext): AwsError {
  const names: unknown[] = Array.isArray(input.repositoryNames) ? input.repositoryNames : [input.repositoryName];
  const named = { registryId: placeOf(input, context).registryId, repository: String(names[0] ?? '') };
  switch (operation) {
    case 'DescribeImages':
    case 'DescribeImageSigningStatus':
      return imageNotFound(firstImageId(input), named);
    case 'DescribeImageScanFindings':
      return scanNotFound(firstImageId(input), named);
    case 'GetDownloadUrlForLayer':
      return layersNotFound(String(input.layerDigest), named);
    default:
      return repositoryNotFound(named);
  }
}

function firstImageId({ imageId, imageIds }: JsonObject): ImageId {
  const first: unknown = Array.isArray(imageIds) ? imageIds[0] : imageId;
  return isObject(first) ? readImageId(first) : {};
}

function resource(_operation: string, input: JsonObject, context: OperationContext): string {
  const names: unknown[] = Array.isArray(input.repositoryNames) ? input.repositoryNames : [input.repositoryName];
  const [name] = names;
  return repositoryArn(placeOf(input, context), typeof name === 'string' ? name : '*');
}
