import type { AwsError } from './errors.ts';
import type { JsonObject, OperationContext, ServiceDefinition } from './service.ts';

/** Faults that the service answers with an error of its own; the operation does not take effect. */
const ERROR_KINDS = ['throttle', 'access-denied', 'not-found', 'expired-credentials', 'clock-skew'] as const;
/** Faults that can strike `before` (the default) or `after` the operation took effect. */
const TIMED_KINDS = ['server-error', 'unavailable', 'hang', 'cut'] as const;
/** The operation takes effect, then its answer is damaged on the way. */
const DAMAGE_KINDS = ['malformed-body', 'empty-body'] as const;

export type FaultEffect =
  | { kind: (typeof ERROR_KINDS)[number] | (typeof DAMAGE_KINDS)[number] }
  | { kind: (typeof TIMED_KINDS)[number]; when?: 'before' | 'after' }
  /** The answer comes `ms` real milliseconds late; the operation takes effect in any case. */
  | { kind: 'slow'; ms: number; when?: 'before' | 'after' };

export type FaultKind = FaultEffect['kind'];
export const FAULT_KINDS: readonly FaultKind[] = [...ERROR_KINDS, ...TIMED_KINDS, ...DAMAGE_KINDS, 'slow'];

export type Fault = FaultEffect & {
  /** As in the credential scope: `ssm`, `ecs`, `sns`. */
  service: string;
  /** Every operation of the service without it. */
  operation?: string;
  /** Only for this caller. */
  callerArn?: string;
  match?(input: JsonObject): boolean;
  /** How many requests it strikes; 1 without it. */
  times?: number;
  /** Strikes until it is removed, whatever `times` says. */
  always?: boolean;
};

export interface FaultHandle {
  /** How often it has struck. */
  readonly struck: number;
  remove(): void;
}

interface Armed {
  fault: Fault;
  struck: number;
}

/** What goes wrong on purpose. Of several faults that fit a request, the one that was added first strikes. */
export class FaultInjector {
  readonly #armed = new Set<Armed>();

  /** @throws Error when the kind is unknown or a number makes no sense (scenario files reach here unchecked) */
  add(fault: Fault): FaultHandle {
    if (!FAULT_KINDS.includes(fault.kind)) {
      throw new Error(`unknown kind of fault: ${fault.kind} (known: ${FAULT_KINDS.join(', ')})`);
    }
    if (fault.kind === 'slow' && !(fault.ms >= 0))
      throw new Error(`a slow fault needs ms, a number of milliseconds: ${fault.ms}`);
    if (fault.times !== undefined && !(fault.times >= 1)) throw new Error(`times must be 1 or more: ${fault.times}`);
    const armed: Armed = { fault, struck: 0 };
    this.#armed.add(armed);
    return {
      get struck() {
        return armed.struck;
      },
      remove: () => {
        this.#armed.delete(armed);
      },
    };
  }

  clear(): void {
    this.#armed.clear();
  }

  /** @returns the fault that strikes this request, counting it, or undefined */
  strike(service: string, operation: string, callerArn: string, input: JsonObject): Fault | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.service !== service || (fault.operation ?? operation) !== operation) continue;
      if ((fault.callerArn ?? callerArn) !== callerArn || fault.match?.(input) === false) continue;
      armed.struck += 1;
      if (!fault.always && armed.struck >= (fault.times ?? 1)) this.#armed.delete(armed);
      return fault;
    }
    return undefined;
  }
}

/** @returns the error that the service itself would send, or undefined for faults of the connection or the answer */
export function faultError(
  kind: FaultKind,
  service: ServiceDefinition,
  operation: string,
  input: JsonObject,
  context: OperationContext,
): AwsError | undefined {
  const { errors } = service;
  switch (kind) {
    case 'throttle':
      return errors.throttled;
    case 'server-error':
      return errors.serverError;
    case 'unavailable':
      return errors.unavailable;
    case 'expired-credentials':
      return errors.expiredCredentials;
    case 'not-found':
      return errors.notFound(operation, input, context);
    case 'clock-skew':
      return errors.clockSkew(skewMessage(context.now));
    case 'access-denied':
      return errors.accessDenied(deniedMessage(service, operation, input, context));
    default:
      return undefined;
  }
}

/** IAM user guide, page "Access denied error message examples". */
function deniedMessage(
  service: ServiceDefinition,
  operation: string,
  input: JsonObject,
  context: OperationContext,
): string {
  const action = service.errors.action(operation);
  const resource = service.resource(operation, input, context);
  return `User: ${context.callerArn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}

/** IAM user guide, page "Troubleshoot signed requests": AWS takes signatures of the last five minutes. */
function skewMessage(now: number): string {
  const minute = 60_000;
  const [signed, earliest, today] = [now - 15 * minute, now - 5 * minute, now].map(basicTime);
  return `Signature expired: ${signed} is now earlier than ${earliest} (${today} - 5 min.)`;
}

function basicTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d{3}|[-:]/g, '');
}
