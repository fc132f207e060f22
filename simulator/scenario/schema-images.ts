import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';
import { Duration } from './duration.ts';

const Finding = z
  .strictObject({
    id: described(z.string(), 'such as a CVE number'),
    severity: described(z.string(), '`CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL`, `UNDEFINED` or `UNTRIAGED`'),
    package: described(z.optional(z.string()), 'the vulnerable package'),
    fixedInVersion: described(
      z.optional(z.string()),
      'of an enhanced scan: the version that mends it; without it there is no fix',
    ),
    exploitAvailable: described(z.optional(z.enum(['YES', 'NO'])), 'of an enhanced scan: whether an exploit is known'),
  })
  .check(z.meta({ title: 'images[].scan.findings[]' }));

const Scan = z
  .strictObject({
    type: described(z._default(z.enum(['BASIC', 'ENHANCED']), 'BASIC'), 'who scans: ECR itself, or Amazon Inspector'),
    status: described(
      z._default(
        z.enum([
          'ACTIVE',
          'COMPLETE',
          'FAILED',
          'FINDINGS_UNAVAILABLE',
          'IMAGE_ARCHIVED',
          'IN_PROGRESS',
          'LIMIT_EXCEEDED',
          'PENDING',
          'SCAN_ELIGIBILITY_EXPIRED',
          'UNSUPPORTED_IMAGE',
        ]),
        'COMPLETE',
      ),
      "ECR's word for where the scan stands",
    ),
    takes: described(z.optional(Duration), 'the scan is pending for this long before it has its status'),
    findings: described(z._default(z.array(Finding), []), 'what it has found'),
  })
  .check(z.meta({ title: 'images[].scan' }));

export const ImageSpec = z
  .strictObject({
    image: described(
      z.string(),
      'an ECR repository and tag: `<account>.dkr.ecr.<Region>.amazonaws.com/<repository>:<tag>`',
    ),
    content: described(
      z.optional(z.string()),
      'what it is made of: another text is another digest; without it the name',
    ),
    platforms: described(
      z.optional(z.array(z.string())),
      'such as `linux/arm64`: an index of these; without it one image',
    ),
    age: described(z.optional(Duration), 'pushed this long ago; without it now'),
    tagMutability: described(
      z.optional(z.enum(['MUTABLE', 'IMMUTABLE'])),
      "the repository's setting from now on; without it it stays, and is MUTABLE at first",
    ),
    scan: described(z.optional(Scan), 'the scan of each platform; without it the image has never been scanned'),
  })
  .check(z.meta({ title: 'images[]' }));
export type ImageSpec = z.infer<typeof ImageSpec>;
