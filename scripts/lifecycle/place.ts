import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** What only AWS or Terraform will know: an intrinsic function, a value unknown at plan time. It is never judged. */
export const UNSEEN = Symbol('cannot be seen');

/** How a source spells ECS's own names, such as lifecycleHooks. */
export type Spelling = (name: string) => string;

/** A value in a file, with the way to it. */
export class Place {
  readonly value: unknown;
  readonly path: string;
  readonly #spell: Spelling;

  constructor(value: unknown, path: string, spell: Spelling = (name) => name) {
    this.value = value;
    this.path = path;
    this.#spell = spell;
  }

  get isUnseen(): boolean {
    return this.value === UNSEEN || isIntrinsic(this.value);
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null || isNoValue(this.value);
  }

  get isSeen(): boolean {
    return !this.isUnseen && !this.isAbsent;
  }

  /** How the source spells a name. */
  spelled(name: string): string {
    return this.#spell(name);
  }

  /** The value under a name of ECS's API; of a Terraform block, which is a list of one, that in the block. */
  get(name: string): Place {
    const block = onlyBlock(this.value);
    const at = block === this.value ? this.path : `${this.path}[0]`;
    const key = this.#spell(name);
    const path = at === '' ? key : `${at}.${key}`;
    if (block === UNSEEN || isIntrinsic(block)) return new Place(UNSEEN, path, this.#spell);
    return new Place(isJsonObject(block) ? block[key] : undefined, path, this.#spell);
  }

  /** The entries of a list; of one that an Fn::If chooses, both. */
  items(): Place[] {
    if (!Array.isArray(this.value)) return this.isSeen ? [this] : chosenOf(this);
    return this.value.flatMap((value: unknown, index) => {
      if (isNoValue(value)) return [];
      const entry = new Place(value, `${this.path}[${index}]`, this.#spell);
      const chosen = chosenOf(entry);
      return chosen.length > 0 ? chosen : [entry];
    });
  }

  /** The number, also where the source writes it as a string (Terraform does). */
  get number(): number | undefined {
    if (typeof this.value === 'number') return this.value;
    const isNumeric = typeof this.value === 'string' && this.value.trim() !== '' && Number.isFinite(Number(this.value));
    return isNumeric ? Number(this.value) : undefined;
  }

  with(value: unknown, more: string): Place {
    return new Place(value, `${this.path}${more}`, this.#spell);
  }
}

/** `Ref`, `Fn::Sub` and the like. */
export function isIntrinsic(value: unknown): value is JsonObject {
  if (!isJsonObject(value) || isNoValue(value)) return false;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'));
}

function isNoValue(value: unknown): boolean {
  return isJsonObject(value) && value.Ref === 'AWS::NoValue';
}

function chosenOf(place: Place): Place[] {
  const branches = isJsonObject(place.value) ? place.value['Fn::If'] : undefined;
  if (!Array.isArray(branches)) return [];
  return branches
    .slice(1)
    .map((value: unknown, index) => place.with(value, `.Fn::If[${index + 1}]`))
    .filter((one) => !one.isAbsent)
    .flatMap((one) => (Array.isArray(one.value) ? one.items() : [one]));
}

function onlyBlock(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}
