import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { partitionOf } from '../aws/service.ts';
import { hasTestTraffic, strategyOf } from './definition.ts';
import { complement } from './lifecycle-event.ts';
import { listenerArn, targetGroupArn } from './load-balancers.ts';
import * as messages from './messages.ts';
import type { PlannedStage, Work } from './plan.ts';
import type { WorkControl } from './stage-player.ts';
import type { RevisionState, RevisionTasks, ServiceState, Surroundings, Weights } from './state.ts';
import { retire, setRunning } from './traffic.ts';

/** What ECS's own work needs of the deployment that it is done for. */
type Shared = 'clock' | 'readings' | 'durations' | 'region' | 'accountId' | 'resolveImage';

export interface WorkSite extends Pick<Surroundings, Shared> {
  service: ServiceState;
  target: RevisionState;
  source: RevisionState | undefined;
  /** Revisions that the deployment replaces. */
  sources: readonly RevisionState[];
  configuration: DeploymentConfiguration;
  setWeights: (traffic: 'production' | 'test', weights: Weights) => void;
  /** One more task of the target has failed. True: the circuit breaker trips. */
  taskFailed: () => boolean;
  circuitBreakerOn: () => boolean;
}

/** Does one piece of ECS's own work on the simulator's clock. */
export function doWork(site: WorkSite, work: Work, plan: PlannedStage, control: WorkControl): void {
  switch (work) {
    case 'reconcile':
      reconcile(site, control);
      break;
    case 'scale-up':
      scaleUp(site, control);
      break;
    case 'test-shift':
      shiftTest(site, plan, control);
      break;
    case 'production-shift':
      shiftProduction(site, plan, control);
      break;
    case 'clean-up':
      cleanUp(site, plan, control);
      break;
  }
}

/** Back to one revision: the last successful one serves, what an unfinished deployment left behind goes. */
function reconcile({ service, durations, sources, setWeights }: WorkSite, control: WorkControl): void {
  control.after(durations.reconcile, () => {
    const keep = service.stable;
    if (keep !== undefined) {
      const serves = Object.keys(service.production).length > 0;
      if (serves && service.production[keep.id] !== 100) setWeights('production', { [keep.id]: 100 });
      setWeights('test', {});
      const leftover = sources.filter((revision) => revision !== keep);
      retire(service, leftover);
    }
    control.done();
  });
}

function scaleUp(site: WorkSite, control: WorkControl): void {
  const { target, service, durations } = site;
  if (target.processes !== undefined) {
    startProcesses(site, target.processes, control);
    return;
  }
  target.requested = service.desiredCount;
  target.pending = service.desiredCount;
  control.after(durations.firstTask, () => firstTaskStarted(site));
  if (target.tasks === 'healthy') {
    control.after(durations.scaleUp, () => {
      setRunning(target, service.desiredCount);
      if (strategyOf(site.configuration) === 'ROLLING') replaceTasks(site);
      control.done();
    });
  } else if (site.circuitBreakerOn()) {
    failTasks(site, control);
  }
  // Without a circuit breaker ECS goes on starting tasks until the stage's 24 hours are over.
}

/** ECS resolves image digests now. */
function firstTaskStarted({ target, clock, resolveImage }: WorkSite): void {
  target.firstTaskAt = clock.now();
  resolveDigests(target, resolveImage);
}

/** Notes what each container's image stands for at this moment; what is resolved already stays. */
export function resolveDigests(revision: RevisionState, resolveImage: (image: string) => string | undefined): void {
  revision.digests = new Map(
    revision.containers.flatMap(({ name, image, imageDigest }) => {
      const digest = revision.digests.get(name) ?? imageDigest ?? resolveImage(image);
      return digest === undefined ? [] : [[name, digest] as const];
    }),
  );
}

/** Takes as long as the processes take. One that ends counts for the circuit breaker, as a task that crashes does. */
function startProcesses(site: WorkSite, processes: RevisionTasks, control: WorkControl): void {
  const { target, service } = site;
  processes.watch({
    changed: () => {
      if (target.running > 0 && target.firstTaskAt === undefined) firstTaskStarted(site);
      if (target.running < service.desiredCount) return;
      processes.watch(undefined);
      if (strategyOf(site.configuration) === 'ROLLING') replaceTasks(site);
      control.done();
    },
    failed: () => {
      if (!site.circuitBreakerOn() || !site.taskFailed()) return;
      processes.watch(undefined);
      control.fail(messages.circuitBreakerTripped());
    },
  });
  processes.scaleTo(service.desiredCount);
}

