import { describe, expect, it } from 'vitest';
import { explore, STUCK } from '../model/checker.ts';
import { MUTANTS, REAL, SMALL } from '../model/configurations.ts';
import { consumerSwitch, DRAINED, ONE_REVISION } from '../model/consumer-switch.ts';
import { decode, encode } from '../model/world.ts';

/** Which property each mutant breaks. */
const BREAKS: Readonly<Record<string, string>> = {
  'no wait for the lease': ONE_REVISION,
  'two flags, one written after the other': ONE_REVISION,
  'a lease that counts from the answer of the read': ONE_REVISION,
  'no status check in a look': ONE_REVISION,
  'a write that may land as late as a lease is long': ONE_REVISION,
  'no safety net where a rollback invokes no hook': STUCK,
  'a rollback that trusts its first look': STUCK,
  'a safety net that trusts its first look': STUCK,
  'a safety net that counts from LastModifiedDate': ONE_REVISION,
  'a rollback that inherits the state of the forward looks': ONE_REVISION,
  'a right name that is trusted though older than the own none': STUCK,
  'no drain': DRAINED,
};

describe('the lease protocol, explored', { timeout: 120_000 }, () => {
  it.each(Object.entries(SMALL))('holds: %s', (_name, rules) => {
    const { finding, states, ends } = explore(consumerSwitch(rules));
    expect(finding?.trace.join('\n')).toBeUndefined();
    expect(states).toBeGreaterThan(50_000);
    expect(ends).toBeGreaterThan(100);
  });

  it.each(Object.entries(MUTANTS))('is seen to break: %s', (name, rules) => {
    const { finding } = explore(consumerSwitch(rules));
    expect(finding?.property).toBe(BREAKS[name]);
    expect(finding?.trace.length).toBeGreaterThan(4);
  });

  it('does not rest on the comparison of versions, as long as a write lands in time', () => {
    const { finding } = explore(consumerSwitch({ ...REAL, comparesVersion: false, faults: 0 }));
    expect(finding).toBeUndefined();
  });

  it('keeps all of a state in its key', () => {
    const { initial, next } = consumerSwitch({ ...REAL, visibility: 2 });
    let state = initial;
    for (let step = 0; step < 40; step += 1) {
      next(state, (_label, to) => {
        state = to;
      });
      expect(encode(decode(encode(state)))).toBe(encode(state));
    }
  });
});
