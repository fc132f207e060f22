import * as z from 'zod/mini';
import { described, isJsonObject } from '../../shared/schema.ts';
import { HOOK_STAGES } from '../../shared/stages.ts';
import { EVENT_KINDS } from '../engine/events.ts';
import { ProgramSpec } from './schema-tasks.ts';

/** AWS's own JSON, whatever it holds. */
const AwsJson = z.record(z.string(), z.unknown());
/** Of clusters, services and functions: what may stand in their ARNs. */
export const Name = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,255}$/, { error: 'must be a name of letters, digits, hyphens and underscores' }));

const AnswerForm = z.strictObject({
  hookStatus: z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS']),
  reason: z.optional(z.string()),
  callBackDelay: z.optional(z.number()),
  hookDetails: z.optional(AwsJson),
});
const ErrorForm = z.strictObject({ error: z.string() });
const RawForm = z.strictObject({ raw: z.unknown() });

/** A union in zod says only that nothing fits; which form was meant shows in the keys. */
export const ScriptedAnswer = z
  .union([z.enum(['SUCCEEDED', 'FAILED', 'IN_PROGRESS']), AnswerForm, ErrorForm, RawForm], {
    error: ({ input }) =>
      isJsonObject(input)
        ? 'must have hookStatus (with reason, callBackDelay, hookDetails), or error alone, or raw alone'
        : 'must be SUCCEEDED, FAILED, IN_PROGRESS, or an object with hookStatus, error or raw',
  })
  .check(z.meta({ title: 'answer' }));
export type ScriptedAnswer = z.infer<typeof ScriptedAnswer>;
export const ScriptedAnswers = z.array(ScriptedAnswer).check(z.minLength(1));

export const FunctionSpec = z
  .strictObject({
    artifact: described(
      z.optional(Name),
      "a built hook, `dist/<artifact>/index.cjs`, run in the Lambda sandbox; without it the function's own name",
    ),
    answers: described(
      z.optional(ScriptedAnswers),
      'in place of an artifact: what the invocations of one deployment answer in turn; the last one repeats. Each is a status; or a mapping with `hookStatus` and perhaps `reason`, `callBackDelay` (seconds) and `hookDetails`; or `error` with the message of an exception; or `raw` with any JSON, which ECS may not understand',
    ),
    timeoutSeconds: described(z.optional(z.int()), "the function's timeout in real seconds, 1 to 900; without it 30"),
    memoryMb: described(z.optional(z.int()), "the function's memory, 128 to 10240; without it 256"),
    environment: described(
      z.optional(z.record(z.string(), z.union([z.string(), AwsJson], { error: 'must be a text or a mapping' }))),
      'environment variables; a mapping is given to the function as JSON',
    ),
    events: described(
      z.optional(z.array(z.enum(EVENT_KINDS)).check(z.minLength(1))),
      "ECS's EventBridge events that invoke it: `deployment` is ECS Deployment State Change, `hook` is ECS Hook State Change",
    ),
  })
  .check(z.meta({ title: 'functions.<name>' }));
export type FunctionSpec = z.infer<typeof FunctionSpec>;

const HookSpec = z
  .strictObject({
    targetType: described(z._default(z.enum(['AWS_LAMBDA', 'PAUSE']), 'AWS_LAMBDA'), 'as in the API'),
    function: described(z.optional(Name), 'of an AWS_LAMBDA hook: the name of one of `functions`'),
    lifecycleStages: described(
      z.array(z.enum(HOOK_STAGES).check(z.meta({ title: 'stage' }))).check(z.minLength(1)),
      'as in the API',
    ),
    hookDetails: described(
      z.optional(z.unknown()),
      'of an AWS_LAMBDA hook: the configuration that ECS passes to it; any JSON',
    ),
    timeoutConfiguration: z.optional(
      z.strictObject({
        timeoutInMinutes: described(z.optional(z.int()), 'without it 1440'),
        action: described(z.optional(z.enum(['ROLLBACK', 'CONTINUE'])), 'without it ROLLBACK'),
      }),
    ),
  })
  .check(z.meta({ title: 'services.<name>.deploymentConfiguration.lifecycleHooks[]' }));
