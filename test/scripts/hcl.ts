/** Reads the little of HCL that attach prints: blocks, attributes, strings, numbers, lists, objects, jsonencode. */
export function readHcl(text: string): Record<string, unknown> {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|[A-Za-z_][\w-]*|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[{}[\](),=]/g)].map(
    ([token]) => token,
  );
  let at = 0;
  const next = () => tokens[at++] ?? '';
  const peek = () => tokens[at];
  const expectToken = (wanted: string) => {
    const token = next();
    if (token !== wanted) throw new Error(`${wanted} expected, not ${token}, after ${tokens.slice(0, at).join(' ')}`);
  };

  const body = (): Record<string, unknown> => {
    const found: Record<string, unknown> = {};
    while (peek() !== '}' && peek() !== undefined) {
      const name = next();
      if (peek() === '=') {
        next();
        found[name] = expression();
      } else {
        expectToken('{');
        found[name] = [body()];
        expectToken('}');
      }
    }
    return found;
  };
  const object = (): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    while (peek() !== '}') {
      const key = string(next());
      expectToken('=');
      entries.push([key, expression()]);
    }
    expectToken('}');
    return Object.fromEntries(entries);
  };
  const list = (): unknown[] => {
    const values: unknown[] = [];
    while (peek() !== ']') {
      values.push(expression());
      if (peek() === ',') next();
    }
    expectToken(']');
    return values;
  };
  const expression = (): unknown => {
    const token = next();
    if (token === '{') return object();
    if (token === '[') return list();
    if (token === 'jsonencode') {
      expectToken('(');
      const value = JSON.stringify(expression());
      expectToken(')');
      return value;
    }
    return token.startsWith('"') ? string(token) : JSON.parse(token);
  };
  return body();
}

/** HCL has no \b and \f; ${ and %{ begin a template, unless doubled. */
function string(token: string): string {
  if (/(?<!\\)(?:\\\\)*\\[bf/]/.test(token)) throw new Error(`HCL does not know an escape in ${token}`);
  if (/(?<!\$)(?:\$\$)*\$\{/.test(token) || /(?<!%)(?:%%)*%\{/.test(token)) throw new Error(`a template in ${token}`);
  return JSON.parse(token.replaceAll(/([$%])\1\{/g, '$1{'));
}
