import { dirname } from 'node:path';
import { crc32c } from '@node-rs/crc32';
import { MillraceError } from '../runtime/errors.ts';
import { type FileLayer, readFully, writeFully } from '../runtime/files.ts';
import type { BatchCipher } from './batch-cipher.ts';

/** How far somebody has come who puts events: stored with them, all or nothing. */
export interface Progress {
  /** What it is the progress of: one file, one partition. */
  readonly key: string;
  /** Where it goes on once the events are in, in its owner's words. */
  readonly place: string;
}

/** Most characters of key and place together. */
export const mostProgressLength = 1024;
/** Most keys that are kept; of more, those that moved longest ago are let go. */
export const mostProgressKeys = 10_000;
/** Keys that begin so are never let go: they are few, and nobody would say them again. */
export const lastingPrefix = 'flume-';

/** The number: 1 as text, 2 encrypted. */
const head = /^millrace-progress ([12]) ([0-9a-f]+) (\d+)\n/;
/** What the encrypted text is bound to. */
const binding = 'millrace-progress';
const mostFileBytes = 64 << 20;

/** The newest place of each key, and the file that it is kept in when the log lets go of the transactions that said it. */
export class ProgressTable {
  readonly #files: FileLayer;
  readonly #path: string;
  readonly #cipher: BatchCipher | undefined;
  readonly #places = new Map<string, string>();
  /** Something changed since it was read or saved. */
  #changed = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(files: FileLayer, path: string, cipher?: BatchCipher) {
    this.#files = files;
    this.#path = path;
    this.#cipher = cipher;
  }

  placeOf(key: string): string | undefined {
    return this.#places.get(key);
  }

  get size(): number {
    return this.#places.size;
  }

  note({ key, place }: Progress): void {
    this.#places.delete(key); // the order of the map is that of the last moves
    this.#places.set(key, place);
    this.#changed = true;
    if (this.#places.size <= mostProgressKeys) return;
    for (const oldest of this.#places.keys()) {
      if (oldest.startsWith(lastingPrefix)) continue;
      this.#places.delete(oldest);
      break;
    }
  }

  /**
   * Reads what was saved; up to which offset of the log that is. 0 where there is nothing that can be read. Throws
   * `KEY_MISSING` and `KEY_WRONG`.
   */
  read(): { readonly upTo: number; readonly problem: string | null } {
    const size = this.#files.size(this.#path);
    if (size === null) return { upTo: 0, problem: null };
    if (size > mostFileBytes) return { upTo: 0, problem: `it has ${size} bytes` };
    const file = this.#files.open(this.#path, 'read');
    let text: string;
    try {
      const bytes = Buffer.alloc(size);
      text = bytes.toString('utf8', 0, readFully(file, bytes, 0));
    } finally {
      file.close();
    }
    const match = head.exec(text);
    const rest = text.slice(match?.[0].length ?? 0);
    if (match === null || crc32c(`${match[3]}\n${rest}`).toString(16) !== match[2])
      return { upTo: 0, problem: 'it is damaged' };
    const plain = match[1] === '2' ? this.#decrypted(rest) : rest;
    if (plain === null) return { upTo: 0, problem: 'somebody has changed it' };
    for (const [key, place] of JSON.parse(plain) as [string, string][]) this.#places.set(key, place);
    return { upTo: Number(match[3]), problem: null };
  }

  #decrypted(text: string): string | null {
    if (this.#cipher === undefined)
      throw new MillraceError('KEY_MISSING', `${this.#path}: it is encrypted, and no key is given`);
    try {
      return this.#cipher.openBytes(Buffer.from(text, 'base64'), binding).toString('utf8');
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'EVENTS_TAMPERED') return null;
      throw error;
    }
  }

  /** Nothing of it is true any more. */
  clear(): void {
    this.#changed ||= this.#places.size > 0;
    this.#places.clear();
  }

  /** Puts it on the device, as of now, where something changed: it covers the log up to `upTo`. One save after the other. */
  save(upTo: () => number): Promise<void> {
    const saved = this.#saving.then(() => this.#save(upTo()));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async #save(upTo: number): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      const plain = JSON.stringify([...this.#places]);
      const rest = this.#cipher?.sealBytes(Buffer.from(plain), binding).toString('base64') ?? plain;
      const layout = this.#cipher === undefined ? 1 : 2;
      const text = `millrace-progress ${layout} ${crc32c(`${upTo}\n${rest}`).toString(16)} ${upTo}\n${rest}`;
      const file = this.#files.open(`${this.#path}.tmp`, 'create');
      try {
        file.truncate(0);
        writeFully(file, [Buffer.from(text)], 0);
        await file.datasync();
      } finally {
        file.close();
      }
      this.#files.rename(`${this.#path}.tmp`, this.#path);
      await this.#files.syncDir(dirname(this.#path));
    } catch (error) {
      this.#changed = true;
      throw error;
    }
  }
}
