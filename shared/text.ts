// Control characters, and the Unicode line separators that break a log line in two; a reason must stay one line. And
// what turns the direction of writing, so that a line reads as something else than it says.
const LINE_BREAKING = /[\p{Cc}\u2028-\u202e\u2066-\u2069]+/gu;

/**
 * One line of at most `limit` characters, without control characters.
 * Reasons hold other people's words (a vote's reason, an error's message), and must not forge a second log line.
 */
export function oneLine(text: string, limit = 1000): string {
  const line = text.replace(LINE_BREAKING, ' ').trim();
  // A cut may go through a surrogate pair, and half of one is not text that every JSON parser accepts.
  return (line.length <= limit ? line : `${line.slice(0, limit - 1)}…`).toWellFormed();
}

// Not the quotes and the backslash: this is for text that is JSON already, in which JSON.stringify leaves these as they are.
const UNSAFE_IN_JSON = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A JSON text in which no character commands a terminal, breaks a line or turns its direction. */
export function plain(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `1 vote`, `2 votes`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A duration in the two largest units that say something: `45 s`, `5 min`, `2 h 30 min`, `1 d 1 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** `2026-11-23 07:30 UTC`: to the minute, in the one zone that everybody can convert from. */
export function instant(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
