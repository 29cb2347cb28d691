/**
 * Events as Flume's agents send them over Thrift, from the wire's bytes into records and back: headers and bodies are
 * copied as they lie there, and nothing is made for a single event.
 */
import { argumentField, eventFields, framed } from '../formats/thrift/flume-calls.ts';
import { framePrefixBytes, mostFrameBytes } from '../formats/thrift/frame.ts';
import { MissingField, NotThrift } from '../formats/thrift/not-thrift.ts';
import { type ThriftProtocol, thriftWriter } from '../formats/thrift/protocol.ts';
import type { ThriftReader } from '../formats/thrift/reader.ts';
import { kinds, types } from '../formats/thrift/types.ts';
import type { ThriftWriter } from '../formats/thrift/writer.ts';
import { type EventBatch, noHeaders } from './event-batch.ts';
import { HeaderBlock } from './header-block.ts';
import { RecordWriter } from './record-writer.ts';
import { skipToValue } from './skip-to-value.ts';
import { inlineHeaders } from './transform.ts';
import { VarintReader } from './varint.ts';

/**
 * The events of a call's arguments, at which the reader stands; null: the list is empty. `isList`: appendBatch, else
 * append. `now`: Unix ms, the records' time. Throws `NotThrift`, and `MissingField` where all can be read and something
 * lacks.
 */
export function decodeThriftEvents(
  reader: ThriftReader,
  isList: boolean,
  now: number = Date.now(),
): EventBatch | null {
  return new ThriftEvents(reader).arguments(isList, now);
}

class ThriftEvents {
  readonly #reader: ThriftReader;
  readonly #writer: RecordWriter;
  readonly #headers = new HeaderBlock();

  constructor(reader: ThriftReader) {
    this.#reader = reader;
    // A record has some bytes more than its event; the buffer grows where they are many.
    this.#writer = new RecordWriter(Math.ceil((reader.bytes.length - reader.at) * 1.125) + 64);
  }

  arguments(isList: boolean, now: number): EventBatch | null {
    const reader = this.#reader;
    const wanted = isList ? types.list : types.struct;
    let isThere = false;
    const begun = reader.structBegin();
    while (reader.field()) {
      if (isThere || reader.fieldId !== argumentField || reader.fieldType !== wanted)
        reader.skip(reader.fieldType);
      else {
        isThere = true;
        if (isList) this.#takeList();
        else this.#take();
      }
    }
    reader.structEnd(begun);
    reader.end();
    if (!isThere)
      throw new MissingField(isList ? 'events' : 'event', isList ? 'appendBatch_args' : 'append_args');
    return this.#writer.count === 0 ? null : this.#writer.finish(now, noHeaders);
  }

  #takeList(): void {
    const reader = this.#reader;
    reader.list();
    const { count, valueType } = reader;
    if (count > 0 && valueType !== types.struct) throw new NotThrift(`the events are of type ${valueType}`);
    for (let left = count; left > 0; left--) this.#take();
  }

  #take(): void {
    const reader = this.#reader;
    let hasHeaders = false;
    let bodyFrom = -1;
    let bodyTo = -1;
    const begun = reader.structBegin();
    while (reader.field()) {
      const { fieldId: id, fieldType: type } = reader;
      if (id === eventFields.headers && type === types.map) {
        hasHeaders = true;
        this.#takeHeaders();
      } else if (id === eventFields.body && type === types.string) {
        reader.string();
        bodyFrom = reader.from;
        bodyTo = reader.at;
      } else reader.skip(type);
    }
    reader.structEnd(begun);
    if (!hasHeaders) throw new MissingField('headers', 'ThriftFlumeEvent');
    if (bodyFrom < 0) throw new MissingField('body', 'ThriftFlumeEvent');
    this.#writer.addWithBlock(this.#writer.count, reader.bytes, bodyFrom, bodyTo, this.#headers);
  }

  #takeHeaders(): void {
    const reader = this.#reader;
    reader.map();
    const { bytes, count, keyType, valueType } = reader;
    if (count > 0 && (keyType !== types.string || valueType !== types.string))
      throw new NotThrift(`the headers are of types ${keyType} and ${valueType}`);
    this.#headers.clear();
    for (let left = count; left > 0; left--) {
      reader.string();
      const { from, at } = reader;
      reader.string();
      this.#headers.addPair(bytes, from, at, reader.from, reader.at);
    }
  }
}

/** A call that sends events, and how many of them. */
export interface ThriftCall {
  /** With its length in front; null: the next event alone is too large for a frame. */
  readonly frame: Buffer | null;
  readonly events: number;
}

