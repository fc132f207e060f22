/** What the hooks read and write beside the service itself: queues, topics, parameters, images, tasks. */
import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { GetTopicAttributesCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { idOf } from '../../shared/event.ts';
import { isJsonObject, parseJson } from '../../shared/schema.ts';
import { count } from '../../shared/text.ts';
import type { HookAround } from './around.ts';
import { ask, type Unseen } from './ask.ts';
import { type Line, right, unknown, warning, wrong } from './line.ts';
import { prefixOf, textAt } from './settings.ts';

export interface Looked {
  lines: Line[];
  /** ARNs of what was found. */
  found: string[];
  /** Why not all of it is known. */
  unseen: Unseen | undefined;
}

/** @returns the dead-letter queues as what was found */
export async function queueLines({ clients }: HookAround, urls: readonly string[]): Promise<Looked> {
  const looked: Looked = { lines: [], found: [], unseen: undefined };
  for (const url of urls) {
    const name = idOf(url);
    const check = `queue ${name}`;
    const asked = await ask(
      clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ['RedrivePolicy', 'ApproximateNumberOfMessages'],
        }),
      ),
    );
    if (asked.kind === 'unseen') {
      looked.lines.push(unknown(check, asked));
      looked.unseen = asked;
    } else if (asked.kind === 'absent')
      looked.lines.push(wrong(check, `there is no queue ${url}`, 'make it, or mend its URL'));
    else {
      const { RedrivePolicy, ApproximateNumberOfMessages: waiting = '0' } = asked.value.Attributes ?? {};
      const policy = parseJson(RedrivePolicy ?? '');
      const dead = isJsonObject(policy) ? policy.deadLetterTargetArn : undefined;
      const messages = count(Number(waiting), 'message');
      if (typeof dead !== 'string') {
        const text = `${messages}, no dead-letter queue: a message that no worker can take comes back for ever`;
        looked.lines.push(warning(check, text, 'give it a redrive policy'));
        continue;
      }
      looked.found.push(dead);
      looked.lines.push(right(check, `${messages}, dead letters to ${dead.split(':').at(-1)}`));
    }
  }
  return looked;
}

export async function topicLine({ clients, config }: HookAround): Promise<Line> {
  const arn = textAt(config, 'notifyTopicArn');
  if (arn === undefined) {
    return warning('topic', 'no notifyTopicArn: nobody is told of a deployment that waits', 'name an SNS topic');
  }
  const asked = await ask(clients.sns.send(new GetTopicAttributesCommand({ TopicArn: arn })));
  if (asked.kind === 'unseen') return unknown('topic', asked);
  if (asked.kind === 'absent') return wrong('topic', `there is no topic ${arn}`, 'make it, or mend notifyTopicArn');
  const confirmed = asked.value.Attributes?.SubscriptionsConfirmed;
  if (confirmed !== '0')
    return right('topic', `${arn}${confirmed === undefined ? '' : `, ${count(Number(confirmed), 'subscription')}`}`);
  return warning('topic', `${arn} has no confirmed subscription: nobody is told`, 'subscribe to it');
}

/** What the hook keeps in Parameter Store for this service. */
export async function parametersLine({ clients, config, hook, place }: HookAround): Promise<Line> {
  const path = `${prefixOf(config)}/${hook.name}/${place.cluster}/${place.service}`;
  const asked = await ask(
    clients.ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true, MaxResults: 10 })),
  );
  if (asked.kind !== 'told') return unknown('parameters', asked);
  const { Parameters = [], NextToken } = asked.value;
  const number = NextToken === undefined ? count(Parameters.length, 'parameter') : 'more than 10 parameters';
  return right('parameters', `${number} under ${path}`);
}

/** "ServiceDeployment", status: those that are not the last. */
const UNDER_WAY = /^(?:PENDING|IN_PROGRESS|STOP_REQUESTED|ROLLBACK_REQUESTED|ROLLBACK_IN_PROGRESS)$/;

/** Of consumer-switch: whether the parameter names a revision that is there to consume. */
export async function consumerLine({ clients, config, place, service, lastDeployment }: HookAround): Promise<Line> {
  const name = `${prefixOf(config)}/consumer/${place.cluster}/${place.service}`;
  const asked = await ask(clients.ssm.send(new GetParameterCommand({ Name: name })));
  if (asked.kind === 'unseen') return unknown('consumer', asked);
  if (asked.kind === 'absent') {
    return warning(
      'consumer',
      `there is no parameter ${name} yet`,
      'the next deployment writes it; until then workers wait',
    );
  }
  const value = (asked.value.Parameter?.Value ?? '').trim();
  const live = (service.currentServiceRevisions ?? []).map(({ arn = '' }) => idOf(arn));
  if (live.includes(value)) return right('consumer', `${name} names the revision ${value}, which is live`);
  const todo = `put ${live.join(' or ')} there, unless a deployment is under way`;
  if (value !== 'none') return wrong('consumer', `${name} names ${value}, and live is ${live.join(', ')}`, todo);
  if (lastDeployment.kind === 'unseen') return unknown('consumer', lastDeployment);
  const status = lastDeployment.kind === 'told' ? (lastDeployment.value.status ?? '') : '';
  if (UNDER_WAY.test(status)) return right('consumer', `${name} says none: a deployment is under way`);
  return wrong('consumer', `${name} says none, so that nobody takes messages`, todo);
}

