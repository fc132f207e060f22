import type { Place } from './place.ts';

/** error: it does not work, or not as a gate. warning: it may not do what it looks like. note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export interface Finding {
  path: string;
  severity: Severity;
  /** What is wrong, and what to write instead. */
  message: string;
}

export function finding(severity: Severity, place: Place, message: string): Finding {
  return { path: place.path, severity, message };
}

/** What only AWS or Terraform will know is not judged, and that is said. */
export function unseen(place: Place): Finding {
  return finding('note', place, 'cannot be seen before it is deployed, and was not judged');
}

/** A value in a sentence. */
export function shown(value: unknown): string {
  const text = typeof value === 'symbol' ? 'a value that cannot be seen' : (JSON.stringify(value) ?? String(value));
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}
