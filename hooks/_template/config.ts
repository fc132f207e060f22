import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';

/** What HTTP allows in a header's name, and in its value. */
const HeaderName = z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]+$/), z.maxLength(200));
const HeaderValue = z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]*$/), z.maxLength(2000));

const Pattern = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(500),
    z.refine(isPattern, { error: 'must be a regular expression that an empty body does not match' }),
  );

/** It is in the log and in the reason, where no password may be. */
const Url = z
  .url({ protocol: /^https?$/ })
  .check(z.regex(/^[^@]*$/, { error: 'must hold no user and no @: credentials go into headers' }));

export const Config = z.strictObject({
  url: described(Url, 'where the new revision answers test traffic, such as https://ui.example.com:8443/health', [
    'http://127.0.0.1:9/health',
  ]),
  status: described(
    z._default(z.int().check(z.minimum(200), z.maximum(599)), 200),
    'the status that it must answer; a redirect is not followed',
  ),
  bodyPattern: described(z.optional(Pattern), 'a regular expression that its body must match, in the first 64 KB', [
    '"status":\\s*"ok"',
  ]),
  headers: described(
    z._default(z.record(HeaderName, HeaderValue), {}),
    'sent with each request: what the rule of the test listener asks for, where it shares its port with production',
    [{ 'x-test': 'green' }],
  ),
  looks: described(
    z._default(z.int().check(z.minimum(1), z.maximum(100)), 3),
    'how many good answers in a row it takes, pollSeconds apart',
  ),
  requestSeconds: described(
    z._default(z.number().check(z.minimum(0.1), z.maximum(30)), 5),
    'how long one answer may take; later is no answer, and looked at again',
  ),
});
export type Config = z.infer<typeof Config>;

/** One that an empty body matches would pass whatever is answered. */
function isPattern(text: string): boolean {
  try {
    return !new RegExp(text).test('');
  } catch {
    return false;
  }
}
