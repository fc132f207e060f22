import * as z from 'zod/mini';
import { described } from '../../shared/schema.ts';
import { Duration } from './duration.ts';

const Text = z.string().check(z.minLength(1));
const Count = z.int().check(z.minimum(1));
/** Of queues: what SQS allows. */
const QueueName = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,80}$/, { error: 'must be a name of letters, digits, hyphens and underscores' }));

/** What the container of a task runs: a real process on this machine. */
export const ProgramSpec = z
  .strictObject({
    entryPoint: described(
      z.optional(z.array(Text)),
      'what stands before `command` and stays when RunTask overrides that; without it nothing',
    ),
    command: described(
      z.array(Text).check(z.minLength(1)),
      'the program and its arguments, started in the working directory of the simulator; `node` is the Node.js that runs the simulator',
    ),
    environment: described(
      z._default(z.record(z.string(), z.string()), {}),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is written in the scenario
      'environment variables, beside those that Fargate sets. `${queue:<name>}` stands for the URL of one of `queues`, `${url:<service>}` for that of a service, as in `hookDetails` and the environment of functions',
    ),
    stopTimeout: described(
      z.optional(Duration),
      'how long the program has from SIGTERM to SIGKILL, 2m at most; without it 30s',
    ),
    port: described(
      z._default(z.boolean(), false),
      'true: PORT is set to a free port, and the task is RUNNING when the program accepts connections there',
    ),
    ready: described(
      z.optional(Text),
      'of a program without port: the line on its standard output that makes its task RUNNING; without it that is the line `ready`, or to have lived for a second',
    ),
  })
  .check(z.meta({ title: 'program' }));
export type ProgramSpec = z.infer<typeof ProgramSpec>;

/** A task definition for RunTask. */
export const TaskDefinitionSpec = z
  .strictObject({
    container: described(z.optional(Text), "the name of its one container; without it the task definition's own"),
    image: described(Text, 'the image of the container; it is only named'),
    program: described(z.optional(ProgramSpec), 'what the container runs; needed unless its image cannot be pulled'),
    pull: described(
      z._default(z.enum(['works', 'fails']), 'works'),
      '`fails`: its tasks stop before they start, with CannotPullContainerError',
    ),
  })
  .check(z.meta({ title: 'taskDefinitions.<name>' }));

/** An SQS queue, and the messages that come into it by themselves. */
export const QueueSpec = z
  .strictObject({
    attributes: described(
      z._default(z.record(z.string(), z.string()), {}),
      'as in CreateQueue, such as `VisibilityTimeout: "30"`',
    ),
    deadLetterQueue: described(
      z.optional(
        z.strictObject({
          name: described(QueueName, 'one of `queues`'),
          maxReceiveCount: described(Count, 'as in RedrivePolicy'),
        }),
      ),
      'where messages go that were received too often',
    ),
    messages: described(
      z.optional(
        z.strictObject({
          perSecond: described(z.number().check(z.positive()), "on the simulator's clock, evenly spaced"),
          from: described(z.optional(Duration), 'since the start of the scenario; without it 0'),
          until: described(Duration, 'since the start of the scenario'),
          body: described(
            z.optional(z.record(z.string(), z.unknown())),
            'what the JSON body of each message has beside its `id`',
          ),
        }),
      ),
      'messages that are sent to it; each has a JSON body with an `id` of its own',
    ),
  })
  .check(z.meta({ title: 'queues.<name>' }));
export type QueueSpec = z.infer<typeof QueueSpec>;

export const Queues = z.record(QueueName, QueueSpec);

const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGSTOP', 'SIGCONT'] as const;

export const Kill = z.strictObject({
  service: described(z.optional(z.string()), 'one of `services`; without it the one that is deployed'),
  revision: described(z.string(), "the revision's name"),
  tasks: described(z._default(Count, 1), 'how many of its running tasks, the oldest first'),
  signal: described(z._default(z.enum(SIGNALS), 'SIGKILL'), 'what their processes get'),
});
export type Kill = z.infer<typeof Kill>;

export const SendMessages = z.strictObject({
  queue: described(z.string(), 'one of `queues`'),
  count: described(Count, 'how many'),
  perSecond: described(
    z.optional(z.number().check(z.positive())),
    "evenly spaced on the simulator's clock; without it all at once",
  ),
  body: described(
    z.optional(z.record(z.string(), z.unknown())),
    'what the JSON body of each message has beside its `id`',
  ),
});
export type SendMessages = z.infer<typeof SendMessages>;
