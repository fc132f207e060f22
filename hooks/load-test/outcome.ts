import type { ServiceDeployment } from '@aws-sdk/client-ecs';
import type { JsonObject } from '../../shared/schema.ts';
import { fail, succeed, type Verdict, wait } from '../../shared/verdict.ts';
import type { Input, State } from './input.ts';

/**
 * The test itself could not be run: another run, as long as runs and time are left, else what `onCouldNotRun` says. It
 * says nothing about green, so it is never SUCCEEDED unless that was asked for by name.
 *
 * @param runMs what another run takes, milliseconds
 */
export function couldNotRun(
  { config, now, deadline }: Input,
  run: number,
  runMs: number,
  why: string,
  evidence?: JsonObject,
): Verdict<State> {
  const { onCouldNotRun, maxRuns, pollSeconds } = config;
  const text = `The load test could not run: ${why}`;
  if (onCouldNotRun === 'succeed') return succeed(`${text}; onCouldNotRun is succeed`, evidence);
  if (onCouldNotRun === 'fail') return fail(`${text}; onCouldNotRun is fail`, evidence);
  if (run >= maxRuns) return fail(`${text} (run ${run} of ${maxRuns})`, evidence);
  if (now.getTime() + pollSeconds * 1000 + runMs > deadline.getTime()) {
    return fail(`${text} (run ${run} of ${maxRuns}, and timeoutMinutes leaves no time for another)`, evidence);
  }
  return wait(`${text}; run ${run + 1} of ${maxRuns} follows`, {
    state: { run: run + 1 },
    ...(evidence && { evidence }),
  });
}

/** An event that comes late, when the deployment goes another way already, must begin nothing that nobody ends. */
export function whyOver({ status }: Pick<ServiceDeployment, 'status'>): string | undefined {
  const isUnderway = status === undefined || status === 'PENDING' || status === 'IN_PROGRESS';
  return isUnderway ? undefined : `No load test is begun: the deployment is ${status}`;
}
