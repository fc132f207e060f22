import vm from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { sourcesIn } from '../fixtures/sources.ts';

interface Literal {
  readonly path: string;
  readonly pattern: string;
  readonly flags: string;
}

/**
 * Expressions that take more than linear time, each with what bounds its text. None is run over a text that has no
 * bound: the rest of this file sees to that.
 */
const BOUNDED: ReadonlyMap<string, string> = new Map([
  ['hooks/approval/description.ts', 'cut to 1,024 characters, the limit of a description in Parameter Store'],
]);

const FOLDERS = ['hooks', 'shared', 'tasks'];
const LITERALS = FOLDERS.flatMap(sourcesIn).flatMap(({ path, text }) => literalsIn(path, text));

/** Every regular expression of the code, as the parser sees it: none in a string or a comment, none overlooked. */
function literalsIn(path: string, text: string): Literal[] {
  const found: Literal[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if ('regex' in node && typeof node.regex === 'object' && node.regex !== null) {
      const { pattern, flags } = node.regex as { pattern: string; flags: string }; // ESTree's RegExpLiteral
      found.push({ path, pattern, flags });
    }
    for (const value of Object.values(node)) walk(value);
  };
  walk(parseAst(text, { lang: 'ts' }));
  return found;
}

it('all expressions are literals: none is put together from what somebody sends or configures', () => {
  // The template's own pattern runs apart, for a second at the most.
  const others = FOLDERS.flatMap(sourcesIn).filter(({ path }) => !path.startsWith('hooks/_template/'));
  const made = others.filter(({ code }) =>
    /\bRegExp\(|\.(match|matchAll|search)\((?!\/|[A-Z_]+\)|expression\))/.test(code),
  );
  expect(made.map(({ path }) => path)).toEqual([]);
  expect(LITERALS.length).toBeGreaterThan(60);
});

it('what grows too fast is found', () => {
  for (const pattern of ['^(a+)+$', '^(?:a|a)*$', '\\s+$', '^(\\w|\\d)*!$', '(x+x+)+y', '".*".*".*"$']) {
    expect(growsTooFast({ path: '', pattern, flags: '' }), pattern).toBe(true);
  }
});

it.each(LITERALS)(
  '$path: /$pattern/$flags takes linear time',
  (literal) => {
    if (BOUNDED.has(literal.path) && literal.pattern.includes('.+')) return;
    expect(growsTooFast(literal)).toBe(false);
  },
  120_000,
);

/** Long enough for a square to show: some milliseconds, where a line takes some microseconds. */
const LENGTH = 4096;
const NOISE_MS = 1;
/** Four times the text takes four times the time, or sixteen times. */
const TOO_FAST = 8;
/** For what never ends. */
const TIMEOUT_MS = 1000;

/** Is there a text on which the time grows faster than its length? Looked for on texts made from the pattern itself. */
function growsTooFast(literal: Literal): boolean {
  const time = stopwatch(literal);
  return attacksOn(literal).some((attack) => {
    const first = time(attack(LENGTH));
    if (first < NOISE_MS) return false;
    if (first === Number.POSITIVE_INFINITY) return true;
    // Once more, since other work of the machine may have been in between.
    const [short, long] = [time(attack(LENGTH)), time(attack(4 * LENGTH))];
    return long === Number.POSITIVE_INFINITY || (long > 4 * NOISE_MS && long > TOO_FAST * short);
  });
}

const RUN = new vm.Script('{ const t = performance.now(); expression.test(text); performance.now() - t }');

/** The least of two runs, in milliseconds; infinite where a run does not end. */
function stopwatch({ pattern, flags }: Literal): (text: string) => number {
  const expression = new RegExp(pattern, flags.replace(/[gy]/g, ''));
  const context = vm.createContext({ expression, text: '', performance });
  const once = (text: string): number => {
    context.text = text;
    try {
      return Number(RUN.runInContext(context, { timeout: TIMEOUT_MS }));
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  };
  return (text) => {
    const first = once(text);
    return first < NOISE_MS || first === Number.POSITIVE_INFINITY ? first : Math.min(first, once(text));
  };
}

/** Matching texts with one part of them repeated, and what spoils the match in place of the rest, or after it. */
function attacksOn({ pattern, flags }: Literal): ((length: number) => string)[] {
  return samplesOf(pattern, flags).flatMap((sample) => {
    const cuts = [...new Set([0, 1, sample.length >> 1, sample.length - 1])].filter((at) => at >= 0);
    return cuts.flatMap((at) =>
      [...new Set([1, 2, sample.length])].flatMap((size) => {
        const part = sample.slice(at, at + size);
        const spoilt = ['\u0000', `${sample.slice(at + size)}\n`];
        if (part === '') return [];
        return spoilt.map((end) => (length: number) => {
          return sample.slice(0, at) + part.repeat(Math.ceil(length / part.length)) + end;
        });
      }),
    );
  });
}

function samplesOf(pattern: string, flags: string): string[] {
  // Of lookarounds, word ends and what is not in a class no texts can be made, or not soon: others stand for them.
  const plain = pattern
    .replace(/\(\?<?[=!](?:[^()]|\([^()]*\))*\)|\\b/g, '')
    .replace(/\[\^[^\]]*\]|\\[SD]/g, 'x')
    .replace(/\\W|\\[Pp]\{\w+\}/g, 'é');
  const matching = fc.stringMatching(new RegExp(plain, flags.replace(/[^u]/g, '')));
  const made = fc.sample(matching, { numRuns: 4, seed: 1 }).map((text) => text.slice(0, 200));
  return [...new Set([...made, 'a', '1', ' ', '-', '/', '.', '_', ':'])];
}
