import type { AwsError } from './errors.ts';

/** A decoded request: JSON as the client sent it, or the query protocol's dotted keys made into the same shape. */
export type JsonObject = Record<string, unknown>;

export interface OperationContext {
  /** The simulator's clock at the request, milliseconds since the epoch. */
  now: number;
  accountId: string;
  region: string;
  /** The Region that the request was signed for, which services with an endpoint in every Region answer from. */
  signedRegion: string;
  /** Scheme and host by which the client reached the endpoint, such as `http://127.0.0.1:4566`. */
  origin: string;
  /** `aws`, `aws-cn` or `aws-us-gov`, from the region. */
  partition: string;
  callerArn: string;
  accessKeyId: string;
  /** Aborted when the client closes the connection before it is answered; only who waits needs it. */
  signal?: AbortSignal;
  /** A fresh UUID, for the ids that the service itself hands out. */
  newId(): string;
}

/**
 * One operation. What changes state does so synchronously, so that each request is atomic: of two concurrent creates
 * exactly one wins. A promise is for operations that wait, as a long poll does.
 * A `Date` in the answer becomes a timestamp of the service's protocol.
 * @throws AwsError under the name and with the message that the service would use
 */
export type Operation = (input: JsonObject, context: OperationContext) => object | Promise<object>;

/** One AWS service as the endpoint speaks it: add a module under services/ and one line in local-aws.ts. */
export interface ServiceDefinition {
  /** The service's name in a SigV4 credential scope, such as `ssm`. */
  id: string;
  protocol: JsonProtocol | QueryProtocol | RestJsonProtocol | PresignedProtocol;
  operations: Record<string, Operation>;
  /** The ARN that the service's access-denied message names for this request, `*` where IAM knows no resource. */
  resource(operation: string, input: JsonObject, context: OperationContext): string;
  /** How the service words the faults that every service has. */
  errors: ServiceErrors;
  /** What may stand in the call log; the input itself where nothing in it is secret. */
  redact?(operation: string, input: JsonObject): JsonObject;
}

export interface JsonProtocol {
  kind: 'json';
  /** What stands before the dot in `x-amz-target`. */
  targetPrefix: string;
  /**
   * For a service that left the query protocol: its old error codes by today's names, those that differ. Clients in
   * query mode are told them in `x-amzn-query-error`.
   */
  queryErrorCodes?: Readonly<Record<string, string>>;
}

export interface QueryProtocol {
  kind: 'query';
  xmlNamespace: string;
}

/** The operation is in method and path, errors as Lambda writes them. */
export interface RestJsonProtocol {
  kind: 'rest-json';
  /** By operation; `{Member}` in a template stands for one segment. */
  paths: Readonly<Record<string, { method: string; template: string }>>;
}

/** Plain GETs of pre-signed URLs: the answer's `Body` bytes, errors as S3's XML. */
export interface PresignedProtocol {
  kind: 'presigned';
}

export interface ServiceErrors {
  throttled: AwsError;
  serverError: AwsError;
  unavailable: AwsError;
  accessDenied(message: string): AwsError;
  /** The action as access-denied messages spell it: `ssm:GetParameter`, but `SNS:Publish`. */
  action(operation: string): string;
  expiredCredentials: AwsError;
  clockSkew(message: string): AwsError;
  notFound(operation: string, input: JsonObject, context: OperationContext): AwsError;
}

/** @returns the partition of a region, the second part of every ARN in it */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
