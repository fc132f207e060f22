/** Counts by cell of an HdrHistogram; the cells of two histograms of one scale are the same cells. */
export interface Histogram {
  readonly scale: Scale;
  /** Count by cell number. */
  readonly counts: ReadonlyMap<number, number>;
  readonly total: number;
}

/** What decides which values share a cell. */
interface Scale {
  readonly significantDigits: number;
  readonly lowestDiscernible: number;
}

const COMPRESSED_V2 = 0x1c849304;
const PLAIN_V2 = 0x1c849303;
const WORD_SIZE_BITS = 0xf0;
const HEADER_BYTES = 40;
/** An encoded histogram is at most a few KB; what claims to be larger is damaged, or not one. */
const MOST_BYTES = 4_000_000;
/** Cells of a histogram of five digits over the whole of a 64-bit range. */
const MOST_CELLS = 8_000_000;

/**
 * Reads a histogram in HdrHistogram's V2 compressed encoding, as base64. Written here because hdr-histogram-js, made
 * for Node and browsers alike, brings pako and WebAssembly along: 60 KB of the artifact's zip, against 1 KB.
 *
 * @throws when the text is not such an encoding
 * @see https://github.com/HdrHistogram/HdrHistogram
 */
export function decodeHistogram(base64: string): Histogram {
  const outer = Buffer.from(base64, 'base64');
  if (outer.length < 8 || (outer.readUInt32BE(0) & ~WORD_SIZE_BITS) >>> 0 !== COMPRESSED_V2) {
    throw new Error('not an HdrHistogram in the V2 compressed encoding');
  }
  const length = outer.readInt32BE(4);
  if (length <= 0 || length > outer.length - 8) throw new Error('an HdrHistogram that was cut off');
  // Loaded here: it costs the start two milliseconds, and only the last look reads histograms.
  const { inflateSync } = process.getBuiltinModule('node:zlib');
  return decodePlain(inflateSync(outer.subarray(8, 8 + length), { maxOutputLength: MOST_BYTES }));
}

function decodePlain(buffer: Buffer): Histogram {
  if (buffer.length < HEADER_BYTES || (buffer.readUInt32BE(0) & ~WORD_SIZE_BITS) >>> 0 !== PLAIN_V2) {
    throw new Error('not an HdrHistogram in the V2 encoding');
  }
  const payload = buffer.subarray(HEADER_BYTES, HEADER_BYTES + buffer.readInt32BE(4));
  if (payload.length !== buffer.readInt32BE(4)) throw new Error('an HdrHistogram that was cut off');
  const scale = {
    significantDigits: buffer.readInt32BE(12),
    lowestDiscernible: Number(buffer.readBigInt64BE(16)),
  };
  if (scale.significantDigits < 0 || scale.significantDigits > 5 || scale.lowestDiscernible < 1) {
    throw new Error('an HdrHistogram with an impossible precision');
  }
  return { scale, ...decodeCounts(payload) };
}

/** Counts one after another; a negative number stands for that many empty cells. */
function decodeCounts(payload: Buffer): { counts: Map<number, number>; total: number } {
  const counts = new Map<number, number>();
  let [cell, at, total] = [0, 0, 0];
  while (at < payload.length) {
    const { value, next } = readNumber(payload, at);
    at = next;
    if (value < 0) cell -= value;
    else {
      if (value > 0) counts.set(cell, value);
      total += value;
      cell += 1;
    }
    if (cell > MOST_CELLS || !Number.isSafeInteger(total)) throw new Error('an HdrHistogram with impossible counts');
  }
  return { counts, total };
}

/** One ZigZag number in LEB128 of at most nine bytes, the ninth of which has eight bits of value. */
function readNumber(buffer: Buffer, from: number): { value: number; next: number } {
  let bits = 0n;
  let at = from;
  for (let shift = 0n; ; shift += 7n) {
    const byte = buffer[at];
    if (byte === undefined) throw new Error('an HdrHistogram that was cut off');
    at += 1;
    const isNinth = shift === 56n;
    bits |= BigInt(isNinth ? byte : byte & 0x7f) << shift;
    if (isNinth || byte < 0x80) break;
  }
  const value = Number((bits >> 1n) ^ -(bits & 1n));
  return { value, next: at };
}

/**
 * The histogram of all values of several, exactly as if one had recorded them; where they differ in precision, one of
 * the coarsest. Percentiles of parts cannot be put together, counts can.
 */
export function merge(histograms: readonly Histogram[]): Histogram {
  const scale = {
    significantDigits: Math.min(...histograms.map((one) => one.scale.significantDigits)),
    lowestDiscernible: Math.max(...histograms.map((one) => one.scale.lowestDiscernible)),
  };
  if (histograms.length === 0) throw new Error('there is no histogram to merge');
  const counts = new Map<number, number>();
  for (const histogram of histograms) {
    const isSame = sameScale(histogram.scale, scale);
    for (const [cell, n] of histogram.counts) {
      const into = isSame ? cell : cellOf(scale, lowestOf(histogram.scale, cell));
      counts.set(into, (counts.get(into) ?? 0) + n);
    }
  }
  return { scale, counts, total: histograms.reduce((sum, { total }) => sum + total, 0) };
}

function sameScale(a: Scale, b: Scale): boolean {
  return a.significantDigits === b.significantDigits && a.lowestDiscernible === b.lowestDiscernible;
}

/**
 * The value at each percentile (over 0 to 100), as HdrHistogram defines it: the highest value of the cell in which
 * that share of all values is reached. 0 when there are no values.
 */
export function valuesAt(histogram: Histogram, percentiles: readonly number[]): number[] {
  const cells = [...histogram.counts].sort(([a], [b]) => a - b);
  return percentiles.map((percentile) => {
    const wanted = ranked(histogram.total, percentile);
    let seen = 0;
    for (const [cell, n] of cells) {
      seen += n;
      if (seen >= wanted) return highestOf(histogram.scale, cell);
    }
    return 0;
  });
}

/** How many of the values are at or below a percentile: rounded up, but not because of a last binary digit. */
function ranked(total: number, percentile: number): number {
  const exact = (percentile / 100) * total;
  return Math.max(1, Math.ceil(exact * (1 - Number.EPSILON)));
}

/** Cells are one unit wide up to twice this many, and twice as wide after each further `half`. */
function geometry({ significantDigits, lowestDiscernible }: Scale): { unit: number; half: number } {
  return {
    unit: 2 ** Math.floor(Math.log2(lowestDiscernible)),
    half: 2 ** (Math.max(1, Math.ceil(Math.log2(2 * 10 ** significantDigits))) - 1),
  };
}

function lowestOf(scale: Scale, cell: number): number {
  const { unit, half } = geometry(scale);
  const bucket = Math.max(0, Math.floor(cell / half) - 1);
  return (cell - bucket * half) * 2 ** bucket * unit;
}

function highestOf(scale: Scale, cell: number): number {
  return lowestOf(scale, cell + 1) - 1;
}

function cellOf(scale: Scale, value: number): number {
  const { unit, half } = geometry(scale);
  const units = Math.floor(value / unit);
  const bucket = Math.max(0, Math.floor(Math.log2(Math.max(1, units))) - Math.log2(half));
  return bucket * half + Math.floor(units / 2 ** bucket);
}
