import { parseFunctionArn, unqualifiedArn } from './arn.ts';
import type { RawOutcome } from './invoker.ts';
import { serviceOutcome, throttled } from './outcomes.ts';

/** Trouble of the Lambda service or of the hook's role, before the function runs. */
export interface LambdaFault {
  kind: 'throttled' | 'service-error' | 'access-denied' | 'role-error';
  /** How many of the next invocations it meets; default 1, Infinity for all. */
  times?: number;
  /** The hook's role, which the texts about permissions name. */
  roleArn?: string;
  /** Instead of AWS's own text. */
  message?: string;
}

/** The faults waiting for each function, first come, first served. */
export class LambdaFaults {
  readonly #waiting = new Map<string, { fault: LambdaFault; left: number }[]>();

  /** @throws RangeError when `times` is no whole number above zero */
  inject(functionArn: string, fault: LambdaFault): void {
    const left = fault.times ?? 1;
    if (!(left === Infinity || (Number.isInteger(left) && left > 0))) {
      throw new RangeError(`times must be a whole number above 0, not ${left}`);
    }
    const key = unqualifiedArn(functionArn);
    const queue = this.#waiting.get(key) ?? [];
    queue.push({ fault, left });
    this.#waiting.set(key, queue);
  }

  /** Takes what meets this invocation, if anything does. */
  take(functionArn: string): RawOutcome | undefined {
    const queue = this.#waiting.get(unqualifiedArn(functionArn));
    const first = queue?.[0];
    if (!queue || !first) return undefined;
    first.left -= 1;
    if (first.left <= 0) queue.shift();
    return faultOutcome(functionArn, first.fault);
  }
}

function faultOutcome(functionArn: string, fault: LambdaFault): RawOutcome {
  if (fault.message !== undefined) return serviceOutcome(fault.kind, fault.message);
  const { partition = 'aws', accountId = '123456789012' } = parseFunctionArn(functionArn) ?? {};
  const roleArn = fault.roleArn ?? `arn:${partition}:iam::${accountId}:role/ecs-hook-role`;
  switch (fault.kind) {
    case 'throttled':
      return throttled();
    case 'service-error':
      return serviceOutcome(fault.kind, 'An error occurred and the request cannot be processed.');
    case 'role-error':
      return serviceOutcome(fault.kind, `ECS was unable to assume role ${roleArn}`);
    case 'access-denied':
      return serviceOutcome(fault.kind, accessDenied(functionArn, roleArn));
  }
}

// The session name is ECS's own: "Troubleshooting Amazon ECS blue/green deployments".
function accessDenied(functionArn: string, roleArn: string): string {
  const [, partition = 'aws', accountId = ''] = /^arn:([^:]*):iam::([^:]*):/.exec(roleArn) ?? [];
  const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const user = `arn:${partition}:sts::${accountId}:assumed-role/${roleName}/ECS-Lambda-Execution`;
  return (
    `User: ${user} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} ` +
    'because no identity-based policy allows the lambda:InvokeFunction action'
  );
}
