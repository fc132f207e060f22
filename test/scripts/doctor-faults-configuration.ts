import { type DoctorFault, denying, environment, granting, parameter, setting, without } from './doctor-spoil.ts';
import { trust } from './doctor-world.ts';

/** What can be wrong with a hook's configuration, and with its role. */
export const CONFIGURATION_FAULTS: readonly DoctorFault[] = [
  {
    name: 'HOOK_DEFAULTS is no JSON',
    told: 'wrong environment: HOOK_DEFAULTS is no JSON object: {leaseSeconds: 30}',
    service: 'notifications',
    spoil: environment('consumer-switch', { HOOK_DEFAULTS: '{leaseSeconds: 30}' }),
  },
  {
    name: 'HOOK_POLICY with an unknown key',
    told: 'wrong configuration: HOOK_POLICY.leaseMinutes is not a known key (known: queueUrls, leaseSeconds, drain, onDrainTimeout, monitor, parameterPrefix, retainDays, mode, timeoutMinutes, onTimeout, pollSeconds, firstDeployment, maxErrors, onError)',
    service: 'notifications',
    spoil: environment('consumer-switch', { HOOK_POLICY: '{"leaseMinutes":1}' }),
  },
  {
    name: 'HOOK_POLICY in a parameter that is not there',
    told: 'wrong environment: HOOK_POLICY names /ecs-hooks-policy/switch, and there is no such parameter',
    service: 'notifications',
    spoil: environment('consumer-switch', { HOOK_POLICY: 'ssm:/ecs-hooks-policy/switch' }),
  },
  {
    name: 'HOOK_POLICY in a parameter that is no JSON',
    told: 'wrong environment: HOOK_POLICY is no JSON object (ssm:/ecs-hooks-policy/switch)',
    service: 'notifications',
    spoil: (world) => {
      environment('consumer-switch', { HOOK_POLICY: 'ssm:/ecs-hooks-policy/switch' })(world);
      parameter('/ecs-hooks-policy/switch', 'secret')(world);
    },
  },
  {
    name: 'HOOK_POLICY in a parameter that the function may not read',
    told: 'wrong permissions: ecs-hooks-consumer-switch-role is refused ssm:GetParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/elsewhere/switch',
    service: 'notifications',
    spoil: (world) => {
      environment('consumer-switch', { HOOK_POLICY: 'ssm:/elsewhere/switch' })(world);
      parameter('/elsewhere/switch', '{"leaseSeconds":20}')(world);
    },
  },
  {
    name: 'the environment cannot be decrypted',
    told: 'unknown environment: could not be looked at without kms:Decrypt',
    service: 'notifications',
    spoil: setting('consumer-switch', {
      Environment: {
        Error: {
          ErrorCode: 'AccessDeniedException',
          Message: 'Lambda was unable to decrypt your environment variables',
        },
      },
    }),
  },
  {
    name: 'bad hookDetails',
    told: 'wrong configuration: hookDetails.leaseSeconds must be at most 240, not 1000',
    service: 'notifications',
    options: { details: { 'consumer-switch': { leaseSeconds: 1000 } } },
  },
  {
    name: 'hookDetails that are no JSON',
    told: 'wrong configuration: "{leaseSeconds: 30" is not JSON',
    service: 'notifications',
    options: { details: { 'consumer-switch': '{leaseSeconds: 30' } },
  },
  {
    name: 'audit mode',
    told: 'warning configuration: mode "audit" never stops a deployment: it only logs that it would',
    service: 'ui',
    options: { details: { approval: { mode: 'audit' } } },
  },
  {
    name: 'admission without a policy',
    told: 'wrong configuration: there is no policy; give one in HOOK_POLICY (or HOOK_DEFAULTS)',
    service: 'ui',
    spoil: environment('admission', {}),
  },
  // The function's role.
  {
    name: "the function's role does not exist",
    told: 'wrong function role: there is no role arn:aws:iam::123456789012:role/ecs-hooks-consumer-switch-role (iam:GetRole: NoSuchEntityException: The role with name ecs-hooks-consumer-switch-role cannot be found.)',
    service: 'notifications',
    spoil: ({ aws }) => aws.roles.delete('ecs-hooks-consumer-switch-role'),
  },
  {
    name: "Lambda may not assume the function's role",
    told: 'wrong function role: its trust policy does not let lambda.amazonaws.com assume it',
    service: 'notifications',
    spoil: ({ aws }) =>
      aws.roles.change('ecs-hooks-consumer-switch-role', (role) => ({ ...role, trust: trust('ecs.amazonaws.com') })),
  },
  {
    name: 'may not write its parameter',
    told: 'wrong permissions: ecs-hooks-consumer-switch-role is refused ssm:PutParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/ecs-hooks/consumer/unicorn-watch/notifications; ssm:PutParameter on arn:aws:ssm:eu-west-1:123456789012:parameter/ecs-hooks/consumer/unicorn-watch/notifications/any',
    service: 'notifications',
    spoil: without('consumer-switch', 'ssm:PutParameter'),
  },
  {
    name: 'may not read the dead letters',
    told: 'wrong permissions: ecs-hooks-consumer-switch-role is refused sqs:GetQueueAttributes on arn:aws:sqs:eu-west-1:123456789012:sightings-dead; sqs:GetQueueUrl on arn:aws:sqs:eu-west-1:123456789012:sightings-dead',
    service: 'notifications',
    spoil: ({ aws }) =>
      aws.roles.change('ecs-hooks-consumer-switch-role', (role) => ({
        ...role,
        inline: JSON.parse(JSON.stringify(role.inline).replaceAll(':sightings*', ':sightings')),
      })),
  },
  {
    name: 'may not publish',
    told: 'wrong permissions: ecs-hooks-approval-role is refused sns:Publish on arn:aws:sns:eu-west-1:123456789012:approvals',
    service: 'ui',
    spoil: without('approval', 'sns:Publish'),
  },
  {
    name: 'may not read metrics',
    told: 'wrong permissions: ecs-hooks-canary-role is refused cloudwatch:GetMetricData on *',
    service: 'catalog',
    spoil: without('canary', 'cloudwatch:GetMetricData'),
  },
  {
    name: 'may not read images',
    told: 'wrong permissions: ecs-hooks-admission-role is refused ecr:BatchGetImage on arn:aws:ecr:eu-west-1:123456789012:repository/unicorn-watch/ui',
    service: 'ui',
    spoil: without('admission', 'ecr:BatchGetImage'),
  },
  {
    name: 'may not send to its queue',
    told: 'wrong permissions: ecs-hooks-load-test-role is refused sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:load',
    service: 'catalog',
    spoil: without('load-test', 'sqs:SendMessage'),
  },
  {
    name: 'explicitly denied',
    told: 'wrong permissions: ecs-hooks-consumer-switch-role is refused ecs:DescribeServiceDeployments on arn:aws:ecs:eu-west-1:123456789012:service-deployment/unicorn-watch/notifications/any (by an explicit deny); ecs:DescribeServiceDeployments on arn:aws:ecs:eu-west-1:123456789012:service/unicorn-watch/notifications (by an explicit deny)',
    service: 'notifications',
    spoil: denying('consumer-switch', 'ecs:DescribeServiceDeployments'),
  },
  {
    name: 'may not log',
    told: 'warning logs: ecs-hooks-approval-role is refused logs:PutLogEvents on arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/ecs-hooks-approval:log-stream:any: no decision is logged',
    service: 'ui',
    spoil: without('approval', 'logs:PutLogEvents'),
  },
  {
    name: 'may publish under a condition that nobody knows beforehand',
    told: 'unknown permissions: could not be looked at: whether ecs-hooks-approval-role may do sns:Publish on arn:aws:sns:eu-west-1:123456789012:approvals depends on conditions on aws:ResourceTag/team',
    service: 'ui',
    spoil: (world) => {
      without('approval', 'sns:Publish')(world);
      granting('approval', ['sns:Publish'], { StringEquals: { 'aws:ResourceTag/team': 'shop' } })(world);
    },
  },
];
