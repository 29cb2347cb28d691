import { crc32c } from '@node-rs/crc32';
import { type FileLayer, type LayerFile, readFully, writeFully } from '../runtime/files.ts';

const slotBytes = 128;

/**
 * A few safe integers in a file of two slots. A write goes into the slot that does not hold the newest values, so a
 * crash in the middle of it leaves the values before. One `pwrite` a write; a killed process loses nothing, a lost
 * machine what came after the last `sync`.
 *
 * A slot is a line of text: sequence number, the values, the CRC32C of both in hexadecimal, blanks up to 128 bytes.
 */
export class SlotFile {
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #slot = Buffer.alloc(slotBytes);
  #file: LayerFile | null = null;
  #sequence = 0;

  constructor(files: FileLayer, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /** The newest whole values, or null when there are none (no file, both slots damaged). */
  read(): readonly number[] | null {
    if (this.#files.size(this.#path) === null) return null;
    const bytes = Buffer.alloc(2 * slotBytes);
    const length = readFully(this.#open(), bytes, 0);
    let newest: readonly number[] | null = null;
    for (let at = 0; at < length; at += slotBytes) {
      const slot = parseSlot(bytes.toString('latin1', at, Math.min(at + slotBytes, length)));
      if (slot === null || slot.sequence <= this.#sequence) continue;
      this.#sequence = slot.sequence;
      newest = slot.values;
    }
    return newest;
  }

  write(values: readonly number[]): void {
    const sequence = this.#sequence + 1;
    const text = `${sequence} ${values.join(' ')}`;
    const line = `${text} ${crc32c(text).toString(16)}`;
    if (line.length >= slotBytes)
      throw new RangeError(`${this.#path}: ${values.length} values do not fit a slot`);
    this.#slot.fill(0x20);
    this.#slot.write(line, 'latin1');
    this.#slot[slotBytes - 1] = 0x0a;
    writeFully(this.#open(), [this.#slot], (sequence % 2) * slotBytes);
    this.#sequence = sequence;
  }

  /** Puts what was written on the device. The file's name is the caller's to sync (`syncDir`). */
  async sync(): Promise<void> {
    await this.#open().datasync();
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }

  #open(): LayerFile {
    this.#file ??= this.#files.open(this.#path, 'create');
    return this.#file;
  }
}

function parseSlot(text: string): { sequence: number; values: number[] } | null {
  const match = /^(\d+(?: -?\d+)+) ([0-9a-f]+) *\n$/.exec(text);
  if (match === null || crc32c(match[1]!) !== Number.parseInt(match[2]!, 16)) return null;
  const [sequence, ...values] = match[1]!.split(' ').map(Number);
  return { sequence: sequence!, values };
}
