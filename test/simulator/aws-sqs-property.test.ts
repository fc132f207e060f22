import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { QueuedMessage } from '../../simulator/aws/sqs/queue.ts';
import { QueueStore } from '../../simulator/aws/sqs/queue-store.ts';
import { TestClock } from './aws-fixture.ts';

const WHO = { callerArn: 'arn:aws:iam::123456789012:user/worker', accessKeyId: 'worker' };
const MAX_RECEIVES = 3;

const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), delay: fc.nat(5) }),
  fc.record({ do: fc.constant('receive' as const), count: fc.integer({ min: 1, max: 10 }), seconds: fc.nat(5) }),
  fc.record({ do: fc.constant('delete' as const), which: fc.nat(20) }),
  fc.record({ do: fc.constant('change' as const), which: fc.nat(20), seconds: fc.nat(5) }),
  fc.record({ do: fc.constant('pass' as const), seconds: fc.nat(4) }),
);

/** Who holds a message until when, told from the answers alone. */
interface Held {
  message: QueuedMessage;
  handle: string;
  until: number;
}

function world() {
  const clock = new TestClock();
  let ids = 0;
  const place = { partition: 'aws', region: 'eu-west-1', accountId: '123456789012' };
  const newId = () => {
    ids += 1;
    return String(ids);
  };
  const store = new QueueStore(clock, place, newId);
  const { arn } = store.create('dead');
  store.create('orders', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: MAX_RECEIVES }),
  });
  return { clock, store };
}

it('loses no message, and never has one in two hands', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const { clock, store } = world();
      const sent = new Set<string>();
      const deleted = new Set<string>();
      const receipts: Held[] = [];
      for (const one of steps) {
        const queue = store.get('orders');
        const held = 'which' in one ? receipts[one.which % Math.max(1, receipts.length)] : undefined;
        if (one.do === 'send') sent.add(store.send('orders', 'x', { delaySeconds: one.delay }).id);
        if (one.do === 'pass') clock.advance(one.seconds);
        if (one.do === 'receive') {
          for (const message of store.take(queue, one.count, one.seconds, WHO)) {
            const others = receipts.filter((other) => other.message === message);
            expect(others.filter(({ until }) => until > clock.now())).toEqual([]);
            expect(deleted).not.toContain(message.id);
            expect(message.receiveCount).toBeLessThanOrEqual(MAX_RECEIVES);
            const until = clock.now() + one.seconds * 1000;
            receipts.push({ message, handle: message.receiptHandle ?? '', until });
          }
        }
        if (one.do === 'delete' && held !== undefined) {
          const newest = receipts.findLast((other) => other.message === held.message) === held;
          const done = store.delete(queue, held.message.id, held.handle, WHO);
          // A dead letter is out of this queue's hands.
          const isDead = store.messages('dead').includes(held.message);
          expect(done).toBe(newest && !deleted.has(held.message.id) && !isDead);
          if (done) deleted.add(held.message.id);
        }
        if (one.do === 'change' && held?.message.receiptHandle === held?.handle && held?.message.state === 'inFlight') {
          store.changeVisibility(queue, held.message, one.seconds);
          held.until = clock.now() + one.seconds * 1000;
        }
        const kept = [...store.messages('orders'), ...store.messages('dead')].map(({ id }) => id);
        expect([...kept, ...deleted].sort()).toEqual([...sent].sort());
        const { visible, inFlight, delayed } = store.counts('orders');
        expect(visible + inFlight + delayed).toBe(store.messages('orders').length);
        expect(inFlight).toBe(store.messages('orders', 'inFlight').length);
      }
      clock.advance(10);
      const rest: string[] = [];
      for (const name of ['orders', 'dead', 'dead']) {
        for (let batch = store.take(store.get(name), 10, 60, WHO); batch.length > 0; ) {
          rest.push(...batch.map(({ id }) => id));
          batch = store.take(store.get(name), 10, 60, WHO);
        }
      }
      expect([...rest, ...deleted].sort()).toEqual([...sent].sort());
    }),
    { numRuns: 300 },
  );
});
