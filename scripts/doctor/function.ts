import {
  type FunctionConfiguration,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { AnyHook } from '../../shared/hook.ts';
import { sizeOf } from '../deploy/functions.ts';
import { FUNCTION_ARN } from '../lifecycle/recognise.ts';
import type { Around, HookAround } from './around.ts';
import { ask } from './ask.ts';
import { type Line, right, unknown, warning, wrong } from './line.ts';
import { numberAt } from './settings.ts';

const RUNTIME = 'nodejs24.x';

/** "Lambda runtimes": what is deprecated, so that Lambda will no longer let it be updated. */
const DEPRECATED: ReadonlySet<string> = new Set(
  (
    'nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x nodejs14.x nodejs16.x nodejs18.x ' +
    'nodejs20.x python2.7 python3.6 python3.7 python3.8 python3.9 java8 dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 ' +
    'dotnetcore3.1 dotnet5.0 dotnet6 dotnet7 go1.x ruby2.5 ruby2.7 ruby3.2 provided'
  ).split(' '),
);

/** A shorter one may go by in the connection attempts of a single AWS call. Seconds. */
const LEAST_TIMEOUT = 10;
const LEAST_MEMORY = 256;

/**
 * What consumer-switch waits beyond the lease within an invocation by EventBridge, with what the framework keeps back:
 * a wait that does not fit is begun anew by each retry. Seconds.
 */
const BEYOND_LEASE = 20;

export interface FoundFunction {
  fn: FunctionConfiguration | undefined;
  lines: Line[];
}

/** The function behind a hook, and whether ECS can invoke it. */
export async function findFunction({ clients }: Around, arn: string): Promise<FoundFunction> {
  const asked = await ask(clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn })));
  if (asked.kind === 'unseen') return { fn: undefined, lines: [unknown('function', asked)] };
  if (asked.kind === 'absent') return { fn: undefined, lines: [await missing(clients, arn)] };
  return { fn: asked.value, lines: [stateLine(asked.value)] };
}

async function missing({ lambda }: Around['clients'], arn: string): Promise<Line> {
  const qualifier = FUNCTION_ARN.exec(arn)?.groups?.qualifier;
  if (qualifier !== undefined) {
    const unqualified = arn.slice(0, -qualifier.length - 1);
    const asked = await ask(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: unqualified })));
    if (asked.kind === 'told') {
      return wrong('function', `it has no version or alias ${qualifier}`, `publish it, or write ${unqualified}`);
    }
  }
  return wrong('function', `there is no function ${arn}`, 'deploy it, or mend hookTargetArn');
}

function stateLine({ State, StateReason, LastUpdateStatus, LastUpdateStatusReason, Version }: FunctionConfiguration) {
  if (State === 'Inactive')
    return warning('function', 'is Inactive: its next invocation fails and wakes it', 'invoke it');
  if (State !== undefined && State !== 'Active') {
    return wrong('function', `is ${State}: ${StateReason ?? 'Lambda gives no reason'}`, 'wait, or deploy it again');
  }
  if (LastUpdateStatus === 'Failed') {
    const why = LastUpdateStatusReason ?? 'Lambda gives no reason';
    return wrong('function', `its last update failed: ${why}`, 'deploy it again');
  }
  if (LastUpdateStatus === 'InProgress') return warning('function', 'is being updated', 'look again');
  return right('function', `Active, version ${Version ?? 'unknown'}`);
}

/** Runtime, handler and size of a function with a hook of this project in it. */
export function settingLines(fn: FunctionConfiguration, hook: AnyHook): Line[] {
  return [runtimeLine(fn), handlerLine(fn), sizeLine(fn, hook)];
}

/** Of a function of unknown make. */
export function foreignRuntimeLine({ Runtime, PackageType }: FunctionConfiguration): Line {
  if (Runtime === undefined) return right('runtime', `of its ${PackageType === 'Image' ? 'container image' : 'own'}`);
  if (DEPRECATED.has(Runtime)) return warning('runtime', `${Runtime} is deprecated`, 'move to a newer one');
  return right('runtime', Runtime);
}

function runtimeLine({ Runtime, Architectures = ['x86_64'] }: FunctionConfiguration): Line {
  if (Runtime === RUNTIME) return right('runtime', `${Runtime}, ${Architectures.join()}`);
  const todo = `set the runtime to ${RUNTIME}`;
  if (Runtime === undefined || !Runtime.startsWith('nodejs')) {
    return wrong('runtime', `${Runtime ?? 'none'}: the hooks are built for ${RUNTIME}`, todo);
  }
  const old = DEPRECATED.has(Runtime) ? ' and is deprecated' : '';
  return warning('runtime', `${Runtime} is not what the hooks are built for${old}`, todo);
}

function handlerLine({ Handler }: FunctionConfiguration): Line {
  if (Handler === 'index.handler') return right('handler', Handler);
  return wrong('handler', `${Handler ?? 'none'}: there is no such export in the artifact`, 'set it to index.handler');
}

function sizeLine(fn: FunctionConfiguration, { name }: AnyHook): Line {
  const { Timeout = 3, MemorySize = 128 } = fn;
  const good = sizeOf(name);
  const text = `${MemorySize} MB, time-out ${Timeout} s`;
  if (Timeout < LEAST_TIMEOUT) {
    return warning('size', `${text}: an AWS call that is tried again may not fit`, `set ${good.timeout} s`);
  }
  if (MemorySize >= LEAST_MEMORY) return right('size', text);
  return warning('size', `${text}: slow, since the CPU comes with the memory`, `set ${good.memory} MB`);
}

/** Of consumer-switch: whether the end of a lease can be waited for within one invocation. */
export function leaseLine({ fn, config, hook }: HookAround): Line {
  const { Timeout = 3 } = fn;
  const lease = numberAt(config, 'leaseSeconds') ?? 0;
  const needed = lease + BEYOND_LEASE;
  const text = `leaseSeconds ${lease} and the margins take ${needed} s of one invocation; its time-out is ${Timeout} s`;
  if (Timeout >= needed) return right('lease', text);
  const todo = `set the function's time-out to ${Math.max(needed, sizeOf(hook.name).timeout)} s`;
  return wrong('lease', `${text}: after an event the consumer is never mended`, todo);
}

/** Reserved concurrency belongs to the function, whatever version or alias is named. */
export async function concurrencyLine({ clients }: Around, { FunctionName }: FunctionConfiguration): Promise<Line> {
  const asked = await ask(clients.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })));
  if (asked.kind === 'unseen') return unknown('concurrency', asked);
  const reserved = asked.kind === 'told' ? asked.value.ReservedConcurrentExecutions : undefined;
  if (reserved === undefined) return right('concurrency', "none reserved: the account's");
  if (reserved > 0) return right('concurrency', `${reserved} reserved`);
  return wrong('concurrency', 'is 0, so that every invocation is throttled', 'remove the reserved concurrency');
}
