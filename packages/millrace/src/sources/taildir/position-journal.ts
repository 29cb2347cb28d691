import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { makeFolder } from '../../runtime/make-folder.ts';
import type { FileIdentity } from './identity.ts';

/**
 * The position after every committed batch, beside Flume's position file (which is written every few seconds and
 * holds no fingerprints): a file of 80-byte slots, one per tailed file, each overwritten in one write. A killed
 * process loses nothing of it (the page cache stays), so a restart repeats at most the batch in hand.
 *
 * Slot: crc32c u32 of the rest · version u32 · dev f64 · ino f64 · position f64 · headBytes u32 · headCrc u32 ·
 * tailBytes u32 · tailCrc u32 · zeros. All little-endian. Slot 0 is the journal's own: headBytes 1 once a position
 * file was saved, headCrc the CRC32C of its text, by which an edited or deleted position file is known.
 */
const slotBytes = 80;
const version = 1;
const maxSlots = 1_000_000;

export interface JournalEntry {
  readonly identity: FileIdentity;
  readonly position: number;
}

export class PositionJournal {
  readonly #fd: number;
  readonly #slot = Buffer.alloc(slotBytes);
  readonly #free: number[] = [];
  #next = 1;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Puts a new journal in the place of the old one, in one step, with the entries that are still of use.
   * `adopt` is told each one's slot.
   */
  static replace(
    path: string,
    text: string | null,
    entries: readonly JournalEntry[],
    adopt: (entry: JournalEntry, slot: number) => void,
  ): PositionJournal {
    makeFolder(dirname(path));
    const temporary = `${path}.tmp`;
    const journal = new PositionJournal(openSync(temporary, 'w'));
    journal.noteSaved(text);
    for (const entry of entries) {
      const slot = journal.allocate();
      journal.write(slot, entry);
      adopt(entry, slot);
    }
    renameSync(temporary, path);
    return journal;
  }

  /** Notes which position file this journal goes with; null when none was saved yet. */
  noteSaved(text: string | null): void {
    const headCrc = text === null ? 0 : crc32c(text);
    const identity = { dev: 0, ino: 0, headBytes: text === null ? 0 : 1, headCrc, tailBytes: 0, tailCrc: 0 };
    this.write(0, { identity, position: 0 });
  }

  /** A slot for a file that is tailed from now on. */
  allocate(): number {
    return this.#free.pop() ?? this.#next++;
  }

  write(slot: number, { identity, position }: JournalEntry): void {
    const b = this.#slot;
    b.writeUInt32LE(version, 4);
    b.writeDoubleLE(identity.dev, 8);
    b.writeDoubleLE(identity.ino, 16);
    b.writeDoubleLE(position, 24);
    b.writeUInt32LE(identity.headBytes, 32);
    b.writeUInt32LE(identity.headCrc, 36);
    b.writeUInt32LE(identity.tailBytes, 40);
    b.writeUInt32LE(identity.tailCrc, 44);
    b.writeUInt32LE(crc32c(b.subarray(4)), 0);
    writeSync(this.#fd, b, 0, slotBytes, slot * slotBytes);
  }

  /** Gives a slot back: its file is gone for good. */
  release(slot: number): void {
    this.#slot.fill(0);
    writeSync(this.#fd, this.#slot, 0, slotBytes, slot * slotBytes);
    this.#free.push(slot);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * The whole slots of a journal that goes with the given position file (null: there is none). Nothing when somebody
 * edited or deleted the position file since: then that file is what counts. Torn or foreign bytes are passed over.
 */
export function readJournal(path: string, positionText: string | null): readonly JournalEntry[] {
  if (!existsSync(path)) return [];
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return []; // an unreadable journal costs doubles, not lines
  }
  const slots: (JournalEntry | null)[] = [];
  for (let at = 0; at + slotBytes <= bytes.length && slots.length < maxSlots; at += slotBytes) {
    slots.push(readSlot(bytes.subarray(at, at + slotBytes)));
  }
  const [own, ...entries] = slots;
  if (own === undefined || own === null) return [];
  const saved = own.identity.headBytes === 1;
  if (saved !== (positionText !== null)) return [];
  if (positionText !== null && own.identity.headCrc !== crc32c(positionText)) return [];
  return entries.filter((entry) => entry !== null);
}

function readSlot(b: Buffer): JournalEntry | null {
  if (b.readUInt32LE(4) !== version || b.readUInt32LE(0) !== crc32c(b.subarray(4))) return null;
  return {
    identity: {
      dev: b.readDoubleLE(8),
      ino: b.readDoubleLE(16),
      headBytes: b.readUInt32LE(32),
      headCrc: b.readUInt32LE(36),
      tailBytes: b.readUInt32LE(40),
      tailCrc: b.readUInt32LE(44),
    },
    position: b.readDoubleLE(24),
  };
}
