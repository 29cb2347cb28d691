import { join } from 'node:path';
import { type FolderLock, lockFolder } from '../../log/folder-lock.ts';
import { type FileLayer, type LayerFile, readFully, realFiles, writeFully } from '../../runtime/files.ts';
import type { FileName } from './file-names.ts';

/** A file that was open when a process ended. */
export interface LeftFile {
  /** Of its store. */
  readonly url: string;
  readonly name: FileName;
  /** Events of it may be acknowledged. */
  readonly keep: boolean;
}

/** A note is written anew at this size, with the files that are open. */
const compactBytes = 256 * 1024;
/** A larger one is not ours. */
const longestBytes = 64 * 1024 * 1024;

/**
 * Which files a sink has open, written down on this machine before they are made, so that a start after a kill finds
 * them: names in use say neither whose they are nor whether anything of them is acknowledged. Lines are not synced: they
 * outlive the process; after a power cut a file may stay under its name in use, and nothing is lost of it.
 */
export class OpenFilesNote {
  readonly #files: FileLayer;
  readonly #lock: FolderLock;
  readonly #path: string;
  readonly #url: string;
  /** By store and name. */
  readonly #open = new Map<string, LeftFile>();
  #file: LayerFile;
  #sizeBytes = 0;

  private constructor(folder: string, url: string, lock: FolderLock, files: FileLayer) {
    this.#files = files;
    this.#url = url;
    this.#lock = lock;
    this.#path = join(folder, 'open-files');
    this.#file = files.open(this.#path, 'create');
  }

  /** `url`: the store's. Throws where the folder can't be had, or another process has it. */
  static open(folder: string, url: string, files: FileLayer = realFiles): OpenFilesNote {
    const lock = lockFolder(folder);
    try {
      const note = new OpenFilesNote(folder, url, lock, files);
      note.#read();
      return note;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** The files of this store that are open, after a start those that were left. */
  left(): readonly LeftFile[] {
    return [...this.#open.values()].filter(({ url }) => url === this.#url);
  }

  /** How many were left in other stores, before the sink was configured anew. */
  get elsewhere(): number {
    return this.#open.size - this.left().length;
  }

  open(name: FileName, keep: boolean): void {
    const entry = { url: this.#url, name, keep };
    this.#open.set(keyOf(entry), entry);
    this.#append(lineOf(entry));
  }

  done(name: FileName): void {
    const entry = { url: this.#url, name };
    if (this.#open.delete(keyOf(entry)))
      this.#append(`${JSON.stringify({ url: this.#url, done: name.inUse })}\n`);
  }

  close(): void {
    this.#rewrite();
    this.#file.close();
    this.#lock.release();
  }

  #append(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#sizeBytes + bytes.length > compactBytes && this.#sizeBytes > 0) {
      this.#rewrite();
      return;
    }
    writeFully(this.#file, [bytes], this.#sizeBytes);
    this.#sizeBytes += bytes.length;
  }

  #rewrite(): void {
    const fresh = `${this.#path}.new`;
    this.#files.remove(fresh);
    const file = this.#files.open(fresh, 'new');
    const bytes = Buffer.from([...this.#open.values()].map(lineOf).join(''));
    if (bytes.length > 0) writeFully(file, [bytes], 0);
    this.#files.rename(fresh, this.#path);
    this.#file.close();
    this.#file = file;
    this.#sizeBytes = bytes.length;
  }

  #read(): void {
    const sizeBytes = this.#file.size();
    if (sizeBytes > longestBytes)
      throw new Error(`${this.#path} has ${sizeBytes} bytes and is no list of open files`);
    const bytes = Buffer.alloc(sizeBytes);
    readFully(this.#file, bytes, 0);
    // A line that a kill has cut short is of a file that was not made, or of one that will be found done.
    for (const line of bytes.toString().split('\n')) {
      const entry = entryOf(line);
      if (entry === null) continue;
      if ('done' in entry) this.#open.delete(entry.done);
      else this.#open.set(keyOf(entry), entry);
    }
    this.#rewrite();
  }
}

function keyOf({ url, name }: Pick<LeftFile, 'url' | 'name'>): string {
  return `${url} ${name.inUse}`;
}

function lineOf({ url, name: { inUse, final, n }, keep }: LeftFile): string {
  return `${JSON.stringify({ url, open: inUse, final, n, keep })}\n`;
}

function entryOf(line: string): LeftFile | { readonly done: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { url, open, final, n, keep, done } = value as Record<string, unknown>;
  if (typeof url !== 'string') return null;
  if (typeof done === 'string') return { done: `${url} ${done}` };
  if (typeof open !== 'string' || typeof final !== 'string' || typeof n !== 'number') return null;
  // What says nothing of it may hold acknowledged events.
  return { url, name: { inUse: open, final, n }, keep: keep !== false };
}
