import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCodes, errorText, hasErrno } from '../../runtime/errors.ts';
import { type FileLayer, type LayerFile, realFiles, writeFully } from '../../runtime/files.ts';
import type { FileStore, StoreAbilities, StoredFile, StoreFile } from './file-store.ts';
import { StoreError, type StoreFault } from './store-error.ts';
import { assertStoreName } from './store-name.ts';

/**
 * Files below a folder of this machine. Bytes are in the page cache after `write`, on the device after `sync`, which
 * syncs the folder's new name, too. The folder is made with its first file. Links that somebody has put below the folder
 * are followed.
 */
export class LocalStore implements FileStore {
  readonly url: string;
  readonly abilities: StoreAbilities = {
    durableAt: 'sync',
    exclusiveAt: 'create',
    showsOpenFiles: true,
    rename: true,
    cut: true,
  };
  readonly #folder: string;
  readonly #files: FileLayer;
  readonly #open = new Set<LocalFile>();

  /** `folder`: an absolute path. */
  constructor(folder: string, files: FileLayer = realFiles) {
    this.#folder = folder;
    this.#files = files;
    this.url = pathToFileURL(folder).href;
  }

  async create(name: string): Promise<StoreFile> {
    const path = this.#path(name);
    return this.#tell(`can't make ${path}`, () => {
      this.#files.makeDir(dirname(path));
      const file = new LocalFile(name, this.#files, this.#files.open(path, 'new'), (closed) =>
        this.#open.delete(closed),
      );
      this.#open.add(file);
      return file;
    });
  }

  async rename(from: string, to: string): Promise<void> {
    const oldPath = this.#path(from);
    const newPath = this.#path(to);
    await this.#tell(`can't rename ${oldPath} to ${newPath}`, async () => {
      if (this.#files.size(oldPath) === null && this.#files.size(newPath) !== null)
        return await this.#syncDirs(oldPath, newPath);
      this.#files.makeDir(dirname(newPath));
      this.#files.renameNew(oldPath, newPath);
      await this.#syncDirs(oldPath, newPath);
    });
  }

  async delete(name: string): Promise<void> {
    const path = this.#path(name);
    await this.#tell(`can't remove ${path}`, async () => {
      if (this.#files.size(path) === null) return;
      this.#files.remove(path);
      await this.#files.syncDir(dirname(path));
    });
  }

  async *list(folder: string): AsyncIterable<StoredFile> {
    const path = folder === '' ? this.#folder : this.#path(folder);
    const names = await this.#tell(`can't read ${path}`, () => this.#files.list(path));
    for (const entry of names) {
      const sizeBytes = this.#files.size(join(path, entry));
      if (sizeBytes === null) continue; // a folder, or gone meanwhile
      yield { name: folder === '' ? entry : `${folder}/${entry}`, sizeBytes };
    }
  }

  async close(): Promise<void> {
    for (const file of [...this.#open]) await file.abandon();
  }

  async #syncDirs(oldPath: string, newPath: string): Promise<void> {
    await this.#files.syncDir(dirname(newPath));
    if (dirname(oldPath) !== dirname(newPath)) await this.#files.syncDir(dirname(oldPath));
  }

  #path(name: string): string {
    assertStoreName(name);
    return join(this.#folder, name);
  }

  async #tell<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw toStoreError(what, error);
    }
  }
}

class LocalFile implements StoreFile {
  readonly name: string;
  sizeBytes = 0;
  readonly #files: FileLayer;
  readonly #file: LayerFile;
  readonly #onClosed: (file: LocalFile) => void;
  #isNamed = false;
  #isClosed = false;

  constructor(name: string, files: FileLayer, file: LayerFile, onClosed: (file: LocalFile) => void) {
    this.name = name;
    this.#files = files;
    this.#file = file;
    this.#onClosed = onClosed;
  }

  async write(buffers: readonly Buffer[]): Promise<void> {
    const pieces = buffers.filter(({ length }) => length > 0);
    if (pieces.length === 0) return;
    try {
      writeFully(this.#file, pieces, this.sizeBytes);
    } catch (error) {
      throw toStoreError(`can't write ${this.#file.path}`, error);
    }
    for (const { length } of pieces) this.sizeBytes += length;
  }

  async sync(): Promise<void> {
    try {
      await this.#file.datasync();
      if (!this.#isNamed) await this.#files.syncDir(dirname(this.#file.path));
      this.#isNamed = true;
    } catch (error) {
      // The system counts the pages as clean now: another sync would succeed and say nothing of them.
      const code = hasErrno(error, ...full) ? 'DISK_FULL' : 'DELIVERY_FAILED';
      const message = `the device did not keep ${this.#file.path}: ${errorText(error)}`;
      throw new StoreError('lost', message, { cause: error, code });
    }
  }

  async cut(sizeBytes: number): Promise<void> {
    try {
      this.#file.truncate(sizeBytes);
    } catch (error) {
      throw toStoreError(`can't cut ${this.#file.path}`, error);
    }
    this.sizeBytes = sizeBytes;
  }

  async close(): Promise<void> {
    await this.sync();
    await this.abandon();
  }

  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed(this);
    this.#file.close();
  }
}

const full = ['ENOSPC', 'EDQUOT'];
const outOfFiles = ['EMFILE', 'ENFILE'];
const kinds: Readonly<Record<string, StoreFault>> = {
  ENOENT: 'absent',
  EEXIST: 'exists',
  ENAMETOOLONG: 'name',
  EILSEQ: 'name',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOTDIR: 'denied',
  EISDIR: 'denied',
  ELOOP: 'denied',
};

function toStoreError(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const message = `${what}: ${errorText(error)}`;
  if (hasErrno(error, ...full)) return new StoreError('full', message, { cause: error });
  if (hasErrno(error, ...outOfFiles))
    return new StoreError('full', message, { cause: error, code: 'OUT_OF_FILES' });
  const kind = kinds[(error as NodeJS.ErrnoException).code ?? ''] ?? 'transient';
  const remedy = kind === 'denied' || kind === 'absent' ? errorCodes.FILE_ACCESS.remedy : undefined;
  return new StoreError(kind, message, { cause: error, ...(remedy === undefined ? {} : { remedy }) });
}
