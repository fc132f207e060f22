'use strict';
/*
 * Preloaded into a function's process (`node --require`): lets it read the simulated wall clock.
 *
 * The simulator hands over file descriptor 3, a file of three doubles: the simulated time, the machine's time at which
 * it held (0: the clock stands still, as during init), and the steps in which it runs on. All in milliseconds. A shared file, read on every look at the clock, needs no
 * word from the runtime client, so it works alike under our bootstrap and under AWS's own client, whose HTTP is native
 * code that no patch of node:http would see. A read costs a microsecond or two.
 *
 * Shifted: Date, Intl.DateTimeFormat without an argument, performance.timeOrigin. Not shifted: timers, performance.now,
 * process.hrtime, file times, certificate checks.
 */
const { readSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

const CLOCK_FD = 3;
const RealDate = Date;
const realNow = RealDate.now;
const record = Buffer.alloc(24);

function now() {
  readSync(CLOCK_FD, record, 0, 24, 0);
  const simulated = record.readDoubleLE(0);
  const heldAt = record.readDoubleLE(8);
  if (heldAt === 0) return simulated;
  const step = record.readDoubleLE(16);
  return simulated + Math.floor((realNow() - heldAt) / step) * step;
}

RealDate.now = now;
const SimulatedDate = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
});
RealDate.prototype.constructor = SimulatedDate;
globalThis.Date = SimulatedDate;

const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format').get;
const formatToParts = Intl.DateTimeFormat.prototype.formatToParts;
Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
  configurable: true,
  get() {
    const bound = format.call(this);
    return (date) => bound(date === undefined ? now() : date);
  },
});
Intl.DateTimeFormat.prototype.formatToParts = function (date) {
  return formatToParts.call(this, date === undefined ? now() : date);
};

// timeOrigin + now() is the other common way to the wall clock.
Object.defineProperty(performance, 'timeOrigin', { configurable: true, get: () => now() - performance.now() });
