import { AwsError } from '../errors.ts';

export interface ManagedPolicy {
  arn: string;
  document: object;
}

export interface RoleRecord {
  /** AssumeRolePolicyDocument. */
  trust: object;
  /** Inline policies by name. */
  inline?: Readonly<Record<string, object>>;
  attached?: readonly ManagedPolicy[];
  boundary?: ManagedPolicy;
  /** Begins and ends with a slash; without it `/`. */
  path?: string;
}

/** A role under its name. */
export interface Role extends RoleRecord {
  name: string;
  arn: string;
}

/** IAM's roles with their policies. Nothing here is enforced: the endpoint lets everybody do everything. */
export class RoleStore {
  readonly #prefix: string;
  readonly #roles = new Map<string, Role>();

  constructor({ partition, accountId }: { partition: string; accountId: string }) {
    this.#prefix = `arn:${partition}:iam::${accountId}:role`;
  }

  /** Creates a role, or puts another in its place. @returns its ARN */
  put(name: string, record: RoleRecord): string {
    const arn = `${this.#prefix}${record.path ?? '/'}${name}`;
    this.#roles.set(name, { ...record, name, arn });
    return arn;
  }

  delete(name: string): void {
    this.#roles.delete(name);
  }

  change(name: string, change: (record: RoleRecord) => RoleRecord): void {
    this.put(name, change(this.get(name)));
  }

  /** @throws AwsError NoSuchEntity */
  get(name: string): Role {
    const role = this.#roles.get(name);
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  }

  /** @throws AwsError NoSuchEntity */
  byArn(arn: string): Role {
    const role = [...this.#roles.values()].find((one) => one.arn === arn);
    if (role === undefined) throw noSuchEntity(`Role ${arn} does not exist.`);
    return role;
  }

  /** @throws AwsError NoSuchEntity when it is attached to no role */
  managed(arn: string): ManagedPolicy {
    const all = [...this.#roles.values()].flatMap(({ attached = [], boundary }) =>
      boundary === undefined ? attached : [...attached, boundary],
    );
    const found = all.find((one) => one.arn === arn);
    if (found === undefined) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    return found;
  }
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError('NoSuchEntity', message, 404);
}
