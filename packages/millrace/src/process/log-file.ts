import { closeSync, existsSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, hasErrno } from '../runtime/errors.ts';
import { makeFolder } from '../runtime/make-folder.ts';
import { every, type Timer } from '../runtime/timers.ts';

/** How often a file that is written to is looked at: was it moved away, has it grown too large. */
const lookEveryMs = 1000;

/** Writes bytes to a descriptor; waits where it is full, gives up where it takes nothing. */
export function writeBlocking(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Nowhere to write to (EPIPE, EIO, ENOSPC): a log line must not end the process.
      if (!hasErrno(error, 'EAGAIN')) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a full pipe: its reader is behind
    }
  }
}

/**
 * A log file that several threads append to. Whoever moves it away (logrotate, `keepLogSmall`) needs tell nobody: the
 * next line after a second, or after `reopen`, goes to a new file at the old path. Nothing is lost on the way: until
 * then, lines go to the file that was moved.
 */
export class LogFile {
  readonly path: string;
  #fd: number;
  #lookedMs = performance.now();

  /** Throws what the system says when the file can't be had. */
  constructor(path: string) {
    this.path = path;
    makeFolder(dirname(path));
    this.#fd = openSync(path, 'a');
  }

  write(bytes: Buffer): void {
    if (this.#fd < 0) return; // closed: the number may be another file's by now
    const now = performance.now();
    if (now - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = now;
      if (!this.#isCurrent()) this.reopen();
    }
    writeBlocking(this.#fd, bytes);
  }

  /** Opens the path anew; where that fails, lines go on to the file that is open. */
  reopen(): void {
    if (this.#fd < 0) return;
    try {
      makeFolder(dirname(this.path));
      const fd = openSync(this.path, 'a');
      closeSync(this.#fd);
      this.#fd = fd;
    } catch {
      // Its folder was removed, or is not writable: tried again at the next look.
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #isCurrent(): boolean {
    try {
      const there = statSync(this.path, { throwIfNoEntry: false });
      const own = fstatSync(this.#fd);
      return there !== undefined && there.ino === own.ino && there.dev === own.dev;
    } catch {
      return true;
    }
  }
}

export interface LogLimits {
  /** A log file that has grown beyond is set aside. */
  readonly maxBytes: number;
  /** How many that were set aside are kept: `millrace.log.1` is the latest. */
  readonly keep: number;
}

/** Sets a log file aside when it is too large: `log.1`, `log.2`, … One per process and file; writers see it by themselves. */
export function keepLogSmall(
  path: string,
  { maxBytes, keep }: LogLimits,
  tell: (text: string) => void,
): Timer {
  let complained = false;
  return every(
    lookEveryMs,
    () => {
      try {
        const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        if (size > maxBytes) rotate(path, keep);
        complained = false;
      } catch (error) {
        if (!complained) tell(`${path} grows beyond its limit: ${errorText(error)}`);
        complained = true;
      }
    },
    { background: true },
  );
}

function rotate(path: string, keep: number): void {
  for (let n = keep - 1; n >= 1; n--) {
    if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
  }
  renameSync(path, `${path}.1`);
}
