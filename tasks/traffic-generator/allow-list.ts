/**
 * Which origins this task may send load to. An entry is `scheme://host[:port]` or `host:port`, the host exact or
 * `*.` and a domain, which stands for one label or more before it. Without a scheme, http is meant.
 */
export interface AllowList {
  /** Why the URL is refused, or undefined when it is allowed. */
  refusal(url: string): string | undefined;
}

interface Entry {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly isSuffix: boolean;
}

/** @throws when an entry cannot be read: a list that is half understood must not run */
export function allowList(entries: readonly string[]): AllowList {
  const allowed = entries.map(readEntry);
  if (allowed.length === 0) throw new Error('ALLOWED_TARGETS is empty');
  return {
    refusal(text) {
      const url = URL.parse(text);
      if (url === null) return `${text.slice(0, 200)} is not a URL`;
      if (url.protocol !== 'http:' && url.protocol !== 'https:') return `${url.protocol} is neither http: nor https:`;
      if (url.username !== '' || url.password !== '') return `a URL with a user name is refused: ${url.host}`;
      if (allowed.some((entry) => matches(entry, url))) return undefined;
      return `${url.origin} is not in ALLOWED_TARGETS`;
    },
  };
}

function matches({ protocol, host, port, isSuffix }: Entry, url: URL): boolean {
  if (url.protocol !== protocol || portOf(url) !== port) return false;
  if (!isSuffix) return url.hostname === host;
  return url.hostname.endsWith(`.${host}`) && url.hostname.length > host.length + 1;
}

function portOf({ port, protocol }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function readEntry(text: string): Entry {
  const entry = text.trim();
  const withScheme = /^https?:\/\//i.test(entry) ? entry : `http://${entry}`;
  const isSuffix = /^https?:\/\/\*\./i.test(withScheme);
  const url = URL.parse(isSuffix ? withScheme.replace('*.', '') : withScheme);
  // The whole entry must be an origin: what follows it would be promised, and not kept.
  const isOrigin = url !== null && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (!isOrigin || url.hostname.includes('*') || (isSuffix && /^[\d.]+$|^\[/.test(url.hostname))) {
    throw new Error(`ALLOWED_TARGETS: ${entry} is not an origin such as http://catalog:80 or *.example.internal:8080`);
  }
  return { protocol: url.protocol, host: url.hostname, port: portOf(url), isSuffix };
}
