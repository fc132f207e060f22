import * as z from 'zod/mini';
import { PARAMETER_PREFIX, RETAIN_DAYS } from '../../shared/parameter-config.ts';
import { described } from '../../shared/schema.ts';
import { PRINCIPAL_PATTERN } from './principal.ts';

const Principal = z.string().check(
  z.regex(PRINCIPAL_PATTERN, {
    error: 'must be an ARN as Parameter Store records it, such as arn:aws:sts::123456789012:assumed-role/Approver/*',
  }),
);

export const Config = z.strictObject({
  parameterPrefix: PARAMETER_PREFIX,
  approvers: described(
    z._default(z.array(Principal), []),
    'who may vote: exact ARNs, or ARNs whose last segment is *; empty: whoever IAM lets write the parameter',
  ),
  deployers: described(
    z._default(z.array(Principal), []),
    'who may not vote, whatever approvers says: separation of duties',
  ),
  quorum: described(
    z._default(z.int().check(z.minimum(1), z.maximum(50)), 1),
    'how many different identities must accept',
  ),
  requireReason: described(
    z._default(z.enum(['never', 'decline', 'always']), 'never'),
    'which votes need a reason; a decline without it holds the deployment back until it is given',
  ),
  notifyTopicArn: described(
    z.optional(z.string().check(z.regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/))),
    'SNS topic that the request and its reminders are published to',
  ),
  remindMinutes: described(
    z.optional(z.number().check(z.minimum(1), z.maximum(1440))),
    'remind the approvers each time that this long has gone by without a decision',
  ),
  testUrl: described(
    // An approver must not read words into it: zod itself lets spaces through, and letters that only look like others.
    z.optional(z.url({ protocol: /^https?$/ }).check(z.regex(/^[!-~]+$/, { error: 'must be ASCII, without spaces' }))),
    'where approvers can try the new revision; shown to them',
  ),
  retainDays: RETAIN_DAYS,
});
export type Config = z.infer<typeof Config>;
