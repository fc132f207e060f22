import { build, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/** Two minutes: more than any time-out. */
const MOST_MICROSECONDS = 120_000_000;
type Digits = 1 | 2 | 3;

/** Of microseconds, 1 to two minutes. */
export function newHistogram(numberOfSignificantValueDigits: Digits = 3): Histogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: MOST_MICROSECONDS,
    numberOfSignificantValueDigits,
    autoResize: false,
    bitBucketSize: 32,
  });
}

/** Whole microseconds within the range of the histogram. */
export function microseconds(milliseconds: number): number {
  return Math.min(MOST_MICROSECONDS, Math.max(1, Math.round(milliseconds * 1000)));
}

/**
 * The finest of three, two and one significant digits that keeps to so many characters. Cells of a coarser histogram
 * are whole cells of the finer one, so nothing but precision is lost. One digit always fits in 1,700 characters.
 */
export function encode(histogram: Histogram, mostCharacters: number): string {
  const fine = encodeIntoCompressedBase64(histogram);
  if (fine.length <= mostCharacters) return fine;
  const two = encodeIntoCompressedBase64(coarser(histogram, 2));
  return two.length <= mostCharacters ? two : encodeIntoCompressedBase64(coarser(histogram, 1));
}

function coarser(histogram: Histogram, digits: Digits): Histogram {
  const other = newHistogram(digits);
  other.add(histogram);
  return other;
}
