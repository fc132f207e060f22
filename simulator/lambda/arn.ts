/** The parts of a Lambda function's ARN, which may name a version or an alias. */
export interface FunctionArn {
  partition: string;
  region: string;
  accountId: string;
  functionName: string;
  /** A version number, an alias or `$LATEST`; absent in an unqualified ARN. */
  qualifier?: string;
}

const PATTERN =
  /^arn:(aws[a-z-]*):lambda:([a-z0-9-]+):(\d{12}):function:([a-zA-Z0-9-_]{1,64})(?::(\$LATEST|[a-zA-Z0-9-_]{1,128}))?$/;

/** Reads a Lambda function's ARN; undefined when it is none. Source: Lambda API reference, Invoke, FunctionName. */
export function parseFunctionArn(arn: string): FunctionArn | undefined {
  const [, partition, region, accountId, functionName, qualifier] = PATTERN.exec(arn) ?? [];
  if (partition === undefined || region === undefined || accountId === undefined || functionName === undefined) {
    return undefined;
  }
  return { partition, region, accountId, functionName, ...(qualifier === undefined ? {} : { qualifier }) };
}

/** The ARN without version or alias, under which a function is kept; anything that is no function ARN stays as it is. */
export function unqualifiedArn(arn: string): string {
  const parts = parseFunctionArn(arn);
  if (!parts) return arn;
  return `arn:${parts.partition}:lambda:${parts.region}:${parts.accountId}:function:${parts.functionName}`;
}
