import { isJsonObject } from '../../shared/schema.ts';
import { type Finding, finding, shown, unseen } from '../lifecycle/finding.ts';
import type { Place } from '../lifecycle/place.ts';
import { judgeCompanions } from './companions.ts';
import type { FoundService } from './found.ts';
import { type HookSurroundings, type JudgedHook, judgeHook } from './hook.ts';
import { judgeTraffic } from './traffic.ts';

const MOST_HOOKS = 10;
const STRATEGIES = ['ROLLING', 'BLUE_GREEN', 'CANARY', 'LINEAR'];

export interface JudgedService {
  /** How many lifecycle hooks it has, as far as they can be seen. */
  hooks: number;
  findings: readonly Finding[];
}

/** Judges a service's deployment configuration and its lifecycle hooks, as far as they can be seen. */
export async function judgeService(service: FoundService, around: HookSurroundings): Promise<JudgedService> {
  const { configuration } = service;
  const list = configuration.get('lifecycleHooks');
  // Of an Fn::If both lists can be seen.
  if (configuration.isUnseen || (list.isUnseen && list.items().length === 0)) {
    return { hooks: 0, findings: [unseen(configuration.isUnseen ? configuration : list)] };
  }
  if (configuration.isSeen && !isBlock(configuration.value)) {
    return { hooks: 0, findings: [finding('error', configuration, `${shown(configuration.value)} is no object`)] };
  }
  if (list.isSeen && !Array.isArray(list.value)) {
    return { hooks: 0, findings: [finding('error', list, `${shown(list.value)} is no list of lifecycle hooks`)] };
  }
  const inTemplate = service.resources === undefined ? around : { ...around, resources: service.resources };
  const hooks = await Promise.all(list.items().map((place) => judgeHook(place, inTemplate)));
  const findings = [
    ...hooks.flatMap((hook) => hook.findings),
    ...countFindings(list, hooks),
    ...(hooks.length > 0 ? strategyFindings(service, hooks) : []),
    ...judgeTraffic(service, hooks),
    ...loadBalancerFindings(service, hooks),
    ...textFindings(service, hooks),
    ...judgeCompanions(service, hooks),
  ];
  return { hooks: hooks.length, findings };
}

/** An object, or Terraform's list of one block at most. */
function isBlock(value: unknown): boolean {
  return isJsonObject(value) || (Array.isArray(value) && value.length <= 1);
}

function countFindings(list: Place, hooks: readonly JudgedHook[]): Finding[] {
  return (['AWS_LAMBDA', 'PAUSE'] as const).flatMap((type) => {
    const count = hooks.filter((hook) => hook.type === type).length;
    if (count <= MOST_HOOKS) return [];
    return [finding('error', list, `${count} hooks of type ${type}: a service can have at most ${MOST_HOOKS}`)];
  });
}

function strategyFindings(
  { configuration, isWhole, controller }: FoundService,
  hooks: readonly JudgedHook[],
): Finding[] {
  const strategy = configuration.get('strategy');
  const found: Finding[] = [];
  if (controller?.isSeen && controller.value !== 'ECS') {
    const message = `lifecycle hooks need the deployment controller ECS, not ${shown(controller.value)}: write ECS`;
    found.push(finding('error', controller, message));
  }
  if (strategy.isUnseen || (strategy.isAbsent && !isWhole)) return found;
  const name = strategy.isAbsent ? 'ROLLING' : strategy.value;
  if (!STRATEGIES.includes(String(name))) {
    return [...found, finding('error', strategy, `${shown(name)}: write BLUE_GREEN, CANARY or LINEAR`)];
  }
  if (name !== 'ROLLING') return found;
  const is = strategy.isAbsent ? 'no strategy, which is ROLLING' : 'ROLLING';
  const onlyBefore = hooks.every(({ stages }) => stages.every((stage) => stage === 'PRE_SCALE_UP'));
  const what = onlyBefore
    ? 'AWS does not document that its deployments call hooks, even at PRE_SCALE_UP'
    : 'its deployments do not pass the stages of the hooks, which are then no gates';
  return [
    ...found,
    finding(onlyBefore ? 'warning' : 'error', strategy, `${is}: ${what}; write BLUE_GREEN, CANARY or LINEAR`),
  ];
}

function loadBalancerFindings(service: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  const { value } = service.configuration.get('strategy');
  if (service.loadBalancers === undefined || hooks.length === 0) return [];
  if (value !== 'BLUE_GREEN' && value !== 'CANARY' && value !== 'LINEAR') return [];
  const atTest = hooks.filter(({ stages }) => stages.some((stage) => stage.endsWith('TEST_TRAFFIC_SHIFT')));
  return service.loadBalancers.items().flatMap((balancer) => {
    const advanced = balancer.get('advancedConfiguration');
    if (advanced.isAbsent) {
      const message = `needed by ${value}: write alternateTargetGroupArn, productionListenerRule, roleArn, and testListenerRule for test traffic`;
      return [finding('error', advanced, message)];
    }
    const rule = advanced.get('testListenerRule');
    if (!rule.isAbsent || advanced.isUnseen || atTest.length === 0) return [];
    return [
      finding(
        'warning',
        rule,
        'no test listener, but hooks at the test stages: no test traffic reaches green; write one',
      ),
    ];
  });
}

/** The template reference types HookDetails as Json, and says that it must be a JSON object as a string. */
function textFindings({ source }: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  if (source !== 'cloudformation') return [];
  return hooks
    .map(({ place }) => place.get('hookDetails'))
    .filter(({ value, isSeen }) => isSeen && typeof value !== 'string')
    .map((details) => {
      const message = 'CloudFormation documents a JSON object as a string: write it in quotes';
      return finding('warning', details, message);
    });
}
