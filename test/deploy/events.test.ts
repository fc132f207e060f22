/** The template's rule takes the events that ECS sends about the stack's services, and no others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { matchesPattern } from '../../scripts/doctor/event-pattern.ts';
import { isJsonObject, type JsonObject } from '../../shared/schema.ts';
import { play } from '../../simulator/scenario/play.ts';
import { ROOT } from '../fixtures/sources.ts';
import { COMPLETED, HOOK_EVENT } from '../hooks/consumer-switch-events.ts';
import { Stack } from './cloudformation.ts';
import { switched } from './plays.ts';

const TEMPLATE = parse(readFileSync(join(ROOT, 'deploy/template.yaml'), 'utf8'));

function patternFor(names: Readonly<Record<string, string>>): JsonObject {
  const stack = new Stack(TEMPLATE, { ConsumerSwitch: 'true', ...names });
  const { EventPattern } = stack.properties('ConsumerSwitchEvents');
  if (!isJsonObject(EventPattern)) throw new Error('the rule has no pattern');
  return EventPattern;
}

it('takes every event of a play', { timeout: 120_000 }, async () => {
  const { deployments } = await play(switched());
  const events = deployments.flatMap(({ eventInvocations = [] }) => eventInvocations.map(({ event }) => event));
  expect(events.length).toBeGreaterThan(1);
  const pattern = patternFor({ Cluster: 'unicorn-watch', Service: 'mail' });
  for (const event of events) expect(matchesPattern(pattern, isJsonObject(event) ? event : {})).toBe(true);
});

const [, CLUSTER = '', SERVICE = ''] = (COMPLETED.resources[0] ?? '').split('/');

it.each([
  ['the service itself', { Cluster: CLUSTER, Service: SERVICE }, true],
  ['a pattern of services', { Cluster: CLUSTER, Service: `${SERVICE.slice(0, 1)}*` }, true],
  ['all services of the cluster', { Cluster: CLUSTER, Service: '*' }, true],
  ['all clusters', { Cluster: '*', Service: '*' }, true],
  ['another service', { Cluster: CLUSTER, Service: `${SERVICE}-2` }, false],
  ['another cluster', { Cluster: 'another', Service: '*' }, false],
])('of %s, both kinds of events: %s %s', (_, names, taken) => {
  expect(matchesPattern(patternFor(names), COMPLETED)).toBe(taken);
  expect(matchesPattern(patternFor(names), HOOK_EVENT)).toBe(taken);
});

it.each([
  ['of tasks', { 'detail-type': 'ECS Task State Change' }],
  ['of somebody else', { source: 'my.app' }],
  ['of another account', { resources: COMPLETED.resources.map((arn) => arn.replace(/\d{12}/, '210987654321')) }],
])('not those %s', (_, change) => {
  expect(matchesPattern(patternFor({ Cluster: '*', Service: '*' }), { ...COMPLETED, ...change })).toBe(false);
});
