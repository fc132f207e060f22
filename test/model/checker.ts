/** One thing that can happen in a state. A fault is what nobody may wait for: a crash, a repeat, a rollback. */
export type Emit<S> = (label: string, to: S, isFault?: boolean) => void;

export interface Model<S> {
  readonly initial: S;
  next(state: S, emit: Emit<S>): void;
  /** The property that this state breaks. */
  violation(state: S): string | undefined;
  /** Is this an end that we want? */
  isGood(state: S): boolean;
  encode(state: S): string;
  decode(key: string): S;
  describe(state: S): string;
}

export interface Finding {
  readonly property: string;
  /** One line for each step from the first state to the one that breaks the property. */
  readonly trace: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** The longest of the shortest paths from the first state. */
  readonly depth: number;
  /** Good ends among the states. */
  readonly ends: number;
  readonly finding: Finding | undefined;
}

export const STUCK = 'from every state a good end can be reached without further faults';

/** A list of whole numbers that grows without an object for each. */
class Numbers {
  #items = new Int32Array(1 << 16);
  length = 0;

  push(item: number): void {
    if (this.length === this.#items.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.length] = item;
    this.length += 1;
  }

  at(index: number): number {
    return this.#items[index] ?? -1;
  }
}

/**
 * Visits every state that can be reached, breadth first, so that a trace is a shortest one. Where no state breaks a
 * property it then asks from which states a good end can be reached over the steps that are no faults. The graph is
 * finite: if it can be reached from every state, every run with fair steps and no further faults reaches it.
 *
 * @throws Error when there are more than `limit` states: half an exploration proves nothing
 */
export function explore<S>(model: Model<S>, limit = 12_000_000): Exploration {
  const index = new Map<string, number>();
  const keys: string[] = [];
  const parents = new Numbers();
  const depths = new Numbers();
  const [from, to] = [new Numbers(), new Numbers()];
  let transitions = 0;
  let current = -1;

  const visit = (state: S): number => {
    const key = model.encode(state);
    const known = index.get(key);
    if (known !== undefined) return known;
    if (keys.length === limit) throw new Error(`more than ${limit} states`);
    index.set(key, keys.length);
    keys.push(key);
    parents.push(current);
    depths.push(current < 0 ? 0 : depths.at(current) + 1);
    return keys.length - 1;
  };
  const emit: Emit<S> = (_label, state, isFault = false) => {
    transitions += 1;
    const target = visit(state);
    if (isFault || target === current) return;
    from.push(current);
    to.push(target);
  };
  const summary = (ends: number, finding: Finding | undefined): Exploration => {
    return { states: keys.length, transitions, depth: depths.at(keys.length - 1), ends, finding };
  };

  visit(model.initial);
  const good: number[] = [];
  for (current = 0; current < keys.length; current += 1) {
    const state = model.decode(keys[current] ?? '');
    const property = model.violation(state);
    if (property !== undefined) return summary(0, { property, trace: trace(model, keys, parents, current) });
    if (model.isGood(state)) good.push(current);
    model.next(state, emit);
  }
  const stuck = firstThatCannotReach(good, keys.length, from, to);
  if (stuck === undefined) return summary(good.length, undefined);
  return summary(good.length, { property: STUCK, trace: trace(model, keys, parents, stuck) });
}

/** Walks the steps backwards from the good ends; the first state that is not met is the nearest to the beginning. */
function firstThatCannotReach(good: readonly number[], size: number, from: Numbers, to: Numbers): number | undefined {
  const starts = new Int32Array(size + 1);
  for (let edge = 0; edge < to.length; edge += 1) starts[to.at(edge) + 1] = (starts[to.at(edge) + 1] ?? 0) + 1;
  for (let node = 0; node < size; node += 1) starts[node + 1] = (starts[node + 1] ?? 0) + (starts[node] ?? 0);
  const cursor = starts.slice();
  const sources = new Int32Array(to.length);
  for (let edge = 0; edge < to.length; edge += 1) {
    const slot = cursor[to.at(edge)] ?? 0;
    sources[slot] = from.at(edge);
    cursor[to.at(edge)] = slot + 1;
  }
  const met = new Uint8Array(size);
  const open = [...good];
  for (const node of good) met[node] = 1;
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (let slot = starts[node] ?? 0; slot < (starts[node + 1] ?? 0); slot += 1) {
      const source = sources[slot] ?? 0;
      if (met[source] === 1) continue;
      met[source] = 1;
      open.push(source);
    }
  }
  const stuck = met.indexOf(0);
  return stuck < 0 ? undefined : stuck;
}

/** The labels are not kept: the steps are taken again along the path. */
function trace<S>(model: Model<S>, keys: readonly string[], parents: Numbers, end: number): string[] {
  const path: string[] = [];
  for (let node = end; node >= 0; node = parents.at(node)) path.unshift(keys[node] ?? '');
  return path.map((key, step) => {
    const text = model.describe(model.decode(key));
    const before = path[step - 1];
    if (before === undefined) return `start: ${text}`;
    let found = '';
    model.next(model.decode(before), (label, state) => {
      if (found === '' && model.encode(state) === key) found = label;
    });
    return `${found}: ${text}`;
  });
}
