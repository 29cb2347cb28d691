/**
 * Preloaded into every thread of a Millrace process (`NODE_OPTIONS=--import`): the thread that MILLRACE_FAULT_THREAD names
 * throws an error that nobody catches as soon as the file MILLRACE_FAULT_FILE is there, and takes the file away.
 */
import { rmSync, statSync } from 'node:fs';
import { isMainThread, threadName } from 'node:worker_threads';

const { MILLRACE_FAULT_THREAD: wanted, MILLRACE_FAULT_FILE: file } = process.env;
if (!isMainThread && wanted !== undefined && threadName === wanted) {
  setInterval(() => {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return;
    rmSync(file);
    throw new Error('a fault made by the test');
  }, 50).unref();
}
