import { type BatchHeader, batchSizeBytes } from '../records/batch-header.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { eventsOf, openBatch, verifyChecksum } from '../records/open-batch.ts';
import type { SealedBatch } from '../records/seal.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { type FileLayer, realFiles, writeFully } from '../runtime/files.ts';
import { type BatchCipher, isEncrypted } from './batch-cipher.ts';

export interface VaultOptions {
  /** Where batches go that somebody has changed. */
  readonly dataDir: string;
  readonly cipher?: BatchCipher;
  readonly files?: FileLayer;
  readonly report: (diagnostic: Diagnostic) => void;
}

/**
 * Between events and the bytes of their log: batches go in encrypted where there is a cipher, and come out as events,
 * those that were stored without one, too.
 */
export class BatchVault {
  /** Names of the keys that were met. */
  readonly keysInUse = new Set<string>();
  readonly #dir: string;
  readonly #options: VaultOptions;

  constructor(dir: string, options: VaultOptions) {
    this.#dir = dir;
    this.#options = options;
  }

  /** The batches as they are stored from offset `at` on. */
  seal(batches: readonly SealedBatch[], at: number): readonly SealedBatch[] {
    const { cipher } = this.#options;
    if (cipher === undefined) return batches;
    let baseOffset = at;
    return batches.map((batch) => {
      const sealed = cipher.seal(batch, baseOffset);
      baseOffset += batch.count;
      return sealed;
    });
  }

  /**
   * The events of the batch at `at`. Throws as `openBatch` for damage, `EVENTS_TAMPERED` where somebody has changed it,
   * `KEY_MISSING` and `KEY_WRONG`.
   */
  open(bytes: Buffer, at: number, header: BatchHeader): EventBatch {
    if (!isEncrypted(header)) return openBatch(bytes, at, { verifyCrc: true });
    verifyChecksum(bytes, at, header);
    return eventsOf(header, this.#cipher().open(bytes, at, header), at);
  }

  /** Puts the batch at `at`, which somebody has changed, into a file of its own; on the device when it resolves. */
  async setAside(bytes: Buffer, at: number, header: BatchHeader): Promise<void> {
    const { baseOffset, recordCount } = header;
    const { files = realFiles, dataDir, report } = this.#options;
    const path = `${dataDir}/tampered-${baseOffset}.batch`;
    const file = files.open(path, 'create');
    try {
      writeFully(file, [bytes.subarray(at, at + batchSizeBytes(header))], 0);
      await file.datasync();
    } finally {
      file.close();
    }
    await files.syncDir(dataDir);
    const message = `${recordCount} events at offset ${baseOffset} are not what was written there; they are left out, and lie in ${path}`;
    const code = 'channel-events-tampered';
    report({ file: this.#dir, line: 0, column: 0, severity: 'error', code, message });
  }

  /** Whether the batch at `at` can be opened when its time comes. Throws `KEY_MISSING` and `KEY_WRONG`. */
  check(bytes: Buffer, at: number, header: BatchHeader): void {
    if (!isEncrypted(header)) return;
    try {
      this.keysInUse.add(this.#cipher().check(bytes, at, header));
    } catch (error) {
      if (!isTampered(error)) throw error; // it is set aside when it is read
    }
  }

  #cipher(): BatchCipher {
    const { cipher } = this.#options;
    if (cipher !== undefined) return cipher;
    throw new MillraceError('KEY_MISSING', `${this.#dir}: the events are encrypted, and no key is given`);
  }
}

/** Whether somebody has changed what was encrypted. */
export function isTampered(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'EVENTS_TAMPERED';
}
