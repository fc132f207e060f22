import type { Readings } from './readings.ts';

type JsonObject = { readonly [key: string]: unknown };

/**
 * What the next invocation receives after an IN_PROGRESS answer that carried `returned`. Objects are merged or
 * replaced as the reading says; any other JSON value can only replace.
 */
export function mergeHookDetails(sent: unknown, returned: unknown, readings: Readings): unknown {
  if (returned === undefined) return sent;
  if (!isObject(sent) || !isObject(returned)) return returned;
  switch (readings.reading('hookDetailsMerge')) {
    case 'shallow':
      return { ...sent, ...returned };
    case 'deep':
      return deepMerge(sent, returned);
    case 'replace':
      return returned;
  }
}

function deepMerge(base: JsonObject, over: JsonObject): JsonObject {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    merged.set(key, isObject(before) && isObject(value) ? deepMerge(before, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Kept {
  hook: number;
  stage: string;
  step: number | undefined;
  direction: 'forward' | 'rollback';
  details: unknown;
}

/** What hooks returned in one deployment, for their next execution: another step, another stage, or the rollback. */
export class HookDetailsMemory {
  private readonly kept: Kept[] = [];

  keep(entry: Kept): void {
    this.kept.push(entry);
  }

  /** What an execution starts with: what was kept, if each boundary crossed since then lets it through, or `configured`. */
  recall(execution: Omit<Kept, 'details'>, configured: unknown, readings: Readings): unknown {
    const last = this.kept.findLast(({ hook, stage, step, direction }) => {
      if (hook !== execution.hook) return false;
      if (direction !== execution.direction && readings.reading('hookDetailsInRollback') === 'reset') return false;
      if (stage !== execution.stage) return readings.reading('hookDetailsAcrossStages') === 'carry';
      return step === execution.step || readings.reading('hookDetailsAcrossSteps') === 'carry';
    });
    return last === undefined ? configured : last.details;
  }
}
