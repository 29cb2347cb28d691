import { crc32c } from '@node-rs/crc32';
import type { FileStat, SourceHandle } from './source-files.ts';

/** `device:inode`. Given again after a delete, so not enough by itself. */
export type FileKey = string;

export function keyOf({ dev, ino }: Pick<FileStat, 'dev' | 'ino'>): FileKey {
  return `${dev}:${ino}`;
}

/** What stands at a file's head and just before a position: by it the place is known again. */
export interface ContentMark {
  /** CRC32C of the first `headBytes` bytes; they may reach beyond a position that was taken back. */
  readonly headBytes: number;
  readonly headCrc: number;
  /** CRC32C of the `tailBytes` bytes before the position. */
  readonly tailBytes: number;
  readonly tailCrc: number;
}

/** Nothing is known: position 0, or one that Flume wrote. */
export const noMark: ContentMark = { headBytes: 0, headCrc: 0, tailBytes: 0, tailCrc: 0 };

/**
 * Whether content is what it is taken for. `unknown`: it can't be told now (no permission, too many open files, a
 * device error, the name gone since the look), which never counts as other content.
 */
export type Identity = 'same' | 'other' | 'unknown';

/** Most bytes of a head that are looked at. */
export const maxHeadBytes = 1024;
/** Bytes before the position that are compared at every read. */
export const maxTailBytes = 64;

const scratch = Buffer.alloc(maxHeadBytes);
const scratch2 = Buffer.alloc(maxHeadBytes);

/**
 * Whether an open file holds, before `position`, what the mark says: not another file under a reused inode, nor one that
 * was truncated and has grown past the position again, nor one shorter than it. Throws the system's error.
 */
export function holdsMark(handle: SourceHandle, mark: ContentMark, position: number): boolean {
  if (handle.look().size < position) return false;
  return (
    crcOfRange(handle, 0, mark.headBytes, mark.headCrc) &&
    crcOfRange(handle, position - mark.tailBytes, mark.tailBytes, mark.tailCrc)
  );
}

/** The mark of what lies before `position` now. Throws the system's error. */
export function markAt(handle: SourceHandle, position: number): ContentMark {
  const headBytes = Math.min(maxHeadBytes, position);
  const tailBytes = Math.min(maxTailBytes, position);
  const headCrc = crc32c(rangeOf(handle, 0, headBytes, scratch));
  return {
    headBytes,
    headCrc,
    tailBytes,
    tailCrc: crc32c(rangeOf(handle, position - tailBytes, tailBytes, scratch)),
  };
}

/** Whether two open files have the same first bytes. */
export function sharesStart(one: SourceHandle, other: SourceHandle, bytes: number): boolean {
  const length = Math.min(bytes, maxHeadBytes);
  const [a, b] = [rangeOf(one, 0, length, scratch), rangeOf(other, 0, length, scratch2)];
  return a.length === length && a.equals(b);
}

/** The bytes of a range; fewer where the file ends before it does. Valid until the next call with the same buffer. */
function rangeOf(handle: SourceHandle, from: number, length: number, into: Buffer): Buffer {
  let got = 0;
  while (got < length) {
    const n = handle.readSync(got === 0 ? into : into.subarray(got), length - got, from + got);
    if (n === 0) break;
    got += n;
  }
  return into.subarray(0, got);
}

function crcOfRange(handle: SourceHandle, from: number, length: number, crc: number): boolean {
  if (length === 0) return true;
  const bytes = rangeOf(handle, from, length, scratch);
  return bytes.length === length && crc32c(bytes) === crc;
}