/** A rolling update moves traffic as it replaces tasks. */
function replaceTasks({ service, target, sources, setWeights }: WorkSite): void {
  for (const source of sources) setRunning(source, 0);
  if (service.loadBalancing.kind !== 'headless') setWeights('production', { [target.id]: 100 });
}

function failTasks(site: WorkSite, control: WorkControl): void {
  const every = site.target.tasks === 'crash' ? site.durations.taskCrash : site.durations.healthCheckFailure;
  control.after(every, () => {
    if (site.taskFailed()) control.fail(messages.circuitBreakerTripped());
    else failTasks(site, control);
  });
}

function shiftTest(site: WorkSite, plan: PlannedStage, control: WorkControl): void {
  const { service, target, source } = site;
  if (!hasTestTraffic(service.loadBalancing)) {
    control.done();
    return;
  }
  shift(site, plan, site.durations.testShift, control, () => {
    const toTarget = plan.direction === 'forward' ? 100 : 0;
    if (source !== undefined) site.setWeights('test', share(target, source, toTarget));
    else site.setWeights('test', toTarget === 100 ? { [target.id]: 100 } : {});
  });
}

function shiftProduction(site: WorkSite, plan: PlannedStage, control: WorkControl): void {
  const { target, source } = site;
  const after = plan.weight?.after ?? 100;
  shift(site, plan, site.durations.productionShift, control, () => {
    site.setWeights('production', source === undefined ? { [target.id]: 100 } : share(target, source, after));
  });
}

function shift(site: WorkSite, plan: PlannedStage, duration: number, control: WorkControl, move: () => void): void {
  const { service, target, region, accountId } = site;
  const fault = target.networkingFault;
  const denied = fault?.kind === 'listener-change-denied' && fault.stage === plan.stage;
  if (denied) {
    const session = `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/ecsLoadBalancerRole/ECSNetworkingWithELB`;
    const detail = messages.listenerChangeDenied(session, listenerArn(service, region));
    control.fail(messages.hooksFailed(plan.stage, detail));
    return;
  }
  const extra = service.loadBalancing.kind === 'nlb' ? site.durations.nlbShift : 0;
  control.after(duration + extra, () => {
    move();
    control.done();
  });
}

function cleanUp(site: WorkSite, plan: PlannedStage, control: WorkControl): void {
  const staying = plan.direction === 'forward' ? site.target : site.source;
  const cleanedUp = () => {
    if (staying !== undefined) {
      setRunning(staying, site.service.desiredCount);
      // A rolling update has no shift to undo: traffic follows the tasks.
      if (site.service.production[staying.id] === undefined && Object.keys(site.service.production).length > 0) {
        site.setWeights('production', { [staying.id]: 100 });
      }
    }
    if (Object.keys(site.service.test).length > 0) site.setWeights('test', {});
    control.done();
  };
  const leaving = site.service.active.flatMap((revision) => (revision === staying ? [] : (revision.processes ?? [])));
  const steps = leaving.map((processes) => (done: () => void) => stopProcesses(processes, done));
  inParallel([...steps, (done) => control.after(site.durations.cleanUp, done)], cleanedUp);
}

function stopProcesses(processes: RevisionTasks, done: () => void): void {
  processes.watch(undefined);
  processes.scaleTo(0);
  processes.whenGone(done);
}

function inParallel(steps: readonly ((done: () => void) => void)[], done: () => void): void {
  let unfinished = steps.length;
  for (const step of steps) {
    step(() => {
      unfinished -= 1;
      if (unfinished === 0) done();
    });
  }
}

function share(target: RevisionState, source: RevisionState, percent: number): Weights {
  return { [target.id]: percent, [source.id]: complement(percent) };
}

/** The message of a networking fault that ECS finds before it does anything. */
export function initialNetworkingFault(service: ServiceState, target: RevisionState): string | undefined {
  switch (target.networkingFault?.kind) {
    case 'target-group-not-associated':
      return messages.targetGroupNotAssociated(targetGroupArn(service, target.targetGroup) ?? '');
    case 'two-target-groups-serving': {
      const rule = service.loadBalancers[0]?.advancedConfiguration?.productionListenerRule ?? '';
      return messages.twoTargetGroupsServing(rule);
    }
    default:
      return undefined;
  }
}
