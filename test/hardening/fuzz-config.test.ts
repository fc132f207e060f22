import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Policy, parseOverlay, parsePolicy } from '../../hooks/admission/policy.ts';
import { CommonConfig, readConfig } from '../../shared/config.ts';
import { ConfigError } from '../../shared/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/schema.ts';
import { allowList } from '../../tasks/traffic-generator/allow-list.ts';
import { anyJson, anyText, mutationsOf, textsLike } from './fuzz/arbitraries.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { configurationsOf, HOOKS, POLICY, strictOf } from './fuzz/hooks.ts';

const SIGNAL = new AbortController().signal;

it(
  'layers of configuration make a configuration that the schemas accept, or a ConfigError with paths',
  () => {
    const cases = fc.constantFrom(...HOOKS).chain((hook) => {
      const layer = mutationsOf(configurationsOf(hook), 2);
      const text = fc.oneof(
        { weight: 4, arbitrary: layer.map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.constantFrom(JSON.stringify(strictOf(hook)), '', undefined) },
        { weight: 1, arbitrary: anyText.filter((value) => !value.startsWith('ssm:')) },
      );
      return fc.record({ hook: fc.constant(hook), defaults: text, policy: text, details: fc.oneof(layer, anyJson) });
    });
    return fuzz('layers of configuration', cases, ['accepted', 'refused'], async ({ hook, details, ...texts }) => {
      const env = {
        ...(texts.defaults !== undefined && { HOOK_DEFAULTS: texts.defaults }),
        ...(texts.policy !== undefined && { HOOK_POLICY: texts.policy }),
      };
      const given = isJsonObject(details) ? details : {};
      const config = await readConfig(hook, given, env, SIGNAL).catch((error: unknown) => error);
      if (config instanceof Error) {
        expect(config).toBeInstanceOf(ConfigError);
        expect(config.message).toMatch(/^Bad (configuration|policy): \S/);
        return 'refused';
      }
      if (!isJsonObject(config)) throw new Error('a configuration is an object');
      expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
      const known = [...Object.keys(hook.config.shape), ...Object.keys(CommonConfig.shape)];
      expect(known).toEqual(expect.arrayContaining(Object.keys(config)));
      // What the platform team says holds, whatever the service says.
      const floor: unknown = parseJson(texts.policy ?? '');
      if (isJsonObject(floor) && hook.name !== 'admission') expectHeld(floor, config);
      return 'accepted';
    });
  },
  PATIENCE_MS,
);

function expectHeld(floor: JsonObject, config: JsonObject): void {
  for (const key of ['mode', 'onError', 'onTimeout', 'firstDeployment', 'maxErrors', 'timeoutMinutes']) {
    if (floor[key] !== undefined) expect(config[key]).toEqual(floor[key]);
  }
}

it(
  'a policy is read as its own schema says, or refused with a ConfigError; an overlay never loosens',
  () =>
    fuzz('admission policies', fc.tuple(mutationsOf(fc.constant(POLICY)), fc.boolean()), ['read', 'refused'], (one) => {
      const [document, isOverlay] = one;
      try {
        if (isOverlay) {
          const { rules, mode } = parseOverlay(document, 'hookDetails');
          expect(mode ?? 'enforce').toBe('enforce');
          expect(rules.length).toBeLessThanOrEqual(100);
        } else {
          const policy = parsePolicy(document, 'HOOK_POLICY');
          expect(Policy.parse(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
          expect(policy.rules.length).toBeGreaterThan(0);
          expect(new Set(policy.rules.map(({ name }) => name)).size).toBe(policy.rules.length);
        }
        return 'read';
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        expect(String(error)).toContain('Bad policy: ');
        return 'refused';
      }
    }),
  PATIENCE_MS,
);

const ORIGINS = ['http://catalog:80', 'https://api.example.com', '*.internal:8080', 'http://127.0.0.1:9', '[::1]:80'];
const URLS = [
  'http://catalog/items?q=1',
  'https://a.example.com:443/',
  'http://x.internal:8080',
  'http://u:p@catalog/',
];

it(
  'a target is allowed only where the whole origin is one of the list',
  () => {
    const alphabet = './:@*#?%[]\\ -ah0';
    const entries = fc.array(textsLike(fc.constantFrom(...ORIGINS), alphabet), { minLength: 1, maxLength: 3 });
    const url = textsLike(fc.constantFrom(...URLS, ...ORIGINS), alphabet);
    return fuzz('allowed targets', fc.tuple(entries, url), ['allowed', 'refused', 'no list'], ([list, text]) => {
      let allowed: ReturnType<typeof allowList>;
      try {
        allowed = allowList(list);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: ALLOWED_TARGETS/);
        return 'no list';
      }
      const refusal = allowed.refusal(text);
      if (refusal !== undefined) {
        expect(refusal).toMatch(/\S/);
        return 'refused';
      }
      const { protocol, hostname, username, password, host } = new URL(text);
      expect(`${protocol}${username}${password}`).toMatch(/^https?:$/);
      const port = host.slice(hostname.length + 1) || (protocol === 'https:' ? '443' : '80');
      expect(list.some((entry) => fitsOrigin(entry.trim(), protocol, hostname, port))).toBe(true);
      return 'allowed';
    });
  },
  PATIENCE_MS,
);

/** By the letters of the entry alone: what it names literally, or what a host must end with. */
function fitsOrigin(entry: string, protocol: string, hostname: string, port: string): boolean {
  const lower = entry.toLowerCase();
  const scheme = lower.startsWith('https://') ? 'https:' : 'http:';
  if (scheme !== protocol) return false;
  const bare = new URL(`${scheme}//${lower.replace(/^https?:\/\//, '').replace('*.', '')}`);
  const wanted = bare.port || (scheme === 'https:' ? '443' : '80');
  const isWild = /^(https?:\/\/)?\*\./.test(lower);
  return wanted === port && (isWild ? hostname.endsWith(`.${bare.hostname}`) : hostname === bare.hostname);
}
