import { basename, dirname } from 'node:path';
import type { FileLayer, LayerFile, OpenMode } from '../runtime/files.ts';

/** The bytes of one file; grows by doubling. */
class Content {
  bytes = Buffer.alloc(0);
  size = 0;

  write(buffers: readonly Buffer[], position: number): number {
    let end = position;
    for (const buffer of buffers) end += buffer.length;
    this.#reserve(end);
    if (position > this.size) this.bytes.fill(0, this.size, position);
    let at = position;
    for (const buffer of buffers) at += buffer.copy(this.bytes, at);
    this.size = Math.max(this.size, end);
    return end - position;
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size > this.size) this.bytes.fill(0, this.size, size);
    this.size = size;
  }

  #reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.bytes.length, 4096));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}

class MemoryFile implements LayerFile {
  readonly path: string;
  readonly #content: Content;

  constructor(path: string, content: Content) {
    this.path = path;
    this.#content = content;
  }

  size(): number {
    return this.#content.size;
  }

  write(buffers: readonly Buffer[], position: number): number {
    return this.#content.write(buffers, position);
  }

  read(into: Buffer, position: number): number {
    if (position >= this.#content.size) return 0;
    return this.#content.bytes.copy(into, 0, position, this.#content.size);
  }

  truncate(sizeBytes: number): void {
    this.#content.truncate(sizeBytes);
  }

  datasync(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

/** A file layer without a disk: a log on it lives as long as this object. For tests and the in-memory broker. */
export class MemoryFiles implements FileLayer {
  readonly #dirs = new Map<string, Map<string, Content>>();

  open(path: string, mode: OpenMode): LayerFile {
    const dir = this.#dirs.get(dirname(path));
    let content = dir?.get(basename(path));
    if (content === undefined) {
      if (dir === undefined || mode === 'read' || mode === 'write') {
        throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
      }
      content = new Content();
      dir.set(basename(path), content);
    } else if (mode === 'new') throw alreadyThere(path);
    return new MemoryFile(path, content);
  }

  list(dir: string): readonly string[] {
    const folders = [...this.#dirs.keys()].filter((path) => dirname(path) === dir && path !== dir);
    return [...(this.#dirs.get(dir)?.keys() ?? []), ...folders.map((path) => basename(path))];
  }

  size(path: string): number | null {
    return this.#dirs.get(dirname(path))?.get(basename(path))?.size ?? null;
  }

  makeDir(dir: string): void {
    if (!this.#dirs.has(dir)) this.#dirs.set(dir, new Map());
  }

  syncDir(_dir: string): Promise<void> {
    return Promise.resolve();
  }

  rename(from: string, to: string): void {
    if (this.#dirs.has(from)) {
      this.#renameDir(from, to);
      return;
    }
    const content = this.#dirs.get(dirname(from))?.get(basename(from));
    const target = this.#dirs.get(dirname(to));
    if (content === undefined || target === undefined) {
      throw Object.assign(new Error(`ENOENT: no such file, rename '${from}'`), { code: 'ENOENT' });
    }
    this.remove(from);
    target.set(basename(to), content);
  }

  renameNew(from: string, to: string): void {
    if (this.size(to) !== null) throw alreadyThere(to);
    this.rename(from, to);
  }

  #renameDir(from: string, to: string): void {
    for (const [path, files] of [...this.#dirs]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#dirs.delete(path);
      this.#dirs.set(`${to}${path.slice(from.length)}`, files);
    }
  }

  removeDir(dir: string): void {
    if (this.list(dir).length > 0) {
      throw Object.assign(new Error(`ENOTEMPTY: directory not empty, rmdir '${dir}'`), { code: 'ENOTEMPTY' });
    }
    this.#dirs.delete(dir);
  }

  remove(path: string): void {
    this.#dirs.get(dirname(path))?.delete(basename(path));
  }

  freeBytes(_dir: string): number {
    return Number.MAX_SAFE_INTEGER;
  }
}

function alreadyThere(path: string): Error {
  return Object.assign(new Error(`EEXIST: file already exists, '${path}'`), { code: 'EEXIST' });
}
