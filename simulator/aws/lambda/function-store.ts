import type { JsonObject } from '../../../shared/schema.ts';
import { parseFunctionArn } from '../../lambda/arn.ts';
import { AwsError } from '../errors.ts';

/** A function as Lambda describes it. Nothing here runs: the sandbox does that. */
export interface FunctionRecord {
  /** What GetFunctionConfiguration shows, beside name and ARN; what is left out has Lambda's defaults. */
  configuration: JsonObject;
  /** 0: the function is throttled altogether. */
  reservedConcurrency?: number;
  /** Versions and aliases that exist beside $LATEST. */
  qualifiers?: readonly string[];
  /** The resource-based policy. */
  policy?: object;
}

interface Place {
  partition: string;
  region: string;
  accountId: string;
}

const DEFAULTS: JsonObject = {
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  MemorySize: 128,
  Timeout: 3,
  Version: '$LATEST',
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Architectures: ['x86_64'],
};

/** Which functions there are, and how they are configured. */
export class FunctionStore {
  readonly #prefix: string;
  readonly #functions = new Map<string, FunctionRecord>();

  constructor({ partition, region, accountId }: Place) {
    this.#prefix = `arn:${partition}:lambda:${region}:${accountId}:function:`;
  }

  /** Creates a function, or puts another in its place. @returns its ARN */
  put(name: string, record: FunctionRecord): string {
    this.#functions.set(name, record);
    return `${this.#prefix}${name}`;
  }

  delete(name: string): void {
    this.#functions.delete(name);
  }

  /** Changes what is known of a function. @throws AwsError ResourceNotFoundException */
  change(name: string, change: (record: FunctionRecord) => FunctionRecord): void {
    this.#functions.set(name, change(this.find(name).record));
  }

  /**
   * @param wanted a name or an ARN, with or without version or alias
   * @throws AwsError ResourceNotFoundException
   */
  find(wanted: string, qualifier?: string): { record: FunctionRecord; configuration: JsonObject } {
    const [name, inName] = this.#read(wanted);
    const version = qualifier ?? inName;
    const record = this.#functions.get(name);
    const isThere = version === undefined || version === '$LATEST' || record?.qualifiers?.includes(version);
    const suffix = version === undefined ? '' : `:${version}`;
    const arn = `${this.#prefix}${name}${suffix}`;
    if (record === undefined || isThere !== true) {
      const shown = wanted.startsWith('arn:') && qualifier === undefined ? wanted : arn;
      throw new AwsError('ResourceNotFoundException', `Function not found: ${shown}`, 404);
    }
    return { record, configuration: { ...DEFAULTS, ...record.configuration, FunctionName: name, FunctionArn: arn } };
  }

  /** What is not of this account and Region is not here under any name. */
  #read(wanted: string): [name: string, qualifier: string | undefined] {
    const arn = parseFunctionArn(wanted);
    if (arn !== undefined) {
      return [wanted.startsWith(this.#prefix) ? arn.functionName : '', arn.qualifier];
    }
    const [name = '', qualifier] = wanted.split(':');
    return [name, qualifier];
  }
}
