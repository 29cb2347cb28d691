import type { DeserializedEvents, EventDeserializer } from '../../component/deserializer.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { EventBatch, type Headers, noHeaders } from '../../records/event-batch.ts';
import { holdsMark, markAt } from '../../tracking/content-mark.ts';
import type { FileStat, SourceFiles, SourceHandle } from '../../tracking/source-files.ts';
import { type FileProgress, noProgress } from './progress.ts';
import type { Candidate } from './spool-folder.ts';

export interface SpoolFileOptions {
  readonly files: SourceFiles;
  /** A deserializer over the file's bytes. */
  readonly deserialize: (handle: SourceHandle, sizeBytes: number) => EventDeserializer;
  readonly headers: Headers;
  readonly source: string;
}

/** What the file is by now, against what it was when it was opened. */
export type FileChange =
  | 'same'
  | 'gone'
  /** Longer, and what was read of it is still there. */
  | 'grown'
  /** Its time is another, and nothing else that can be seen. */
  | 'touched'
  /** Shorter, or it holds other bytes where it was read. */
  | 'rewritten';

/** A spooled file that is being read. */
export class SpoolFile {
  readonly candidate: Candidate;
  readonly #handle: SourceHandle;
  readonly #deserializer: EventDeserializer;
  readonly #options: SpoolFileOptions;
  readonly #sizeBytes: number;
  readonly #opened: FileStat;
  #progress: FileProgress;
  /** No read has begun at its start yet: a file without events is one empty event, as in Flume. */
  #isUntouched: boolean;

  /** Throws the system's error. */
  constructor(candidate: Candidate, progress: FileProgress, options: SpoolFileOptions) {
    const handle = options.files.open(candidate.path);
    try {
      const stat = handle.stat();
      const { size } = stat;
      const { mark, content } = progress;
      // Flume's meta file says nothing of the content, so there is nothing to hold it against.
      const holds =
        mark.offset <= size && (content.headBytes === 0 || holdsMark(handle, content, mark.offset));
      this.candidate = candidate;
      this.#handle = handle;
      this.#options = options;
      this.#sizeBytes = size;
      this.#opened = stat;
      this.#progress = holds ? progress : noProgress;
      this.#deserializer = options.deserialize(handle, size);
      if (this.#progress !== noProgress) this.#deserializer.reset(this.#progress.mark);
      this.#isUntouched = this.#progress === noProgress;
    } catch (error) {
      handle.close();
      throw error;
    }
  }

  get path(): string {
    return this.candidate.path;
  }

  /** Up to where it is done. */
  get progress(): FileProgress {
    return this.#progress;
  }

  /** No bytes are left behind what is done. */
  get isAtEnd(): boolean {
    return this.#progress.mark.offset >= this.#sizeBytes;
  }

  /** The next events, with the file's headers; null at the end. */
  async read(maxEvents: number): Promise<DeserializedEvents | null> {
    const start = this.#progress.mark.offset;
    const found = await this.#deserializer.read(maxEvents);
    const isFirst = this.#isUntouched;
    this.#isUntouched = false;
    if (found !== null)
      return { ...found, batch: found.batch === null ? null : this.#shown(found.batch, start) };
    if (!isFirst) return null;
    const builder = new BatchBuilder();
    builder.add('');
    return { batch: this.#shown(builder.build(), start), unreadable: [] };
  }

  /** What was read last has been taken. */
  commit(): void {
    const mark = this.#deserializer.mark();
    this.#progress = { mark, content: markAt(this.#handle, mark.offset) };
  }

  /** What was read last is to be read again. */
  rewind(): void {
    this.#deserializer.reset(this.#progress.mark);
    if (this.#progress === noProgress) this.#isUntouched = true;
  }

  /** What has become of it while it was read. */
  change(): FileChange {
    const { path } = this.candidate;
    const now = this.#options.files.stat(path);
    if (now === null) return 'gone';
    const { dev, ino, mtimeMs } = this.#opened;
    if (now.dev !== dev || now.ino !== ino) return 'rewritten';
    if (now.size === this.#sizeBytes && now.mtimeMs === mtimeMs) return 'same';
    const { mark, content } = this.#progress;
    const holds = content.headBytes === 0 || holdsMark(this.#handle, content, mark.offset);
    if (now.size < this.#sizeBytes || !holds) return 'rewritten';
    return now.size > this.#sizeBytes ? 'grown' : 'touched';
  }

  close(): void {
    this.#handle.close();
  }

  #shown(batch: EventBatch, start: number): EventBatch {
    const { headers, source } = this.#options;
    const { records, index, baseTimestamp, hasRecordHeaders, sharedHeaders } = batch;
    const shown = sharedHeaders === noHeaders ? headers : new Map([...sharedHeaders, ...headers]);
    return new EventBatch({
      ...{ records, index, baseTimestamp, hasRecordHeaders, sharedHeaders: shown },
      provenance: { source, place: this.candidate.path, positionOf: () => start },
    });
  }
}
