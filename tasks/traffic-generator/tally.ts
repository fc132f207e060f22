import type { Histogram } from 'hdr-histogram-js';
import { microseconds, newHistogram } from './histogram.ts';

const LOG_STEP = Math.log(1.1);

/** What is counted of the requests that were due after the warm-up. */
export class Tally {
  readonly histogram: Histogram = newHistogram();
  readonly lateness: Histogram = newHistogram();
  readonly byStatus: Record<string, number> = {};
  readonly errorsByKind: Record<string, number> = {};
  sent = 0;
  completed = 0;
  abandoned = 0;
  warmUp = 0;
  bytes = 0;
  max = 0;
  latenessMax = 0;
  /** Since the last look, by steps of a tenth: coarse, but it cannot grow. */
  #recent = new Map<number, number>();

  begun(latenessMs: number): void {
    this.sent += 1;
    const late = microseconds(latenessMs);
    this.lateness.recordValue(late);
    if (late > this.latenessMax) this.latenessMax = late;
  }

  ended(status: number, bytes: number, latencyMs: number): void {
    this.completed += 1;
    this.bytes += bytes;
    const group = `${Math.floor(status / 100)}xx`;
    this.byStatus[group] = (this.byStatus[group] ?? 0) + 1;
    if (status >= 400) this.#error(`status${group}`);
    this.#latency(latencyMs);
  }

  /** A time-out's latency is at least the time-out: leaving it out would flatter a server that hangs. */
  failed(kind: string, latencyMs: number): void {
    this.#error(kind);
    if (kind === 'timeout') this.#latency(latencyMs);
  }

  /** Latencies since the last call, microseconds, each the middle of a step of 10 %; at most so many, the rarest lost. */
  takeRecent(most: number): { values: number[]; counts: number[] } {
    const steps = [...this.#recent].sort(([, a], [, b]) => b - a).slice(0, most);
    this.#recent = new Map();
    return { values: steps.map(([step]) => Math.round(1.1 ** (step + 0.5))), counts: steps.map(([, n]) => n) };
  }

  #error(kind: string): void {
    this.errorsByKind[kind] = (this.errorsByKind[kind] ?? 0) + 1;
  }

  #latency(latencyMs: number): void {
    const value = microseconds(latencyMs);
    this.histogram.recordValue(value);
    if (value > this.max) this.max = value;
    const step = Math.floor(Math.log(value) / LOG_STEP);
    this.#recent.set(step, (this.#recent.get(step) ?? 0) + 1);
  }
}
