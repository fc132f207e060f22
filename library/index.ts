/** The framework: what a hook is made of. */
export { DeadlineError } from '../shared/answer.ts';
export { COMMON_DEFAULTS, CommonConfig, type ConfigLayer, readConfig } from '../shared/config.ts';
export {
  ConfigError,
  describeError,
  EventError,
  isRetryable,
  operationOf,
  PermanentError,
  StateError,
} from '../shared/errors.ts';
export {
  type Deployment,
  type Direction,
  type EcsArn,
  idOf,
  looksLikeRollback,
  parseArn,
  parseEvent,
  parseHookDetails,
  type TrafficWeights,
} from '../shared/event.ts';
export {
  type AnyHook,
  type CheckInput,
  defineHook,
  FRAMEWORK_PERMISSIONS,
  type HookDeclaration,
  type ServiceEvent,
  type ServiceEventInput,
} from '../shared/hook.ts';
export { type HandlerOptions, type HookHandler, lambdaHandler } from '../shared/lambda.ts';
export type { Log } from '../shared/log.ts';
export { STATE_KEY, stepOf } from '../shared/memory.ts';
export { PARAMETER_PREFIX, RETAIN_DAYS } from '../shared/parameter-config.ts';
export { described, isJsonObject, type JsonObject, parseJson, problems } from '../shared/schema.ts';
export { isServiceEvent, parseServiceEvent } from '../shared/service-event.ts';
export {
  HOOK_STAGES,
  type HookStage,
  LIFECYCLE_STAGES,
  RECURRING_STAGES,
  ROLLBACK_STAGES,
} from '../shared/stages.ts';
export { failed, type HookAnswer, type HookStatus, inProgress, succeeded } from '../shared/status.ts';
export { count, duration, instant, oneLine } from '../shared/text.ts';
export { expire, fail, succeed, type Verdict, wait } from '../shared/verdict.ts';
