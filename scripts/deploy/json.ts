const WIDTH = 120;

/** JSON as the formatter of this project writes it: a list without objects stays on its line as long as it fits. */
export function json(value: unknown): string {
  return `${print(value, '', 0)}\n`;
}

/** @param used characters on the line before the value, and after it */
function print(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const line = oneLine(value);
    if (line !== undefined && used + line.length <= WIDTH) return line;
    return block(
      '[',
      value.map((item) => print(item, deeper, deeper.length + 1)),
      ']',
      indent,
    );
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return '{}';
  const lines = entries.map(([key, item]) => {
    const head = `${JSON.stringify(key)}: `;
    return `${head}${print(item, deeper, deeper.length + head.length + 1)}`;
  });
  return block('{', lines, '}', indent);
}

function block(open: string, lines: readonly string[], close: string, indent: string): string {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

function oneLine(list: readonly unknown[]): string | undefined {
  const items = list.map((item) => {
    if (Array.isArray(item)) return oneLine(item);
    return typeof item === 'object' && item !== null ? undefined : JSON.stringify(item);
  });
  return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
}
