const TOKEN = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/.*|\/\*[\s\S]*?\*\/|[()[\]{},]/g;

/**
 * TypeScript in which the calls of one function keep their first argument only. Strings and comments are read as such;
 * regular expressions are not.
 *
 * @throws when a call has no end
 */
export function onlyFirstArgument(name: string, text: string): string {
  let result = text;
  // From the last to the first: a call within another comes later, and is done by then.
  for (const { index } of Array.from(text.matchAll(new RegExp(`\\b${name}\\(`, 'g'))).reverse()) {
    const { comma, end } = argumentsFrom(result, index + name.length + 1);
    if (comma !== undefined) result = result.slice(0, comma) + result.slice(end);
  }
  return result;
}

function argumentsFrom(text: string, from: number): { comma: number | undefined; end: number } {
  let depth = 0;
  let comma: number | undefined;
  for (const { 0: token, index } of text.slice(from).matchAll(TOKEN)) {
    const at = from + index;
    if (token === ',' && depth === 0) comma ??= at;
    else if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) {
      if (depth === 0) return { comma, end: at };
      depth -= 1;
    }
  }
  throw new Error(`a call has no end: ${text.slice(from, from + 40)}`);
}
