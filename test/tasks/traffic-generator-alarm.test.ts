import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Alarm } from '../../tasks/traffic-generator/alarm.ts';

const LONG = 20 * 60_000;

async function started(): Promise<Alarm> {
  const alarm = await Alarm.start();
  onTestFinished(() => alarm.stop());
  return alarm;
}

it('wakes not before its time, again and again', async () => {
  const alarm = await started();
  for (const milliseconds of [0, 0.25, 1.5, 0.1, 12]) {
    const begun = performance.now();
    await alarm.after(milliseconds);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(milliseconds - 0.001);
  }
});

it('wakes at once when it is rung, and the order that it was rung out of is forgotten', async () => {
  const alarm = await started();
  let woke = 0;
  for (const milliseconds of [5, LONG]) {
    const waiting = alarm.after(milliseconds).then(() => {
      woke += 1;
    });
    alarm.ring();
    await waiting;
  }
  const waiting = alarm.after(LONG).then(() => {
    woke += 1;
  });
  // Long enough for the first order to end, had it not been replaced.
  await sleep(50);
  expect(woke).toBe(2);
  alarm.ring();
  await waiting;
});

it('without its thread it does not hang, neither in a sleep nor before the next', async () => {
  const alarm = await started();
  const waiting = alarm.after(LONG);
  await alarm.stop();
  await waiting;
  await alarm.after(1);
});
