import { dirname } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { type FileLayer, type LayerFile, writeFully } from '../runtime/files.ts';
import { type ContentMark, noMark } from './content-mark.ts';
import { readWhole } from './whole-file.ts';

/**
 * The position after every committed batch, beside Flume's file of positions (which for TAILDIR is written every few
 * seconds, and holds neither devices nor fingerprints): a file of 512-byte slots, one per file that is read. A killed process loses nothing of it
 * (the page cache stays), so a restart repeats at most the batch in hand.
 *
 * Slot, all little-endian: crc32c u32 of bytes 4 to 96 · version u32 · dev u64 · ino u64 · position f64 · headBytes u32 ·
 * headCrc u32 · tailBytes u32 · tailCrc u32 · birthMs f64 · folderDev u64 · flags u32 (1: folderDev is known, 2: dev is
 * not, 4: its content is gone from the file and awaited in a copy, 8: there is a tail) · zeros · at 72: largest size seen f64 · events u32 ·
 * progress id f64 · packedBytes u32 · at 96: crc32c u32 of the path · its length u32 · the path · at 468: where there is
 * a tail, crc32c u32 of bytes 472 to 504 · progress id f64 · position f64 · headBytes u32 · headCrc u32 · tailBytes u32 ·
 * tailCrc u32. Each commit writes the first 96 bytes, with a tail all of them: one write is both files' commit.
 * Slot 0 is the journal's own: headBytes 1 once a position file was saved, headCrc the CRC32C of its text, tailCrc that
 * of the text which is about to take its place; by them an edited or deleted position file is known.
 *
 * Version 1 had slots of 80 bytes, with dev and ino as f64 and nothing behind tailCrc; it is read, not written.
 */
const slotBytes = 512;
const placeBytes = 96;
const pathAt = 104;
const tailAt = 468;
const tailEnd = 504;
const version = 2;
const slotBytes1 = 80;
const maxSlots = 1_000_000;
const hasFolderDev = 1;
const hasNoDev = 2;
const isAwaited = 4;
const hasTail = 8;

/** How far another file is done, where an event began in it. */
export interface JournalTail {
  /** Of the other file. */
  readonly progressId: number;
  readonly position: number;
  readonly mark: ContentMark;
}

export interface JournalEntry {
  /** Null: a row of Flume's that was not found yet. */
  readonly dev: bigint | null;
  readonly ino: bigint;
  readonly position: number;
  readonly mark: ContentMark;
  readonly birthMs: number;
  readonly folderDev: bigint | null;
  /** Its content is gone from the file; a copy of it may turn up. */
  readonly awaited: boolean;
  /** Largest size seen; 0: not known. */
  readonly largestSize: number;
  /** Events behind `position` that are done, where a format has no place to go to at each; absent: none. */
  readonly events?: number;
  /** Of a compressed file that was read to its end: the bytes that it took, modulo 2^32; 0 or absent: it was not. */
  readonly packedBytes?: number;
  /** Under which channels know its progress: a whole number up to 2^48; absent: none. */
  readonly progressId?: number;
  /** The file in which the first event of this one began, while its own slot is behind; absent: there is none. */
  readonly tail?: JournalTail;
  /** Null where it does not fit into a slot. */
  readonly path: string | null;
}

export interface LoadedJournal {
  /** Whether it goes with the position file. */
  readonly valid: boolean;
  /** Whether it knows every file: what only the position file names was let go. */
  readonly complete: boolean;
  readonly entries: readonly JournalEntry[];
}

export class PositionJournal {
  readonly #file: LayerFile;
  readonly #slot = Buffer.alloc(slotBytes);
  readonly #placePart = this.#slot.subarray(0, placeBytes);
  readonly #summed = this.#slot.subarray(4, placeBytes);
  readonly #view = new DataView(this.#slot.buffer, this.#slot.byteOffset, slotBytes);
  readonly #free: number[] = [];
  #next = 1;
  #savedCrc: number | null = null;

  private constructor(file: LayerFile) {
    this.#file = file;
  }

