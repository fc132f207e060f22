import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';
import { HOOK_STAGES } from '../../shared/stages.ts';
import { FAULT_KINDS } from '../aws/faults.ts';
import { Duration } from './duration.ts';
import { ImageSpec } from './schema-images.ts';
import { MetricsChange } from './schema-metrics.ts';
import { Kill, SendMessages } from './schema-tasks.ts';

/** All stages of a deployment, those without hooks included. */
export const STAGES = [...HOOK_STAGES, 'SCALE_UP', 'BAKE_TIME', 'CLEAN_UP'] as const;

/** The names of all stages, for the documentation in one word. */
export const Stage = z.enum(STAGES).check(z.meta({ title: 'stage' }));

const Times = z.int().check(z.minimum(1));

const Fault = z.strictObject({
  service: described(z.string(), 'the service whose requests it strikes, such as `ssm`'),
  operation: described(z.optional(z.string()), 'such as `GetParameterHistory`; without it every operation'),
  kind: described(z.enum(FAULT_KINDS), 'what goes wrong'),
  ms: described(z.optional(z.number().check(z.minimum(0))), 'of `slow`: real milliseconds; without it 1000'),
  when: described(
    z.optional(z.enum(['before', 'after'])),
    'of `server-error`, `unavailable`, `hang`, `cut` and `slow`: whether the operation has taken effect by then; without it `before`',
  ),
  times: described(z.optional(Times), 'how many requests it strikes (an SDK sends up to three a call); without it 1'),
  for: described(z.optional(Duration), 'strikes every request for this long, in place of `times`'),
  always: described(z.optional(z.boolean()), 'strikes every request to the end of the play'),
});
export type FaultSpec = z.infer<typeof Fault>;

const LambdaFault = z.strictObject({
  function: described(z.string(), 'one of `functions`'),
  kind: described(
    z.enum(['throttled', 'service-error', 'access-denied', 'role-error']),
    'Lambda throttles, Lambda fails, ECS may not invoke the function, ECS cannot assume the role of the hook',
  ),
  times: described(z._default(Times, 1), 'how many of the next invocations it meets'),
});

/** What each kind of event is called: an event has exactly one of them. */
export const ACTIONS = [
  'approve',
  'putParameter',
  'alarm',
  'stop',
  'continue',
  'pushImage',
  'metrics',
  'fault',
  'lambdaFault',
  'kill',
  'sendMessages',
] as const;

export const Happening = z
  .strictObject({
    after: described(Duration, 'since the deployment, or the `stage` named, began'),
    stage: described(z.optional(Stage), 'the stage, on the way forward, that `after` counts from'),
    step: described(
      z.optional(z.int().check(z.minimum(1))),
      'of a stage that comes once a traffic step: of which step; without it the first. The final BAKE_TIME counts as one more step',
    ),
    approve: described(
      z.optional(
        z.strictObject({
          by: described(z.string(), 'one of `identities`'),
          decision: described(z.string(), 'what is written: `accept`, `decline`, or anything else to see it ignored'),
          reason: described(z.optional(z.string()), 'written after the decision and a colon'),
        }),
      ),
      "somebody votes on the deployment's newest open approval request",
    ),
    putParameter: described(
      z.optional(
        z.strictObject({ name: z.string(), value: z.string(), by: described(z.string(), 'one of `identities`') }),
      ),
      'somebody writes any parameter',
    ),
    alarm: described(
      z.optional(
        z.strictObject({
          name: described(z.string(), "one of a service's `alarmNames`"),
          state: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
        }),
      ),
      'a CloudWatch alarm changes its state',
    ),
    stop: described(z.optional(z.enum(['ROLLBACK', 'ABORT'])), 'StopServiceDeployment with this stopType'),
    continue: described(
      z.optional(z.enum(['CONTINUE', 'ROLLBACK'])),
      'ContinueServiceDeployment with this action on the PAUSE hook that waits',
    ),
    pushImage: described(
      z.optional(ImageSpec),
      'an image is pushed to ECR, as under `images`; a tag that is there moves to it',
    ),
    metrics: described(
      z.optional(MetricsChange),
      "the service's traffic, or a queue, changes from the next whole minute on",
    ),
    fault: described(z.optional(Fault), 'something goes wrong at the AWS endpoint, from now on'),
    lambdaFault: described(
      z.optional(LambdaFault),
      'something goes wrong in the Lambda service, at the next invocations of a function',
    ),
    kill: described(z.optional(Kill), 'running tasks of a revision with a program get a signal'),
    sendMessages: described(z.optional(SendMessages), 'messages are sent to a queue'),
  })
  .check(z.meta({ title: 'deployments[].events[]' }));
export type Happening = z.infer<typeof Happening>;
