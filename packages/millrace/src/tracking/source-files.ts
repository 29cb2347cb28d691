import {
  closeSync,
  fstatSync,
  openSync,
  read as readCallback,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { hasErrno } from '../runtime/errors.ts';

/** What the system says of a name. Device and inode are exact: some file systems number beyond 2^53. */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: number;
  readonly mtimeMs: number;
  /** 0 where the file system does not keep it. */
  readonly birthMs: number;
}

/** What every turn asks of an open file. */
export interface FileLook {
  readonly size: number;
  /** Of a compressed file: the bytes that it takes. */
  readonly storedBytes?: number;
  readonly mtimeMs: number;
  /** Names that the file still has; 0: deleted. */
  readonly links: number;
}

/** An open file. All calls throw the system's error (EIO, ESTALE, …). */
export interface SourceHandle {
  stat(): FileStat;
  look(): FileLook;
  /** Bytes read, 0 at the end. */
  readSync(into: Buffer, length: number, position: number): number;
  read(into: Buffer, length: number, position: number): Promise<number>;
  close(): void;
  /**
   * Of a compressed file: makes what stands before a position known to `readSync`, at the head or as far back as a mark
   * reaches. Throws what keeps it from that.
   */
  ready?(position: number): Promise<void>;
  /** Of a compressed file: once its end was found, the bytes of its content and its own; null before. */
  readonly whole?: { readonly bytes: number; readonly packedBytes: number } | null;
}

/** Every call that a source makes to the files it reads. */
export interface SourceFiles {
  /** Names in a folder, unsorted. Throws the system's error. */
  list(folder: string): readonly string[];
  /** What a name leads to, through symbolic links; null where it leads to nothing. Throws EACCES, EIO, ESTALE, … */
  stat(path: string): FileStat | null;
  open(path: string): SourceHandle;
  /** The clock that file times go by, Unix ms. */
  wallMs(): number;
}

class RealHandle implements SourceHandle {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
  }

  stat(): FileStat {
    return fileStat(fstatSync(this.#fd, { bigint: true }));
  }

  look(): FileLook {
    const { size, mtimeMs, nlink } = fstatSync(this.#fd);
    return { size, mtimeMs, links: nlink };
  }

  readSync(into: Buffer, length: number, position: number): number {
    return readSync(this.#fd, into, 0, length, position);
  }

  read(into: Buffer, length: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      readCallback(this.#fd, into, 0, length, position, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function fileStat(stat: import('node:fs').BigIntStats): FileStat {
  return {
    kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other',
    dev: stat.dev,
    ino: stat.ino,
    size: Number(stat.size),
    mtimeMs: Number(stat.mtimeNs) / 1e6,
    birthMs: Number(stat.birthtimeNs) / 1e6,
  };
}

/** The files of the machine. */
export const realSourceFiles: SourceFiles = {
  list: (folder) => readdirSync(folder),
  stat(path) {
    try {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? null : fileStat(stat);
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null;
      throw error;
    }
  },
  open: (path) => new RealHandle(path),
  wallMs: () => Date.now(),
};
