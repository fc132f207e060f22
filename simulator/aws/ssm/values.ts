import { createHash } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { ParameterTier, ParameterType, ParameterVersion } from './parameter-store.ts';

/** Bytes of UTF-8; the page "Managing parameter tiers" says 4 KB and 8 KB. */
const STANDARD_BYTES = 4096;
const ADVANCED_BYTES = 8192;

/** @throws AwsError ValidationException when a value looks like a reference to another parameter */
export function checkNesting(value: string): void {
  if (/\{\{.*\}\}/s.test(value)) {
    throw new AwsError(
      'ValidationException',
      'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
    );
  }
}

/**
 * @returns the tier that the parameter gets
 * @param requested the tier in the request; without it an advanced parameter stays one, and a new one is standard
 * @throws AwsError ValidationException when the value is too large for the tier, or an advanced parameter would shrink
 */
export function tierFor(
  value: string,
  requested: string | undefined,
  current: ParameterTier | undefined,
  standardIsFull: boolean,
): ParameterTier {
  const bytes = Buffer.byteLength(value);
  const wanted = requested ?? current ?? 'Standard';
  if (wanted === 'Standard') {
    if (current === 'Advanced') {
      throw new AwsError(
        'ValidationException',
        "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.",
      );
    }
    if (bytes <= STANDARD_BYTES) return 'Standard';
    throw new AwsError(
      'ValidationException',
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    );
  }
  if (bytes > ADVANCED_BYTES) {
    throw new AwsError(
      'ValidationException',
      'Advanced tier parameters support a maximum parameter value of 8192 characters.',
    );
  }
  if (wanted === 'Advanced') return 'Advanced';
  return bytes > STANDARD_BYTES || current === 'Advanced' || (current === undefined && standardIsFull)
    ? 'Advanced'
    : 'Standard';
}

/**
 * A pattern has to match the whole value, and each item of a StringList.
 * @throws AwsError InvalidAllowedPatternException or ParameterPatternMismatchException
 */
export function checkPattern(value: string, type: ParameterType, pattern: string | undefined): void {
  if (pattern === undefined) return;
  let whole: RegExp;
  try {
    whole = new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw new AwsError(
      'InvalidAllowedPatternException',
      `The request does not meet the regular expression requirement. ${String(cause)}`,
    );
  }
  const items = type === 'StringList' ? value.split(',') : [value];
  if (!items.every((item) => whole.test(item))) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  }
}

/** @returns what a reader sees: of a SecureString without decryption only ciphertext, the same each time */
export function visibleValue(version: ParameterVersion, decrypted: boolean): string {
  if (version.type !== 'SecureString' || decrypted) return version.value;
  const digest = createHash('sha512').update(`${version.keyId} ${version.version} ${version.value}`).digest('base64');
  return `AQICAH${digest}`;
}
