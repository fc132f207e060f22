import type { Clock } from '../../clock.ts';
import { AwsError } from '../errors.ts';
import { checkNewName, parameterArn, parseReference } from './names.ts';
import { checkNesting, checkPattern, tierFor } from './values.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type ParameterTier = 'Standard' | 'Advanced';

/** One version of a parameter, as GetParameterHistory shows it. */
export interface ParameterVersion {
  readonly name: string;
  readonly version: number;
  readonly value: string;
  readonly type: ParameterType;
  readonly tier: ParameterTier;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  /** The KMS key, for a SecureString. */
  readonly keyId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly lastModifiedAt: number;
  /** The ARN of the caller who wrote it. */
  readonly lastModifiedUser: string;
  readonly labels: readonly string[];
}

export interface PutParameter {
  name: string;
  value: string;
  /** Needed on create only. */
  type?: ParameterType | undefined;
  overwrite?: boolean | undefined;
  description?: string | undefined;
  tier?: ParameterTier | 'Intelligent-Tiering' | undefined;
  allowedPattern?: string | undefined;
  keyId?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

export interface ParameterStoreOptions {
  /** Standard parameters that a Region holds; AWS's quota is 10,000. */
  maxStandardParameters?: number;
  /**
   * For so many seconds after its deletion a name cannot be created again: TooManyUpdates. The DeleteParameter page
   * asks callers to wait 30 seconds, without saying what happens to those who do not; 0, the default, lets them.
   */
  recreateAfterSeconds?: number;
  /**
   * Whether an overwrite may give another type. The PutParameter page says no (HierarchyTypeMismatchException), which
   * is the default; infrastructure tools rely on yes.
   */
  typeChange?: 'refused' | 'allowed';
}

const MAX_VERSIONS = 100;

interface Stored {
  versions: ParameterVersion[];
  tags: Readonly<Record<string, string>>;
}

/** The state of Parameter Store in one account and Region. The endpoint and the simulator's own scripts both use it. */
export class ParameterStore {
  readonly #clock: Clock;
  readonly #arnOf: (name: string) => string;
  readonly #options: Required<ParameterStoreOptions>;
  readonly #parameters = new Map<string, Stored>();
  readonly #deletedAt = new Map<string, number>();
  #standardCount = 0;

  constructor(
    clock: Clock,
    place: { partition: string; region: string; accountId: string },
    options: ParameterStoreOptions = {},
  ) {
    this.#clock = clock;
    this.#arnOf = (name) => parameterArn(name, place.partition, place.region, place.accountId);
    this.#options = { maxStandardParameters: 10_000, recreateAfterSeconds: 0, typeChange: 'refused', ...options };
  }

  arn(name: string): string {
    return this.#arnOf(name);
  }

  /**
   * Creates a parameter or, with `overwrite`, its next version, at the clock's time.
   * @param callerArn recorded as LastModifiedUser
   * @throws AwsError as PutParameter does: ParameterAlreadyExists, ValidationException, ParameterLimitExceeded, …
   */
  put(request: PutParameter, callerArn: string): ParameterVersion {
    const name = request.name.trim();
    checkNewName(name, this.arn(name));
    checkNesting(request.value);
    const stored = this.#parameters.get(name);
    const previous = stored?.versions.at(-1);
    if (previous !== undefined && !request.overwrite) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const next = this.#nextVersion({ ...request, name }, previous, callerArn);
    if (stored === undefined) this.#create(next, request.tags ?? {});
    else this.#append(stored, next);
    return next;
  }

  /**
   * @param reference a name, `name:version`, `name:label`, or an ARN of these
   * @returns the version, or undefined when there is no such parameter
   * @throws AwsError ParameterVersionNotFound when the parameter exists and the version or label does not
   */
  get(reference: string): ParameterVersion | undefined {
    const { name, selector } = parseReference(reference);
    const versions = this.#find(name)?.versions;
    if (versions === undefined || selector === undefined) return versions?.at(-1);
    const byNumber = /^\d+$/.test(selector);
    const found = versions.find((one) => (byNumber ? one.version === Number(selector) : one.labels.includes(selector)));
    if (found !== undefined) return found;
    const which = byNumber ? `version ${selector}` : `label ${selector}`;
    throw versionNotFound(which, name);
  }

  /** @returns all kept versions, oldest first; undefined when there is no such parameter */
  history(reference: string): readonly ParameterVersion[] | undefined {
    return this.#find(parseReference(reference).name)?.versions;
  }

