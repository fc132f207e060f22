import type * as z from 'zod/mini';
import type { CommonConfig, ConfigLayer } from './config.ts';
import type { Deployment } from './event.ts';
import type { Log } from './log.ts';
import type { JsonObject } from './schema.ts';
import type { HookStage } from './stages.ts';
import type { Verdict } from './verdict.ts';

/** What `check` is given. */
export interface CheckInput<Config, State> {
  readonly deployment: Deployment;
  readonly config: Config & CommonConfig;
  /** What the last `wait` of this deployment and stage left; undefined at the first look. */
  readonly state: State | undefined;
  readonly now: Date;
  /** Milliseconds since the epoch at the time of the call: `now`, and what has gone by since the look began. */
  readonly clock: () => number;
  /** When `timeoutMinutes` of this stage are over and the framework stops waiting. */
  readonly deadline: Date;
  /** Aborts shortly before the Lambda's time is up: give it to every call. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The Lambda function that this code runs as. */
  readonly functionName: string;
}

/** An event of EventBridge about an ECS service: nobody waits for an answer, and Lambda tries again what throws. */
export interface ServiceEvent {
  /** Such as `ECS Deployment State Change`. */
  readonly detailType: string;
  readonly eventName: string | undefined;
  readonly serviceArn: string;
  readonly cluster: string;
  readonly service: string;
}

/** What `onServiceEvent` is given. */
export interface ServiceEventInput<Config> {
  readonly event: ServiceEvent;
  /** The hook's configuration with these hookDetails, which no event holds. @throws ConfigError */
  readonly configure: (hookDetails: JsonObject) => Promise<Config & CommonConfig>;
  readonly clock: () => number;
  /** Milliseconds until `signal` aborts, shortly before the Lambda's time is up. */
  readonly timeLeft: () => number;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The ARN of the Lambda function that this code runs as, without version or alias. */
  readonly functionArn: string;
}

type Check<Config, State> = (input: CheckInput<Config, State>) => Promise<Verdict<State>> | Verdict<State>;

/**
 * A hook, whole: everything else (README row, IAM policy, deployment template, JSON Schema, tests) derives from it.
 * The types of `config` and `state` are those of their zod schemas.
 */
export interface HookDeclaration<Config extends z.core.$ZodObject, State extends z.core.$ZodType> {
  /** The id: the folder's name under hooks/. */
  readonly name: string;
  /** One sentence: what a SUCCEEDED of this hook proves. */
  readonly summary: string;
  readonly stages: readonly [HookStage, ...HookStage[]];
  /** The hook's own keys; the common ones come with every hook. */
  readonly config: Config;
  /** Where this hook's defaults of the common keys differ. */
  readonly defaults?: Partial<CommonConfig>;
  /**
   * Rearranges the configuration's layers before the later win, where a service must not override a key as a whole.
   * @throws ConfigError
   */
  readonly layers?: (layers: readonly ConfigLayer[]) => readonly ConfigLayer[];
  readonly state: State;
  /** IAM actions of the AWS calls that `check` and `onRollback` make. */
  readonly permissions: readonly string[];
  /** Decides. A throw means "could not tell" and is answered by the framework, never by SUCCEEDED. */
  readonly check: Check<z.output<Config>, z.output<State>>;
  /**
   * Runs while ECS rolls back; a hook without it answers SUCCEEDED at once. It may wait for five minutes in all;
   * whatever it returns or throws, it ends in SUCCEEDED.
   */
  readonly onRollback?: Check<z.output<Config>, z.output<State>>;
  /**
   * Takes what EventBridge says of the service, for what no lifecycle hook is called about. What it throws and a retry
   * may mend is thrown on, so that Lambda invokes the function again.
   */
  readonly onServiceEvent?: (input: ServiceEventInput<z.output<Config>>) => Promise<Verdict<never>>;
}

/** Any hook, for code that walks over all of them. */
// biome-ignore lint/suspicious/noExplicitAny: a check's input is contravariant; only `any` stands for every schema.
export type AnyHook = HookDeclaration<any, any>;

/**
 * The declaration as it is, with the types of `check` taken from the schemas: a stage that ECS does not have, or a state
 * of another type, does not compile.
 */
export function defineHook<Config extends z.core.$ZodObject, State extends z.core.$ZodType>(
  hook: HookDeclaration<Config, State>,
): HookDeclaration<Config, State> {
  return hook;
}

/** IAM actions that the framework itself needs: HOOK_POLICY from a parameter, and the deployment's description. */
export const FRAMEWORK_PERMISSIONS = ['ecs:DescribeServiceDeployments', 'ssm:GetParameter'] as const;
