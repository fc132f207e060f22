/**
 * Reads the structure of HCL: blocks, their labels, and the text of each attribute's expression. It knows no more of
 * expressions than where they end, and what they refer to.
 */
export interface Body {
  attributes: Record<string, string>;
  blocks: Block[];
}

export interface Block extends Body {
  type: string;
  labels: string[];
}

/** @throws Error with the line, where the text is no HCL */
export function readHcl(text: string): Body {
  const reader = new Reader(text);
  const body = reader.body();
  reader.expectEnd();
  return body;
}

/** What an expression refers to: `var.cluster`, `local.hooks`, `data.aws_region.current`, `aws_sqs_queue.load`. */
export function referencesOf(expression: string): string[] {
  const found = code(expression).matchAll(/(?<![\w.])(var|local|data\.\w+|aws_\w+)\.(\w+)/g);
  return [...found].map(([, kind, name]) => `${kind}.${name}`);
}

/** The expression without comments, and without the text of its strings; what is between `${` and `}` stays. */
function code(expression: string): string {
  let result = '';
  const reader = new Reader(expression);
  for (const { kind, text } of reader.tokens()) {
    if (kind === 'code') result += text;
    if (kind === 'string') result += [...templatesOf(text)].map((one) => ` ${code(one)} `).join('');
  }
  return result;
}

/** The expressions within a string, those of `$${` excepted, which is text. */
function* templatesOf(text: string): Generator<string> {
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text.startsWith('$${', at) || text.startsWith('%%{', at)) at += 2;
    else if (text.startsWith('${', at)) {
      const end = endOfTemplate(text, at + 2);
      yield text.slice(at + 2, end);
      at = end;
    }
  }
}

/** Where the brace is that closes a template. */
function endOfTemplate(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '"') at = endOfString(text, at) - 1;
    else if (text[at] === '{') depth += 1;
    else if (text[at] === '}') {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  throw new Error(`a template without end: ${text.slice(from, from + 40)}`);
}

/** The place behind a string that begins here. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '\n') break;
    else if (text.startsWith('$${', at) || text.startsWith('%%{', at)) at += 2;
    else if (text.startsWith('${', at)) at = endOfTemplate(text, at + 2);
    else if (text[at] === '"') return at + 1;
  }
  throw new Error(`a string without end: ${text.slice(from, from + 40)}`);
}

type Token = { kind: 'code' | 'string' | 'comment'; text: string };

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  body(): Body {
    const body: Body = { attributes: {}, blocks: [] };
    for (let name = this.#name(); name !== undefined; name = this.#name()) {
      const labels = this.#labels();
      if (this.#take('=')) {
        if (labels.length > 0 || name in body.attributes) throw this.#error(`${name} cannot be set here`);
        body.attributes[name] = this.#expression();
      } else if (this.#take('{')) {
        body.blocks.push({ type: name, labels, ...this.body() });
        if (!this.#take('}')) throw this.#error(`the block ${name} has no end`);
      } else throw this.#error(`= or { must come after ${name}`);
    }
    return body;
  }

  expectEnd(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#error('nothing can stand here');
  }

  *tokens(): Generator<Token> {
    while (this.#at < this.#text.length) yield this.#token();
  }

  #name(): string | undefined {
    this.#skip();
    return this.#match(/[A-Za-z_][\w-]*/y);
  }

  #labels(): string[] {
    const labels: string[] = [];
    for (;;) {
      this.#match(/[ \t]+/y);
      const label = this.#match(/"[^"\\\n]*"/y);
      if (label === undefined) return labels;
      labels.push(label.slice(1, -1));
    }
  }

  /** To the end of the line, or of the last bracket that it opens. */
  #expression(): string {
    const opened: string[] = [];
    let expression = '';
    while (this.#at < this.#text.length) {
      const next = this.#text.charAt(this.#at);
      if (opened.length === 0 && (next === '\n' || next === '}')) break;
      const { kind, text } = this.#token();
      if (kind === 'comment') continue;
      if (kind === 'code' && '([{'.includes(text)) opened.push(text);
      if (kind === 'code' && ')]}'.includes(text)) {
        const begin = opened.pop();
        if (begin === undefined || !['()', '[]', '{}'].includes(begin + text))
          throw this.#error(`${text} closes nothing`);
      }
      expression += text;
    }
    if (opened.length > 0) throw this.#error(`${opened.join(' ')} has no end`);
    if (expression.trim() === '') throw this.#error('an expression is missing');
    return expression.trim();
  }

  #token(): Token {
    const comment = this.#match(/#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//y);
    if (comment !== undefined) return { kind: 'comment', text: comment };
    const from = this.#at;
    const isString = this.#text.charAt(from) === '"';
    if (this.#text.startsWith('<<', from)) throw this.#error('no heredoc is known here');
    this.#at = isString ? endOfString(this.#text, from) : from + 1;
    return { kind: isString ? 'string' : 'code', text: this.#text.slice(from, this.#at) };
  }

  #skip(): void {
    this.#match(/(?:\s|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y);
  }

  #take(text: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #error(what: string): Error {
    return new Error(`line ${this.#text.slice(0, this.#at).split('\n').length}: ${what}`);
  }
}