  /** Puts a new journal in the place of the old one, in one step; returns each entry's slot. */
  static replace(
    files: FileLayer,
    path: string,
    text: string | null,
    entries: readonly JournalEntry[],
  ): { journal: PositionJournal; slots: readonly number[] } {
    files.makeDir(dirname(path));
    const temporary = `${path}.tmp`;
    const file = files.open(temporary, 'create');
    file.truncate(0);
    const journal = new PositionJournal(file);
    journal.noteSaved(text);
    const bytes = Buffer.alloc(entries.length * slotBytes);
    for (const [i, entry] of entries.entries()) journal.#fill(entry).copy(bytes, i * slotBytes);
    if (bytes.length > 0) writeFully(file, [bytes], journal.#next * slotBytes);
    const slots = entries.map(() => journal.#next++);
    files.rename(temporary, path);
    return { journal, slots };
  }

  /** Notes which position file is about to be put in the place of the last one. */
  noteSaving(text: string): void {
    this.#writeOwn(this.#savedCrc, crc32c(text));
  }

  /** Notes which position file this journal goes with; null when none was saved yet. */
  noteSaved(text: string | null): void {
    this.#savedCrc = text === null ? null : crc32c(text);
    this.#writeOwn(this.#savedCrc, this.#savedCrc ?? 0);
  }

  #writeOwn(saved: number | null, next: number): void {
    const mark = {
      headBytes: saved === null ? 0 : 1,
      headCrc: saved ?? 0,
      tailBytes: next === 0 ? 0 : 1,
      tailCrc: next,
    };
    this.#slot.fill(0);
    this.#place({ ...ownSlot, mark });
    writeFully(this.#file, [this.#slot], 0);
  }

  /** A slot for a file that is tailed from now on. */
  add(entry: JournalEntry): number {
    const slot = this.#free.pop() ?? this.#next++;
    writeFully(this.#file, [this.#fill(entry)], slot * slotBytes);
    return slot;
  }

  #fill(entry: JournalEntry): Buffer {
    const b = this.#slot.fill(0);
    this.#place(entry);
    const path = Buffer.from(entry.path ?? '');
    if (entry.tail !== undefined) this.#placeTail(entry.tail);
    if (path.length <= (entry.tail === undefined ? slotBytes : tailAt) - pathAt) {
      path.copy(b, pathAt);
      b.writeUInt32LE(path.length, pathAt - 4);
      b.writeUInt32LE(crc32c(path), pathAt - 8);
    }
    return b;
  }

  write(slot: number, entry: JournalEntry): void {
    if (entry.tail !== undefined) {
      writeFully(this.#file, [this.#fill(entry)], slot * slotBytes);
      return;
    }
    this.#place(entry);
    writeFully(this.#file, [this.#placePart], slot * slotBytes);
  }

  /** Gives a slot back: its file is gone for good. */
  release(slot: number): void {
    writeFully(this.#file, [this.#slot.fill(0)], slot * slotBytes);
    this.#free.push(slot);
  }

  close(): void {
    this.#file.close();
  }

  #place(entry: Omit<JournalEntry, 'path'>): void {
    const b = this.#view;
    const { dev, ino, position, mark, birthMs, folderDev, awaited, largestSize, events = 0 } = entry;
    b.setUint32(4, version, true);
    b.setBigUint64(8, dev ?? 0n, true);
    b.setBigUint64(16, ino, true);
    b.setFloat64(24, position, true);
    b.setUint32(32, mark.headBytes, true);
    b.setUint32(36, mark.headCrc, true);
    b.setUint32(40, mark.tailBytes, true);
    b.setUint32(44, mark.tailCrc, true);
    b.setFloat64(48, birthMs, true);
    b.setBigUint64(56, folderDev ?? 0n, true);
    const flags = (folderDev === null ? 0 : hasFolderDev) | (dev === null ? hasNoDev : 0);
    const tail = entry.tail === undefined ? 0 : hasTail;
    b.setUint32(64, flags | (awaited ? isAwaited : 0) | tail, true);
    b.setFloat64(72, largestSize, true);
    b.setUint32(80, events, true);
    b.setFloat64(84, entry.progressId ?? 0, true);
    b.setUint32(92, entry.packedBytes ?? 0, true);
    b.setUint32(0, crc32c(this.#summed), true);
  }

  #placeTail({ progressId, position, mark }: JournalTail): void {
    const b = this.#view;
    b.setFloat64(tailAt + 4, progressId, true);
    b.setFloat64(tailAt + 12, position, true);
    b.setUint32(tailAt + 20, mark.headBytes, true);
    b.setUint32(tailAt + 24, mark.headCrc, true);
    b.setUint32(tailAt + 28, mark.tailBytes, true);
    b.setUint32(tailAt + 32, mark.tailCrc, true);
    b.setUint32(tailAt, crc32c(this.#slot.subarray(tailAt + 4, tailEnd)), true);
  }
}

const ownSlot = {
  ...{ dev: 0n, ino: 0n, position: 0, birthMs: 0, folderDev: null },
  ...{ awaited: false, largestSize: 0 },
};

const nothing: LoadedJournal = { valid: false, complete: false, entries: [] };

/**
 * The whole slots of a journal that goes with the given position file (null: there is none). Nothing when somebody
 * edited or deleted the position file since: then that file is what counts. Torn or foreign bytes are passed over.
 */
export function readJournal(files: FileLayer, path: string, positionText: string | null): LoadedJournal {
  let bytes: Buffer | null;
  try {
    bytes = readWhole(files, path, maxSlots * slotBytes);
  } catch {
    return nothing; // an unreadable journal costs doubles, not lines
  }
  if (bytes === null) return nothing;
  const old = bytes.length >= slotBytes1 && isWhole(bytes.subarray(0, slotBytes1), 1);
  const size = old ? slotBytes1 : slotBytes;
  const slots: (JournalEntry | null)[] = [];
  let complete = !old && bytes.length % size === 0;
  for (let at = 0; at + size <= bytes.length; at += size) {
    const slot = bytes.subarray(at, at + size);
    const entry = old ? readSlot1(slot) : readSlot(slot);
    if (entry === null && slot.some((byte) => byte !== 0)) complete = false;
    slots.push(entry);
  }
  const [own, ...entries] = slots;
  if (own === undefined || own === null || !goesWith(own.mark, positionText)) return nothing;
  return { valid: true, complete, entries: entries.filter((entry) => entry !== null) };
}

function goesWith({ headBytes, headCrc, tailBytes, tailCrc }: ContentMark, text: string | null): boolean {
  if (text === null) return headBytes === 0;
  const crc = crc32c(text);
  return (headBytes === 1 && headCrc === crc) || (tailBytes === 1 && tailCrc === crc);
}

function isWhole(fixed: Buffer, expected: number): boolean {
  return fixed.readUInt32LE(4) === expected && fixed.readUInt32LE(0) === crc32c(fixed.subarray(4));
}

function markOf(b: Buffer, from = 32): ContentMark {
  const [headBytes, headCrc, tailBytes, tailCrc] = [0, 4, 8, 12].map((at) => b.readUInt32LE(from + at));
  return { ...noMark, headBytes: headBytes!, headCrc: headCrc!, tailBytes: tailBytes!, tailCrc: tailCrc! };
}

function readSlot(b: Buffer): JournalEntry | null {
  if (!isWhole(b.subarray(0, placeBytes), version)) return null;
  const flags = b.readUInt32LE(64);
  const events = b.readUInt32LE(80);
  const progressId = b.readDoubleLE(84);
  const packedBytes = b.readUInt32LE(92);
  const tail = (flags & hasTail) === 0 ? null : tailOf(b);
  return {
    dev: (flags & hasNoDev) === 0 ? b.readBigUInt64LE(8) : null,
    ino: b.readBigUInt64LE(16),
    position: b.readDoubleLE(24),
    mark: markOf(b),
    birthMs: b.readDoubleLE(48),
    folderDev: (flags & hasFolderDev) === 0 ? null : b.readBigUInt64LE(56),
    awaited: (flags & isAwaited) !== 0,
    largestSize: b.readDoubleLE(72),
    ...(events === 0 ? {} : { events }),
    ...(packedBytes === 0 ? {} : { packedBytes }),
    ...(progressId === 0 ? {} : { progressId }),
    ...(tail === null ? {} : { tail }),
    path: pathOf(b),
  };
}

function tailOf(b: Buffer): JournalTail | null {
  if (b.readUInt32LE(tailAt) !== crc32c(b.subarray(tailAt + 4, tailEnd))) return null;
  const [progressId, position] = [b.readDoubleLE(tailAt + 4), b.readDoubleLE(tailAt + 12)];
  return { progressId, position, mark: markOf(b, tailAt + 20) };
}

function pathOf(b: Buffer): string | null {
  const length = b.readUInt32LE(pathAt - 4);
  if (length === 0 || length > slotBytes - pathAt) return null;
  const path = b.subarray(pathAt, pathAt + length);
  return crc32c(path) === b.readUInt32LE(pathAt - 8) ? path.toString('utf8') : null;
}

function readSlot1(b: Buffer): JournalEntry | null {
  if (!isWhole(b, 1)) return null;
  const [dev, ino, position] = [b.readDoubleLE(8), b.readDoubleLE(16), b.readDoubleLE(24)];
  if (!isWholeNumber(dev) || !isWholeNumber(ino)) return null;
  const place = { dev: BigInt(dev), ino: BigInt(ino), position, mark: markOf(b) };
  return { ...place, birthMs: 0, folderDev: null, awaited: false, largestSize: 0, path: null };
}

function isWholeNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 64;
}
