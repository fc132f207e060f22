import type { InvocationOutcome } from '../record.ts';

export interface Invocation {
  outcome: RawOutcome;
  /** How long it took on the simulator's clock, in milliseconds. */
  durationMs: number;
  /** What the function wrote to stdout and stderr, line by line. */
  logs: string[];
  /** AWS operations that the function called, such as `ssm:GetParameterHistory`, in order. */
  awsCalls?: string[];
}

/** How the Lambda service ended the invocation. The engine, playing ECS, judges whether a returned payload is an answer. */
export type RawOutcome =
  | { kind: 'returned'; payload: string }
  | Exclude<InvocationOutcome, { kind: 'answer' | 'invalid-answer' }>;

/** Runs a hook's function. The engine knows nothing else of Lambda. */
export interface HookInvoker {
  /**
   * @param functionArn as the service's lifecycle hook names it
   * @param event the lifecycle event, sent as JSON
   * @param now the simulator's clock at the start, milliseconds since the epoch
   */
  invoke(functionArn: string, event: unknown, now: number): Promise<Invocation>;
}
