/** Runs one program in the foreground. Plain JavaScript: it must load under Node 18. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** A terminal's Ctrl-C reaches npm and this process, and npm passes it on as well: within this time it is one. */
const sameSignalMs = 400;

/**
 * Runs a program with this process's input and output and resolves with its exit code (128 + number for a signal).
 *
 * `ownGroup` puts it into a process group of its own, so that it sees each signal exactly once although a terminal
 * sends Ctrl-C to everybody in the foreground: for programs where a second signal means "end at once".
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, ownGroup?: boolean }} options
 * @returns {Promise<number>}
 */
export function runChild(command, args, options = {}) {
  const { ownGroup = false, ...rest } = options;
  const detached = ownGroup && process.platform !== 'win32';
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...rest, detached, stdio: 'inherit' });
    const lastAt = new Map();
    const forward = (signal) => {
      const now = Date.now();
      if (now - (lastAt.get(signal) ?? -Infinity) < sameSignalMs) return;
      lastAt.set(signal, now);
      // Sharing the terminal's foreground group, the child has had its Ctrl-C already.
      if (!detached && signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(process.platform === 'win32' ? [] : ['SIGUSR2'])];
    for (const signal of signals) process.on(signal, forward);
    const done = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      done(127);
    });
    child.on('exit', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
