/** Which resources each action of a hook is allowed on. Names in `<>` are parameters of the template. */
import { placeholders } from './names.ts';

/** Conditions of the template under which a statement is there; the policies that stand alone hold all statements. */
export type When = 'HasWorkQueues' | 'HasLoadQueue' | 'HasGeneratorService' | 'HasLoadTestTask' | 'ScansEnhanced';

export interface Grant {
  /** Statements that a reader sees together have the same. */
  sid: string;
  resources: readonly string[];
  condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  when?: When;
}

/** A role of a hook, told by its id, is allowed an action on these. */
type Row = (hook: string) => readonly Grant[];

/** Of this account; roles are in no Region. */
export function arn(service: string, resource: string): string {
  const region = service === 'iam' ? '' : '<AWS::Region>';
  return placeholders(`arn:<AWS::Partition>:${service}:${region}:<AWS::AccountId>:${resource}`);
}

const SERVICE = arn('ecs', 'service/<Cluster>/<Service>');
const DEPLOYMENTS = arn('ecs', 'service-deployment/<Cluster>/<Service>/*');
const REVISIONS = arn('ecs', 'service-revision/<Cluster>/<Service>/*');
const GENERATORS = arn('ecs', 'service/<LoadTestCluster>/<GeneratorService>');
const TASKS = arn('ecs', 'task/<LoadTestCluster>/*');

/** A folder is a resource itself: GetParametersByPath is about the path, and consumer-switch keeps a value there. */
function folder(path: string): string[] {
  const resource = arn('ssm', `parameter<ParameterPrefix>/${path}`);
  return [resource, `${resource}/*`];
}

/** Where hooks keep their parameters that are not `<prefix>/<hook>/<cluster>/<service>`. */
const FOLDERS: ReadonlyMap<string, readonly Grant[]> = new Map<string, readonly Grant[]>([
  ['consumer-switch', [{ sid: 'OwnParameters', resources: folder('consumer/<Cluster>/<Service>') }]],
  [
    'load-test',
    [
      { sid: 'OwnParameters', resources: folder('load-test/<Cluster>/<Service>') },
      {
        sid: 'GeneratorHolds',
        resources: folder('load-generators/<LoadTestCluster>/<GeneratorService>'),
        when: 'HasGeneratorService',
      },
    ],
  ],
]);

const ofService =
  (...resources: string[]): Row =>
  () => [{ sid: 'Service', resources }];
const ownParameters: Row = (hook) =>
  FOLDERS.get(hook) ?? [{ sid: 'OwnParameters', resources: folder(`${hook}/<Cluster>/<Service>`) }];
const everything =
  (sid: string): Row =>
  () => [{ sid, resources: ['*'] }];
const images: Row = () => [{ sid: 'Images', resources: [arn('ecr', 'repository/<Repositories>')] }];
const loadTask =
  (...resources: string[]): Row =>
  () => [{ sid: 'LoadTestTask', resources, when: 'HasLoadTestTask' }];
const workQueues: Row = () => [{ sid: 'WorkQueues', resources: [arn('sqs', '<WorkQueues>')], when: 'HasWorkQueues' }];
const enhanced: Row = () => [{ sid: 'EnhancedScans', resources: ['*'], when: 'ScansEnhanced' }];
const generators: Row = () => [{ sid: 'Generators', resources: [GENERATORS], when: 'HasGeneratorService' }];

/**
 * One row an action: the resource types and condition keys that the Service Authorization Reference has for it
 * ("Actions, resources, and condition keys for Amazon ECS", and likewise of the other services). `*` only where it has
 * no resource type, or none that the hooks use.
 */
