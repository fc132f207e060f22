/** `npm run local-aws`: the local AWS endpoint alone, on the machine's clock, until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import type { AwsCall } from '../simulator/aws/dispatch.ts';
import { isObject } from '../simulator/aws/input.ts';
import { createLocalAws, type LocalAws } from '../simulator/aws/local-aws.ts';
import { systemClock } from '../simulator/clock.ts';
import { parseChoices, Readings } from '../simulator/engine/readings.ts';
import { loadScenario } from '../simulator/scenario/load.ts';
import type { Scenario } from '../simulator/scenario/schema.ts';
import { beginServices, createWorld } from '../simulator/scenario/world.ts';
import { spelled } from './command.ts';

const USAGE = `Usage: ${spelled('local-aws')} [options]

Speaks SSM Parameter Store, ECS, ECR, SNS, SQS, CloudWatch and STS to AWS SDKs and the AWS CLI, and what Lambda, IAM
and EventBridge tell of functions, roles and rules; everything is kept in memory.

  --port <n>       port, 0 for any free one (4566)
  --host <addr>    address to listen on (127.0.0.1)
  --region <name>  Region of all ARNs (eu-west-1)
  --account <id>   12-digit account id (123456789012)
  --queue <name>   an SQS queue that is there; name=dead:3 also makes the queue dead, where
                   messages go after three receives (may be given more than once)
  --seed <file>    YAML: topics: [name, ...]   parameters: {/name: value, ...}
  --scenario <file>
                   what a scenario begins with, at rest: services, functions, roles, queues …; its clock stands still,
                   and beside it only --port is taken
  --help           this text`;

const HOST = '127.0.0.1';
const REGION = 'eu-west-1';
const ACCOUNT = '123456789012';

/** The caller could not have meant this: told with the usage, exit code 2. */
class BadArguments extends Error {
  override readonly name = 'BadArguments';
}

interface Arguments {
  port: number;
  host: string;
  region: string;
  account: string;
  queues: string[];
  seed: string | undefined;
  scenario: string | undefined;
  help: boolean;
}

function readArguments(argv: string[]): Arguments {
  const { values } = parseOptions(argv);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new BadArguments(`--port must be 0 to 65535: ${values.port}`);
  if (!/^\d{12}$/.test(values.account)) throw new BadArguments(`--account must have 12 digits: ${values.account}`);
  const { seed, scenario, queue: queues, host, region, account } = values;
  const others = [queues.length > 0, seed !== undefined, host !== HOST, region !== REGION, account !== ACCOUNT];
  if (scenario !== undefined && others.includes(true))
    throw new BadArguments('--scenario has its own Region, account, queues and parameters: only --port goes with it');
  return { ...values, port, seed, scenario, queues };
}

