import { describe, expect, it } from 'vitest';
import { countDistinct, isSessionOf, matches, mayMatch, PRINCIPAL_PATTERN } from '../../hooks/approval/principal.ts';

const STS = 'arn:aws:sts::123456789012:assumed-role';
const IAM = 'arn:aws:iam::123456789012:user';

describe('which lists of principals are taken', () => {
  it.each([
    `${STS}/Approver/alice`,
    `${STS}/Approver/*`,
    `${STS}/AWSReservedSSO_Approver_0123456789abcdef/alice@example.com`,
    `${STS}/Approver`,
    'arn:aws:sts::123456789012:federated-user/alice',
    'arn:aws:sts::123456789012:federated-user/*',
    `${IAM}/alice`,
    `${IAM}/team/ops/alice`,
    `${IAM}/*`,
    `${IAM}/team/*`,
    'arn:aws:iam::123456789012:root',
    'arn:aws-cn:sts::123456789012:assumed-role/Approver/*',
    'arn:aws-us-gov:iam::123456789012:user/alice',
  ])('%s', (pattern) => {
    expect(PRINCIPAL_PATTERN.test(pattern)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['everybody', '*'],
    ['a name', 'alice'],
    ['a role, under which no caller is recorded', 'arn:aws:iam::123456789012:role/Approver'],
    ['any role', `${STS}/*`],
    ['a wildcard within the session', `${STS}/Approver/al*`],
    ['a wildcard within the role', `${STS}/App*/alice`],
    ['a wildcard role', `${STS}/*/alice`],
    ['two wildcards', `${STS}/Approver/**`],
    ['a wildcard account', 'arn:aws:sts::*:assumed-role/Approver/*'],
    ['a wildcard partition', 'arn:*:sts::123456789012:assumed-role/Approver/*'],
    ['a short account', 'arn:aws:sts::12345678901:assumed-role/Approver/*'],
    ['a Region', 'arn:aws:sts:eu-west-1:123456789012:assumed-role/Approver/*'],
    ['a session with a further segment', `${STS}/Approver/alice/x`],
    ['no role name', `${STS}//alice`],
    ['no session after the slash', `${STS}/Approver/`],
    ['a user of STS', 'arn:aws:sts::123456789012:user/alice'],
    ['an assumed role of IAM', 'arn:aws:iam::123456789012:assumed-role/Approver/alice'],
    ['space before', ` ${IAM}/alice`],
    ['a line break after', `${IAM}/alice\n`],
    ['a question mark', `${IAM}/alic?`],
    ['a service', 'lambda.amazonaws.com'],
  ])('not %s', (_what, pattern) => {
    expect(PRINCIPAL_PATTERN.test(pattern)).toBe(false);
  });
});

describe('who surely is one of those who may', () => {
  it.each([
    ['the same ARN', `${STS}/Approver/alice`, `${STS}/Approver/alice`, true],
    ['another session', `${STS}/Approver/alice`, `${STS}/Approver/bob`, false],
    ['a session that differs in its last letter', `${STS}/Approver/alice`, `${STS}/Approver/alica`, false],
    ['a session that begins with the name', `${STS}/Approver/alice`, `${STS}/Approver/alice2`, false],
    ['any session', `${STS}/Approver/*`, `${STS}/Approver/alice`, true],
    ['a session with every character it may have', `${STS}/Approver/*`, `${STS}/Approver/a=b,c.d@e-f_g+h`, true],
    ['a record without session, for any session', `${STS}/Approver/*`, `${STS}/Approver`, true],
    ['a record without session, for one session', `${STS}/Approver/alice`, `${STS}/Approver`, false],
    ['an empty session', `${STS}/Approver/*`, `${STS}/Approver/`, false],
    ['a role that begins with the name', `${STS}/Approver/*`, `${STS}/ApproverEvil/mallory`, false],
    ['a role that the name begins with', `${STS}/Approver/*`, `${STS}/Approve/mallory`, false],
    ['a session named like the role', `${STS}/Approver/*`, `${STS}/Dev/Approver`, false],
    ['other case', `${STS}/Approver/*`, `${STS}/approver/alice`, false],
    ['a deeper path', `${STS}/Approver/*`, `${STS}/Approver/x/y`, false],
    ['another account', `${STS}/Approver/*`, 'arn:aws:sts::999999999999:assumed-role/Approver/alice', false],
    ['another partition', `${STS}/Approver/*`, 'arn:aws-cn:sts::123456789012:assumed-role/Approver/alice', false],
    ['a federated user', `${STS}/Approver/*`, 'arn:aws:sts::123456789012:federated-user/alice', false],
    ['the pattern itself', `${STS}/Approver/*`, `${STS}/Approver/*`, true],
    ['a role without session, alone', `${STS}/Approver`, `${STS}/Approver`, true],
    ['a session, for the role without one', `${STS}/Approver`, `${STS}/Approver/alice`, false],
    ['any user', `${IAM}/*`, `${IAM}/alice`, true],
    ['a user of a path, for any user without one', `${IAM}/*`, `${IAM}/team/alice`, false],
    ['a user of the path', `${IAM}/team/*`, `${IAM}/team/alice`, true],
    ['a user of a deeper path', `${IAM}/team/*`, `${IAM}/team/x/alice`, false],
    ['a user named as the path', `${IAM}/team/*`, `${IAM}/team`, false],
    ['root', 'arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:root', true],
    ['root, for any user', `${IAM}/*`, 'arn:aws:iam::123456789012:root', false],
  ])('%s', (_what, pattern, arn, expected) => {
    expect(matches(pattern, arn)).toBe(expected);
  });
});

describe('who could be one of those who may not', () => {
  it.each([
    ['the same ARN', `${STS}/Deployer/ci`, `${STS}/Deployer/ci`, true],
    ['a record without session, for one session', `${STS}/Deployer/ci`, `${STS}/Deployer`, true],
    ['a record without session, for any session', `${STS}/Deployer/*`, `${STS}/Deployer`, true],
    ['a session, for the role without one', `${STS}/Deployer`, `${STS}/Deployer/ci`, true],
    ['another session', `${STS}/Deployer/ci`, `${STS}/Deployer/alice`, false],
    ['a role that begins with the name', `${STS}/Deployer`, `${STS}/DeployerToo/ci`, false],
    ['a shorter role without session', `${STS}/Deployer/ci`, `${STS}/Deploy`, false],
    ['another account', `${STS}/Deployer/*`, 'arn:aws:sts::999999999999:assumed-role/Deployer', false],
    ['a user named as the path', `${IAM}/team/*`, `${IAM}/team`, false],
  ])('%s', (_what, pattern, arn, expected) => {
    expect(mayMatch(pattern, arn)).toBe(expected);
  });
});

describe('how many different identities there surely are', () => {
  it.each([
    [[], 0],
    [[`${STS}/A/x`], 1],
    [[`${STS}/A/x`, `${STS}/A/x`], 1],
    [[`${STS}/A/x`, `${STS}/A/y`], 2],
    [[`${STS}/A/x`, `${STS}/B/x`], 2],
    [[`${STS}/A`, `${STS}/A/x`], 1],
    [[`${STS}/A/x`, `${STS}/A`, `${STS}/A/y`], 1],
    [[`${STS}/A`, `${STS}/AB/x`], 2],
    [[`${STS}/A`, `${STS}/B`], 2],
    [[`${IAM}/alice`, `${STS}/A/alice`], 2],
    [[`${IAM}/team`, `${IAM}/team/alice`], 2],
  ])('%j: %i', (arns, expected) => {
    expect(countDistinct(arns)).toBe(expected);
  });
});

describe('whether it was this function', () => {
  it.each([
    ['its session', 'hook-fn', `${STS}/HookRole/hook-fn`, true],
    ['another function', 'hook-fn', `${STS}/HookRole/other-fn`, false],
    ['a function whose name ends like it', 'hook-fn', `${STS}/HookRole/my-hook-fn`, false],
    ['a user named like it', 'hook-fn', `${IAM}/hook-fn`, false],
    ['without a name of its own', '', `${STS}/HookRole/`, false],
  ])('%s', (_what, functionName, arn, expected) => {
    expect(isSessionOf(functionName, arn)).toBe(expected);
  });
});
