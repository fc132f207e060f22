import { type DoctorFault, denied, invokeTrust } from './doctor-spoil.ts';
import { ACCOUNT, allow, functionArn, trust } from './doctor-world.ts';

/** What can be wrong with the service, the entry in lifecycleHooks, and the role by which ECS invokes. */
export const ATTACHMENT_FAULTS: readonly DoctorFault[] = [
  {
    name: 'alarms without rollback',
    told: 'warning deployment: alarms.rollback: an alarm stops the deployment without going back',
    service: 'notifications',
    options: { configuration: { alarms: { alarmNames: ['errors'], enable: true, rollback: false } } },
  },
  {
    name: 'circuit breaker without rollback',
    told: 'warning circuit breaker: on, but stops a deployment without going back',
    service: 'notifications',
    options: { configuration: { deploymentCircuitBreaker: { enable: true, rollback: false } } },
  },
  {
    name: 'the deployments may not be listed',
    told: 'unknown last deployment: could not be looked at without ecs:ListServiceDeployments',
    service: 'notifications',
    spoil: denied('ecs', 'ListServiceDeployments'),
  },
  // The entry in lifecycleHooks.
  {
    name: 'fails open',
    told: 'warning attachment: timeoutConfiguration.action: fails open: a gate that does not answer in time lets the deployment pass; write ROLLBACK',
    service: 'notifications',
    options: {
      entries: { 'consumer-switch': { timeoutConfiguration: { timeoutInMinutes: 120, action: 'CONTINUE' } } },
    },
  },
  {
    name: 'ECS gives up before the hook',
    told: 'warning attachment: timeoutConfiguration.timeoutInMinutes: ECS gives up after 10 minutes, the hook only after timeoutMinutes 60 (its default)',
    service: 'notifications',
    options: { entries: { 'consumer-switch': { timeoutConfiguration: { timeoutInMinutes: 10, action: 'ROLLBACK' } } } },
  },
  {
    name: 'at a stage where the hook does not serve',
    told: 'wrong attachment: lifecycleStages[0]: the approval hook answers FAILED at PRODUCTION_TRAFFIC_SHIFT',
    service: 'ui',
    options: { entries: { approval: { lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] } } },
  },
  // The role by which ECS invokes.
  {
    name: 'role does not exist',
    told: 'wrong invoke role: there is no role arn:aws:iam::123456789012:role/ecs-hooks-invoke (iam:GetRole: NoSuchEntityException: The role with name ecs-hooks-invoke cannot be found.)',
    service: 'notifications',
    spoil: ({ aws }) => aws.roles.delete('ecs-hooks-invoke'),
  },
  {
    name: 'role of another account',
    told: 'wrong invoke role: is of account 999999999999, the service of 123456789012',
    service: 'notifications',
    options: { entries: { 'consumer-switch': { roleArn: 'arn:aws:iam::999999999999:role/ecs-hooks-invoke' } } },
  },
  {
    name: 'role under another path',
    told: 'wrong invoke role: there is no role arn:aws:iam::123456789012:role/team/ecs-hooks-invoke (the role of this name is arn:aws:iam::123456789012:role/ecs-hooks-invoke)',
    service: 'notifications',
    options: { entries: { 'consumer-switch': { roleArn: `arn:aws:iam::${ACCOUNT}:role/team/ecs-hooks-invoke` } } },
  },
  {
    name: 'role that trusts another service',
    told: 'wrong invoke role: its trust policy does not let ecs.amazonaws.com assume it',
    service: 'notifications',
    spoil: invokeTrust(trust('ecs-tasks.amazonaws.com')),
  },
  {
    name: 'trust with another account',
    told: 'wrong invoke role: the conditions of its trust policy exclude arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/notifications: {"StringEquals":{"aws:SourceAccount":"999999999999"}}',
    service: 'notifications',
    spoil: invokeTrust(trust('ecs.amazonaws.com', { StringEquals: { 'aws:SourceAccount': '999999999999' } })),
  },
  {
    name: 'trust with another cluster',
    told: 'wrong invoke role: the conditions of its trust policy exclude arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/notifications: {"ArnLike":{"aws:SourceArn":"arn:aws:ecs:eu-west-1:123456789012:service/other/*"}}',
    service: 'notifications',
    spoil: invokeTrust(
      trust('ecs.amazonaws.com', { ArnLike: { 'aws:SourceArn': `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/other/*` } }),
    ),
  },
  {
    name: 'trust that denies',
    told: 'wrong invoke role: its trust policy does not let ecs.amazonaws.com assume it',
    service: 'notifications',
    spoil: invokeTrust({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' }, Action: 'sts:AssumeRole' },
        { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' },
      ],
    }),
  },
  {
    name: 'role may invoke another function',
    told: 'wrong invoke permission: ecs-hooks-invoke is refused lambda:InvokeFunction on arn:aws:lambda:eu-west-1:123456789012:function:ecs-hooks-consumer-switch',
    service: 'notifications',
    spoil: ({ aws }) =>
      aws.roles.change('ecs-hooks-invoke', (role) => ({
        ...role,
        inline: { one: allow(['lambda:InvokeFunction'], [functionArn('approval')]) },
      })),
  },
  {
    name: 'role behind a boundary',
    told: 'wrong invoke permission: ecs-hooks-invoke is refused lambda:InvokeFunction on arn:aws:lambda:eu-west-1:123456789012:function:ecs-hooks-consumer-switch',
    service: 'notifications',
    spoil: ({ aws }) =>
      aws.roles.change('ecs-hooks-invoke', (role) => ({
        ...role,
        boundary: { arn: `arn:aws:iam::${ACCOUNT}:policy/boundary`, document: allow(['s3:*'], ['*']) },
      })),
  },
  {
    name: 'role may not be read',
    told: 'unknown invoke role: could not be looked at without iam:GetRole',
    service: 'notifications',
    spoil: ({ aws }) => {
      aws.faults.add({
        service: 'iam',
        operation: 'GetRole',
        kind: 'access-denied',
        always: true,
        match: ({ RoleName }) => RoleName === 'ecs-hooks-invoke',
      });
    },
  },
  {
    name: 'trust with a condition that nobody knows beforehand',
    told: 'unknown invoke role: could not be looked at: its trust policy has conditions on sts:ExternalId, which ecs.amazonaws.com may not bring',
    service: 'notifications',
    spoil: invokeTrust(trust('ecs.amazonaws.com', { StringEquals: { 'sts:ExternalId': 'shop' } })),
  },
  {
    name: 'alarm does not exist',
    told: 'wrong alarms: there is no alarm errors',
    service: 'notifications',
    spoil: ({ aws }) => aws.alarms.delete('errors'),
  },
  {
    name: 'alarm in ALARM',
    told: 'warning alarms: errors is ALARM',
    service: 'notifications',
    spoil: ({ aws }) => aws.alarms.put('errors', 'ALARM'),
  },
  {
    name: 'alarms may not be described',
    told: 'unknown alarms: could not be looked at without cloudwatch:DescribeAlarms',
    service: 'notifications',
    spoil: denied('monitoring', 'DescribeAlarms'),
  },
];
