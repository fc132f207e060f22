import { AwsError } from './errors.ts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

const PRINCIPAL = /^arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|assumed-role|federated-user)\/.+)$/;

/** Who is behind which access key. Secrets are handed out only because clients want one: no signature is verified. */
export class Identities {
  readonly #accountId: string;
  readonly #partition: string;
  readonly #arnByKey = new Map<string, string>();

  constructor(accountId: string, partition: string) {
    this.#accountId = accountId;
    this.#partition = partition;
  }

  /**
   * @param arn the principal as AWS records it, such as `arn:aws:sts::123456789012:assumed-role/Approver/ana`
   * @param accessKeyId chosen by the caller; without it the principal's own key, made on first use
   * @throws Error when the ARN is no principal's, or the key already belongs to another
   */
  add(arn: string, accessKeyId?: string): Credentials {
    if (!PRINCIPAL.test(arn)) throw new Error(`not the ARN of an IAM or STS principal: ${arn}`);
    const key = accessKeyId ?? this.#keyOf(arn) ?? this.#newKey(arn);
    const owner = this.#arnByKey.get(key);
    if (owner !== undefined && owner !== arn)
      throw new Error(`access key ${key} already belongs to ${owner}, not ${arn}`);
    this.#arnByKey.set(key, arn);
    return { accessKeyId: key, secretAccessKey: `local-secret-of-${key}`.padEnd(40, '0') };
  }

  /** @returns the caller behind a key; a key that nobody added is a session of the role `Local` */
  arnOf(accessKeyId: string): string {
    const local = `arn:${this.#partition}:sts::${this.#accountId}:assumed-role/Local/${accessKeyId}`;
    return this.#arnByKey.get(accessKeyId) ?? local;
  }

  #keyOf(arn: string): string | undefined {
    return [...this.#arnByKey].find(([, owner]) => owner === arn)?.[0];
  }

  /** AKIA for long-lived keys of users, ASIA for the temporary ones of sessions, as AWS begins them. */
  #newKey(arn: string): string {
    const prefix = arn.includes(':iam:') ? 'AKIALOCAL' : 'ASIALOCAL';
    return `${prefix}${String(this.#arnByKey.size + 1).padStart(11, '0')}`;
  }
}

export interface SignedBy {
  accessKeyId: string;
  /** The service in the credential scope, such as `sns`. */
  service: string;
  /** The Region in the credential scope; undefined with SigV4a, whose scope has none. */
  region: string | undefined;
}

/**
 * Reads who signed a request, from its SigV4 or SigV4a Authorization header. The signature itself is not verified:
 * this endpoint listens on the machine's own loopback and knows identities, not secrets.
 * @returns undefined when there is no such header
 * @throws AwsError IncompleteSignature when the header cannot be read
 */
export function signedBy(authorization: string | undefined): SignedBy | undefined {
  if (authorization === undefined || authorization.trim() === '') return undefined;
  const credential = /^AWS4-(?:HMAC-SHA256|ECDSA-P256-SHA256)\s.*?Credential=([^,\s]+)/.exec(authorization)?.[1];
  const signer = credential === undefined ? undefined : signerOf(credential);
  if (signer === undefined) {
    throw new AwsError('IncompleteSignature', 'Authorization header requires Credential parameter with a valid scope.');
  }
  return signer;
}

/**
 * @param credential as in an Authorization header or a pre-signed URL: access key, then the scope, parted by slashes
 * @returns undefined when it is not of that form
 */
export function signerOf(credential: string): SignedBy | undefined {
  const parts = credential.split('/');
  const [accessKeyId, service] = [parts[0], parts.at(-2)];
  if (!accessKeyId || !service || parts.at(-1) !== 'aws4_request') return undefined;
  return { accessKeyId, service, region: parts.length === 5 ? parts[2] : undefined };
}
