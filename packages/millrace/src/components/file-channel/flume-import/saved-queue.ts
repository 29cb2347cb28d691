import { join } from 'node:path';
import {
  type CheckpointMeta,
  checkpointCapacity,
  checkpointEntryAt,
  checkpointHeaderBytes,
  decodeCheckpointMeta,
  decodeInflight,
  type EventPointer,
  pointerAt,
} from '../../../formats/flume-log/checkpoint.ts';
import { NotFlumeLog } from '../../../formats/flume-log/not-flume-log.ts';
import type { FileLayer } from '../../../runtime/files.ts';
import { FileWindow } from './file-window.ts';
import { readAll } from './log-files.ts';

const mostMetaBytes = 1 << 20;
const mostInflightBytes = 256 << 20;

/** What Flume's checkpoint says was in the channel when it was written. */
export class SavedQueue {
  readonly #meta: CheckpointMeta;
  readonly #capacity: number;
  readonly #window: FileWindow;
  /** What transactions that were open had put and taken, by transaction. */
  readonly puts: ReadonlyMap<number, readonly EventPointer[]>;
  readonly takes: ReadonlyMap<number, readonly EventPointer[]>;

  private constructor(dir: string, files: FileLayer) {
    this.#meta = decodeCheckpointMeta(readAll(join(dir, 'checkpoint.meta'), files, mostMetaBytes));
    const path = join(dir, 'checkpoint');
    this.#window = new FileWindow(path, files.size(path) ?? 0, files);
    const head = this.#window.view(0, checkpointHeaderBytes);
    this.#capacity = checkpointCapacity(head, this.#window.sizeBytes, this.#meta);
    this.puts = inflight(join(dir, 'inflightputs'), files);
    this.takes = inflight(join(dir, 'inflighttakes'), files);
  }

  /** The checkpoint in the folder; the reason where there is none that can be used: the logs say the same, in more time. */
  static read(dir: string, files: FileLayer): SavedQueue | string {
    if (files.size(join(dir, 'checkpoint')) === null || files.size(join(dir, 'checkpoint.meta')) === null)
      return `there is none in ${dir}`;
    try {
      return new SavedQueue(dir, files);
    } catch (error) {
      if (error instanceof NotFlumeLog) return error.message;
      throw error;
    }
  }

  /** Order of the write at which it was made. */
  get order(): number {
    return this.#meta.order;
  }

  /** The events that were in the queue, oldest first. */
  *entries(): Iterable<EventPointer> {
    for (let i = 0; i < this.#meta.size; i++)
      yield pointerAt(this.#window.view(checkpointEntryAt(this.#meta, this.#capacity, i), 8), 0);
  }

  close(): void {
    this.#window.close();
  }
}

function inflight(path: string, files: FileLayer): ReadonlyMap<number, readonly EventPointer[]> {
  if (files.size(path) === null) return new Map();
  return decodeInflight(readAll(path, files, mostInflightBytes));
}
