import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { onlyFirstArgument } from './only-first-argument.ts';

/** Code that no hook on Lambda reaches, but that tree shaking cannot drop, and what stands in its place. */
interface Cut {
  name: string;
  /** Whole files, by their paths. */
  file: RegExp;
  edit: (text: string) => string;
  /** Otherwise a file with nothing to cut fails the build: a dependency that has changed must not grow the bundle. */
  mayMiss?: boolean;
}

const core = (path: string) => new RegExp(`@smithy/core/dist-es/submodules/${path}\\.js$`);

/** What each is worth, in kilobytes of approval's zip, is how its comment begins. */
export const CUTS: readonly Cut[] = [
  {
    // 14. A client registers a class for each error of its service, 141 for SSM's. Without them an error is the
    // service's base exception with the same name, message, $fault and $metadata, and hooks ask for no more.
    name: 'error classes',
    file: /@aws-sdk\/client-(ssm|ecs|ecr)\/dist-es\/schemas\/schemas_0\.js$/,
    edit: (text) => withPlainKeys(text.replaceAll(/^n0_registry\.registerError\(.*\);$/gm, '')),
  },
  {
    // 0.6, and of load-test's 1.8. Where the protocol descends from the query protocol, the register tells an error's
    // name from its code.
    name: 'error classes with a code',
    file: /@aws-sdk\/client-(sns|sqs|cloudwatch)\/dist-es\/schemas\/schemas_0\.js$/,
    edit: (text) => withPlainKeys(withNamedErrors(text)),
  },
  {
    // 1.7. Only the version is used, for the user agent.
    name: 'package.json',
    file: /@aws-sdk\/client-[a-z-]+\/package\.json$/,
    edit: (text) => JSON.stringify({ version: JSON.parse(text).version }),
  },
  {
    // 1.3, and two failing looks at ~/.aws for each setting of each client. Lambda has environment variables only.
    name: 'configuration files',
    file: core('config/node-config-provider/configLoader'),
    edit: () => `
      import { memoize } from '../property-provider/memoize';
      export const loadConfig = ({ environmentVariableSelector, default: fallback }, { signingName, logger } = {}) =>
        memoize(async () => {
          try {
            const value = environmentVariableSelector(process.env, { signingName, logger });
            if (value !== undefined) return value;
          } catch {}
          return typeof fallback === 'function' ? fallback() : fallback;
        });`,
  },
  {
    // 0.5. The region of an EC2 instance; Lambda says its own in AWS_REGION.
    name: 'instance metadata',
    file: core('config/config-resolver/regionConfig/getInstanceMetadataRegion'),
    edit: () => 'export const getInstanceMetadataRegion = async () => undefined;',
  },
  {
    // 1.8, and a digest of nothing at the start. For builds of Node.js without OpenSSL.
    name: 'digests in JavaScript',
    file: core('checksum/(sha256/Sha256|md5/Md5)Node'),
    edit: (text) =>
      text
        .replace(/const hasNativeCrypto = .*?\}\)\(\);/s, '')
        .replace(/hasNativeCrypto \? buildNativeClass\(\) : \w+/, 'buildNativeClass()'),
  },
  {
    // 0.9. AWS_RETRY_MODE=adaptive paces a client of many requests. A hook makes a few a look, and paces its looks.
    name: 'adaptive retries',
    file: core('retry/util-retry/AdaptiveRetryStrategy'),
    edit: () => `
      import { StandardRetryStrategy } from './StandardRetryStrategy';
      export class AdaptiveRetryStrategy extends StandardRetryStrategy {
        constructor(_, options) { super(options); }
      }`,
  },
  {
    // 0, but asking for ReadableStream makes Node.js load all web streams. Bodies here are Node.js's own.
    name: 'web streams',
    file: core('serde/util-stream/stream-type-check'),
    edit: () => 'export const isReadableStream = () => false; export const isBlob = () => false;',
  },
  {
    // 0.1, and asking for the global crypto makes Node.js load all of WebCrypto.
    name: 'WebCrypto',
    file: core('serde/uuid/v4'),
    edit: () => "import { randomUUID } from 'node:crypto'; export const bindV4 = () => () => randomUUID();",
  },
  {
    // 1.6. The older of the SDK's two parsers of dates; the newer one is the query protocol's.
    name: 'dates',
    file: core('serde/date-utils'),
    edit: () => `
      export {
        _parseEpochTimestamp as parseEpochTimestamp,
        _parseRfc3339DateTimeWithOffset as parseRfc3339DateTime,
        _parseRfc3339DateTimeWithOffset as parseRfc3339DateTimeWithOffset,
        _parseRfc7231DateTime as parseRfc7231DateTime,
      } from './schema-serde-lib/schema-date-utils';
      export const dateToUtcString = (date) => date.toUTCString();`,
  },
  {
    // 7.2. No command here has a stream of events, nor a prefix of the host, which is all that the bindings of REST are
    // asked for.
    name: 'HTTP bindings',
    file: core('protocols/HttpProtocol'),
    edit: (text) =>
      withoutMethods(text, [
        'setHostPrefix',
        'resolveError',
        'serializeEventStream',
        'deserializeEventStream',
        'loadEventStreamCapability',
      ]).replace('    deserializeMetadata(', '    setHostPrefix() {}\n$&'),
  },
  {
    // 0.2. It filters every input and output for a logger that the clients here do not have.
    name: 'logger of the SDK',
    file: /@aws-sdk\/core\/dist-es\/submodules\/client\/middleware-logger\/loggerMiddleware\.js$/,
    edit: (text) => text.replace('clientStack.add(loggerMiddleware(), loggerMiddlewareOptions);', ''),
  },
  {
    // 0.6. Only requests are signed.
    name: 'other signatures',
    file: /@smithy\/signature-v4\/dist-es\/SignatureV4\.js$/,
    edit: (text) => withoutMethods(text, ['presign', 'signEvent', 'signMessage', 'signString']),
  },
  {
    // 1.0. For the signatures of event streams.
    name: 'event headers',
    file: /@smithy\/signature-v4\/dist-es\/HeaderFormatter\.js$/,
    edit: () => 'export class HeaderFormatter {}',
  },
  {
    // 34. Lambda gives credentials by environment variables. The other providers of the chain come by `import()`, which,
    // once bundled, would bring all of each.
    name: 'credential providers',
    file: /@aws-sdk\/credential-provider-node\/dist-es\/defaultProvider\.js$/,
    edit: () => `
      import { fromEnv } from '@aws-sdk/credential-provider-env';
      import { memoizeChain } from './runtime/memoize-chain';
      export const credentialsWillNeedRefresh = (credentials) => credentials?.expiration !== undefined;
      export const credentialsTreatedAsExpired = (credentials) =>
        credentials?.expiration !== undefined && credentials.expiration.getTime() - Date.now() < 300000;
      export const defaultProvider = (init = {}) => memoizeChain([() => fromEnv(init)()], credentialsTreatedAsExpired);`,
  },
  {
    // 2.8. One look into a namespace object keeps the whole of it alive.
    name: "zod's utilities",
    file: /zod\/v4\/mini\/schemas\.js$/,
    edit: (text) => text.replace('core.util.constantCatch', 'util.constantCatch'),
  },
  {
    // 0.8, and of load-test's 2.3. Descriptions of configuration are for the documentation, and each makes zod build its
    // schema twice.
    name: 'described',
    file: /\/shared\/schema\.ts$/,
    edit: (text) =>
      text.replace(/(function described<.*?>\(schema: T), .*?(\): T) \{.*?\n\}/s, '$1$2 { return schema; }'),
  },
  {
    name: 'descriptions',
    file: /\/(hooks|shared)\/[^.]*\.ts$/,
    mayMiss: true,
    edit: (text) => onlyFirstArgument('described', text),
  },
];