/** What a message has in front of its events at most: version, name, number, field and count. */
const headBytes = 64;
/** What ends the arguments. */
const tailBytes = 1;
const method = 'appendBatch';

/** The headers that all events of a batch have, as they stand in each event's map. */
interface SharedHeaders {
  readonly count: number;
  readonly bytes: Buffer;
}

export interface ThriftCallsOptions {
  readonly protocol: ThriftProtocol;
  /** Of a frame; the events of a call take less. */
  readonly mostBytes?: number;
}

/** Calls of appendBatch with the events of some batches, one after the other: as many in each as a frame takes. */
export class ThriftCalls {
  readonly #protocol: ThriftProtocol;
  readonly #mostBytes: number;
  readonly #batches: readonly EventBatch[];
  readonly #reader = new VarintReader(Buffer.alloc(0), 0);
  #shared: SharedHeaders;
  /** The next event: which batch, and its place there. */
  #batch = 0;
  #index = 0;

  constructor(batches: readonly EventBatch[], { protocol, mostBytes = mostFrameBytes }: ThriftCallsOptions) {
    this.#protocol = protocol;
    this.#mostBytes = mostBytes;
    // Headers that metadata shows are in no bytes yet.
    this.#batches = batches.map((batch) => (batch.origin === undefined ? batch : inlineHeaders(batch)));
    this.#shared = this.#sharedHeaders();
  }

  /** Whether all events were given out. */
  get isDone(): boolean {
    return this.#batch === this.#batches.length;
  }

  /** `sequence`: an int32 that the answer carries back. */
  next(sequence: number, mostEvents: number): ThriftCall {
    const writer = thriftWriter(this.#protocol, this.#roomFor(mostEvents), headBytes);
    let events = 0;
    for (; events < mostEvents && !this.isDone; events++) {
      const before = writer.at;
      this.#write(writer);
      if (writer.at + tailBytes > this.#mostBytes) {
        if (events === 0) {
          this.#step();
          return { frame: null, events: 1 };
        }
        writer.at = before;
        break;
      }
      this.#step();
    }
    return { frame: withHead(writer, this.#protocol, sequence, events), events };
  }

  /** About what the next call takes; its buffer grows where that is too little. */
  #roomFor(mostEvents: number): number {
    const { count, sizeBytes } = this.#batches[this.#batch]!;
    const eventBytes = sizeBytes / count + this.#shared.bytes.length + 16;
    return Math.ceil(Math.min(this.#mostBytes, eventBytes * Math.min(mostEvents, count)));
  }

  #step(): void {
    this.#index++;
    if (this.#index < this.#batches[this.#batch]!.count) return;
    this.#batch++;
    this.#index = 0;
    this.#shared = this.#sharedHeaders();
  }

  #sharedHeaders(): SharedHeaders {
    const headers = this.#batches[this.#batch]?.sharedHeaders ?? noHeaders;
    const writer = thriftWriter(this.#protocol);
    for (const [name, value] of headers) {
      writer.text(name);
      writer.text(value);
    }
    return { count: headers.size, bytes: writer.written() };
  }

  #write(writer: ThriftWriter): void {
    const { records, index } = this.#batches[this.#batch]!;
    const shared = this.#shared;
    const reader = this.#reader;
    reader.bytes = records;
    reader.at = index[this.#index]!;
    reader.limit = index[this.#index + 1]!;
    skipToValue(reader);
    const bodyBytes = Math.max(0, reader.int());
    const bodyFrom = reader.skip(bodyBytes);
    const headers = reader.int();
    const begun = writer.structBegin();
    writer.field(types.map, eventFields.headers);
    writer.map(types.string, types.string, shared.count + headers);
    writer.raw(shared.bytes);
    // What the event has itself comes last, and wins.
    for (let left = 2 * headers; left > 0; left--) {
      const length = Math.max(0, reader.int());
      const from = reader.skip(length);
      writer.string(records, from, from + length);
    }
    writer.field(types.string, eventFields.body);
    writer.string(records, bodyFrom, bodyFrom + bodyBytes);
    writer.structEnd(begun);
  }
}

/** Puts in front of the events what is known once they are counted. */
function withHead(writer: ThriftWriter, protocol: ThriftProtocol, sequence: number, events: number): Buffer {
  const head = thriftWriter(protocol, headBytes, framePrefixBytes);
  head.message({ name: method, kind: kinds.call, sequence });
  const begun = head.structBegin();
  head.field(types.list, argumentField);
  head.list(types.struct, events);
  const from = headBytes - head.at;
  head.bytes.copy(writer.bytes, from, 0, head.at);
  writer.structEnd(begun);
  return framed(writer.written(from));
}
