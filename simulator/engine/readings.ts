import { READINGS, type ReadingId, type ReadingValue } from './readings-table.ts';

/** Values of readings, by id; those left out have their defaults. */
export type Choices = { readonly [Id in ReadingId]?: ReadingValue<Id> };

/** The readings of one play: what was chosen, the default for the rest, and which of them the play asked for. */
export class Readings {
  private readonly chosen: Choices;
  private readonly asked = new Map<ReadingId, string>();

  constructor(choices: Choices = {}) {
    this.chosen = choices;
  }

  /** The value chosen for one behaviour. It counts as consulted from now on, unless it is played only when chosen. */
  reading<Id extends ReadingId>(id: Id): ReadingValue<Id> {
    const value: ReadingValue<Id> = this.chosen[id] ?? READINGS[id].default;
    const counts = this.chosen[id] !== undefined || !('onlyWhenChosen' in READINGS[id]);
    if (counts) this.asked.set(id, value);
    return value;
  }

  /** The readings that the play depended on, in the order in which it first asked. */
  consulted(): ReadonlyMap<ReadingId, string> {
    return this.asked;
  }
}

/**
 * Choices from outside, such as a scenario file.
 * @throws Error that names the unknown reading or value and lists the valid ones
 */
export function parseChoices(choices: Readonly<Record<string, string>>): Choices {
  for (const [id, value] of Object.entries(choices)) {
    if (!isReadingId(id)) {
      throw new Error(`Unknown reading "${id}". Readings: ${Object.keys(READINGS).join(', ')}`);
    }
    const values: readonly string[] = READINGS[id].values;
    if (!values.includes(value)) {
      throw new Error(`Reading "${id}" cannot be "${value}". Values: ${values.join(', ')}`);
    }
  }
  return choices;
}

export function isReadingId(id: string): id is ReadingId {
  return Object.hasOwn(READINGS, id);
}
