import { page } from '../paging.ts';
import { invalidNextToken } from './errors.ts';

/** One result before it is cut into pages; times ascend. */
export interface Result {
  id: string;
  /** The metric's name; undefined for an expression. */
  name: string | undefined;
  label: string;
  /** Milliseconds since the epoch. */
  times: number[];
  values: number[];
  statusCode: 'Complete' | 'PartialData' | 'InternalError';
  messages: object[];
}

export interface PageRequest {
  /** How many data points fit in a page, of all results together. */
  size: number;
  descending: boolean;
  token: string | undefined;
  /** Binds the token to one request. */
  scope: string;
  /** Whether there is a NextToken at all; with metric math there is none. */
  pages: boolean;
}

export interface ResultPage {
  MetricDataResults: object[];
  NextToken: string | undefined;
}

/** More results than one request can have, so that a time and a place make one number that sorts. */
const PLACES = 1_000_000;

/**
 * Cuts a page out of the results: the points of all results by their time, in the order of the scan. A result with
 * more to come is PartialData; each result is in each page, though maybe without points.
 * @throws AwsError InvalidNextToken when the token is not one of this request
 */
export function pageOf(results: readonly Result[], request: PageRequest): ResultPage {
  const { size, descending, token, scope, pages } = request;
  const total = results.reduce((sum, { times }) => sum + times.length, 0);
  if (token === undefined && total <= size) return whole(results, descending);
  const points = results.flatMap(({ times, values }, place) =>
    times.map((at, index): Point => ({ at, place, value: values[index] ?? Number.NaN })),
  );
  const keyOf = ({ at, place }: Point): number => ((descending ? -at : at) / 1000) * PLACES + place;
  points.sort((a, b) => keyOf(a) - keyOf(b));
  const { items, nextToken } = page(points, keyOf, size, token, scope, invalidNextToken());
  const last = items.at(-1);
  const unfinished =
    nextToken !== undefined && last !== undefined ? placesAfter(points, keyOf(last), keyOf) : new Set();
  const mine = Map.groupBy(items, ({ place }) => place);
  return {
    MetricDataResults: results.map((result, place) => {
      const of = mine.get(place) ?? [];
      const statusCode = unfinished.has(place) && result.statusCode === 'Complete' ? 'PartialData' : result.statusCode;
      const times = of.map(({ at }) => at);
      return shape(
        result,
        times,
        of.map(({ value }) => value),
        statusCode,
      );
    }),
    NextToken: pages ? nextToken : undefined,
  };
}

interface Point {
  at: number;
  /** Of its result. */
  place: number;
  value: number;
}

function placesAfter(points: readonly Point[], key: number, keyOf: (point: Point) => number): Set<number> {
  return new Set(points.filter((point) => keyOf(point) > key).map(({ place }) => place));
}

function whole(results: readonly Result[], descending: boolean): ResultPage {
  return {
    MetricDataResults: results.map((result) => {
      const { times, values, statusCode } = result;
      return descending
        ? shape(result, times.toReversed(), values.toReversed(), statusCode)
        : shape(result, times, values, statusCode);
    }),
    NextToken: undefined,
  };
}

function shape({ id, label, messages }: Result, times: number[], values: number[], statusCode: string): object {
  return {
    Id: id,
    Label: label,
    Timestamps: times.map((at) => new Date(at)),
    Values: values,
    StatusCode: statusCode,
    ...(messages.length > 0 && { Messages: messages }),
  };
}
