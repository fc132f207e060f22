/** Numbers and times as both reports write them. No locale is asked: the same record gives the same bytes everywhere. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Time since the deployment was created, in milliseconds, as `+00:05:30`. Hours run on past 24. */
export function formatClock(ms: number): string {
  const sign = ms < 0 ? '-' : '+';
  const seconds = Math.floor(Math.abs(ms) / SECOND);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return sign + parts.map((part) => String(part).padStart(2, '0')).join(':');
}

/** A length of time in milliseconds, in the two units that matter: `450 ms`, `5 min 30 s`, `23 h`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.floor(ms)} ms`;
  if (ms < 10 * SECOND && ms % SECOND !== 0) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, MINUTE, 'min', SECOND, 's');
  if (ms < 2 * DAY) return twoUnits(ms, HOUR, 'h', MINUTE, 'min');
  return twoUnits(ms, DAY, 'd', HOUR, 'h');
}

function twoUnits(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small);
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** A moment on the simulator's clock as `2026-09-14 09:00:00 UTC`. */
export function formatUtc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A whole number with thousands apart: `2,760`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 look`, `2,760 looks`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** A traffic weight in percent. ECS deals in tenths, so `10` and `0.5`, never `10.0`. */
export function formatPercent(weight: number): string {
  return `${Math.round(weight * 10) / 10} %`;
}
