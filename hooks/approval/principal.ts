/**
 * Identities as Parameter Store records them (`LastModifiedUser`), such as
 * `arn:aws:sts::123456789012:assumed-role/Approver/alice`; some records lack the session name at the end.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
 */

/**
 * An exact ARN, or one whose last segment is `*`. A role is never a wildcard, and the ARN of an IAM role
 * (`…:role/Approver`) is refused: no caller is ever recorded under it, so a list with it would silently match nobody.
 */
export const PRINCIPAL_PATTERN =
  /^arn:aws[\w-]*:(?:iam::\d{12}:(?:root|user(?:\/[\w+=,.@-]+)*\/(?:[\w+=,.@-]+|\*))|sts::\d{12}:(?:assumed-role\/[\w+=,.@-]+(?:\/(?:[\w+=,.@-]+|\*))?|federated-user\/(?:[\w+=,.@-]+|\*)))$/;

const ROLE_ONLY = /:assumed-role\/[^/]+$/;

/** A record, or a pattern, that names an assumed role without its session. */
export function isRoleOnly(arn: string): boolean {
  return ROLE_ONLY.test(arn);
}

/** Is `arn` surely one of those that the pattern means? For lists of who may. */
export function matches(pattern: string, arn: string): boolean {
  if (!pattern.endsWith('/*')) return pattern === arn;
  const stem = pattern.slice(0, -1);
  if (`${arn}/` === stem) return isRoleOnly(arn);
  return arn.startsWith(stem) && arn.length > stem.length && !arn.slice(stem.length).includes('/');
}

/**
 * Could `arn` be one of those that the pattern means? For lists of who may not: a role without its session, in the
 * record or in the pattern, is anyone of that role.
 */
export function mayMatch(pattern: string, arn: string): boolean {
  if (matches(pattern, arn)) return true;
  return (isRoleOnly(arn) && pattern.startsWith(`${arn}/`)) || (isRoleOnly(pattern) && arn.startsWith(`${pattern}/`));
}

/**
 * How many different identities there surely are: a record without session name may be any session of its role,
 * so the two are not counted twice.
 */
export function countDistinct(arns: readonly string[]): number {
  const distinct = new Set(arns);
  const roles = [...distinct].filter(isRoleOnly);
  return [...distinct].filter((arn) => !roles.some((role) => arn.startsWith(`${role}/`))).length;
}

/** Lambda names the session of its execution role after the function. */
export function isSessionOf(functionName: string, arn: string): boolean {
  return functionName !== '' && arn.includes(':assumed-role/') && arn.endsWith(`/${functionName}`);
}