const TABLE: Readonly<Record<string, Row>> = {
  // Metrics are no resources; the one type, dataset, is not what GetMetricData reads here.
  'cloudwatch:GetMetricData': everything('Metrics'),
  'ecr:BatchGetImage': images,
  'ecr:DescribeImageScanFindings': images,
  'ecr:DescribeImages': images,
  'ecr:DescribeRepositories': images,
  'ecs:DescribeServiceDeployments': ofService(SERVICE, DEPLOYMENTS),
  'ecs:DescribeServiceRevisions': ofService(SERVICE, REVISIONS),
  // load-test looks at the generators' service, and at no other.
  'ecs:DescribeServices': (hook) => (hook === 'load-test' ? generators(hook) : ofService(SERVICE)(hook)),
  // No resource type.
  'ecs:DescribeTaskDefinition': everything('TaskDefinitions'),
  'ecs:DescribeTasks': loadTask(TASKS),
  'ecs:ListServiceDeployments': ofService(SERVICE),
  'ecs:RunTask': () => [
    {
      sid: 'LoadTestRun',
      resources: [arn('ecs', 'task-definition/<LoadTestTaskFamily>:*')],
      condition: { ArnLike: { 'ecs:cluster': arn('ecs', 'cluster/<LoadTestCluster>') } },
      when: 'HasLoadTestTask',
    },
  ],
  'ecs:StopTask': loadTask(TASKS),
  'ecs:UpdateService': generators,
  'iam:PassRole': () => [
    {
      sid: 'LoadTestTaskRoles',
      resources: [arn('iam', 'role/<LoadTestTaskRoles>')],
      condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      when: 'HasLoadTestTask',
    },
  ],
  'inspector2:ListCoverage': enhanced,
  'inspector2:ListFindings': enhanced,
  'sns:Publish': () => [{ sid: 'Notification', resources: [arn('sns', '<ApprovalTopicName>')] }],
  'sqs:GetQueueAttributes': workQueues,
  'sqs:GetQueueUrl': workQueues,
  'sqs:SendMessage': () => [{ sid: 'LoadQueue', resources: [arn('sqs', '<LoadQueueName>')], when: 'HasLoadQueue' }],
  'ssm:DeleteParameters': ownParameters,
  'ssm:GetParameter': ownParameters,
  'ssm:GetParameterHistory': ownParameters,
  'ssm:GetParametersByPath': ownParameters,
  'ssm:PutParameter': ownParameters,
};

/** What IAM asks for beside an action itself. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  // "IAM permissions required for enhanced scanning in Amazon ECR".
  'ecr:DescribeImageScanFindings': ['inspector2:ListCoverage', 'inspector2:ListFindings'],
  // "Amazon ECS task execution IAM role": RunTask passes the roles of the task definition.
  'ecs:RunTask': ['iam:PassRole'],
};

/** What the framework reads for every hook: a HOOK_POLICY that is a parameter. */
export const POLICY_PARAMETERS: Grant = {
  sid: 'PolicyParameter',
  resources: [arn('ssm', 'parameter<PolicyParameters>')],
};

/** "Using CloudWatch Logs with Lambda": the log group is there before the function. */
export const LOGS: Grant = {
  sid: 'Logs',
  resources: [arn('logs', 'log-group:/aws/lambda/<FunctionName>:*')],
};

/** "Capturing records of Lambda asynchronous invocations": the function's own role sends what failed to the queue. */
export const LOST_EVENTS: Grant = {
  sid: 'LostEvents',
  resources: [arn('sqs', '<FunctionName>-lost-events')],
};

/** The actions with those that they need beside themselves, sorted. */
export function withCompanions(actions: readonly string[]): string[] {
  return [...new Set(actions.flatMap((action) => [action, ...(COMPANIONS[action] ?? [])]))].sort();
}

/** @throws Error when no row of the table is about the action */
export function grantsOf(hook: string, action: string): readonly Grant[] {
  const row = TABLE[action];
  if (row === undefined) throw new Error(`${hook} declares ${action}: give it a row in scripts/deploy/permissions.ts`);
  return row(hook);
}

export const KNOWN_ACTIONS: readonly string[] = Object.keys(TABLE);