/** @throws when a class has no such method */
function withoutMethods(text: string, names: readonly string[]): string {
  let result = text;
  for (const name of names) {
    const rest = result.replace(new RegExp(`\\n {4}(async )?${name}\\(.*?\\n {4}\\}`, 's'), '');
    if (rest === result) throw new Error(`No method ${name} to cut: see scripts/cuts.ts`);
    result = rest;
  }
  return result;
}

/** One class in the place of many: the service's base exception, with the error's name. */
function withNamedErrors(text: string): string {
  const base = /^_s_registry\.registerError\(\w+\$, (\w+)\);$/m.exec(text)?.[1];
  const named = `const named = (name) => class extends ${base} { constructor(options) { super({ ...options, name }); } };`;
  const registered = text.replaceAll(/^(n0_registry\.registerError\((\w+)\$, )\w+\);$/gm, '$1named("$2"));');
  return registered.replace('const n0_registry', `${named}\nconst n0_registry`);
}

/**
 * The constants of a schema file written out. `{ [_e]: _c }` could do anything to the bundler's mind, and keeps what has
 * such a key alive.
 */
function withPlainKeys(text: string): string {
  const constants = new Map(
    Array.from(text.matchAll(/^const (_\w+) = (".*");$/gm), ([, name, value]) => [name, value]),
  );
  return text.replaceAll(/\[(_\w+)\]:/g, (key, name) => (constants.has(name) ? `${constants.get(name)}:` : key));
}

export const cuts: Plugin = {
  name: 'cuts',
  setup({ onLoad }) {
    for (const { name, file, edit, mayMiss } of CUTS) {
      onLoad({ filter: file }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const contents = edit(text);
        if (contents === text && !mayMiss)
          throw new Error(`The cut of ${name} finds nothing in ${path}: see scripts/cuts.ts`);
        return { contents, loader: path.endsWith('.json') ? 'json' : path.endsWith('.ts') ? 'ts' : 'js' };
      });
    }
  },
};
