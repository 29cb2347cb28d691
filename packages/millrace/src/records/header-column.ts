import type { EventBatch } from './event-batch.ts';
import { skipToValue } from './skip-to-value.ts';
import { isAsciiText, readName, utf8Bytes } from './utf8.ts';
import { VarintReader } from './varint.ts';

/** One header of the events of a batch, read where it lies: no object per event, and no text for a value seen lately. */
export class HeaderColumn {
  readonly #batch: EventBatch;
  readonly #name: string;
  readonly #reader: VarintReader;
  /** Whether a record's own header of that name wins, and nothing else shows. */
  readonly #isOwn: boolean;

  constructor(batch: EventBatch, name: string) {
    this.#batch = batch;
    this.#name = name;
    this.#reader = new VarintReader(batch.records, 0);
    this.#isOwn = batch.origin === undefined && utf8Bytes(name) === name.length;
  }

  /** As `header` of event `i` has it. */
  at(i: number): string | undefined {
    const batch = this.#batch;
    const name = this.#name;
    if (!this.#isOwn) return batch.event(i).header(name);
    let found = batch.sharedHeaders.get(name);
    if (!batch.hasRecordHeaders) return found;
    const { records, index } = batch;
    const reader = this.#reader;
    reader.at = index[i]!;
    reader.limit = index[i + 1]!;
    skipToValue(reader);
    skipBytes(reader);
    for (let left = reader.int(); left > 0; left--) {
      const nameBytes = reader.int();
      const nameAt = reader.skip(nameBytes);
      const valueAt = skipBytes(reader);
      if (isAsciiText(records, nameAt, nameAt + nameBytes, name))
        found = readName(records, valueAt, reader.at);
    }
    return found;
  }
}

/** Over a length and so many bytes, none where it is -1; where they begin. */
function skipBytes(reader: VarintReader): number {
  const length = reader.int();
  return length > 0 ? reader.skip(length) : reader.at;
}
