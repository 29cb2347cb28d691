import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder under the system's temporary folder that goes with its owner: `await using dir = tempDir()`. */
export interface TempDir extends AsyncDisposable, Disposable {
  readonly path: string;
  join(...parts: string[]): string;
}

const alive = new Set<string>();
process.on('exit', () => {
  for (const path of alive) rmSync(path, { recursive: true, force: true });
});

export function tempDir(prefix = 'millrace-'): TempDir {
  const path = mkdtempSync(join(tmpdir(), prefix));
  alive.add(path);
  const remove = () => {
    // A server that was killed may still be writing its last file.
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    alive.delete(path);
  };
  return {
    path,
    join: (...parts) => join(path, ...parts),
    [Symbol.dispose]: remove,
    [Symbol.asyncDispose]: async () => remove(),
  };
}
