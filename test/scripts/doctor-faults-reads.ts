import { MINUTE } from '../simulator/engine-kit.ts';
import { type DoctorFault, denied, environment, granting, parameter, rule } from './doctor-spoil.ts';
import { ACCOUNT, CLUSTER, queueUrl } from './doctor-world.ts';

/** A metric that catalog could have. */
const BASKET = {
  id: 'own',
  kind: 'gauge',
  values: { namespace: 'Shop', metricName: 'Basket', dimensions: { Revision: '{revision}' }, statistic: 'Average' },
};

/** What can be wrong with the things that the hooks read, and with what sends events to them. */
export const READ_FAULTS: readonly DoctorFault[] = [
  {
    name: 'queue does not exist',
    told: 'wrong queue lost: there is no queue https://sqs.eu-west-1.amazonaws.com/123456789012/lost',
    service: 'catalog',
    options: { details: { 'load-test': { queueUrl: queueUrl('lost'), targets: [{ url: 'http://catalog:8080/' }] } } },
    spoil: granting('load-test', ['sqs:SendMessage']),
  },
  {
    name: 'queue without dead letters',
    told: 'warning queue sightings: 0 messages, no dead-letter queue: a message that no worker can take comes back for ever',
    service: 'notifications',
    spoil: ({ aws }) => aws.queues.setAttributes(aws.queues.get('sightings'), { RedrivePolicy: '' }),
  },
  {
    name: 'queue may not be read',
    told: 'unknown queue load: could not be looked at without sqs:GetQueueAttributes',
    service: 'catalog',
    spoil: denied('sqs', 'GetQueueAttributes'),
  },
  {
    name: 'topic does not exist',
    told: 'wrong topic: there is no topic arn:aws:sns:eu-west-1:123456789012:lost',
    service: 'ui',
    spoil: (world) => {
      environment('approval', { HOOK_DEFAULTS: `{"notifyTopicArn":"arn:aws:sns:eu-west-1:${ACCOUNT}:lost"}` })(world);
      granting('approval', ['sns:Publish'])(world);
    },
  },
  {
    name: 'topic without subscribers',
    told: 'warning topic: arn:aws:sns:eu-west-1:123456789012:approvals has no confirmed subscription: nobody is told',
    service: 'ui',
    spoil: ({ aws }) => {
      aws.topics.confirmedSubscriptions.set(`arn:aws:sns:eu-west-1:${ACCOUNT}:approvals`, 0);
    },
  },
  {
    name: 'no topic',
    told: 'warning topic: no notifyTopicArn: nobody is told of a deployment that waits',
    service: 'ui',
    spoil: environment('approval', {}),
  },
  {
    name: 'parameters may not be read',
    told: 'unknown parameters: could not be looked at without ssm:GetParametersByPath',
    service: 'ui',
    spoil: ({ aws }) => {
      aws.faults.add({
        service: 'ssm',
        operation: 'GetParametersByPath',
        kind: 'access-denied',
        always: true,
        match: ({ Path }) => String(Path).includes('approval'),
      });
    },
  },
  {
    name: 'no generators',
    told: 'wrong generator: there is no active service lost in unicorn-watch',
    service: 'catalog',
    options: {
      details: {
        'load-test': {
          queueUrl: queueUrl('load'),
          targets: [{ url: 'http://catalog:8080/' }],
          generator: { cluster: CLUSTER, service: 'lost', tasks: 2 },
        },
      },
    },
    spoil: granting('load-test', ['ecs:*', 'ssm:*']),
  },
  {
    name: 'no data in the last hour',
    told: 'warning metric own: no data in the last hour: Shop Basket {Revision=<revision>}',
    service: 'catalog',
    options: { details: { canary: { metrics: [{ preset: 'alb' }, BASKET] } } },
    spoil: ({ aws, around, revisions }) =>
      aws.metrics.put({
        namespace: 'Shop',
        metricName: 'Basket',
        dimensions: { Revision: revisions.get('catalog') ?? '' },
        timestamp: around.now().getTime() - 90 * MINUTE,
        value: 1,
      }),
  },
  {
    name: 'a metric that is not there',
    told: 'wrong metric own: CloudWatch has no such metric: Shop Basket {Revision=<revision>}',
    service: 'catalog',
    options: {
      details: {
        canary: {
          metrics: [{ preset: 'alb' }, BASKET],
        },
      },
    },
  },
  {
    name: 'metrics that the service cannot have',
    told: 'wrong metrics: Bad configuration: the preset alb needs a service behind an Application Load Balancer; ECS has resolved net/catalog/587dd7aadaaed691 for the target revision',
    service: 'catalog',
    options: { loadBalancing: 'nlb' },
  },
  {
    name: 'metrics may not be listed',
    told: 'unknown metric own: could not be looked at without cloudwatch:ListMetrics',
    service: 'catalog',
    options: { details: { canary: { metrics: [{ preset: 'alb' }, BASKET] } } },
    spoil: denied('monitoring', 'ListMetrics'),
  },
  {
    name: 'repository does not exist',
    told: 'wrong image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/unicorn-watch/ui:1.0.0: there is no repository unicorn-watch/ui',
    service: 'ui',
    spoil: ({ aws }) => {
      aws.faults.add({ service: 'ecr', operation: 'DescribeRepositories', kind: 'not-found', always: true });
    },
  },
  {
    name: 'consumer parameter is not there',
    told: 'warning consumer: there is no parameter /ecs-hooks/consumer/unicorn-watch/notifications yet',
    service: 'notifications',
    spoil: ({ aws }) => {
      aws.parameters.delete(`/ecs-hooks/consumer/${CLUSTER}/notifications`);
    },
  },
  {
    name: 'consumer parameter names a revision that is gone',
    told: 'wrong consumer: /ecs-hooks/consumer/unicorn-watch/notifications names 1865906302841951526, and live is <revision>',
    service: 'notifications',
    spoil: parameter(`/ecs-hooks/consumer/${CLUSTER}/notifications`, '1865906302841951526'),
  },
  {
    name: 'consumer parameter says none',
    told: 'wrong consumer: /ecs-hooks/consumer/unicorn-watch/notifications says none, so that nobody takes messages',
    service: 'notifications',
    spoil: parameter(`/ecs-hooks/consumer/${CLUSTER}/notifications`, 'none'),
  },
  // Events.
  {
    name: 'no rule',
    told: 'wrong event rule: no rule has the function as its target: a deployment that ends without a hook being called would leave the wrong consumer',
    service: 'notifications',
    spoil: ({ aws }) => aws.rules.delete('consumer-switch-events'),
  },
  {
    name: 'rule disabled',
    told: 'wrong event rule: the rule consumer-switch-events is disabled: a deployment that ends without a hook being called would leave the wrong consumer',
    service: 'notifications',
    spoil: rule({ state: 'DISABLED' }),
  },
  {
    name: 'rule for another cluster',
    told: 'wrong event rule: the pattern of the rule consumer-switch-events does not match SERVICE_DEPLOYMENT_COMPLETED and SERVICE_DEPLOYMENT_FAILED of this service',
    service: 'notifications',
    spoil: rule({
      eventPattern: { source: ['aws.ecs'], resources: [{ prefix: `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/other/` }] },
    }),
  },
  {
    name: 'rule for failures alone',
    told: 'wrong event rule: the pattern of the rule consumer-switch-events does not match SERVICE_DEPLOYMENT_COMPLETED of this service',
    service: 'notifications',
    spoil: rule({ eventPattern: { source: ['aws.ecs'], detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] } } }),
  },
  {
    name: 'rule with operators that nobody knows',
    told: 'unknown event rule: could not be looked at: the pattern of the rule consumer-switch-events holds operators unknown to doctor',
    service: 'notifications',
    spoil: rule({ eventPattern: { source: ['aws.ecs'], account: [{ cidr: '10.0.0.0/8' }] } }),
  },
  {
    name: 'rule may not invoke the function',
    told: "wrong event rule: the rule consumer-switch-events is enabled and matches, but the function's policy does not let events.amazonaws.com invoke it",
    service: 'notifications',
    spoil: ({ aws }) => aws.functions.change('ecs-hooks-consumer-switch', ({ policy: _, ...one }) => one),
  },
  {
    name: 'rules may not be listed',
    told: 'unknown event rule: could not be looked at without events:ListRuleNamesByTarget',
    service: 'notifications',
    spoil: denied('events', 'ListRuleNamesByTarget'),
  },
];
