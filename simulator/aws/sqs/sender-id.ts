import { createHash } from 'node:crypto';

/**
 * As ReceiveMessage shows who sent a message (API reference): a user's or a role session's unique id. The role's is made
 * from its ARN, the same each time.
 */
export function senderIdOf({ callerArn }: { callerArn: string }): string {
  const [, , , , accountId = '', resource = ''] = callerArn.split(':');
  const [kind, name = '', session] = resource.split('/');
  if (kind === 'assumed-role') return `${uniqueId('AROA', `${accountId}/${name}`)}:${session ?? ''}`;
  if (kind === 'user') return uniqueId('AIDA', `${accountId}/${resource}`);
  return accountId;
}

/** IAM user guide, page "IAM identifiers": a prefix of four letters, then capitals and digits. */
function uniqueId(prefix: string, seed: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = createHash('sha256').update(seed).digest();
  return prefix + [...bytes.subarray(0, 17)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
