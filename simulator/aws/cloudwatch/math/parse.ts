import { ExpressionError } from './values.ts';

export type Node =
  | { kind: 'number'; value: number }
  | { kind: 'text'; value: string }
  /** The Id of another query. */
  | { kind: 'id'; name: string }
  /** A bare word in capitals, such as REPEAT. */
  | { kind: 'word'; name: string }
  | { kind: 'list'; items: Node[] }
  | { kind: 'negation'; operand: Node }
  | { kind: 'operation'; operator: Operator; left: Node; right: Node }
  | { kind: 'call'; name: string; args: Node[] };

export type Operator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<=' | '>=' | '<' | '>' | 'AND' | 'OR';

interface Token {
  type: 'number' | 'text' | 'name' | 'sign';
  text: string;
}

const TOKEN = /\s*(?:(\d+(?:\.\d*)?|\.\d+)|"([^"]*)"|'([^']*)'|([A-Za-z]\w*)|(&&|\|\||==|!=|<=|>=|[-+*/^<>()[\],]))/y;

const SAME: Readonly<Record<string, string>> = { '&&': 'AND', '||': 'OR' };

/** Binary operators from loose to tight; of one level, the left one comes first. */
const LEVELS: readonly (readonly Operator[])[] = [
  ['OR'],
  ['AND'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
];

/**
 * CloudWatch user guide, page "Using math expressions with CloudWatch metrics": operators, numbers, Ids, function
 * calls and arrays in square brackets.
 * @throws ExpressionError `Invalid syntax`
 */
export function parseExpression(text: string): Node {
  const tokens = tokenize(text);
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const take = (): Token => {
    const token = tokens[position];
    if (token === undefined) throw invalid();
    position += 1;
    return token;
  };
  const accept = (text: string): boolean => {
    const isNext = peek()?.text === text && peek()?.type !== 'text';
    if (isNext) position += 1;
    return isNext;
  };
  const expect = (text: string): void => {
    if (!accept(text)) throw invalid();
  };

  const binary = (level: number): Node => {
    const operators = LEVELS[level];
    if (operators === undefined) return unary();
    let left = binary(level + 1);
    for (;;) {
      const operator = operators.find((one) => accept(one));
      if (operator === undefined) return left;
      left = { kind: 'operation', operator, left, right: binary(level + 1) };
    }
  };
  const unary = (): Node => (accept('-') ? { kind: 'negation', operand: unary() } : power());
  const power = (): Node => {
    const left = primary();
    return accept('^') ? { kind: 'operation', operator: '^', left, right: unary() } : left;
  };
  const primary = (): Node => {
    if (accept('(')) {
      const inner = binary(0);
      expect(')');
      return inner;
    }
    if (accept('[')) return { kind: 'list', items: listUntil(']') };
    const { type, text } = take();
    if (type === 'number') return { kind: 'number', value: Number(text) };
    if (type === 'text') return { kind: 'text', value: text };
    if (type !== 'name') throw invalid();
    if (accept('(')) return { kind: 'call', name: text, args: listUntil(')') };
    return /^[a-z]/.test(text) ? { kind: 'id', name: text } : { kind: 'word', name: text };
  };
  const listUntil = (closing: string): Node[] => {
    const items: Node[] = [];
    if (accept(closing)) return items;
    do items.push(binary(0));
    while (accept(','));
    expect(closing);
    return items;
  };

  const tree = binary(0);
  if (position < tokens.length) throw invalid();
  return tree;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const [found, number, double, single, name, sign] = TOKEN.exec(text) ?? [];
    if (found === undefined) throw invalid();
    if (number !== undefined) tokens.push({ type: 'number', text: number });
    else if (name !== undefined) tokens.push({ type: 'name', text: name });
    else if (sign !== undefined) tokens.push({ type: 'sign', text: SAME[sign] ?? sign });
    else tokens.push({ type: 'text', text: double ?? single ?? '' });
  }
  return tokens;
}

function invalid(): ExpressionError {
  return new ExpressionError('Invalid syntax');
}
