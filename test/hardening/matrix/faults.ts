import type { FaultEffect } from '../../../simulator/aws/faults.ts';
import type { Extent } from './transport.ts';

export interface MatrixFault {
  name: string;
  effect: FaultEffect;
  /** A later look finds it gone, and must come to what it would have come to without it. */
  passes: boolean;
}

/** Shorter than the time-out of a request, so that each call is answered, and a look with many of them takes long. */
const SLOW_MS = 2500;

const passing = (name: string, effect: FaultEffect): MatrixFault => ({ name, effect, passes: true });
const refusing = (name: string, effect: FaultEffect): MatrixFault => ({ name, effect, passes: false });

/** Everything that is injected at every call. `after`: the request has taken effect, and its answer is lost. */
export const MATRIX_FAULTS: readonly MatrixFault[] = [
  passing('throttle', { kind: 'throttle' }),
  passing('500', { kind: 'server-error' }),
  passing('500, after', { kind: 'server-error', when: 'after' }),
  passing('503', { kind: 'unavailable' }),
  passing('slow', { kind: 'slow', ms: SLOW_MS }),
  passing('hang', { kind: 'hang' }),
  passing('hang, after', { kind: 'hang', when: 'after' }),
  passing('cut', { kind: 'cut' }),
  passing('cut, after', { kind: 'cut', when: 'after' }),
  passing('malformed body', { kind: 'malformed-body' }),
  passing('empty body', { kind: 'empty-body' }),
  passing('expired credentials', { kind: 'expired-credentials' }),
  passing('clock skew', { kind: 'clock-skew' }),
  refusing('access denied', { kind: 'access-denied' }),
  refusing('not found', { kind: 'not-found' }),
];

export const EXTENTS: readonly Extent[] = ['once', 'always'];
