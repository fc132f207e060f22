import { AwsError } from '../errors.ts';

/** Systems Manager user guide, page "About requirements and constraints for parameter names". */
const MAX_LEVELS = 15;
/** Of the whole ARN, the name included. */
const MAX_ARN_LENGTH = 1011;

/**
 * Checks the name of a parameter that is to be written.
 * @param name already trimmed: the service removes spaces around it
 * @throws AwsError ValidationException, HierarchyLevelLimitExceededException or AccessDeniedException
 */
export function checkNewName(name: string, arn: string): void {
  if (name.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  const levels = name.split('/').filter((part, index) => index > 0 || part !== '');
  if (/^\/aws\//i.test(name))
    throw new AwsError('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
  if (/^\/?(aws|ssm)/i.test(name) || !levels.every((level) => /^[a-zA-Z0-9_.-]+$/.test(level)))
    throw invalid(nameRule(levels.length));
  if (levels.length > MAX_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels. For more information, see Requirements and constraints for parameter names in the AWS Systems Manager User Guide.`,
    );
  }
  if (arn.length > MAX_ARN_LENGTH) {
    throw invalid(
      `Parameter name is too long: with its ARN it has ${arn.length} characters, and at most ${MAX_ARN_LENGTH} are allowed.`,
    );
  }
}

function nameRule(levels: number): string {
  const prefix = 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).';
  if (levels <= 1) return prefix;
  return `${prefix} If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`;
}

/** @throws AwsError ValidationException when a hierarchy to be listed is not one */
export function checkPath(path: string): void {
  const shape = /^\/(?:[a-zA-Z0-9_.-]+(?:\/[a-zA-Z0-9_.-]+)*\/?)?$/;
  if (shape.test(path) && !/^\/(aws|ssm)/i.test(path)) return;
  throw invalid(
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );
}

/** @returns whether the parameter lies in the hierarchy; a name without a slash lies at the root */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const full = name.startsWith('/') ? name : `/${name}`;
  const parent = path.endsWith('/') ? path : `${path}/`;
  if (!full.startsWith(parent)) return false;
  return recursive || !full.slice(parent.length).includes('/');
}

export interface Reference {
  name: string;
  /** The version or the label behind the colon. */
  selector: string | undefined;
}

/** Splits `name`, `name:3`, `name:label`, or the ARN of a parameter with or without such an ending. */
export function parseReference(reference: string): Reference {
  const arn = /^arn:[^:]+:ssm:[^:]*:\d*:parameter\/(.+)$/.exec(reference)?.[1];
  const [path = '', selector] = (arn ?? reference).split(/:(.*)/s);
  // The ARN of /a/b ends in parameter/a/b: the slash that it swallows belongs to a hierarchy's name.
  return { name: arn !== undefined && path.includes('/') ? `/${path}` : path, selector };
}

/** @returns the ARN; `/a/b` and `b` give `parameter/a/b` and `parameter/b` */
export function parameterArn(name: string, partition: string, region: string, accountId: string): string {
  return `arn:${partition}:ssm:${region}:${accountId}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
