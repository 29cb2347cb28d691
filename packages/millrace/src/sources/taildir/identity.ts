import { closeSync, openSync, readSync, type Stats } from 'node:fs';
import { crc32c } from '@node-rs/crc32';

/**
 * Who a file is, beyond its name: device, inode, and what stood at its head and just before the position read so far.
 * An inode number alone is given again after a delete; a name alone is given again at every rotation.
 */
export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
  /** CRC32C of the first `headBytes` bytes. */
  headBytes: number;
  headCrc: number;
  /** CRC32C of the `tailBytes` bytes before the position. */
  tailBytes: number;
  tailCrc: number;
}

/** Most bytes of a head that are looked at. */
export const maxHeadBytes = 1024;
/** Bytes before the position that are compared at every read. */
export const maxTailBytes = 64;

export function identityKey(stat: Pick<Stats, 'dev' | 'ino'>): string {
  return `${stat.dev}:${stat.ino}`;
}

/**
 * Whether the open file holds, before `pos`, what the identity says: false for another file under a reused inode, for
 * one that was truncated and has grown past `pos` again, and for one shorter than `pos`.
 */
export function holdsIdentity(fd: number, identity: FileIdentity, pos: number): boolean {
  return (
    crcOfRange(fd, 0, identity.headBytes) === identity.headCrc &&
    crcOfRange(fd, pos - identity.tailBytes, identity.tailBytes) === identity.tailCrc
  );
}

/** Reads head and tail of what lies before `pos`. */
export function identityAt(fd: number, stat: Pick<Stats, 'dev' | 'ino'>, pos: number): FileIdentity {
  const tailBytes = Math.min(maxTailBytes, pos);
  const tailCrc = crcOfRange(fd, pos - tailBytes, tailBytes) ?? 0;
  return { dev: stat.dev, ino: stat.ino, ...headMark(fd, pos), tailBytes, tailCrc };
}

/** The head's part of an identity, of what lies before `pos`. */
export function headMark(fd: number, pos: number): Pick<FileIdentity, 'headBytes' | 'headCrc'> {
  const headBytes = Math.min(maxHeadBytes, pos);
  return { headBytes, headCrc: crcOfRange(fd, 0, headBytes) ?? 0 };
}

/** Opens, asks, closes; false where the file can't be opened. */
export function pathHoldsIdentity(path: string, identity: FileIdentity, pos: number): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    return holdsIdentity(fd, identity, pos);
  } finally {
    closeSync(fd);
  }
}

const scratch = Buffer.alloc(maxHeadBytes);

/** CRC32C of a range, or null where the file ends before it does. */
function crcOfRange(fd: number, from: number, length: number): number | null {
  if (length === 0) return crc32c(Buffer.alloc(0));
  let got = 0;
  while (got < length) {
    const n = readSync(fd, scratch, got, length - got, from + got);
    if (n === 0) return null;
    got += n;
  }
  return crc32c(scratch.subarray(0, length));
}