  /** @returns the names, sorted, that begin with `prefix` */
  names(prefix = ''): string[] {
    return [...this.#parameters.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  tags(name: string): Readonly<Record<string, string>> {
    return this.#parameters.get(name)?.tags ?? {};
  }

  /** @returns false when there was no such parameter */
  delete(reference: string): boolean {
    const latest = this.#find(parseReference(reference).name)?.versions.at(-1);
    if (latest === undefined) return false;
    this.#parameters.delete(latest.name);
    this.#deletedAt.set(latest.name, this.#clock.now());
    if (latest.tier === 'Standard') this.#standardCount -= 1;
    return true;
  }

  /**
   * Moves labels to a version, the latest one without a number.
   * @throws AwsError ParameterVersionNotFound or ParameterVersionLabelLimitExceeded
   * @returns the number of the version, or undefined when there is no such parameter
   */
  label(reference: string, labels: readonly string[], version?: number): number | undefined {
    const stored = this.#find(parseReference(reference).name);
    const target =
      version === undefined ? stored?.versions.at(-1) : stored?.versions.find((one) => one.version === version);
    if (stored === undefined) return undefined;
    if (target === undefined) throw versionNotFound(`version ${version}`, reference);
    const wanted = new Set([...target.labels, ...labels]);
    if (wanted.size > 10) {
      throw new AwsError(
        'ParameterVersionLabelLimitExceeded',
        'A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.',
      );
    }
    stored.versions = stored.versions.map((one) => ({
      ...one,
      labels: one.version === target.version ? [...wanted] : one.labels.filter((label) => !labels.includes(label)),
    }));
    return target.version;
  }

  /** The ARN of `x` and of `/x` is the same, so a reference by ARN may mean either. */
  #find(name: string): Stored | undefined {
    return this.#parameters.get(name) ?? (name.includes('/') ? undefined : this.#parameters.get(`/${name}`));
  }

  #nextVersion(request: PutParameter, previous: ParameterVersion | undefined, callerArn: string): ParameterVersion {
    const type = request.type ?? previous?.type;
    if (type === undefined)
      throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    if (previous !== undefined && previous.type !== type && this.#options.typeChange === 'refused') {
      throw new AwsError(
        'HierarchyTypeMismatchException',
        "Parameter Store does not support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
      );
    }
    if (request.keyId !== undefined && type !== 'SecureString') {
      throw new AwsError('ValidationException', 'KeyId is required for SecureString type parameter only.');
    }
    const allowedPattern = request.allowedPattern ?? previous?.allowedPattern;
    checkPattern(request.value, type, allowedPattern);
    return {
      name: request.name,
      version: (previous?.version ?? 0) + 1,
      value: request.value,
      type,
      tier: tierFor(
        request.value,
        request.tier,
        previous?.tier,
        this.#standardCount >= this.#options.maxStandardParameters,
      ),
      description: request.description ?? previous?.description,
      allowedPattern,
      keyId: type === 'SecureString' ? (request.keyId ?? previous?.keyId ?? 'alias/aws/ssm') : undefined,
      lastModifiedAt: this.#clock.now(),
      lastModifiedUser: callerArn,
      labels: [],
    };
  }

  #create(first: ParameterVersion, tags: Readonly<Record<string, string>>): void {
    const deletedAt = this.#deletedAt.get(first.name) ?? Number.NEGATIVE_INFINITY;
    if (first.lastModifiedAt - deletedAt < this.#options.recreateAfterSeconds * 1000) {
      throw new AwsError(
        'TooManyUpdates',
        'There are concurrent updates for a resource that supports one update at a time.',
      );
    }
    if (first.tier === 'Standard' && this.#standardCount >= this.#options.maxStandardParameters) {
      throw new AwsError(
        'ParameterLimitExceeded',
        'You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again.',
      );
    }
    this.#parameters.set(first.name, { versions: [first], tags });
    if (first.tier === 'Standard') this.#standardCount += 1;
  }

  #append(stored: Stored, next: ParameterVersion): void {
    const [oldest, ...rest] = stored.versions;
    const full = stored.versions.length >= MAX_VERSIONS;
    if (full && oldest !== undefined && oldest.labels.length > 0) {
      throw new AwsError(
        'ParameterMaxVersionLimitExceeded',
        `You attempted to create a new version of ${next.name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
      );
    }
    if (stored.versions.at(-1)?.tier === 'Standard' && next.tier === 'Advanced') this.#standardCount -= 1;
    stored.versions = [...(full ? rest : stored.versions), next];
  }
}

function versionNotFound(which: string, name: string): AwsError {
  return new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find ${which} of ${name}. Verify the version and try again.`,
  );
}
