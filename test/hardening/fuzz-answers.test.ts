import fc from 'fast-check';
import { expect, it } from 'vitest';
import { answerProblems } from '../../library/testing/answer.ts';
import { at, withDetails } from '../../library/testing/events.ts';
import type { AnyHook } from '../../shared/hook.ts';
import type { JsonObject } from '../../shared/schema.ts';
import { rig } from '../fixtures/probe.ts';
import { anyText } from './fuzz/arbitraries.ts';
import { type Answering, awsError, replaceAws } from './fuzz/aws.ts';
import { fuzz, PATIENCE_MS } from './fuzz/cases.ts';
import { HOOKS, strictOf } from './fuzz/hooks.ts';
import { takeOutput } from './fuzz/output.ts';
import { type Chance, plausible } from './fuzz/plausible.ts';

const aws = replaceAws();
const output = takeOutput();

/** One answer of AWS with one place of it changed within its type: left out, emptied, doubled, another value. */
const damage = fc.record({
  on: fc.nat(),
  at: fc.nat(),
  how: fc.constantFrom('drop' as const, 'empty' as const, 'double' as const, 'other' as const),
  text: anyText,
  number: fc.constantFrom(0, -1, 0.5, 1e9, Number.NaN, Number.MAX_SAFE_INTEGER),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

const cases = fc.constantFrom(...HOOKS).chain((hook) =>
  fc.record({
    name: fc.constant(hook.name),
    event: fc.constantFrom(...hook.stages).map((stage) => at(stage)),
    chances: fc.array(fc.nat(99), { minLength: 12, maxLength: 12 }),
    damages: fc.array(damage, { maxLength: 3 }),
  }),
);

it(
  'whatever AWS answers, a hook decides or waits, and finds no fault of its own',
  () =>
    fuzz('answers of AWS to the hooks', cases, ['SUCCEEDED', 'FAILED', 'IN_PROGRESS'], async (one) => {
      const { name, event, chances, damages } = one;
      const hook = HOOKS.find((known) => known.name === name);
      if (hook === undefined) throw new Error(name);
      let drawn = 0;
      const chance: Chance = (percent) => (chances[drawn++ % chances.length] ?? 0) < percent;
      aws.answer = damaged(plausible(chance), damages);
      const player = rig(hook, { env: environment(hook) });
      output();
      const answers = await player.play(event, 4);
      for (const answer of answers) {
        expect(answerProblems(answer)).toEqual([]);
        expect(answer.reason).not.toMatch(
          /TypeError|RangeError|is not a function|Cannot read prop|NaN|\[object Object\]/,
        );
      }
      expect(output().filter(({ message }) => message === 'decision')).toHaveLength(answers.length);
      const last = answers.at(-1);
      // Said again by ECS, it is decided again in the same way, or waited with.
      if (last?.hookDetails !== undefined) {
        expect(answerProblems(await player.look(withDetails(event, last.hookDetails)))).toEqual([]);
      }
      return last?.hookStatus ?? 'FAILED';
    }),
  PATIENCE_MS,
);

function environment(hook: AnyHook): NodeJS.ProcessEnv {
  return { HOOK_POLICY: JSON.stringify(strictOf(hook)) };
}

function damaged(answer: Answering, damages: readonly Damage[]): Answering {
  const operations: string[] = [];
  return (operation, input) => {
    if (!operations.includes(operation)) operations.push(operation);
    const number = operations.indexOf(operation);
    const meant = damages.filter(({ on }) => on % 6 === number % 6);
    if (meant.some(({ at: place }) => place % 23 === 0)) throw awsError('ThrottlingException', 'Rate exceeded', 400);
    const whole = { answer: answer(operation, input) };
    for (const one of meant) hurt(whole, one);
    return whole.answer;
  };
}

function hurt(whole: object, { at: place, how, text, number }: Damage): void {
  const places: { parent: JsonObject; key: string }[] = [];
  const walk = (parent: object): void => {
    for (const [key, value] of Object.entries(parent)) {
      if (parent !== whole) places.push({ parent: parent as JsonObject, key }); // an object of the answer
      if (typeof value === 'object' && value !== null && !(value instanceof Date)) walk(value);
    }
  };
  walk(whole);
  const { parent, key } = places[place % Math.max(1, places.length)] ?? {};
  if (parent === undefined || key === undefined) return;
  const old = parent[key];
  Object.assign(parent, { [key]: how === 'drop' ? undefined : other(old, how, text, number) });
  if (Array.isArray(parent) && how === 'drop') parent.splice(Number(key), 1);
}

/** Of the same type: the SDK sees to it that a number is one, and a list is one. */
function other(old: unknown, how: Damage['how'], text: string, number: number): unknown {
  if (Array.isArray(old)) return how === 'double' ? [...old, ...old] : [];
  if (old instanceof Date) return new Date(Number.isFinite(number) ? Math.min(number * 1000, 8e15) : 0);
  if (typeof old === 'string') return how === 'empty' ? '' : how === 'double' ? old + old : text;
  if (typeof old === 'number') return how === 'empty' ? 0 : number;
  return typeof old === 'boolean' ? !old : old === undefined ? undefined : {};
}
