import { distinct, type Entry, NOTHING, unknown, type Value } from './values.ts';

/** A variable: what it begins with, and what is put into it later. */
export class Cell {
  readonly #init: () => readonly Value[];
  readonly #assigned: (readonly Value[])[] = [];
  readonly #pushed: Entry[] = [];
  #memo: readonly Value[] | undefined;
  #isBusy = false;
  readonly #name: string;

  constructor(name: string, init: () => readonly Value[]) {
    this.#name = name;
    this.#init = init;
  }

  assign(values: readonly Value[]): void {
    this.#assigned.push(values);
  }

  /** Adds to the list that it holds. */
  push(entry: Entry): void {
    this.#pushed.push(entry);
  }

  /** What it may hold by now. Whoever asks for it while it is being found out is told that it is unknown. */
  values(): readonly Value[] {
    if (this.#isBusy) return [unknown(this.#name)];
    if (this.#memo === undefined) {
      this.#isBusy = true;
      this.#memo = this.#init();
      this.#isBusy = false;
    }
    const all = [...this.#memo, ...this.#assigned.flat()];
    const found = this.#pushed.length === 0 ? all : all.map((value) => this.#withPushed(value));
    return distinct(found.length === 0 ? [NOTHING] : found);
  }

  #withPushed(value: Value): Value {
    if (value.kind === 'unknown')
      return { kind: 'array', entries: [{ values: [value], times: 'many' }, ...this.#pushed] };
    if (value.kind !== 'array' || value.box !== undefined) return value;
    return { ...value, entries: [...value.entries, ...this.#pushed] };
  }
}

/** The variables of a block, of a call, or of a module. */
export class Scope {
  readonly file: string;
  readonly #parent: Scope | undefined;
  readonly #cells = new Map<string, Cell>();

  constructor(file: string, parent?: Scope) {
    this.file = file;
    this.#parent = parent;
  }

  child(): Scope {
    return new Scope(this.file, this);
  }

  bind(name: string, init: () => readonly Value[]): void {
    this.#cells.set(name, new Cell(name, init));
  }

  find(name: string): Cell | undefined {
    return this.#cells.get(name) ?? this.#parent?.find(name);
  }
}