const ECR_HOST =
  /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)\/(?<name>[^:@]+)/;

/** The ECR repositories of the service's images. @returns those of this account and Region as what was found */
export async function imageLines({ clients, place, service }: HookAround): Promise<Looked> {
  const asked = await ask(
    clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service.taskDefinition })),
  );
  if (asked.kind !== 'told') {
    return { lines: [unknown('images', asked)], found: [], unseen: { ...asked, kind: 'unseen' } };
  }
  const images = (asked.value.taskDefinition?.containerDefinitions ?? []).flatMap(({ image }) => image ?? []);
  const looked: Looked = { lines: [], found: [], unseen: undefined };
  for (const image of new Set(images)) {
    const { account, region, name = '' } = ECR_HOST.exec(image)?.groups ?? {};
    const check = `image ${image}`;
    if (account !== place.account || region !== place.region) {
      const where = account === undefined ? 'not in ECR' : `in the ECR of ${account} in ${region}`;
      looked.lines.push(warning(check, `${where}: whether the hook can read it was not looked at`));
      continue;
    }
    const found = await ask(
      clients.ecr.send(new DescribeRepositoriesCommand({ registryId: account, repositoryNames: [name] })),
    );
    if (found.kind === 'absent') {
      looked.lines.push(wrong(check, `there is no repository ${name}`, 'push it, or mend the image'));
      continue;
    }
    const mutability = found.kind === 'told' ? found.value.repositories?.[0]?.imageTagMutability : undefined;
    looked.lines.push(
      found.kind === 'unseen'
        ? unknown(check, found)
        : right(check, `its repository is there, tags are ${mutability ?? 'as they are'}`),
    );
    // The hook needs its permissions there, whatever the caller of doctor may see.
    looked.found.push(`arn:${place.partition}:ecr:${region}:${account}:repository/${name}`);
  }
  return looked;
}

/** The service of the traffic generators. */
export async function generatorLine({ clients, config }: HookAround): Promise<Line> {
  const cluster = textAt(config, 'generator', 'cluster');
  const name = textAt(config, 'generator', 'service');
  if (name === undefined) return right('generator', 'none is scaled: somebody else keeps the generators running');
  const asked = await ask(clients.ecs.send(new DescribeServicesCommand({ cluster, services: [name] })));
  if (asked.kind === 'unseen') return unknown('generator', asked);
  const found = asked.kind === 'told' ? asked.value.services?.[0] : undefined;
  if (found?.status === 'ACTIVE') return right('generator', `the service ${name} in ${cluster} is ACTIVE`);
  return wrong('generator', `there is no active service ${name} in ${cluster}`, 'deploy it, or mend generator');
}

/** The task that runs the load. @returns the roles that RunTask passes as what was found */
export async function taskLines({ clients, config }: HookAround): Promise<Looked> {
  const taskDefinition = textAt(config, 'task', 'taskDefinition');
  if (taskDefinition === undefined) {
    return {
      lines: [wrong('task', 'the runner is task, and none is configured', 'write task')],
      found: [],
      unseen: undefined,
    };
  }
  const asked = await ask(clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition })));
  if (asked.kind === 'unseen') return { lines: [unknown('task', asked)], found: [], unseen: asked };
  const definition = asked.kind === 'told' ? asked.value.taskDefinition : undefined;
  const missing = wrong('task', `there is no task definition ${taskDefinition}`, 'register it, or mend task');
  if (definition === undefined) return { lines: [missing], found: [], unseen: undefined };
  const container = textAt(config, 'task', 'container');
  const has = (definition.containerDefinitions ?? []).some(({ name }) => name === container);
  const roles = [definition.taskRoleArn, definition.executionRoleArn].flatMap((arn) => arn ?? []);
  const line = has
    ? right('task', `${definition.family}:${definition.revision} with its container ${container}`)
    : wrong('task', `${taskDefinition} has no container ${container}`, 'mend task.container');
  return { lines: [line], found: roles, unseen: undefined };
}
