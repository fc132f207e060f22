import { describe, expect, it } from 'vitest';
import { duplicates, inHand, lost, trespasses, turns } from './consumer-switch-audit.ts';
import { BLUE, GREEN, LEASE_SECONDS } from './consumer-switch-scenario.ts';
import { watchSwitch } from './consumer-switch-witness.ts';

const LEASE_MS = LEASE_SECONDS * 1000;
/** A bound for a play that hangs; nothing here measures how long anything takes. */
const HANGS_MS = 150_000;

describe.concurrent('a release that takes over', () => {
  it('processes every message once, and begins when the one before has let go', { timeout: HANGS_MS }, async () => {
    const { record, sent, happened, named, dead } = await watchSwitch({ title: 'a good release' }, 150);

    expect(record.status).toBe('SUCCESSFUL');
    expect(named.map(({ revision }) => revision)).toEqual([BLUE, 'none', GREEN]);
    expect(turns(happened)).toEqual([BLUE, GREEN]);
    expect(trespasses(happened, named, LEASE_MS)).toEqual([]);
    expect([lost(sent, happened, dead), duplicates(happened), dead]).toEqual([[], [], []]);
    expect(sent.length).toBeGreaterThan(1000);
  });

  it('loses nothing while Parameter Store throttles', { timeout: HANGS_MS }, async () => {
    const fault = { service: 'ssm', kind: 'throttle', for: '8s' };
    const events = [{ stage: 'PRODUCTION_TRAFFIC_SHIFT', after: 0, fault }];
    const { record, sent, happened, named, dead, reasons } = await watchSwitch({ title: 'throttled', events }, 100);

    expect(record.status).toBe('SUCCESSFUL');
    expect(reasons).toContainEqual(expect.stringMatching(/ThrottlingException/));
    expect(named.map(({ revision }) => revision)).toEqual([BLUE, 'none', GREEN]);
    expect(turns(happened)).toEqual([BLUE, GREEN]);
    expect(trespasses(happened, named, LEASE_MS)).toEqual([]);
    expect([lost(sent, happened, dead), duplicates(happened), dead]).toEqual([[], [], []]);
  });

  it('gets what workers had in hand that were killed', { timeout: HANGS_MS }, async () => {
    const events = [{ stage: 'PRODUCTION_TRAFFIC_SHIFT', after: 0, kill: { revision: BLUE, tasks: 2 } }];
    // Such long work is in hand whenever one looks.
    const one = { title: 'killed', events, workMs: 300 };
    const { record, sent, happened, named, dead, killed, reasons } = await watchSwitch(one, 20);

    expect(record.status).toBe('SUCCESSFUL');
    expect(turns(happened)).toEqual([BLUE, GREEN]);
    expect(trespasses(happened, named, LEASE_MS)).toEqual([]);
    expect([lost(sent, happened, dead), dead]).toEqual([[], []]);
    expect(killed.size).toBe(2);
    const returned = inHand(happened, killed);
    expect(returned.size).toBeGreaterThan(0);
    expect(reasons).toContainEqual(expect.stringMatching(/in flight in orders/));
    expect(duplicates(happened).filter((id) => !returned.has(id))).toEqual([]);
  });
  it('is found out where workers hold a longer lease than the hook knows of', { timeout: HANGS_MS }, async () => {
    // They look once in ten minutes, and go on meanwhile.
    const one = { title: 'a wrong lease', blueLeaseSeconds: 3600, drainSeconds: 1 };
    const { record, happened, named } = await watchSwitch(one, 50);

    expect(record.status).toBe('SUCCESSFUL');
    expect(trespasses(happened, named, LEASE_MS).map(({ revision }) => revision)).toContain(BLUE);
    expect(turns(happened).length).toBeGreaterThan(2);
  });
});
