import type { FileStore, StoreFile } from '../../clients/file-store/file-store.ts';
import { isStoreFault, StoreError } from '../../clients/file-store/store-error.ts';
import type { RefusedInDelivery } from '../../component/delivery.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { encodeEvents, type FileEncoder, type FileFormat } from './file-format.ts';
import type { FileName } from './file-names.ts';
import { LateFile } from './late-file.ts';
import type { LeftFiles } from './left-files.ts';

/**
 * When the events of a file are acknowledged. `append`: batch by batch, once the store has them durably; what is
 * acknowledged of a file that fails is kept. `stream`: once the file is whole and under its final name; of one that
 * fails nothing stays.
 */
export type WriteMode = 'append' | 'stream';

/** Offsets of one partition, both inclusive. */
export interface OffsetSpan {
  readonly first: number;
  readonly last: number;
}

/** Files are named after the offsets that they hold, and nothing is written twice. Only in stream mode. */
export interface OncePerSpan {
  nameOf(span: OffsetSpan): string;
  /** Rejects where the store has some of the offsets already. */
  assertFree(span: OffsetSpan): Promise<void>;
}

export interface RollingFileOptions {
  readonly once?: OncePerSpan;
  readonly store: FileStore;
  readonly format: FileFormat;
  readonly mode: WriteMode;
  readonly name: FileName;
  readonly left: LeftFiles;
}

/** One file from its first byte until it is under its final name, or given up. Calls come one after the other. */
export class RollingFile {
  name: FileName;
  /** The offsets of its events; null: they are not asked for, or there are none yet. */
  span: OffsetSpan | null = null;
  /** Events that were written to it, and bytes of their bodies where the writer counts them. */
  events = 0;
  bodyBytes = 0;
  /** Resolves when the file is under its final name; rejects when it was given up. */
  readonly done: Promise<void>;
  readonly #options: RollingFileOptions;
  readonly #encoder: FileEncoder;
  readonly #file: StoreFile;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  /** Of the file's bytes, those that are acknowledged, and of its events. */
  #settledBytes = 0;
  #settledEvents = 0;
  /** Why it takes no more; null: it does. */
  #failure: unknown = null;
  #isOver = false;

  private constructor(options: RollingFileOptions, file: StoreFile, encoder: FileEncoder) {
    this.#options = options;
    this.name = options.name;
    this.#file = file;
    this.#encoder = encoder;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {}); // in append mode nobody waits for it
    this.done = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Bytes that wait in memory for the file's name. */
  get heldBytes(): number {
    return this.#file instanceof LateFile ? this.#file.sizeBytes : 0;
  }

  /** Rejects with `exists` where one of its names is taken. */
  static async open(options: RollingFileOptions): Promise<RollingFile> {
    const { store, format, mode, name, left } = options;
    left.noteOpen(name, mode === 'append');
    let file: StoreFile | undefined;
    let opened: RollingFile | undefined;
    try {
      // What can't be renamed has to wait for its name.
      const isLate = options.once !== undefined && !store.abilities.rename;
      file = isLate ? new LateFile(store, () => opened!.name.inUse) : await store.create(name.inUse);
      const encoder = format.open();
      await file.write(await encoder.begin());
      opened = new RollingFile(options, file, encoder);
      return opened;
    } catch (error) {
      await file?.abandon();
      if (file === undefined && !(error instanceof StoreError && error.maybeDone)) left.noteDone(name);
      else leave(options);
      throw error;
    }
  }

  /**
   * Writes the events, but for those that the format can't write, which it names by their place. Rejects when the store
   * fails: the file takes no more then, and `giveUp` is what remains.
   */
  async append(
    batch: EventBatch,
    bodyBytes: number,
    span: OffsetSpan | null = null,
  ): Promise<readonly RefusedInDelivery[]> {
    if (this.#failure !== null) throw this.#failure;
    if (span !== null) this.span = { first: this.span?.first ?? span.first, last: span.last };
    const sizeBytes = this.#encodedInto(batch);
    if (sizeBytes !== null) {
      this.events += batch.count;
      this.bodyBytes += bodyBytes;
      await this.#attempt(() => this.#file.wrote!(sizeBytes));
      return [];
    }
    const { bytes, refused } = await this.#attempt(() => encodeEvents(this.#encoder, batch));
    this.events += batch.count - refused.length;
    this.bodyBytes += bodyBytes;
    await this.#attempt(() => this.#file.write(bytes));
    return refused;
  }

  /** How many bytes of the file's own room the events have filled; null: they go another way. */
  #encodedInto(batch: EventBatch): number | null {
    const file = this.#file;
    if (file.room === undefined) return null;
    try {
      return this.#encoder.encodeInto?.(batch, (sizeBytes) => file.room!(sizeBytes)) ?? null;
    } catch {
      return null; // the other way tells which of them can't be written
    }
  }

  /** Resolves when all events so far are durable, also if they were settled before the file failed or ended. */
  async settle(): Promise<void> {
    if (this.#settledEvents === this.events) return;
    if (this.#failure !== null) throw this.#failure;
    const { events } = this;
    await this.#attempt(async () => {
      await this.#file.write(await this.#encoder.settle());
      await this.#file.sync();
    });
    this.#settledEvents = events;
    this.#settledBytes = this.#file.sizeBytes;
  }

  /** Ends the file and gives it its final name; never rejects, `done` and `settle` tell. */
  async finish(): Promise<void> {
    if (this.#isOver) return;
    try {
      await this.#attempt(async () => {
        await this.#takeName();
        await this.#file.write(await this.#encoder.end());
        await this.#file.close().catch((error) => {
          // Only who has written the same offsets names a file so.
          if (this.#options.once === undefined || !isStoreFault(error, 'exists')) throw error;
        });
      });
      this.#settledEvents = this.events;
    } catch {
      await this.giveUp();
      return;
    }
    await this.#end(null);
  }

  /** After a failure: what is acknowledged of it is kept under the final name, the rest is no more. Never rejects. */
  async giveUp(): Promise<void> {
    if (this.#isOver) return;
    const { store } = this.#options;
    const error = this.#failure ?? new Error(`${this.name.inUse} was given up`);
    this.#failure = error;
    if (this.#settledBytes > 0 && store.abilities.cut)
      await this.#file.cut(this.#settledBytes).catch(() => {});
    await this.#file.abandon().catch(() => {});
    await this.#end(error);
  }

  /** The name that tells which offsets it holds. */
  async #takeName(): Promise<void> {
    const { once, store } = this.#options;
    if (once === undefined || this.span === null) return;
    await once.assertFree(this.span);
    const final = once.nameOf(this.span);
    const inUse = store.abilities.rename ? this.name.inUse : final;
    this.name = { ...this.name, final, inUse, isOnly: true };
  }

  async #end(error: unknown): Promise<void> {
    this.#isOver = true;
    const { left, mode } = this.#options;
    const keep = error === null || this.#settledBytes > 0;
    try {
      if (keep) await left.rename(this.name, mode === 'append');
      else leave({ ...this.#options, name: this.name });
    } catch (renameError) {
      this.#reject(renameError);
      return;
    }
    if (error === null) this.#resolve();
    else this.#reject(error);
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }
}

/** Nothing of the file is to stay: where others see it, it is removed; else `abandon` has seen to it. */
function leave({ store, left, name }: RollingFileOptions): void {
  if (store.abilities.showsOpenFiles) left.remove(name);
  else left.noteDone(name);
}
