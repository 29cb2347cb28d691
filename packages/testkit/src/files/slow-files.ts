import type { FileLayer, LayerFile, OpenMode } from '../../../millrace/src/runtime/files.ts';
import { realFiles } from '../../../millrace/src/runtime/files.ts';

/** Asked before each call that touches the device; may throw the call's error, or wait. */
export interface DeviceHooks {
  open?: (path: string, mode: OpenMode) => void;
  write?: (path: string) => void;
  read?: (path: string) => void;
  rename?: (from: string, to: string) => void;
  datasync?: (path: string) => Promise<void>;
  syncDir?: (dir: string) => Promise<void>;
}

/** A file layer with a say in every call, and a count of the files that are open. */
export class HookedFiles implements FileLayer {
  readonly hooks: DeviceHooks;
  readonly #files: FileLayer;
  readonly #open = new Set<LayerFile>();

  constructor(hooks: DeviceHooks = {}, files: FileLayer = realFiles) {
    this.hooks = hooks;
    this.#files = files;
  }

  get openPaths(): string[] {
    return [...this.#open].map((file) => file.path);
  }

  open(path: string, mode: OpenMode): LayerFile {
    this.hooks.open?.(path, mode);
    const file = this.#files.open(path, mode);
    const { hooks } = this;
    const hooked: LayerFile = {
      path,
      size: () => file.size(),
      write: (buffers, position) => {
        hooks.write?.(path);
        return file.write(buffers, position);
      },
      read: (into, position) => {
        hooks.read?.(path);
        return file.read(into, position);
      },
      truncate: (size) => file.truncate(size),
      datasync: async () => {
        await hooks.datasync?.(path);
        await file.datasync();
      },
      close: () => {
        this.#open.delete(hooked);
        file.close();
      },
    };
    this.#open.add(hooked);
    return hooked;
  }

  list = (dir: string) => this.#files.list(dir);
  size = (path: string) => this.#files.size(path);
  makeDir = (dir: string) => this.#files.makeDir(dir);
  async syncDir(dir: string): Promise<void> {
    await this.hooks.syncDir?.(dir);
    await this.#files.syncDir(dir);
  }
  rename(from: string, to: string): void {
    this.hooks.rename?.(from, to);
    this.#files.rename(from, to);
  }

  renameNew(from: string, to: string): void {
    this.hooks.rename?.(from, to);
    this.#files.renameNew(from, to);
  }
  remove = (path: string) => this.#files.remove(path);
  removeDir = (dir: string) => this.#files.removeDir(dir);
  freeBytes = (dir: string) => this.#files.freeBytes(dir);
}

export function errno(code: string, what = 'injected'): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code, syscall: what });
}

/** Completions that take up to `maxMs`, drawn from `random`: what is asked for at once ends in another order. */
export function slowDevice(random: () => number, maxMs: number): DeviceHooks {
  const late = () => new Promise<void>((resolve) => setTimeout(resolve, random() * maxMs));
  return { datasync: late, syncDir: late };
}
