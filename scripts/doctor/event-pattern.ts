import { isJsonObject, type JsonObject } from '../../shared/schema.ts';

/** `unknown`: the pattern holds a comparison that this does not know. */
export type Match = boolean | 'unknown';

/**
 * Whether an event matches a pattern of an EventBridge rule, as far as rules about ECS's events go.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: JsonObject, event: JsonObject): Match {
  return every(
    Object.entries(pattern).map(([key, wanted]) => {
      if (key === '$or') {
        const branches: unknown[] = Array.isArray(wanted) ? wanted : [];
        return some(branches.map((branch) => (isJsonObject(branch) ? matchesPattern(branch, event) : 'unknown')));
      }
      const value = event[key];
      if (isJsonObject(wanted)) return matchesPattern(wanted, isJsonObject(value) ? value : {});
      return Array.isArray(wanted) ? matchesField(wanted, value) : 'unknown';
    }),
  );
}

/** Any of the wanted; of a list in the event, any of its values. */
function matchesField(wanted: readonly unknown[], value: unknown): Match {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return some(wanted.flatMap((one) => values.map((each) => matchesValue(one, each))));
}

function matchesValue(wanted: unknown, value: unknown): Match {
  if (!isJsonObject(wanted)) return wanted === value;
  const [[operator, operand] = []] = Object.entries(wanted);
  if (operator === 'exists') return operand === (value !== undefined);
  if (operator === 'anything-but') return negated(operand, value);
  if (typeof value !== 'string') return typeof value === 'number' ? 'unknown' : false;
  if (typeof operand !== 'string') return 'unknown';
  switch (operator) {
    case 'prefix':
      return value.startsWith(operand);
    case 'suffix':
      return value.endsWith(operand);
    case 'equals-ignore-case':
      return value.toLowerCase() === operand.toLowerCase();
    case 'wildcard':
      return wildcard(operand).test(value);
    default:
      return 'unknown';
  }
}

function negated(operand: unknown, value: unknown): Match {
  if (value === undefined) return false;
  const refused: unknown[] = Array.isArray(operand) ? operand : [operand];
  const met = some(refused.map((one) => matchesValue(one, value)));
  return met === 'unknown' ? met : !met;
}

/** `*` stands for any characters, unless a backslash is before it. */
function wildcard(pattern: string): RegExp {
  const parts = pattern.match(/\\[*\\]|\*|[^*\\]+|\\/g) ?? [];
  const source = parts.map((part) => {
    if (part === '*') return '.*';
    return (part.length === 2 && part.startsWith('\\') ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, 's');
}

function some(matches: readonly Match[]): Match {
  if (matches.includes(true)) return true;
  return matches.includes('unknown') ? 'unknown' : false;
}

function every(matches: readonly Match[]): Match {
  if (matches.includes(false)) return false;
  return matches.includes('unknown') ? 'unknown' : true;
}
