import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';
import { DEFAULT_DURATIONS } from '../engine/definition.ts';
import { Duration } from './duration.ts';
import { Happening, Stage } from './schema-happening.ts';
import { ImageSpec } from './schema-images.ts';
import { Metrics } from './schema-metrics.ts';
import { FunctionSpec, Name, RevisionSpec, ScriptedAnswers, ServiceSpec } from './schema-service.ts';
import { Queues, TaskDefinitionSpec } from './schema-tasks.ts';

const Expectation = z
  .strictObject({
    status: described(
      z.enum(['SUCCESSFUL', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED', 'STOPPED']),
      'the terminal status of the service deployment',
    ),
    statusReason: described(z.optional(z.string()), "a part of ECS's statusReason"),
    reason: described(
      z.optional(z.record(z.string(), z.string())),
      'by function: a part of the reason of its last answer on the way forward; of an answer that was none, its kind, such as `function-error`',
    ),
    invocations: described(
      z.optional(z.record(z.string(), z.int())),
      'by function: how often it was invoked, the rollback included',
    ),
    hooks: described(
      z.optional(z.record(z.string(), z.enum(['AWAITING_ACTION', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMED_OUT']))),
      'by function, or `pause`: the status of its last run on the way forward',
    ),
    messages: described(
      z.optional(z.int()),
      'how many messages were published to SNS topics while it ran, without those that name another deployment',
    ),
    stages: described(
      z.optional(z.array(Stage)),
      'all stages in order, with their repetitions and those of the rollback',
    ),
    traffic: described(
      z.optional(z.array(z.number())),
      "the new revision's share of production traffic in percent, after each shift, those of the rollback included",
    ),
  })
  .check(z.meta({ title: 'deployments[].expect' }));
export type Expectation = z.infer<typeof Expectation>;

const Deployment = z
  .strictObject({
    title: described(z.string(), 'what timeline and report call it'),
    service: described(z.string(), 'one of `services`'),
    at: described(
      z.optional(Duration),
      "since the start of the scenario, whatever else is running then; without it `after` the end of the service's deployment before it in the file, and at the start if there is none",
    ),
    after: described(
      z.optional(Duration),
      "since the end of the service's deployment before it in the file; without it 1m",
    ),
    revision: described(RevisionSpec, 'what is deployed'),
    answers: described(
      z.optional(z.record(z.string(), ScriptedAnswers)),
      'by function: the `answers` that it gives during this deployment, in place of its own',
    ),
    events: described(z.optional(z.array(Happening)), 'what happens meanwhile'),
    expect: described(z.optional(Expectation), 'what must come of it'),
  })
  .check(z.meta({ title: 'deployments[]' }));
export type DeploymentSpec = z.infer<typeof Deployment>;

const DURATIONS = Object.keys(DEFAULT_DURATIONS) as (keyof typeof DEFAULT_DURATIONS)[]; // Object.keys forgets them
const Durations = z.partialRecord(z.enum(DURATIONS), Duration);

/** A scenario file: what exists, what is deployed, what happens meanwhile, and what must come of it. */
export const Scenario = z
  .strictObject({
    name: described(z.string(), 'what summary and report call it'),
    description: z._default(z.string(), ''),
    region: z._default(
      z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'must be a Region such as eu-west-1' })),
      'eu-west-1',
    ),
    accountId: z._default(z.string().check(z.regex(/^\d{12}$/, { error: 'must have 12 digits' })), '123456789012'),
    start: described(
      z._default(z.iso.datetime({ error: 'must be a time such as 2026-03-02T09:00:00Z' }), '2026-03-02T09:00:00Z'),
      'when the scenario begins, on its own clock',
    ),
    seed: described(z._default(z.int(), 1), 'all ids follow from it: the same scenario gives the same record'),
    readings: described(
      z._default(z.record(z.string(), z.string()), {}),
      'the reading chosen for what AWS does not document, by id; the others keep their default',
    ),
    durations: described(
      z._default(Durations, {}),
      `how long ECS's own work takes: a duration for any of ${DURATIONS.map((name) => `\`${name}\``).join(', ')}`,
    ),
    identities: described(
      z._default(z.record(z.string(), z.string()), {}),
      'callers by name: the ARN that Parameter Store records for them. The name is their access key id at the endpoint',
    ),
    topics: described(z._default(z.array(z.string()), []), 'names of SNS topics that exist'),
    parameters: described(
      z._default(z.record(z.string(), z.string()), {}),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is written in the scenario
      'Parameter Store parameters that exist, by name. `${revision:<service>}` stands for the id of the running revision',
    ),
    images: described(z._default(z.array(ImageSpec), []), 'what is in ECR, pushed in this order'),
    metrics: described(
      z.optional(Metrics),
      'what CloudWatch measures: traffic that follows the weights of the deployments, and queues; all of it follows from `seed`',
    ),
    queues: described(z._default(Queues, {}), 'SQS queues by name'),
    taskDefinitions: described(
      z._default(z.record(Name, TaskDefinitionSpec), {}),
      'task definitions for RunTask, by family',
    ),
    functions: described(z._default(z.record(Name, FunctionSpec), {}), 'Lambda functions by name'),
    services: described(z.record(Name, ServiceSpec), 'ECS services by name'),
    deployments: described(z.array(Deployment).check(z.minLength(1)), 'what is deployed, in this order'),
  })
  .check(z.meta({ title: 'scenario' }));
export type Scenario = z.infer<typeof Scenario>;
