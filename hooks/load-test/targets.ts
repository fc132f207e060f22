import type { Config } from './config.ts';

/** A message of SQS is let to be larger nowadays; a queue's own MaximumMessageSize may be the old 262,144 bytes. */
const MOST_BYTES = 200_000;
/** These the client writes itself, or HTTP/2 forbids them. */
const NOT_OURS = new Set([
  ...['connection', 'content-length', 'expect', 'keep-alive', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
]);

/** What a generator would refuse, or would send to the wrong revision: told before the load rather than after it. */
export function targetProblems({ targets, testHeader }: Config): string[] {
  const found: string[] = [];
  const bytes = Buffer.byteLength(JSON.stringify(targets));
  if (bytes > MOST_BYTES) found.push(`targets are ${bytes} bytes, and a message to SQS has room for ${MOST_BYTES}`);
  targets.forEach(({ url, headers = {} }, index) => {
    const { username, password } = new URL(url);
    if (username !== '' || password !== '') {
      found.push(`targets[${index}].url holds a user name, which generators refuse: use headers.authorization`);
    }
    for (const name of Object.keys(headers).map((key) => key.toLowerCase())) {
      if (NOT_OURS.has(name)) found.push(`targets[${index}].headers.${name} is not for a target to set`);
      if (testHeader !== false && name === testHeader.name.toLowerCase()) {
        found.push(`targets[${index}].headers.${name} is the test header: with it, blue's load would reach green`);
      }
    }
  });
  return found;
}