export type HookSpec = z.infer<typeof HookSpec>;

export const RevisionSpec = z
  .strictObject({
    name: described(z.string(), 'what timeline and report call it'),
    images: described(z.record(z.string(), z.string()), 'image by container name'),
    tasks: described(
      z.optional(z.enum(['healthy', 'never-healthy', 'crash'])),
      'how its tasks behave; without it `healthy`',
    ),
    program: described(
      z.optional(ProgramSpec),
      'what its tasks run: real processes, at real speed while they live; without it tasks are only counted',
    ),
    networkingFault: described(
      z.optional(
        z.strictObject({
          kind: described(
            z.enum(['target-group-not-associated', 'two-target-groups-serving', 'listener-change-denied']),
            'which of the faults of "Troubleshooting blue/green deployments"',
          ),
          stage: described(
            z.optional(z.enum(['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'])),
            'of `listener-change-denied`: which change of the listener is denied',
          ),
        }),
      ),
      "a fault in the load balancer's set-up that ECS meets while it deploys this revision",
    ),
  })
  .check(z.meta({ title: 'revision' }));
export type RevisionSpec = z.infer<typeof RevisionSpec>;

const DeploymentConfiguration = z
  .strictObject({
    strategy: described(z.enum(['ROLLING', 'BLUE_GREEN', 'CANARY', 'LINEAR']), 'as in the API'),
    bakeTimeInMinutes: described(z.optional(z.number()), 'without it 15, for ROLLING 0'),
    canaryConfiguration: z.optional(
      z.strictObject({
        canaryPercent: described(z.optional(z.number()), 'without it 5'),
        canaryBakeTimeInMinutes: described(z.optional(z.number()), 'without it 10'),
      }),
    ),
    linearConfiguration: z.optional(
      z.strictObject({
        stepPercent: described(z.optional(z.number()), 'without it 10'),
        stepBakeTimeInMinutes: described(z.optional(z.number()), 'without it 6'),
      }),
    ),
    alarms: z.optional(
      z.strictObject({
        alarmNames: described(z.array(z.string()), 'CloudWatch alarms; each is OK until an event says otherwise'),
        enable: z.boolean(),
        rollback: described(z.boolean(), 'false: the deployment ends as STOPPED instead'),
      }),
    ),
    deploymentCircuitBreaker: z.optional(
      z.strictObject({
        enable: z.boolean(),
        rollback: described(z.boolean(), 'false: the deployment ends as STOPPED instead'),
        thresholdConfiguration: z.optional(
          z.strictObject({
            type: z.enum(['BOUNDED_PERCENT', 'UNBOUNDED_PERCENT', 'COUNT']),
            value: described(z.int(), 'without thresholdConfiguration BOUNDED_PERCENT 50'),
          }),
        ),
      }),
    ),
    lifecycleHooks: described(
      z.optional(z.array(HookSpec)),
      'in the order of the API; those of one stage run side by side',
    ),
  })
  .check(z.meta({ title: 'services.<name>.deploymentConfiguration' }));

export const ServiceSpec = z
  .strictObject({
    cluster: Name,
    running: described(
      z.optional(RevisionSpec),
      'what runs before the scenario begins; without it the first deployment creates the service',
    ),
    desiredCount: described(z.optional(z.int().check(z.minimum(0))), 'tasks; without it 2'),
    loadBalancing: z.strictObject({
      kind: described(
        z.enum(['alb', 'nlb', 'service-connect', 'headless']),
        'what carries the traffic: Application or Network Load Balancer, Service Connect, or nothing',
      ),
      testListener: described(
        z.optional(z.boolean()),
        'of a load balancer: whether test traffic has a listener or rule of its own; without it false',
      ),
      testHeader: described(
        z.optional(z.string().check(z.regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: 'must be the name of an HTTP header' }))),
        'the header that sends a request to the revision with the test traffic, whatever its value; Service Connect has `x-amzn-ecs-blue-green-test` without it',
      ),
    }),
    deploymentConfiguration: DeploymentConfiguration,
  })
  .check(z.meta({ title: 'services.<name>' }));
export type ServiceSpec = z.infer<typeof ServiceSpec>;
