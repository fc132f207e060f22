import * as z from 'zod/mini';

/** Every problem that zod found, each with its path, in one sentence. */
export function problems(error: z.core.$ZodError, root: string | ((key: PropertyKey | undefined) => string)): string {
  const rootOf = typeof root === 'string' ? () => root : root;
  return error.issues.map((issue) => problem(issue, rootOf(issue.path[0]))).join('; ');
}

function problem(issue: z.core.$ZodIssue, root: string): string {
  const path = pathOf(issue.path, root);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${pathOf([...issue.path, key], root)} is not a known key`).join('; ');
    case 'invalid_type':
      return issue.input === undefined
        ? `${path} is missing (${issue.expected} expected)`
        : `${path} must be of type ${issue.expected}, not ${shown(issue)}`;
    case 'invalid_value':
      return `${path} must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, not ${shown(issue)}`;
    case 'too_small':
      return `${path} must be at least ${issue.minimum}${unit(issue.origin)}, not ${shown(issue)}`;
    case 'too_big':
      return `${path} must be at most ${issue.maximum}${unit(issue.origin)}, not ${shown(issue)}`;
    case 'invalid_union':
      if (issue.input === undefined) return `${path} is missing`;
      return meantForm(issue.errors, path) ?? `${path} has none of the accepted forms: ${shown(issue)}`;
    default:
      return `${path}: ${issue.message ?? issue.code}${issue.input === undefined ? '' : `: ${shown(issue)}`}`;
  }
}

/** The problems of the one form whose fixed words the value has, where it has those of one. */
function meantForm(forms: readonly (readonly z.core.$ZodIssue[])[], path: string): string | undefined {
  const [meant, ...others] = forms.filter((issues) => !issues.some(isOfAnotherForm));
  if (meant === undefined || others.length > 0) return undefined;
  return meant.map((issue) => problem(issue, path)).join('; ');
}

function isOfAnotherForm(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.path.length <= 1 && issue.errors.length === 0;
  return issue.code === 'invalid_value' && issue.path.length === 1 && issue.values.length === 1;
}

function pathOf(path: readonly PropertyKey[], root: string): string {
  let text = root;
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += /^[\w$-]+$/.test(String(part)) ? `.${String(part)}` : `[${JSON.stringify(String(part))}]`;
  }
  return text.startsWith('.') ? text.slice(1) : text;
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' items' : '';
}

/** Keys whose values are nobody's business but the configuration's own: what is wrong with them is told without them. */
const CONFIDENTIAL =
  /^(headers|environment|body|command)$|authori[sz]ation|cookie|credential|passw|secret|token|api-?key/i;
const NOT_SHOWN = '(not shown)';

function shown({ input, path }: z.core.$ZodIssue): string {
  if (path.some((part) => CONFIDENTIAL.test(String(part)))) return NOT_SHOWN;
  const concealed = (key: string, value: unknown) => (CONFIDENTIAL.test(key) ? NOT_SHOWN : value);
  const whole = JSON.stringify(input, concealed) ?? String(input);
  // A password may stand in a URL.
  const text = whole.replace(/\/\/[^\s/@]*@/g, `//${NOT_SHOWN}@`);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

/** A description that the README, the JSON Schema and an editor show, and examples where they say more than the type. */
export function described<T extends z.ZodMiniType>(schema: T, description: string, examples?: z.input<T>[]): T {
  return schema.check(z.meta({ description, ...(examples && { examples }) }));
}

/** A JSON object, whatever it holds. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Is it an object, and neither null nor an array? */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a list`, `null`, `a number`: what a JSON value is, without saying it. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

/** The value that a JSON text holds, or undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
