import { idOf } from '../../shared/event.ts';
import { type AnyHook, FRAMEWORK_PERMISSIONS } from '../../shared/hook.ts';
import { type Grant, grantsOf, withCompanions } from '../deploy/permissions.ts';
import type { HookAround } from './around.ts';
import type { Unseen } from './ask.ts';
import type { Wish } from './iam.ts';
import { prefixOf, queueArn, textAt } from './settings.ts';

/** What only reading other things tells. */
export interface Facts {
  /** ARNs of the ECR repositories of the service's images, those of this account. */
  repositories: readonly string[];
  /** ARNs of the dead-letter queues of the service's queues. */
  deadLetterQueues: readonly string[];
  /** ARNs of the roles that RunTask passes. */
  taskRoles: readonly string[];
  /** Why some of them are not known. */
  unseen: Unseen | undefined;
}

/**
 * What a hook's function does for this service: its declared permissions and the framework's, on the resources that
 * its configuration names. Where the generated policies have a pattern, any name stands for what will come.
 */
export function wishesOf(around: HookAround, facts: Facts): Wish[] {
  const { hook, policyParameter, place } = around;
  const actions = withCompanions([...hook.permissions, ...frameworkOnly(hook)]);
  const wishes = actions.flatMap((action) =>
    grantsOf(hook.name, action).flatMap((grant) => {
      const resources = resourcesOf(around, facts, grant).filter((one) => isAskedOf(action, one, hook));
      return resources.length === 0 ? [] : [{ actions: [action], resources, ...contextOf(around, grant) }];
    }),
  );
  if (policyParameter === undefined) return wishes;
  const name = policyParameter.replace(/^\//, '');
  const resource = `arn:${place.partition}:ssm:${place.region}:${place.account}:parameter/${name}`;
  return [...wishes, { actions: ['ssm:GetParameter'], resources: [resource] }];
}

/** What a decision line needs. */
export function logWishes(around: HookAround): Wish[] {
  const { place, fn } = around;
  const group = fn.LoggingConfig?.LogGroup ?? `/aws/lambda/${fn.FunctionName}`;
  const stream = `arn:${place.partition}:logs:${place.region}:${place.account}:log-group:${group}:log-stream:any`;
  return [{ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [stream] }];
}

/** GetParameter of the framework is for the policy's parameter alone. */
function frameworkOnly({ permissions }: AnyHook): string[] {
  return FRAMEWORK_PERMISSIONS.filter((action) => action !== 'ssm:GetParameter' && !permissions.includes(action));
}

/**
 * GetParametersByPath is about a folder, the others about what is in it. consumer-switch writes to the folder's own
 * name too, and load-test reads the folders in its folder.
 */
function isAskedOf(action: string, resource: string, { name }: AnyHook): boolean {
  if (!action.startsWith('ssm:')) return true;
  const isFolder = !resource.endsWith('/any');
  if (action === 'ssm:GetParametersByPath') return isFolder || name === 'load-test';
  return !isFolder || (name === 'consumer-switch' && action !== 'ssm:DeleteParameters');
}

function resourcesOf(around: HookAround, facts: Facts, { sid, when, resources }: Grant): string[] {
  const { config, place } = around;
  if (when === 'ScansEnhanced') return [];
  if (when === 'HasGeneratorService' && textAt(config, 'generator', 'service') === undefined) return [];
  if (when === 'HasLoadTestTask' && (config.runner !== 'task' || config.task === undefined)) return [];
  const topic = textAt(config, 'notifyTopicArn');
  const loadQueue = config.runner === 'task' ? undefined : textAt(config, 'queueUrl');
  switch (sid) {
    case 'Notification':
      return topic === undefined ? [] : [topic];
    case 'WorkQueues':
      return [...queuesOf(around), ...facts.deadLetterQueues];
    case 'LoadQueue':
      return loadQueue === undefined ? [] : [queueArn(place, loadQueue)];
    case 'Images':
      return [...facts.repositories];
    case 'LoadTestTaskRoles':
      return [...facts.taskRoles];
    default:
      return resources.map((resource) => filled(resource, valuesOf(around)));
  }
}

function queuesOf({ config, place }: HookAround): string[] {
  const urls: unknown[] = Array.isArray(config.queueUrls) ? config.queueUrls : [];
  return urls.map((url) => queueArn(place, String(url)));
}

function valuesOf({ config, place }: HookAround): Record<string, string> {
  return {
    'AWS::Partition': place.partition,
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    Cluster: place.cluster,
    Service: place.service,
    ParameterPrefix: prefixOf(config),
    LoadTestCluster: idOf(textAt(config, 'task', 'cluster') ?? textAt(config, 'generator', 'cluster') ?? place.cluster),
    GeneratorService: idOf(textAt(config, 'generator', 'service') ?? ''),
    LoadTestTaskFamily: familyOf(textAt(config, 'task', 'taskDefinition') ?? ''),
  };
}

/** Of `family`, `family:revision` or an ARN. */
function familyOf(taskDefinition: string): string {
  return taskDefinition.replace(/^arn:.*\//, '').replace(/:\d+$/, '');
}

/** @throws Error for a placeholder that nothing is known for */
function filled(resource: string, values: Readonly<Record<string, string>>): string {
  if (resource === '*') return resource;
  const whole = resource.replace(/\$\{([\w:]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`Nothing is known for ${name} of ${resource}`);
    return value;
  });
  return whole.replace(/\*$/, whole.includes(':task-definition/') ? '1' : 'any');
}

/** Known of every request of the hook; of a task that RunTask starts, also the cluster that the policies name. */
function contextOf(around: HookAround, { condition = {} }: Grant): Pick<Wish, 'context'> {
  const { partition, region, account, cluster } = around.place;
  const keys = Object.values(condition).flatMap((operands) => Object.entries(operands));
  const own = Object.fromEntries(keys.map(([key, value]) => [key, filled(value, valuesOf(around))]));
  const known = {
    'ecs:cluster': `arn:${partition}:ecs:${region}:${account}:cluster/${cluster}`,
    'iam:PassedToService': 'ecs-tasks.amazonaws.com',
  };
  return { context: { ...known, ...own } };
}
