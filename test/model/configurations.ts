import { nextStep, type Step, type View } from '../../hooks/consumer-switch/protocol.ts';
import { Lease } from '../../tasks/consumer-gate/lease.ts';
import type { Rules } from './rules.ts';

/** The protocol as it is, in a small world in which everything can happen. */
export const REAL: Rules = {
  nextStep,
  newLease: (revisionId, leaseTicks) => new Lease(revisionId, leaseTicks),
  lease: 2,
  margin: 0,
  writeDelay: 1,
  faults: 1,
  repeats: 0,
  unheard: 1,
  rollback: 'may end at any moment',
  visibility: undefined,
  checksStatus: true,
  comparesVersion: true,
  confirmsRollback: true,
  confirmsNet: true,
  hasNet: true,
  netCountsFrom: 'its own look',
  rollbackInherits: false,
  twoFlags: false,
  drains: 'after the lease',
  readsAge: true,
};

const untilItSucceeds = { ...REAL, rollback: 'until it succeeds' } as const satisfies Rules;

/** What every run of the tests explores. */
export const SMALL: Readonly<Record<string, Rules>> = {
  'a fault; rollback looks until they succeed': untilItSucceeds,
  'reads a tick behind': { ...REAL, margin: 1, faults: 0 },
  'a safety net that reads LastModifiedDate back': { ...REAL, netCountsFrom: 'LastModifiedDate, read back', faults: 0 },
};

/** What takes minutes. */
export const LARGE: Readonly<Record<string, Rules>> = {
  'a fault; the rollback may end at any moment': REAL,
  'an event delivered twice': { ...REAL, faults: 0, repeats: 1 },
  'a message in the queue': { ...REAL, visibility: 2, faults: 0 },
  'a longer lease, reads a tick behind': { ...REAL, lease: 3, margin: 1, writeDelay: 2, faults: 0 },
  'a fault and an event delivered twice': { ...REAL, repeats: 1 },
  'a fault, an event delivered twice, LastModifiedDate read back': {
    ...REAL,
    netCountsFrom: 'LastModifiedDate, read back',
    repeats: 1,
  },
  'a longer lease, LastModifiedDate read back a tick behind': {
    ...REAL,
    netCountsFrom: 'LastModifiedDate, read back',
    lease: 3,
    margin: 1,
    writeDelay: 2,
    faults: 0,
  },
};

const noLeaseWait = (view: View): Step => nextStep({ ...view, leaseMs: 0 });
const trustsStale = (view: View): Step => (view.held?.value === view.to ? { kind: 'done' } : nextStep(view));

/** The protocol broken on purpose, one rule at a time. */
export const MUTANTS: Readonly<Record<string, Rules>> = {
  'no wait for the lease': { ...REAL, nextStep: noLeaseWait },
  'two flags, one written after the other': { ...REAL, twoFlags: true },
  'a lease that counts from the answer of the read': { ...REAL, readsAge: false },
  'no status check in a look': { ...untilItSucceeds, checksStatus: false, repeats: 1, faults: 0 },
  'a write that may land as late as a lease is long': { ...REAL, writeDelay: 2, faults: 0 },
  'no safety net where a rollback invokes no hook': { ...REAL, hasNet: false, faults: 0 },
  'a rollback that trusts its first look': { ...untilItSucceeds, confirmsRollback: false, hasNet: false, faults: 0 },
  'a safety net that trusts its first look': { ...REAL, confirmsNet: false, faults: 0 },
  'a safety net that counts from LastModifiedDate': { ...REAL, netCountsFrom: 'LastModifiedDate', faults: 0 },
  'a rollback that inherits the state of the forward looks': { ...REAL, rollbackInherits: true, faults: 0 },
  'a right name that is trusted though older than the own none': { ...REAL, nextStep: trustsStale },
  'no drain': { ...REAL, drains: 'never', visibility: 2, faults: 0 },
};
