import { describe, expect, it } from 'vitest';
import { duplicates, lost, trespasses, turns } from './consumer-switch-audit.ts';
import { BLUE, type Case, GREEN, LEASE_SECONDS, NEVER_CALLED_BACK } from './consumer-switch-scenario.ts';
import { type Watched, watchSwitch } from './consumer-switch-witness.ts';

const LEASE_MS = LEASE_SECONDS * 1000;
/** A bound for a play that hangs; nothing here measures how long anything takes. */
const HANGS_MS = 150_000;

const POISONED: Case = { title: 'a poisoned release', poisoned: true };
/** Once the name has been taken away, and before green has it. */
const STOPPED: Case = {
  title: 'stopped half-way',
  events: [{ stage: 'PRODUCTION_TRAFFIC_SHIFT', after: '6s', stop: 'ROLLBACK' }],
};

const names = ({ named }: Watched) => named.map(({ revision }) => revision);
const hooksInRollback = ({ record }: Watched) =>
  record.stages.flatMap(({ direction, hooks }) => (direction === 'rollback' ? hooks : []));

function expectNothingWrong({ record, sent, happened, named, dead }: Watched): void {
  expect(record.status).toBe('ROLLBACK_SUCCESSFUL');
  expect(trespasses(happened, named, LEASE_MS)).toEqual([]);
  expect([lost(sent, happened, dead), duplicates(happened)]).toEqual([[], []]);
}

/** Dead letters are green's doing, and all that it does. */
function expectPoison({ happened, dead }: Watched): void {
  expect(turns(happened)).toEqual([BLUE, GREEN, BLUE]);
  const ofGreen = happened.filter(({ revision }) => revision === GREEN);
  const received = new Set(ofGreen.flatMap(({ kind, id }) => (kind === 'received' ? [id] : [])));
  expect(ofGreen.filter(({ kind }) => kind === 'processed' || kind === 'deleted')).toEqual([]);
  expect(dead.length).toBeGreaterThan(0);
  expect(dead.filter((id) => !received.has(id))).toEqual([]);
  const processed = happened.flatMap(({ kind, id }) => (kind === 'processed' ? [id] : []));
  expect(processed.filter((id) => dead.includes(id))).toEqual([]);
}

describe.concurrent('the way back', () => {
  it('of a poisoned release is taken by the hook', { timeout: HANGS_MS }, async () => {
    const watched = await watchSwitch(POISONED, 100);

    expectNothingWrong(watched);
    expectPoison(watched);
    expect(names(watched)).toEqual([BLUE, 'none', GREEN, 'none', BLUE]);
    expect(hooksInRollback(watched)).not.toEqual([]);
    expect(watched.reasons).toContainEqual(expect.stringMatching(/the dead-letter queue of orders holds/));
  });

  it('of a poisoned release is taken by the safety net where ECS calls no hook', { timeout: HANGS_MS }, async () => {
    const watched = await watchSwitch({ ...POISONED, readings: NEVER_CALLED_BACK }, 100);

    expectNothingWrong(watched);
    expectPoison(watched);
    expect(names(watched)).toEqual([BLUE, 'none', GREEN, 'none', BLUE]);
    expect(hooksInRollback(watched)).toEqual([]);
  });

  it('of a switch that was stopped half-way is taken by the hook', { timeout: HANGS_MS }, async () => {
    const watched = await watchSwitch(STOPPED, 100);

    expectNothingWrong(watched);
    expect(turns(watched.happened)).toEqual([BLUE]);
    expect(names(watched)).toEqual([BLUE, 'none', BLUE]);
    expect(hooksInRollback(watched)).not.toEqual([]);
  });

  it('of a switch that was stopped half-way is taken by the safety net', { timeout: HANGS_MS }, async () => {
    const watched = await watchSwitch({ ...STOPPED, readings: NEVER_CALLED_BACK }, 100);

    expectNothingWrong(watched);
    expect(turns(watched.happened)).toEqual([BLUE]);
    expect(names(watched)).toEqual([BLUE, 'none', BLUE]);
    expect(hooksInRollback(watched)).toEqual([]);
  });
});
