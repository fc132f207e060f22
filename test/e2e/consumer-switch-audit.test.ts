import { describe, expect, it } from 'vitest';
import { duplicates, type Happened, inHand, lost, trespasses, turns } from './consumer-switch-audit.ts';

const happened = (kind: Happened['kind'], id: number, more: Partial<Happened> = {}): Happened => ({
  ...{ kind, id, at: 0, taskId: 'a', revision: 'blue' },
  ...more,
});

describe('the audit of a switch', () => {
  it('finds what nobody processed, and takes a dead letter for none of these', () => {
    const seen = [happened('processed', 1), happened('received', 2), happened('deleted', 3), happened('received', 4)];
    expect(lost([1, 2, 3, 4], seen, [4])).toEqual([2, 3]);
  });

  it('finds what was processed twice', () => {
    const seen = [1, 2, 1, 3, 1].map((id) => happened('processed', id));
    expect(duplicates([...seen, happened('received', 2)])).toEqual([1, 1]);
  });

  it.each([
    [{ at: 9 }, 1],
    [{ at: 10 }, 0],
    [{ at: 25 }, 0],
    [{ at: 26 }, 1],
    [{ at: 15, revision: 'green' }, 1],
    [{ at: 30, revision: 'green' }, 0],
  ])('of %o finds %d beside the name and its lease', (more, found) => {
    const named = [
      { revision: 'blue', from: 10, to: 20 },
      { revision: 'none', from: 20, to: 30 },
      { revision: 'green', from: 30, to: Number.POSITIVE_INFINITY },
    ];
    expect(trespasses([happened('received', 1, more)], named, 5)).toHaveLength(found);
  });

  it('tells each turn of a revision, so that two at once show', () => {
    const seen = ['blue', 'blue', 'green', 'blue', 'green'].map((revision) => happened('received', 1, { revision }));
    expect(turns(seen)).toEqual(['blue', 'green', 'blue', 'green']);
  });

  it('knows what a task had in hand', () => {
    const seen = [
      ...[happened('received', 1), happened('received', 2), happened('deleted', 1)],
      happened('received', 3, { taskId: 'b' }),
    ];
    expect([...inHand(seen, new Set(['a']))]).toEqual([2]);
  });
});
