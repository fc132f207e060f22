import type { FunctionNode, Pattern } from './ast.ts';
import { bindPattern } from './bind.ts';
import type { Run } from './run.ts';
import type { Scope } from './scope.ts';
import { distinct, type ErrorValue, keyOf, mayGrow, unknown, type Value } from './values.ts';

/** Deeper than any call of ours goes. */
const MOST_CALLS = 40;
/** So many ways of calling are followed one by one. */
const MOST_WAYS = 24;

/** What a call came to. */
export interface Outcome {
  readonly answers: readonly Value[];
  readonly thrown: readonly ErrorValue[];
}

/** What a call of a function may answer. */
export function applyFunction(
  run: Run,
  { node, scope }: Value & { kind: 'function' },
  given: readonly (readonly Value[])[],
): readonly Value[] {
  if (run.calls.includes(node) || run.calls.length > MOST_CALLS) return [unknown(node.id?.name ?? 'value')];
  // The same call of the same function answers the same, unless it is given something that it may change.
  const isPure = !given.flat().some(mayGrow);
  const key = isPure ? given.map((values) => values.map(keyOf).join('|')).join(',') : '';
  const known = isPure ? run.answers.get(scope)?.get(node)?.get(key) : undefined;
  if (known !== undefined) {
    run.thrown.push(...known.thrown);
    return known.answers;
  }
  const thrownBefore = run.thrown.length;
  run.calls.push(node);
  try {
    const answers = distinct(waysOf(given).flatMap((way) => once(run, node, scope, way)));
    if (isPure) remember(run, scope, node, key, { answers, thrown: run.thrown.slice(thrownBefore) });
    return answers;
  } finally {
    run.calls.pop();
  }
}

function remember(run: Run, scope: Scope, node: FunctionNode, key: string, outcome: Outcome): void {
  const ofScope = run.answers.get(scope) ?? new Map<FunctionNode, Map<string, Outcome>>();
  const ofNode = ofScope.get(node) ?? new Map<string, Outcome>();
  ofNode.set(key, outcome);
  ofScope.set(node, ofNode);
  run.answers.set(scope, ofScope);
}

/** Arguments that are one of several objects are taken one by one: what the function does may hang on which it is. */
function waysOf(given: readonly (readonly Value[])[]): readonly (readonly (readonly Value[])[])[] {
  let ways: (readonly Value[])[][] = [[]];
  for (const values of given) {
    const isWorth = values.length > 1 && values.some(({ kind }) => kind === 'object');
    const cases = isWorth && ways.length * values.length <= MOST_WAYS ? values.map((value) => [value]) : [values];
    ways = ways.flatMap((way) => cases.map((one) => [...way, one]));
  }
  return ways;
}

function once(run: Run, node: FunctionNode, scope: Scope, given: readonly (readonly Value[])[]): readonly Value[] {
  const inner = scope.child();
  for (const [at, pattern] of node.params.entries()) {
    const values = pattern.type === 'RestElement' ? undefined : given[at];
    bindPattern(run, pattern, () => values ?? [unknown(nameOfPattern(pattern))], inner);
  }
  const { body } = node;
  if (body === null) return [unknown('value')];
  if (body.type !== 'BlockStatement') return run.evaluate(body, inner);
  const frame = { returned: [], forks: 200 };
  run.execute(body.body, inner, frame);
  return frame.returned.length === 0 ? [{ kind: 'nothing' }] : frame.returned;
}

function nameOfPattern(pattern: Pattern): string {
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name;
    case 'AssignmentPattern':
      return nameOfPattern(pattern.left);
    default:
      return 'value';
  }
}
