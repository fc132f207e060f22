import { onTestFinished } from 'vitest';
import type { ListenOptions } from '../../simulator/aws/http.ts';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from '../../simulator/aws/local-aws.ts';
import type { Clock } from '../../simulator/clock.ts';

export const START = Date.parse('2026-03-05T15:54:41.618Z');

/** A clock that stands still until the test moves it. */
export class TestClock implements Clock {
  #now = START;

  now(): number {
    return this.#now;
  }

  advance(seconds: number): void {
    this.#now += seconds * 1000;
  }
}

export interface ClientConfig {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
}

export interface Fixture {
  aws: LocalAws;
  clock: TestClock;
  url: string;
  /** What to construct an SDK client with: one attempt, so that a test sees each fault itself. */
  config: ClientConfig;
  /** The same, as another caller. */
  configAs(arn: string): ClientConfig;
}

/** Starts an endpoint for one test and stops it afterwards. */
export async function startAws(
  options: Omit<LocalAwsOptions, 'clock'> = {},
  listenOptions: ListenOptions = {},
): Promise<Fixture> {
  const clock = new TestClock();
  const aws = createLocalAws({ ...options, clock });
  const { url, close } = await aws.listen(listenOptions);
  onTestFinished(close);
  const configWith = (credentials: ClientConfig['credentials']): ClientConfig => ({
    endpoint: url,
    region: aws.region,
    credentials,
    maxAttempts: 1,
  });
  return {
    aws,
    clock,
    url,
    config: configWith({ accessKeyId: 'test', secretAccessKey: 'test' }),
    configAs: (arn) => configWith(aws.addIdentity(arn)),
  };
}
