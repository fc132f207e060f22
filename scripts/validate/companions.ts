import { type Finding, finding } from '../lifecycle/finding.ts';
import type { FoundService } from './found.ts';
import type { JudgedHook } from './hook.ts';

/** What the hooks of this project need beside themselves: other stages, a strategy, a rule of EventBridge. */
export function judgeCompanions(service: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  return [
    ...canaryFindings(service, hooksCalled('canary', hooks)),
    ...loadTestFindings(hooksCalled('load-test', hooks)),
    ...switchFindings(service, hooksCalled('consumer-switch', hooks)),
    ...admissionFindings(hooksCalled('admission', hooks)),
  ];
}

function hooksCalled(name: string, hooks: readonly JudgedHook[]): readonly JudgedHook[] {
  return hooks.filter(({ hook }) => hook?.name === name);
}

/** The stages of all entries together; undefined where one of them cannot be seen. */
function stagesOf(hooks: readonly JudgedHook[]): ReadonlySet<string> | undefined {
  const isKnown = hooks.every(({ place }) => {
    const stages = place.get('lifecycleStages');
    return stages.isSeen && stages.items().every(({ isUnseen }) => !isUnseen);
  });
  return isKnown ? new Set(hooks.flatMap(({ stages }) => stages)) : undefined;
}

/** Where it will never have anything to judge it answers FAILED. */
function canaryFindings({ configuration }: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  const allAtOnce = configuration.get('strategy').value === 'BLUE_GREEN';
  return hooks.flatMap(({ place, config, isWhole, stages }) => {
    if (allAtOnce && stages.includes('PRE_PRODUCTION_TRAFFIC_SHIFT')) {
      const message =
        'canary answers FAILED at PRE_PRODUCTION_TRAFFIC_SHIFT of BLUE_GREEN, where green has no traffic: write POST_PRODUCTION_TRAFFIC_SHIFT';
      return [finding('error', place.get('lifecycleStages'), message)];
    }
    if (config === undefined || config.holdMinutes !== undefined) return [];
    if (!stages.some((stage) => allAtOnce || stage === 'POST_PRODUCTION_TRAFFIC_SHIFT')) return [];
    const where = allAtOnce ? 'all traffic moves at once' : 'at POST_PRODUCTION_TRAFFIC_SHIFT nothing has baked yet';
    const otherwise = isWhole ? '' : ', unless HOOK_DEFAULTS or HOOK_POLICY of the function has it';
    const message = `canary answers FAILED without holdMinutes, since ${where}: write holdMinutes, at POST_PRODUCTION_TRAFFIC_SHIFT${otherwise}`;
    return [finding(isWhole ? 'error' : 'warning', place.get('hookDetails'), message)];
  });
}

function loadTestFindings(hooks: readonly JudgedHook[]): Finding[] {
  const [first] = hooks;
  const stages = stagesOf(hooks);
  if (first === undefined || stages === undefined || stages.size === 0) return [];
  const at = first.place.get('lifecycleStages');
  if (stages.size === 1 && stages.has('TEST_TRAFFIC_SHIFT')) {
    const message = 'load-test tests nothing at TEST_TRAFFIC_SHIFT: write POST_TEST_TRAFFIC_SHIFT too';
    return [finding('error', at, message)];
  }
  if (stages.has('TEST_TRAFFIC_SHIFT')) return [];
  const message = 'nothing stops the load when ECS rolls back meanwhile: write TEST_TRAFFIC_SHIFT too';
  return [finding('note', at, message)];
}

function switchFindings({ hasDeploymentRule }: FoundService, hooks: readonly JudgedHook[]): Finding[] {
  const [first] = hooks;
  const stages = stagesOf(hooks);
  if (first === undefined) return [];
  const found: Finding[] = [];
  if (stages?.has('POST_PRODUCTION_TRAFFIC_SHIFT') && !stages.has('PRODUCTION_TRAFFIC_SHIFT')) {
    const message =
      'ECS does not call consumer-switch in a rollback, and the new revision would keep the queue: write PRODUCTION_TRAFFIC_SHIFT too';
    found.push(finding('error', first.place.get('lifecycleStages'), message));
  }
  const monitored = hooks.find(({ config }) => config?.monitor !== undefined);
  if (monitored !== undefined && stages !== undefined && !stages.has('POST_PRODUCTION_TRAFFIC_SHIFT')) {
    const message = 'monitor watches at POST_PRODUCTION_TRAFFIC_SHIFT only: write that stage too';
    found.push(finding('warning', monitored.place.get('lifecycleStages'), message));
  }
  if (hasDeploymentRule === false) {
    const message =
      'no EventBridge rule here gives its function "ECS Deployment State Change": a deployment that ends without hooks would leave the wrong consumer; write one, unless it is elsewhere';
    found.push(finding('warning', first.place.get('hookTargetArn'), message));
  }
  return found;
}

function admissionFindings(hooks: readonly JudgedHook[]): Finding[] {
  const [first] = hooks;
  const stages = stagesOf(hooks);
  if (first === undefined || stages === undefined || stages.size !== 1) return [];
  const [only] = stages;
  const message =
    only === 'PRE_SCALE_UP'
      ? 'a tag may move before ECS resolves it: write POST_SCALE_UP too, where the digests are known'
      : 'the images run before they are judged: write PRE_SCALE_UP too';
  return [finding('note', first.place.get('lifecycleStages'), message)];
}
