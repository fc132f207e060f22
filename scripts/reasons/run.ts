import { applyFunction, type Outcome } from './apply.ts';
import type { Expression, FunctionNode, Statement } from './ast.ts';
import { evaluate } from './evaluate.ts';
import { execute, type Frame } from './execute.ts';
import { moduleScope } from './modules.ts';
import type { Scope } from './scope.ts';
import type { ErrorValue, Value } from './values.ts';

type FunctionValue = Value & { kind: 'function' };

/**
 * One reading of the source. It follows a function through all of its branches with values of which it knows only the
 * shape, and so finds every text that the function may answer. Where it cannot tell, it says that a value is unknown: a
 * place in a text, never a text too few. Tests hold what hooks really say against it.
 */
export interface Run {
  /** The modules read so far, by path. */
  readonly modules: Map<string, Scope>;
  /** Errors that may be thrown. */
  readonly thrown: ErrorValue[];
  /** What calls have answered, by where the function was made, the function, and what it was given. */
  readonly answers: WeakMap<Scope, Map<FunctionNode, Map<string, Outcome>>>;
  /** The calls under way: one that calls itself is not followed again. */
  readonly calls: FunctionNode[];
  evaluate(node: Expression, scope: Scope): readonly Value[];
  execute(body: readonly Statement[], scope: Scope, frame: Frame): boolean;
  apply(called: FunctionValue, given: readonly (readonly Value[])[]): readonly Value[];
  module(path: string): Scope;
}

export function newRun(): Run {
  const run: Run = {
    modules: new Map(),
    thrown: [],
    answers: new WeakMap(),
    calls: [],
    evaluate: (node, scope) => evaluate(run, node, scope),
    execute: (body, scope, frame) => execute(run, body, scope, frame),
    apply: (called, given) => applyFunction(run, called, given),
    module: (path) => moduleScope(run, path),
  };
  return run;
}
