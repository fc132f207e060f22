/** ` (do you mean X?)` for a name that is nearly one of those known, else nothing. */
export function didYouMean(name: string, known: readonly string[]): string {
  const normal = name.toUpperCase().replaceAll(/[\s-]/g, '_');
  const [best] = known.map((one) => ({ one, off: distance(normal, one.toUpperCase()) })).sort((a, b) => a.off - b.off);
  return best !== undefined && best.off <= Math.max(2, best.one.length / 5) ? ` (do you mean ${best.one}?)` : '';
}

/** Levenshtein's: how many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...b].entries()) {
      const changed = (row[at] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
