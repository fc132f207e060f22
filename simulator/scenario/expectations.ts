import { functionName } from '../engine/hook-specs.ts';
import type { DeploymentRecord, HookRunRecord } from '../record.ts';
import type { Expectation } from './schema.ts';
import { ACTIONS, type Happening } from './schema-happening.ts';

/**
 * What of the expectation did not come true, a sentence for each.
 * @param messages how many were published while the deployment ran
 */
export function unmet(expected: Expectation, deployment: DeploymentRecord, messages: number): string[] {
  const { status, statusReason = '' } = deployment;
  const found: string[] = [];
  const check = (holds: boolean, what: string, want: unknown, got: unknown) => {
    if (!holds) found.push(`${deployment.title}: expected ${what} ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
  };
  const same = (what: string, want: unknown, got: unknown) =>
    check(want === undefined || JSON.stringify(want) === JSON.stringify(got), what, want, got);
  const part = (what: string, want: string, got: string) => check(got.includes(want), `${what} with`, want, got);
  check(
    status === expected.status,
    'status',
    expected.status,
    statusReason === '' ? status : `${status}: ${statusReason}`,
  );
  part('statusReason', expected.statusReason ?? '', statusReason);
  for (const [name, want] of Object.entries(expected.reason ?? {})) {
    part(`last reason of ${name}`, want, lastReason(deployment, name));
  }
  for (const [name, want] of Object.entries(expected.invocations ?? {})) {
    const runs = runsOf(deployment, name, ['forward', 'rollback']);
    same(
      `invocations of ${name}`,
      want,
      runs.reduce((sum, { invocations }) => sum + invocations.length, 0),
    );
  }
  for (const [name, want] of Object.entries(expected.hooks ?? {})) {
    same(`hook ${name}`, want, runsOf(deployment, name).at(-1)?.status ?? 'never run');
  }
  same('messages', expected.messages, messages);
  same(
    'stages',
    expected.stages,
    deployment.stages.map(({ stage }) => stage),
  );
  same('traffic', expected.traffic, trafficOf(deployment));
  return found;
}

/** The events that found no occasion, for whoever wonders why an expectation is not met. */
export function neverCame({ title }: DeploymentRecord, toCome: Iterable<Happening>): string[] {
  return [...toCome].map((event) => {
    const what = ACTIONS.find((action) => event[action] !== undefined);
    const step = event.step === undefined ? '' : ` of step ${event.step}`;
    return `${title}: the event ${what} never came, since ${event.stage}${step} was not reached`;
  });
}

/** Hook runs of a function; `pause` are those of PAUSE hooks. */
function runsOf(
  deployment: DeploymentRecord,
  name: string,
  directions: readonly ('forward' | 'rollback')[] = ['forward'],
): HookRunRecord[] {
  return deployment.stages
    .filter(({ direction }) => directions.includes(direction))
    .flatMap(({ hooks }) =>
      hooks.filter(({ targetArn }) => (targetArn === undefined ? 'pause' : functionName(targetArn)) === name),
    );
}

function lastReason(deployment: DeploymentRecord, name: string): string {
  const outcome = runsOf(deployment, name)
    .flatMap(({ invocations }) => invocations)
    .at(-1)?.outcome;
  if (outcome === undefined) return 'never invoked';
  return outcome.kind === 'answer' ? (outcome.reason ?? '') : outcome.kind;
}

/** The target's share of production traffic each time that it has changed. */
function trafficOf({ weights, target }: DeploymentRecord): number[] {
  const shares = weights
    .filter(({ traffic }) => traffic === 'production')
    .map((point) => point.weights[target.id] ?? 0);
  return shares.filter((share, index) => share !== (shares[index - 1] ?? 0));
}
