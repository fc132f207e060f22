import { readFile } from 'node:fs/promises';
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod/mini';
import { problems } from '../../shared/schema.ts';
import { checkAccount } from './check.ts';
import { messageOf, type Problem, pathText, ScenarioError } from './problem.ts';
import { checkReferences } from './references.ts';
import { Scenario } from './schema.ts';

/** Of `loadScenario` and `parseScenario`. */
export interface LoadOptions {
  /** Where the built hooks are. With it, those that the scenario runs must be there. */
  dist?: string;
  /** Readings that win over the file's own, by id. */
  readings?: Readonly<Record<string, string>>;
}

/** @throws ScenarioError */
export async function loadScenario(file: string, options: LoadOptions = {}): Promise<Scenario> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ScenarioError(`${file}: cannot be read: ${messageOf(cause)}`, { cause });
  }
  return parseScenario(text, file, options);
}

/**
 * @param file named in the messages
 * @throws ScenarioError
 */
export function parseScenario(text: string, file: string, { dist, readings }: LoadOptions = {}): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const content = contentOf(document, (offset, message) => `${file}:${lineAt(offset)}: ${message}`);
  const parsed = Scenario.safeParse(content, { reportInput: true });
  const fail = (found: readonly Problem[]) => {
    const told = found.map(({ path, message }) => `${file}:${lineAt(offsetOf(document, path))}: ${message}`);
    return new ScenarioError(told.join('\n'));
  };
  if (!parsed.success) throw fail(parsed.error.issues.flatMap(described));
  const scenario = { ...parsed.data, readings: { ...parsed.data.readings, ...readings } };
  const unresolved = checkReferences(scenario);
  // What AWS says of a scenario is worth hearing only once its names make sense.
  const found = unresolved.length > 0 ? unresolved : checkAccount(scenario, dist);
  if (found.length > 0) throw fail(found);
  return scenario;
}

/** @throws ScenarioError when the text is no YAML */
function contentOf(document: Document.Parsed, told: (offset: number, message: string) => string): unknown {
  const wrong = [...document.errors, ...document.warnings];
  if (wrong.length > 0) {
    const found = wrong.map(({ pos, message }) => told(pos[0], message.replace(/ at line \d+.*/s, '')));
    throw new ScenarioError(found.join('\n'));
  }
  try {
    return document.toJS();
  } catch (cause) {
    throw new ScenarioError(told(0, messageOf(cause)), { cause });
  }
}

/** One problem for each unknown key, so that each has its own line; of a union, what is wrong with the form meant. */
function described(issue: z.core.$ZodIssue): Problem[] {
  const meant = issue.code === 'invalid_union' ? formMeant(issue) : undefined;
  if (meant !== undefined) {
    return meant.flatMap((inner) => described({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: told(issue) }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: told({ ...issue, keys: [key] }) }));
}

/** The one form of a union that has the keys that were given, and is wrong only in what they hold. */
function formMeant({ errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const near = errors.filter((form) => form.every(({ path, code }) => path.length > 0 && code !== 'unrecognized_keys'));
  return near.length === 1 ? near[0] : undefined;
}

function told(issue: z.core.$ZodIssue): string {
  const own = ownMessage(issue);
  if (own !== undefined) return `${pathText(issue.path)} ${own}, not ${JSON.stringify(issue.input)}`;
  const message = problems({ issues: [issue] } as z.core.$ZodError, ''); // of an error, only the issues are read
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys' ? `the scenario${message}` : message;
}

/** What the schema itself says of texts, keys and unions; zod alone would say no more than that they do not fit. */
function ownMessage(issue: z.core.$ZodIssue): string | undefined {
  const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
  return message?.startsWith('must ') ? message : undefined;
}

/** Where the last part of the path that exists begins in the text. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const part of path) {
    const place = childOf(document, node, part);
    if (place === undefined) break;
    offset = (isNode(place.at) ? place.at.range?.[0] : undefined) ?? offset;
    node = place.value;
  }
  return offset;
}

function childOf(
  document: Document.Parsed,
  node: unknown,
  part: PropertyKey,
): { at: unknown; value: unknown } | undefined {
  if (isAlias(node)) return childOf(document, node.resolve(document), part);
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return item === undefined ? undefined : { at: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const pairNamed = (name: PropertyKey) =>
    node.items.find(({ key }) => isScalar(key) && String(key.value) === String(name));
  const pair = pairNamed(part);
  return pair ? { at: pair.key, value: pair.value } : childOf(document, pairNamed('<<')?.value, part);
}
