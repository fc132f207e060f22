import type { LocalAws } from '../../../simulator/aws/local-aws.ts';

/** The parameter that the workers of every world read. */
export const CONSUMER = '/ecs-hooks/consumer/prod/web';

interface Written {
  value: string;
  lastModifiedAt: number;
}

/** What it has said, in turn. */
export function namings(aws: LocalAws): readonly Written[] {
  return aws.parameters.history(CONSUMER) ?? [];
}

/** What it said at that time, milliseconds since the epoch. */
export function namedAt(aws: LocalAws, at: number): string | undefined {
  return namings(aws).findLast(({ lastModifiedAt }) => lastModifiedAt <= at)?.value;
}

/** Between two names there is always `none`. */
export function twoNames(versions: readonly Written[]): string[] {
  const names = versions.map(({ value }) => value);
  return names.flatMap((name, index) => {
    const before = names[index - 1];
    const isSwitch = before !== undefined && name !== 'none' && before !== 'none' && name !== before;
    return isSwitch ? [`${name} was named right after ${before}`] : [];
  });
}

/** Who was named is gone for longer than a lease before another is. */
export function leaseProblems(versions: readonly Written[], leaseMs: number): string[] {
  const found: string[] = [];
  let last: { value: string; until: number } | undefined;
  for (const { value, lastModifiedAt } of versions) {
    const gap = lastModifiedAt - (last?.until ?? Number.NEGATIVE_INFINITY);
    if (value === 'none') {
      if (last !== undefined) last.until = Math.min(last.until, lastModifiedAt);
      continue;
    }
    if (last !== undefined && last.value !== value && gap < leaseMs) {
      found.push(`${value} was named ${gap} ms after ${last.value} was taken away`);
    }
    last = { value, until: Number.POSITIVE_INFINITY };
  }
  return found;
}
