/** What one datum, or one bucket of them, amounts to. */
export interface Summary {
  sum: number;
  sampleCount: number;
  minimum: number;
  maximum: number;
}

/** One datum as it is kept. */
export interface Contribution extends Summary {
  /** From when it is in answers, milliseconds since the epoch. */
  visibleAt: number;
  /** The distinct values; undefined for a statistic set, of which nobody knows them. */
  values: readonly number[] | undefined;
  /** How often each value occurred; undefined when each did once. */
  counts: readonly number[] | undefined;
}

/** All that was measured in one period. */
export interface Bucket extends Summary {
  parts: Contribution[];
}

/** Buckets of `periodMs` from `start` on: the nth begins at start + n × periodMs. Milliseconds. */
export interface Grid {
  start: number;
  /** Exclusive; a last bucket that it cuts holds what comes before it. */
  end: number;
  periodMs: number;
}

interface Slot {
  /** The beginning of the second or minute that it stands for. */
  at: number;
  parts: Contribution[];
}

/** The data of one metric under one unit, in order of time. Data are kept as they came, never merged, never made up. */
export class Series {
  readonly #slots: Slot[] = [];

  /** @param resolution seconds: a datum counts for the whole second, or the whole minute, that it lies in */
  add(timestamp: number, resolution: 1 | 60, part: Contribution): void {
    const at = floorTo(timestamp, resolution * 1000);
    const slots = this.#slots;
    const last = slots.at(-1);
    if (last === undefined || last.at < at) {
      slots.push({ at, parts: [part] });
      return;
    }
    const index = this.#firstFrom(at);
    const there = slots[index];
    if (there?.at === at) there.parts.push(part);
    else slots.splice(index, 0, { at, parts: [part] });
  }

  /** Adds what is visible to the buckets, a sparse array: where nothing was measured, there is no bucket. */
  collect({ start, end, periodMs }: Grid, now: number, buckets: Bucket[]): void {
    for (let index = this.#firstFrom(start); index < this.#slots.length; index += 1) {
      const slot = this.#slots[index];
      if (slot === undefined || slot.at >= end) return;
      const place = Math.floor((slot.at - start) / periodMs);
      for (const part of slot.parts) {
        if (part.visibleAt <= now) addTo(buckets, place, part);
      }
    }
  }

  /** The newest time of a visible datum, or undefined. */
  newest(now: number): number | undefined {
    return this.#slots.findLast((slot) => slot.parts.some((part) => part.visibleAt <= now))?.at;
  }

  #firstFrom(at: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#slots[middle]?.at ?? at) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function addTo(buckets: Bucket[], place: number, part: Contribution): void {
  const bucket = buckets[place];
  if (bucket === undefined) {
    const { sum, sampleCount, minimum, maximum } = part;
    buckets[place] = { sum, sampleCount, minimum, maximum, parts: [part] };
    return;
  }
  bucket.sum += part.sum;
  bucket.sampleCount += part.sampleCount;
  bucket.minimum = Math.min(bucket.minimum, part.minimum);
  bucket.maximum = Math.max(bucket.maximum, part.maximum);
  bucket.parts.push(part);
}

export function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
