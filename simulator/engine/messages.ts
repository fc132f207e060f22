/**
 * What ECS says, word for word where AWS documents it (troubleshooting-blue-green, continue-service-deployment,
 * action-logs-troubleshooting) or real output is public. Where neither has a text, ours follows the same pattern and
 * is marked as inferred.
 */
import type { Stage } from '../record.ts';

export const NO_ROLLBACK_CANDIDATE = 'No rollback candidate was found to run the rollback.';

export const ROLLED_BACK = 'Service deployment rolled back because';

/** `detail` says what is wrong with which hook. */
export const hooksFailed = (stage: Stage, detail: string): string =>
  `${ROLLED_BACK} ${stage} lifecycle hook(s) failed. ${detail}`;

export const hookReturnedFailed = (targetArn: string): string =>
  `Lifecycle hook target ${targetArn} returned FAILED status.`;

/** The colon and the full stop as real output has them; the documentation has neither. */
export const answerNotParsed = (targetArn: string, cause: string = HOOK_STATUS_NULL): string =>
  `ECS was unable to parse the response from ${targetArn} due to: ${cause}.`;

export const HOOK_STATUS_NULL = 'HookStatus must not be null';

export const roleNotAssumed = (roleArn: string): string => `ECS was unable to assume role ${roleArn}`;

export const targetNotInvoked = (targetArn: string, cause: string): string =>
  `ECS was unable to invoke hook target ${targetArn} due to ${cause}`;

/** Inferred. */
export const hookTimedOut = (targetArn: string): string => `Lifecycle hook target ${targetArn} timed out.`;

export const pauseTimedOut = (stage: Stage): string => `${ROLLED_BACK} ${stage} pause hook timed out.`;

/** Inferred. */
export const pauseRolledBack = (stage: Stage): string => `${ROLLED_BACK} ${stage} pause hook was set to roll back.`;

export const circuitBreakerTripped = (): string => `${ROLLED_BACK} the circuit breaker threshold was exceeded.`;

/** Inferred, after the service event `deployment failed: alarm detected.` */
export const alarmDetected = (): string => `${ROLLED_BACK} alarm detected.`;

/** Inferred. */
export const stageOverLimit = (stage: Stage): string => `${ROLLED_BACK} ${stage} did not complete within 24 hours.`;

/** Inferred. */
export const deploymentOverLimit = (): string =>
  `${ROLLED_BACK} the service deployment did not complete within 30 days.`;

/** Inferred. */
export const stopRequested = (): string => `${ROLLED_BACK} of a StopServiceDeployment request.`;

/** Inferred. */
export const supersededRollback = (): string => `${ROLLED_BACK} a newer service deployment was started.`;

export const listenerChangeDenied = (roleSession: string, listenerArn: string): string =>
  `User: ${roleSession} is not authorized to perform: elasticloadbalancing:ModifyListener on resource: ${listenerArn} because no identity-based policy allows the elasticloadbalancing:ModifyListener action`;

export const targetGroupNotAssociated = (targetGroupArn: string): string =>
  `${ROLLED_BACK} of invalid networking configuration: Target group ${targetGroupArn} is not associated with either productionListenerRule or testListenerRule.`;

export const twoTargetGroupsServing = (ruleArn: string): string =>
  `${ROLLED_BACK} of invalid networking configuration. productionListenerRule ${ruleArn} should have exactly one target group serving traffic but found 2 target groups which are serving traffic`;

/** Inferred: the reason of a deployment that is stopped because its rollback option is not in use. */
export const stoppedInstead = (reason: string): string =>
  reason.replace(ROLLED_BACK, 'Service deployment failed because');

/** Inferred. */
export const ABORTED = 'Service deployment stopped by a StopServiceDeployment request.';

/** Inferred. */
export const SUPERSEDED = 'Service deployment stopped because a newer service deployment was started.';

/** Inferred. */
export const rollbackHookFailed = (stage: Stage, detail: string): string =>
  `Service deployment rollback failed because ${stage} lifecycle hook(s) failed. ${detail}`;

export const CONTINUE_ERRORS = {
  format: 'Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}',
  notActive: 'Provided hookId is either completed, unavailable, or not associated with the given Resource ARN',
  terminal: 'Continuing a service deployment is not allowed for service deployment in terminal states.',
  notFound: 'The service deployment does not exist.',
} as const;

/** Inferred, after the message for Continue. */
export const STOP_TERMINAL = 'Stopping a service deployment is not allowed for service deployment in terminal states.';

/** Inferred: the documentation allows ROLLBACK only. */
export const ABORT_REJECTED = 'Invalid stopType. Valid values are: ROLLBACK';

/** Service events, as public logs show them. */
export const serviceEvents = {
  failed: (service: string, deployment: string, reason: string): string =>
    `(service ${service}) (deployment ${deployment}) deployment failed: ${reason}`,
  rollingBack: (service: string, deployment: string): string =>
    `(service ${service}) rolling back to deployment ${deployment}.`,
  completed: (service: string, deployment: string): string =>
    `(service ${service}) (deployment ${deployment}) deployment completed.`,
  steady: (service: string): string => `(service ${service}) has reached a steady state.`,
} as const;
