/** Brings node_modules to what package-lock.json says. Plain JavaScript: it must load under Node 18. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package manager writes its own copy of the lock file a moment before or after package-lock.json. */
const sameMomentMs = 10_000;

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** True when `npm ci` is due: nothing installed yet, or the lock file has changed since. */
export function installIsDue(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return true;
  const stamp = join(root, 'node_modules', '.millrace-installed');
  const lock = join(root, 'package-lock.json');
  if (statSync(installed).mtimeMs + sameMomentMs >= statSync(lock).mtimeMs) return false;
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash(root);
}

/**
 * Runs `npm ci` if it is due, saying so in one line. Returns an exit code, 0 when all is well.
 * Warnings are not shown: an older Node than the pinned one may install, it only can't run what was installed.
 */
export function install(root) {
  if (!installIsDue(root)) return 0;
  process.stderr.write('Installing packages (npm ci), a minute at most…\n');
  const startedAt = Date.now();
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const result =
    npm && /\.c?js$/.test(npm)
      ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
      : spawnSync('npm', args, {
          cwd: root,
          stdio: ['ignore', 'ignore', 'inherit'],
          shell: process.platform === 'win32',
        });
  if (result.status !== 0) {
    process.stderr.write(
      `npm ci failed (${result.error?.message ?? `exit ${result.status ?? result.signal}`}). See the lines above; "npm ci" shows more.\n`,
    );
    return result.status || 1;
  }
  writeFileSync(join(root, 'node_modules', '.millrace-installed'), lockHash(root));
  process.stderr.write(`Packages installed in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.\n`);
  return 0;
}
