import { chmod, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { HookedFiles } from '../../../../testkit/src/files/slow-files.ts';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { storeContract } from '../../component/testing/store-contract.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { LocalStore } from './local-store.ts';

const errno = (code: string) => Object.assign(new Error(`${code}: drawn`), { code });

storeContract({ describe, it }, 'a folder', {
  create: async () => {
    const dir = tempDir();
    let hooks: HookedFiles['hooks'] = {};
    const files = new HookedFiles({
      open: (path, mode) => hooks.open?.(path, mode),
      write: (path) => hooks.write?.(path),
      datasync: async (path) => await hooks.datasync?.(path),
    });
    return {
      store: new LocalStore(dir.join('a', 'b'), files),
      read: (name) => readFile(dir.join('a', 'b', name), 'utf8').catch(() => null),
      fail: {
        full: async () => {
          hooks = {
            write: () => {
              throw errno('ENOSPC');
            },
          };
        },
        denied: async () => {
          hooks = {
            open: () => {
              throw errno('EACCES');
            },
          };
        },
        transient: async () => {
          hooks = {
            write: () => {
              throw errno('EIO');
            },
          };
        },
        lost: async () => {
          hooks = {
            datasync: async () => {
              throw errno('EIO');
            },
          };
        },
      },
      heal: async () => {
        hooks = {};
      },
      dispose: async () => {
        await chmod(dir.path, 0o755);
        dir[Symbol.dispose]();
      },
    };
  },
});

for (const seed of [1, 2, 3]) {
  storeContract({ describe, it }, `a disk that forgets what was not synced, ${seed}`, {
    create: async () => {
      const disk = new FaultyFiles(seed, { shortWrites: true });
      const root = '/store';
      let life: FileLayer = disk.life();
      const read = async (name: string) => {
        const path = `${root}/${name}`;
        if (!disk.list(dirname(path)).includes(name.split('/').at(-1)!) || disk.size(path) === null)
          return null;
        const bytes = Buffer.alloc(disk.size(path)!);
        disk.open(path, 'read').read(bytes, 0);
        return bytes.toString();
      };
      return {
        store: new LocalStore(root, withFolders(life)),
        read,
        fail: {
          full: async () => {
            disk.faults.diskBytes = 1000;
          },
          lost: async () => {
            disk.faults.failSync = true;
          },
        },
        heal: async () => {
          delete disk.faults.diskBytes;
          disk.faults.failSync = false;
        },
        crash: async () => {
          disk.crash();
          life = disk.life();
          return new LocalStore(root, withFolders(life));
        },
      };
    },
  });
}

/** The simulated disk renames within one folder alone. */
function withFolders(files: FileLayer): FileLayer {
  return {
    ...files,
    renameNew: (from, to) => {
      if (dirname(from) === dirname(to)) return files.renameNew(from, to);
      const source = files.open(from, 'read');
      const bytes = Buffer.alloc(source.size());
      source.read(bytes, 0);
      const target = files.open(to, 'new');
      for (let at = 0; at < bytes.length; ) at += target.write([bytes.subarray(at)], at);
      files.remove(from);
    },
  };
}
