/** As GetMetricData tells it, of one result or of the whole request. */
export interface ResultMessage {
  code: string;
  value: string;
}

/** What a damaged result looks like. It strikes each result that fits, until its times are used up. */
export interface Disturbance {
  /** Only the result of the query with this Id. */
  id?: string;
  /** Only results of this metric. */
  metricName?: string;
  /** `Complete` leaves the data alone, to tell a message only. */
  statusCode: 'Complete' | 'PartialData' | 'InternalError';
  messages?: readonly ResultMessage[];
  /** The share of the points that still come, oldest first; of PartialData half, of InternalError none without it. */
  keep?: number;
  /** How many requests it strikes; 1 without it. */
  times?: number;
  /** Strikes until it is removed, whatever `times` says. */
  always?: boolean;
}

export interface DisturbanceHandle {
  remove(): void;
}

interface Armed {
  disturbance: Disturbance;
  left: number;
}

const KEPT = { Complete: 1, PartialData: 0.5, InternalError: 0 } as const;

/**
 * Answers of GetMetricData that are not errors and yet not whole: StatusCode and Messages of results, and Messages of
 * the request (CloudWatch API reference, page "MetricDataResult"). Errors are injected as faults of the endpoint.
 */
export class Disturbances {
  readonly #armed = new Set<Armed>();
  readonly #announced: ResultMessage[] = [];

  /** @throws Error when `keep` is no share or `times` makes no sense */
  add(disturbance: Disturbance): DisturbanceHandle {
    const { keep = 0, times = 1, always = false } = disturbance;
    if (!(keep >= 0 && keep <= 1)) throw new Error(`keep must be from 0 to 1: ${keep}`);
    if (!(times >= 1)) throw new Error(`times must be 1 or more: ${times}`);
    const armed = { disturbance, left: always ? Number.POSITIVE_INFINITY : times };
    this.#armed.add(armed);
    return {
      remove: () => {
        this.#armed.delete(armed);
      },
    };
  }

  /** The next request answers with this message beside its results. */
  announce(message: ResultMessage): void {
    this.#announced.push(message);
  }

  clear(): void {
    this.#armed.clear();
    this.#announced.length = 0;
  }

  /** Begins one request. @returns its messages, and what strikes each of its results; the first added comes first */
  begin(): { messages: ResultMessage[]; strike(id: string, metricName: string | undefined): Strike | undefined } {
    const struck = new Set<Armed>();
    const present = [...this.#armed];
    const strike = (id: string, metricName: string | undefined): Strike | undefined => {
      const armed = present.find(({ disturbance: one }) => fits(one.id, id) && fits(one.metricName, metricName));
      if (armed === undefined) return undefined;
      if (!struck.has(armed)) this.#use(armed);
      struck.add(armed);
      const { statusCode, messages = [], keep = KEPT[statusCode] } = armed.disturbance;
      return { statusCode, messages, keep };
    };
    return { messages: this.#announced.splice(0), strike };
  }

  /** One request is one time, however many of its results are struck. */
  #use(armed: Armed): void {
    armed.left -= 1;
    if (armed.left <= 0) this.#armed.delete(armed);
  }
}

export interface Strike {
  statusCode: Disturbance['statusCode'];
  messages: readonly ResultMessage[];
  /** The share of the points that is left. */
  keep: number;
}

function fits(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}
