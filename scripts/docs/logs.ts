import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isJsonObject } from '../../shared/schema.ts';
import { parseModule } from '../reasons/parse.ts';
import { code } from './tables.ts';

const ROOT = join(import.meta.dirname, '../..');
const LEVELS = new Set(['debug', 'info', 'warn', 'error']);

/** A line that a hook writes beside its decision. */
export interface LogLine {
  readonly message: string;
  readonly level: string;
  readonly file: string;
}

/** What they mean, by message; a test holds the keys against the source. */
export const MEANINGS: Readonly<Record<string, string>> = {
  image: "admission: one image, with its verdict, the rules, the manifest's digest and the policy's fingerprint",
  judgement: 'canary: the whole judgement, with queries, windows, tests and intervals of every metric',
  'old parameters could not be removed': 'housekeeping failed; the next deployment of the service does it',
  'the admitted digests could not be noted':
    'admission: a tag that moves before POST_SCALE_UP will not be told as one; it is judged all the same',
  'there is no record of the digests admitted at PRE_SCALE_UP': 'admission: the same, seen from POST_SCALE_UP',
  'the policy may not mean what it says': 'admission: a pattern of the policy trusts more than it seems to',
  'the approvers could not be notified': 'approval: SNS did not take the message; tried again at the next looks',
  'the approvers were not notified: no try went through':
    'approval: given up after eight tries; the request is there all the same, and waits',
  'the deployment could not be described': "consumer-switch, in a rollback: goes by the event's weights",
  'the load test task could not be stopped': 'load-test: look whether it still runs; the verdict stands',
  'the notice could not be confirmed': 'approval: the notice may go out twice',
  'the release could not be described for the approvers': 'approval: the request goes out without images',
  'the result could not be kept as a baseline': 'load-test: the next release is compared with an older one',
  'the traffic generators could not be scaled in':
    'load-test: set the desired count of their service to 0, or the next test does',
};

/** Every line that hooks and the framework write with `log`, but for the decision, in the order of their messages. */
export function logLines(): readonly LogLine[] {
  const files = ['hooks', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('_'))
      .map((file) => join(ROOT, folder, file)),
  );
  const found = files.flatMap((file) =>
    linesIn(parseModule(file)).map((line) => ({ ...line, file: relative(ROOT, file) })),
  );
  return found.sort((one, other) => (one.message < other.message ? -1 : 1));
}

type Line = Omit<LogLine, 'file'>;

/** `log.<level>('<message>', …)`, wherever it stands. */
function linesIn(node: unknown): Line[] {
  if (Array.isArray(node)) return node.flatMap(linesIn);
  if (!isJsonObject(node)) return [];
  const inside = Object.values(node).flatMap((value) => (typeof value === 'object' ? linesIn(value) : []));
  const own = node.type === 'CallExpression' ? lineOf(node.callee, node.arguments) : undefined;
  return own === undefined ? inside : [own, ...inside];
}

function lineOf(callee: unknown, given: unknown): Line | undefined {
  if (!isJsonObject(callee) || !isJsonObject(callee.property) || !isJsonObject(callee.object)) return undefined;
  const { object, property } = callee;
  const owner = isJsonObject(object.property) ? object.property.name : object.name;
  const [first] = Array.isArray(given) ? given : [];
  const message = isJsonObject(first) ? first.value : undefined;
  const level = String(property.name);
  if (owner !== 'log' || !LEVELS.has(level) || typeof message !== 'string') return undefined;
  return { message, level };
}

export function logTable(): string {
  const rows = logLines().map(({ message, level, file }) => {
    const source = `[${file.slice(file.lastIndexOf('/') + 1)}](../${file})`;
    return `| ${code(message)} | ${level.toUpperCase()} | ${MEANINGS[message] ?? ''} | ${source} |`;
  });
  return ['| message | level | means | in |', '|---|---|---|---|', ...rows].join('\n');
}
