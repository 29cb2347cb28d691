/**
 * What `npm start`, `npm test` and the other scripts call: `node scripts/launch.mjs VERB [args]`.
 *
 * Installs what is missing, finds the pinned Node and runs the verb's program under it, passing signals and the exit
 * code through. Plain JavaScript without dependencies, because it runs under whatever Node the system has, 18 or newer.
 */
import { spawnSync } from 'node:child_process';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install, installIsDue } from './lib/install.mjs';
import { findNode } from './lib/pinned-node.mjs';
import { runChild } from './lib/run-child.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Each verb: the program and the arguments that go before the user's. */
const verbs = {
  start: { program: 'packages/millrace/bin/millrace.mjs', args: ['start'], ownGroup: true },
  test: { program: 'scripts/lib/test-run.ts', args: ['all'] },
  unit: { program: 'scripts/lib/test-run.ts', args: ['unit'] },
  check: { program: 'scripts/lib/test-run.ts', args: ['check'] },
  oracle: { program: 'scripts/lib/test-run.ts', args: ['oracle'] },
  fuzz: { program: 'scripts/lib/test-run.ts', args: ['fuzz'] },
  bench: { program: 'bench/main.ts', args: [] },
};

async function main([name, ...args]) {
  const verb = Object.hasOwn(verbs, name ?? '') ? verbs[name] : undefined;
  if (!verb) {
    process.stderr.write(`usage: node scripts/launch.mjs ${Object.keys(verbs).join('|')} [arguments]\n`);
    return 64;
  }
  const due = installIsDue(root);
  const installed = install(root);
  if (installed !== 0) return installed;
  const node = findNode(root);
  if ('problem' in node) {
    process.stderr.write(`${node.problem}\n`);
    return 69;
  }
  if (due) spawnSync(node.path, [join(root, 'scripts/lib/warm-cache.ts')], { stdio: 'ignore' });
  const path = [dirname(node.path), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(
    delimiter,
  );
  return runChild(node.path, [join(root, verb.program), ...verb.args, ...args], {
    ownGroup: verb.ownGroup ?? false,
    env: { ...process.env, PATH: path },
  });
}

process.exitCode = await main(process.argv.slice(2));
