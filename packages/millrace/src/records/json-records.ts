import type { EventBatch } from './event-batch.ts';
import { noHeaders } from './event-batch.ts';
import { wasmBase64 } from './generated/json-records-wasm.ts';
import { RecordWriter } from './record-writer.ts';
import { instantiate } from './wasm.ts';

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  events(at: number, end: number, phase: number, delta: number): number;
}

/** Where the parts of the memory lie: `json-records.wat`. */
const inputAt = 64;
const outputAt = 0x200100;
const indexAt = 0x400180;
/** Where the index of the headers begins: as many records to a call as fit before it. */
const mostRecords = 1 << 16;

/** Most bytes of one event, and of what is looked at in one call. */
export const mostEventBytes = 1 << 20;

/** Behind the array. */
const done = 3;

/**
 * Flume's JSON of events to records in WebAssembly: 16 bytes a step, no call per event. It takes the plain form that
 * JSON libraries write: an array of objects, each with `headers`, an object of strings, and `body`, a string, each at
 * most once; at most 32 headers, no name twice, no half characters. Of everything else it says that it is not plain.
 * Its memory is a bench: no batch lies in it. One for each thread, as calls are synchronous.
 */
export class JsonRecords {
  readonly #wasm: Exports;
  readonly #bytes: Buffer;
  readonly #index: Uint32Array;
  /** Where a call ended. */
  readonly #ended: Int32Array;

  private constructor(wasm: Exports) {
    const { buffer } = wasm.memory;
    this.#wasm = wasm;
    this.#bytes = Buffer.from(buffer);
    this.#index = new Uint32Array(buffer, indexAt, mostRecords);
    this.#ended = new Int32Array(buffer, 0, 5);
  }

  /** Null where the platform can't. */
  static load(): JsonRecords | null {
    const wasm = instantiate<Exports>(wasmBase64);
    return wasm === null ? null : new JsonRecords(wasm);
  }

  /**
   * The events of a document, which is valid UTF-8 and stays as it is; null where it has none, undefined where it is not
   * plain. The records' timestamp is `timestampMs`.
   */
  read(document: Buffer, timestampMs: number): EventBatch | null | undefined {
    const ended = this.#ended;
    let writer: RecordWriter | null = null;
    let phase = 0;
    for (let at = 0; at < document.length; ) {
      const length = document.copy(this.#bytes, inputAt, at, at + mostEventBytes);
      const count = this.#wasm.events(inputAt, inputAt + length, phase, writer?.count ?? 0);
      const [stopped, out, phaseThen, isOdd, hasHeaders] = ended as unknown as readonly number[];
      const consumed = stopped! - inputAt;
      if (isOdd === 1 || consumed === 0) return undefined;
      if (count > 0) {
        const sizeBytes = out! - outputAt;
        writer ??= new RecordWriter(sizeBytes, count);
        const starts = this.#index.subarray(0, count);
        writer.addMade(this.#bytes, outputAt, sizeBytes, starts, hasHeaders !== 0);
      }
      phase = phaseThen!;
      at += consumed;
    }
    if (phase !== done) return undefined;
    return writer?.finish(timestampMs, noHeaders) ?? null;
  }
}

let ofThread: JsonRecords | null | undefined;

/** That of the calling thread. */
export function jsonRecords(): JsonRecords | null {
  ofThread ??= ofThread === undefined ? JsonRecords.load() : null;
  return ofThread;
}
