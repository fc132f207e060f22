import type { ImageFailureCode } from '@aws-sdk/client-ecr';
import { DIGEST_PATTERN, MISSING_DIGEST_AND_TAG } from './request.ts';

/**
 * What stands beside each code in `failures`. The texts of ImageNotFound, MissingDigestAndTag and InvalidImageDigest
 * are those that users quote; the others say the same as the API reference in ECR's manner.
 */
export const FAILURE_REASONS: Readonly<Record<ImageFailureCode, string>> = {
  ImageInaccessible: 'Requested image is not accessible',
  ImageNotFound: 'Requested image not found',
  ImageReferencedByManifestList: 'Requested image referenced by manifest list',
  ImageTagDoesNotMatchDigest: 'The image tag does not match the image digest',
  InvalidImageDigest: `Invalid request parameters: image digest should satisfy the regex '${DIGEST_PATTERN}'`,
  InvalidImageTag: "Invalid request parameters: image tag should satisfy the regex '[a-zA-Z0-9-_.]+'",
  KmsError: 'The operation failed because the KMS key of the repository could not be used',
  MissingDigestAndTag: MISSING_DIGEST_AND_TAG,
  UpstreamAccessDenied: 'The upstream registry denied access to the requested image',
  UpstreamTooManyRequests: 'The upstream registry throttled the request',
  UpstreamUnavailable: 'The upstream registry is unavailable',
};
