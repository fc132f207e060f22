import type * as z from 'zod/mini';
import type { CommonConfig, ConfigLayer } from './config.ts';
import type { Deployment } from './event.ts';
import type { Log } from './log.ts';
import type { HookStage } from './stages.ts';
import type { Verdict } from './verdict.ts';

/** What `check` is given. */
export interface CheckInput<Config, State> {
  readonly deployment: Deployment;
  readonly config: Config & CommonConfig;
  /** What the last `wait` of this deployment and stage left; undefined at the first look. */
  readonly state: State | undefined;
  readonly now: Date;
  /** When `timeoutMinutes` of this stage are over and the framework stops waiting. */
  readonly deadline: Date;
  /** Aborts shortly before the Lambda's time is up: give it to every call. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** The Lambda function that this code runs as. */
  readonly functionName: string;
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
}

/** Any hook, for code that walks over all of them. */
// biome-ignore lint/suspicious/noExplicitAny: a check's input is contravariant; only `any` stands for every schema.
export type AnyHook = HookDeclaration<any, any>;

export function defineHook<Config extends z.core.$ZodObject, State extends z.core.$ZodType>(
  hook: HookDeclaration<Config, State>,
): HookDeclaration<Config, State> {
  return hook;
}

/** IAM actions that the framework itself needs: HOOK_POLICY from a parameter, and the deployment's description. */
export const FRAMEWORK_PERMISSIONS = ['ecs:DescribeServiceDeployments', 'ssm:GetParameter'] as const;