function parseOptions(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '4566' },
        host: { type: 'string', default: HOST },
        region: { type: 'string', default: REGION },
        account: { type: 'string', default: ACCOUNT },
        queue: { type: 'string', multiple: true, default: [] },
        seed: { type: 'string' },
        scenario: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new BadArguments(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws BadArguments when the file cannot be read or holds anything else than topics and parameters */
async function seed(aws: LocalAws, file: string): Promise<void> {
  try {
    const content: unknown = parse(await readFile(file, 'utf8')) ?? {};
    if (!isObject(content)) throw new Error('it must hold a mapping');
    const { topics = [], parameters = {}, ...unknown } = content;
    const [extra] = Object.keys(unknown);
    if (extra !== undefined) throw new Error(`unknown key ${extra}; known: topics, parameters`);
    if (!Array.isArray(topics) || !isObject(parameters)) throw new Error('topics must be a list, parameters a mapping');
    for (const topic of topics) aws.topics.create(String(topic));
    const root = `arn:aws:iam::${aws.accountId}:root`;
    for (const [name, value] of Object.entries(parameters)) {
      aws.parameters.put(
        { name, value: typeof value === 'string' ? value : JSON.stringify(value), type: 'String' },
        root,
      );
    }
  } catch (cause) {
    throw new BadArguments(`--seed ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** @throws BadArguments when it is no `name` or `name=dead-letter-queue:maxReceiveCount` that SQS would accept */
function createQueue(aws: LocalAws, text: string): void {
  const [name = '', deadLetters] = text.split('=');
  try {
    if (deadLetters === undefined) {
      aws.queues.create(name);
      return;
    }
    const [dead = '', count] = deadLetters.split(':');
    const policy = { deadLetterTargetArn: aws.queues.create(dead).arn, maxReceiveCount: Number(count) };
    aws.queues.create(name, { RedrivePolicy: JSON.stringify(policy) });
  } catch (cause) {
    throw new BadArguments(`--queue ${text}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function logCall({ at, service, operation, callerArn, input, error, fault }: AwsCall): void {
  const subject =
    input.Name ??
    input.Path ??
    input.TopicArn ??
    input.QueueUrl ??
    input.QueueName ??
    input.serviceDeploymentArn ??
    input.service ??
    '';
  const outcome = [error ?? 'ok', fault === undefined ? '' : `(injected: ${fault})`].join(' ').trim();
  console.log(
    `${new Date(at).toISOString()} ${service}:${operation} ${subject} ${outcome} ${callerArn}`.replace(/ {2,}/g, ' '),
  );
}

interface Serving {
  url: string;
  region: string;
  close(): Promise<void>;
}

async function serve({ port, host, region, account, queues, seed: seedFile }: Arguments): Promise<Serving> {
  const aws = createLocalAws({ clock: systemClock, accountId: account, region, onCall: logCall });
  for (const queue of queues) createQueue(aws, queue);
  if (seedFile !== undefined) await seed(aws, seedFile);
  return { ...(await aws.listen({ port, host })), region };
}

/** A service that its first deployment creates is there with that one's revision, and no task is a process. */
function atRest(scenario: Scenario): Scenario {
  const services = Object.entries(scenario.services).map(([name, spec]) => {
    const first = spec.running ?? scenario.deployments.find(({ service }) => service === name)?.revision;
    if (first === undefined) return [name, spec];
    const { program: _, ...running } = first;
    return [name, { ...spec, running }];
  });
  return { ...scenario, services: Object.fromEntries(services) };
}

/** @throws BadArguments when the scenario cannot be read, or what it says exists cannot be */
async function serveScenario(file: string, port: number): Promise<Serving> {
  try {
    const scenario = atRest(await loadScenario(file));
    const world = await createWorld(scenario, {
      readings: new Readings(parseChoices(scenario.readings)),
      dist: 'dist',
      port,
      onCall: logCall,
      onEvent: () => {},
      answersFor: () => undefined,
    });
    beginServices(scenario, world);
    return { url: world.endpointUrl, region: scenario.region, close: world.close };
  } catch (cause) {
    throw new BadArguments(`--scenario ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function main(): Promise<void> {
  const args = readArguments(process.argv.slice(2));
  if (args.help) {
    console.log(USAGE);
    return;
  }
  const { url, region, close } = await (args.scenario === undefined
    ? serve(args)
    : serveScenario(args.scenario, args.port));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      close().catch((error: unknown) => console.error(error));
    });
  }
  console.log(`Local AWS (SSM, ECS, ECR, SNS, SQS, CloudWatch, STS, Lambda, IAM, EventBridge) listens on ${url}; Ctrl-C stops it. In another terminal:
  export AWS_ENDPOINT_URL=${url}
  export AWS_REGION=${region}
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local`);
}

try {
  await main();
} catch (error) {
  const wrongUse = error instanceof BadArguments;
  console.error(error instanceof Error ? error.message : String(error));
  if (wrongUse) console.error(`\n${USAGE}`);
  process.exitCode = wrongUse ? 2 : 1;
}
