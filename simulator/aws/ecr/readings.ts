/**
 * What AWS's pages leave open about ECR. Each is a switch, so that a client can be shown right under every reading.
 * The user guide's page "Archiving an image" says that archived images cannot be pulled (404) but can be described.
 */
export interface EcrReadings {
  /** The code in `failures` when an archived image is asked for. */
  archivedPull: 'ImageNotFound' | 'ImageInaccessible';
  /** Whether DescribeImages finds an archived image by its id when no `imageStatus` filter asks for it. */
  archivedById: 'described' | 'not-found';
  /** What BatchGetImage does with a tagged index for a client that accepts image manifests only. */
  indexNotAccepted: 'failure' | 'platform-manifest';
  /** What a client accepts that sends no `acceptedMediaTypes`. */
  withoutAcceptedTypes: 'everything' | 'docker-manifest';
  /** Which digest goes with a manifest that was translated for the client. */
  translatedDigest: 'stored' | 'translated';
}

export const DEFAULT_ECR_READINGS: EcrReadings = {
  archivedPull: 'ImageNotFound',
  archivedById: 'described',
  indexNotAccepted: 'failure',
  withoutAcceptedTypes: 'everything',
  translatedDigest: 'stored',
};
