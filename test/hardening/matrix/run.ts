import type { AnyHook } from '../../../shared/hook.ts';
import { lambdaHandler } from '../../../shared/lambda.ts';
import { EXTENTS, MATRIX_FAULTS, type MatrixFault } from './faults.ts';
import { isUnknowable, type Struck, violations } from './invariants.ts';
import { playOnce, type Stage } from './play.ts';
import { MemoryTransport, type Strike } from './transport.ts';
import { VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

export interface Case {
  world: World;
  fault: MatrixFault;
  strike: Strike;
}

export interface Violation {
  /** `POST_SCALE_UP, accepted: throttle at ssm:PutParameter 2, always`. */
  at: string;
  what: string;
}

export interface MatrixResult {
  hook: string;
  worlds: number;
  /** Calls that the deployments make when nothing goes wrong, at each of which every fault is injected. */
  calls: number;
  cases: number;
  /** Looks of all cases. */
  looks: number;
  /** Of the cases, those in which nobody can know that ECS rolls back. */
  unknowable: number;
  violations: Violation[];
}

/** Every fault, to every extent, at every call that a world's deployment makes when nothing goes wrong. */
export function casesOf(world: World, calls: readonly Omit<Strike, 'effect' | 'extent'>[]): Case[] {
  return calls.flatMap((call) =>
    MATRIX_FAULTS.flatMap((fault) =>
      EXTENTS.map((extent) => ({ world, fault, strike: { ...call, effect: fault.effect, extent } })),
    ),
  );
}

/**
 * Plays the whole matrix of one hook.
 *
 * @throws Error when a world does not come out as it should without any fault
 */
export async function runMatrix(hook: AnyHook, worlds: readonly World[]): Promise<MatrixResult> {
  const time = new VirtualTime();
  const transport = new MemoryTransport();
  const now = () => new Date(time.now());
  const stage: Stage = { time, transport, handlerOf: (_, env) => lambdaHandler(hook, { now, env }) };
  const result: MatrixResult = {
    hook: hook.name,
    worlds: worlds.length,
    calls: 0,
    cases: 0,
    looks: 0,
    unknowable: 0,
    violations: [],
  };
  time.install();
  transport.install();
  try {
    for (const world of worlds) await runWorld(stage, world, result);
  } finally {
    transport.uninstall();
    time.uninstall();
  }
  return result;
}

async function runWorld(stage: Stage, world: World, result: MatrixResult): Promise<void> {
  // The first time, clients read their configuration from files.
  stage.time.patient = true;
  await playOnce(stage, world);
  stage.time.patient = false;
  const plain = await playOnce(stage, world);
  const wanted = world.expected === 'rollback' ? 'SUCCEEDED' : world.expected;
  if (plain.final?.hookStatus !== wanted || plain.audit.length > 0) {
    throw new Error(`${world.hook}, ${world.name}, comes to ${JSON.stringify(plain.final)} ${plain.audit.join('; ')}`);
  }
  result.calls += plain.calls.length;
  for (const one of casesOf(world, plain.calls)) {
    const trace = await playOnce(stage, world, one.strike);
    result.cases += 1;
    result.looks += trace.looks.length;
    if (isUnknowable(one)) result.unknowable += 1;
    const found =
      trace.struck === 0 ? ['the fault has struck nothing'] : violations({ ...one, trace } satisfies Struck);
    result.violations.push(...found.map((what) => ({ at: nameOf(one), what })));
  }
}

export function nameOf({ world, fault, strike }: Case): string {
  const { service, operation, ordinal, extent } = strike;
  return `${world.name}: ${fault.name} at ${service}:${operation} ${ordinal}, ${extent}`;
}
