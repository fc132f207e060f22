import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MAX_LOG_BYTES = 8 * 1024 * 1024;

/** The clock that a function's process reads through the preloaded shim, as an open file. */
export class ClockFile {
  readonly fd: number;

  constructor(folder: string) {
    this.fd = openUnlinked(folder, 'clock');
  }

  /** Time stands still at `at`. So it is during init, and module scope is no later than the first invocation. */
  standAt(at: number): void {
    this.#write(at, 0);
  }

  /** Time runs on from `at` at real speed, in steps of so many milliseconds. */
  runFrom(at: number, stepMs: number): void {
    this.#write(at, Date.now(), stepMs);
  }

  close(): void {
    closeSync(this.fd);
  }

  #write(simulated: number, heldAt: number, stepMs = 1): void {
    const record = Buffer.alloc(24);
    record.writeDoubleLE(simulated, 0);
    record.writeDoubleLE(heldAt, 8);
    record.writeDoubleLE(stepMs, 16);
    writeSync(this.fd, record, 0, record.length, 0);
  }
}

/**
 * Where a process writes stdout and stderr. A file and not a pipe: it keeps the order of the two, and all that was
 * written before the answer is certainly there when the answer arrives.
 */
export class LogFile {
  readonly fd: number;

  constructor(folder: string) {
    this.fd = openUnlinked(folder, 'log');
  }

  /** Takes out the lines written since the last call; an event of several lines, as console writes it, is one. */
  take(): string[] {
    const { size } = fstatSync(this.fd);
    const start = Math.max(0, size - MAX_LOG_BYTES);
    const bytes = Buffer.alloc(size - start);
    readSync(this.fd, bytes, 0, bytes.length, start);
    ftruncateSync(this.fd, 0);
    const lines = bytes.toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    if (start > 0) lines.unshift(`(${start} bytes of earlier output left out)`);
    return lines.map((line) => line.replaceAll('\r', '\n'));
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** For reading and appending; already unlinked, so that nothing is left behind however the simulator ends. */
function openUnlinked(folder: string, name: string): number {
  const path = join(folder, name);
  const fd = openSync(path, name === 'log' ? 'ax+' : 'wx+', 0o600);
  rmSync(path);
  return fd;
}
