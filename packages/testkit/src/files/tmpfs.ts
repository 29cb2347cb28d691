import { execFileSync } from 'node:child_process';

/** A file system of its own in memory, on a folder that is there: another device, and a small disk. Needs root. */
export function tmpfs(path: string, megabytes: number): Disposable {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'This test mounts a small tmpfs, which needs root: run it as root, in a container with CAP_SYS_ADMIN.',
    );
  }
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', path]) };
}
