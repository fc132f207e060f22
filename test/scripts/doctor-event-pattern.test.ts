import { expect, it } from 'vitest';
import { type Match, matchesPattern } from '../../scripts/doctor/event-pattern.ts';

const EVENT = {
  source: 'aws.ecs',
  'detail-type': 'ECS Deployment State Change',
  resources: ['arn:aws:ecs:eu-west-1:123456789012:service/shop/ui', 'other'],
  detail: { eventName: 'SERVICE_DEPLOYMENT_FAILED', count: 3 },
};

it.each<[string, Record<string, unknown>, Match]>([
  ['nothing wanted', {}, true],
  ['one of several values', { source: ['aws.ec2', 'aws.ecs'] }, true],
  ['another value', { source: ['aws.ec2'] }, false],
  ['a value within', { detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] } }, true],
  ['another value within', { detail: { eventName: ['SERVICE_DEPLOYMENT_COMPLETED'] } }, false],
  ['a field that is not there', { detail: { clusterArn: ['x'] } }, false],
  ['a branch that is not there', { more: { deep: ['x'] } }, false],
  ['all fields, and one does not', { source: ['aws.ecs'], account: ['1'] }, false],
  ['one value of a list', { resources: ['other'] }, true],
  ['a prefix', { resources: [{ prefix: 'arn:aws:ecs:eu-west-1:' }] }, true],
  ['another prefix', { resources: [{ prefix: 'arn:aws:ecs:us-east-1:' }] }, false],
  ['a suffix', { resources: [{ suffix: '/ui' }] }, true],
  ['a wildcard', { resources: [{ wildcard: 'arn:aws:ecs:*:service/shop/*' }] }, true],
  ['a wildcard that ends earlier', { resources: [{ wildcard: 'arn:aws:ecs:*:service/shop' }] }, false],
  ['a dot in a wildcard is a dot', { source: [{ wildcard: 'aws?ecs' }] }, false],
  ['a star behind a backslash is a star', { source: [{ wildcard: 'aws\\*ecs' }] }, false],
  ['letters of any case', { source: [{ 'equals-ignore-case': 'AWS.ECS' }] }, true],
  ['anything but it', { source: [{ 'anything-but': ['aws.ecs'] }] }, false],
  ['anything but another', { source: [{ 'anything-but': 'aws.ec2' }] }, true],
  ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
  ['anything but, of a field that is not there', { account: [{ 'anything-but': 'x' }] }, false],
  ['a field that is to be there', { source: [{ exists: true }] }, true],
  ['a field that is not to be there', { source: [{ exists: false }] }, false],
  ['a field that is rightly not there', { account: [{ exists: false }] }, true],
  ['either of two', { $or: [{ account: ['1'] }, { source: ['aws.ecs'] }] }, true],
  ['neither of two', { $or: [{ account: ['1'] }, { source: ['aws.ec2'] }] }, false],
  ['a number', { detail: { count: [3] } }, true],
  ['an operator that is not known', { detail: { count: [{ numeric: ['>', 1] }] } }, 'unknown'],
  ['an operator that is not known, where another value fits', { source: [{ cidr: '10.0.0.0/8' }, 'aws.ecs'] }, true],
  [
    'an operator that is not known, where another field does not fit',
    { source: [{ cidr: 'x' }], account: ['1'] },
    false,
  ],
])('%s', (_, pattern, expected) => {
  expect(matchesPattern(pattern, EVENT)).toBe(expected);
});
