import { MINUTE } from '../simulator/engine-kit.ts';
import { type DoctorFault, denied, setting } from './doctor-spoil.ts';
import { allow, functionArn } from './doctor-world.ts';

/** What can be wrong with a function. */
export const FUNCTION_FAULTS: readonly DoctorFault[] = [
  {
    name: 'function does not exist',
    told: 'wrong function: there is no function arn:aws:lambda:eu-west-1:123456789012:function:ecs-hooks-consumer-switch',
    service: 'notifications',
    spoil: ({ aws }) => aws.functions.delete('ecs-hooks-consumer-switch'),
  },
  {
    name: 'alias does not exist',
    told: 'wrong function: it has no version or alias live',
    service: 'notifications',
    options: { entries: { 'consumer-switch': { hookTargetArn: `${functionArn('consumer-switch')}:live` } } },
    spoil: ({ aws }) =>
      aws.roles.change('ecs-hooks-invoke', (role) => ({
        ...role,
        inline: { one: allow(['lambda:InvokeFunction'], [`${functionArn('consumer-switch')}:*`]) },
      })),
  },
  {
    name: 'function may not be read',
    told: 'unknown function: could not be looked at without lambda:GetFunctionConfiguration',
    service: 'notifications',
    spoil: denied('lambda', 'GetFunctionConfiguration'),
  },
  {
    name: 'Pending',
    told: 'wrong function: is Pending: The function is being created.',
    service: 'notifications',
    spoil: setting('consumer-switch', { State: 'Pending', StateReason: 'The function is being created.' }),
  },
  {
    name: 'Inactive',
    told: 'warning function: is Inactive: its next invocation fails and wakes it',
    service: 'notifications',
    spoil: setting('consumer-switch', { State: 'Inactive' }),
  },
  {
    name: 'update failed',
    told: 'wrong function: its last update failed: no such subnet',
    service: 'notifications',
    spoil: setting('consumer-switch', { LastUpdateStatus: 'Failed', LastUpdateStatusReason: 'no such subnet' }),
  },
  {
    name: 'update under way',
    told: 'warning function: is being updated',
    service: 'notifications',
    spoil: setting('consumer-switch', { LastUpdateStatus: 'InProgress' }),
  },
  {
    name: 'concurrency 0',
    told: 'wrong concurrency: is 0, so that every invocation is throttled',
    service: 'notifications',
    spoil: ({ aws }) =>
      aws.functions.change('ecs-hooks-consumer-switch', (one) => ({ ...one, reservedConcurrency: 0 })),
  },
  {
    name: 'other code',
    told: 'warning code: taken for consumer-switch by its name, but its code is not dist/consumer-switch.zip',
    service: 'notifications',
    spoil: setting('consumer-switch', { CodeSha256: 'b3RoZXI=' }),
  },
  {
    name: 'older Node.js',
    told: 'warning runtime: nodejs22.x is not what the hooks are built for',
    service: 'notifications',
    spoil: setting('consumer-switch', { Runtime: 'nodejs22.x' }),
  },
  {
    name: 'deprecated Node.js',
    told: 'warning runtime: nodejs18.x is not what the hooks are built for and is deprecated',
    service: 'notifications',
    spoil: setting('consumer-switch', { Runtime: 'nodejs18.x' }),
  },
  {
    name: 'Python',
    told: 'wrong runtime: python3.13: the hooks are built for nodejs24.x',
    service: 'notifications',
    spoil: setting('consumer-switch', { Runtime: 'python3.13' }),
  },
  {
    name: 'wrong handler',
    told: 'wrong handler: hook.handler: there is no such export in the artifact',
    service: 'notifications',
    spoil: setting('consumer-switch', { Handler: 'hook.handler' }),
  },
  {
    name: 'time-out of 3 s',
    told: 'warning size: 512 MB, time-out 3 s: an AWS call that is tried again may not fit',
    service: 'ui',
    spoil: setting('approval', { Timeout: 3 }),
  },
  {
    name: 'little memory',
    told: 'warning size: 128 MB, time-out 300 s: slow, since the CPU comes with the memory',
    service: 'ui',
    spoil: setting('approval', { MemorySize: 128 }),
  },
  {
    name: 'time-out shorter than the lease',
    told: 'wrong lease: leaseSeconds 30 and the margins take 50 s of one invocation; its time-out is 45 s: after an event the consumer is never mended',
    service: 'notifications',
    spoil: setting('consumer-switch', { Timeout: 45 }),
  },
  {
    name: 'errors in the last day',
    told: 'warning errors: 3 errors and 0 throttles in the last day',
    service: 'ui',
    spoil: ({ aws, around }) =>
      aws.metrics.put({
        namespace: 'AWS/Lambda',
        metricName: 'Errors',
        dimensions: { FunctionName: 'ecs-hooks-approval' },
        timestamp: around.now().getTime() - 90 * MINUTE,
        value: 3,
      }),
  },
];
