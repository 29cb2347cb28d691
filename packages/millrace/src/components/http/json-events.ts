import { JsonFault, type JsonToken, LenientJsonReader } from '../../formats/gson/lenient-json.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { HeaderBlock } from '../../records/header-block.ts';
import { jsonRecords } from '../../records/json-records.ts';

const none = Buffer.alloc(0);
const headersField = Buffer.from('headers');
const bodyField = Buffer.from('body');
/** So many are compared one by one. */
const fewHeaders = 32;

/** A document of Flume's JSONHandler to a batch; bytes go from the document into the records, no text is made of them. */
export class JsonEvents {
  #builder = new BatchBuilder();
  readonly #block = new HeaderBlock();
  /** Where the headers of the event lie: name from and to, value from and to; value from -1: it is null. */
  readonly #spans: number[] = [];
  /** Where in `#spans` a name is, once there are many. */
  readonly #names = new Map<string, number>();
  #bodyFrom = 0;
  #bodyTo = 0;

  /**
   * `bytes`: UTF-8, changed by reading. `encode`: what bodies are encoded as, absent: as they are. Null: an array without
   * events. Throws `JsonFault`.
   */
  read(bytes: Buffer, encode?: (text: string) => Buffer): EventBatch | null {
    const plain = encode === undefined ? jsonRecords()?.read(bytes, Date.now()) : undefined;
    return plain === undefined ? this.readSlowly(bytes, encode) : plain;
  }

  /** The same for whatever form of document Gson takes. */
  readSlowly(bytes: Buffer, encode?: (text: string) => Buffer): EventBatch | null {
    try {
      this.#read(new LenientJsonReader(bytes), encode);
      return this.#builder.count === 0 ? null : this.#builder.build();
    } finally {
      this.#builder.reset();
    }
  }

  #read(reader: LenientJsonReader, encode: ((text: string) => Buffer) | undefined): void {
    let missing = false;
    const first = reader.next();
    if (first === 'null') missing = true;
    else {
      demand(first, 'begin-array');
      for (let token = reader.next(); token !== 'end-array'; token = reader.next()) {
        if (token === 'null') missing = true;
        else {
          demand(token, 'begin-object');
          this.#event(reader);
          this.#add(reader.bytes, encode);
        }
      }
      reader.finish();
    }
    // Gson reads these; Flume fails at them.
    if (missing) throw new JsonFault('other', 'an event is null');
  }

  #event(reader: LenientJsonReader): void {
    this.#spans.length = 0;
    this.#bodyFrom = this.#bodyTo = 0;
    while (reader.next() === 'name') {
      const { bytes, from, to } = reader;
      const isBody = is(bytes, from, to, bodyField);
      const isHeaders = !isBody && is(bytes, from, to, headersField);
      const token = reader.next();
      if (isBody) {
        const isThere = isText(token);
        this.#bodyFrom = isThere ? reader.from : 0;
        this.#bodyTo = isThere ? reader.to : 0;
      } else if (isHeaders) this.#headers(reader, token);
      else reader.skip(token);
    }
  }

  /** An object, or an array of names and values in arrays of their own. */
  #headers(reader: LenientJsonReader, token: JsonToken): void {
    const spans = this.#spans;
    spans.length = 0;
    if (token === 'null') return;
    if (token === 'begin-array') {
      for (let each = reader.next(); each !== 'end-array'; each = reader.next()) {
        demand(each, 'begin-array');
        if (!isText(reader.next())) throw new JsonFault('other', 'the name of a header is null');
        const { from, to } = reader;
        this.#header(reader, from, to);
        demand(reader.next(), 'end-array');
      }
      return;
    }
    demand(token, 'begin-object');
    while (reader.next() === 'name') {
      const { from, to } = reader;
      this.#header(reader, from, to);
    }
  }

  #header(reader: LenientJsonReader, from: number, to: number): void {
    const spans = this.#spans;
    const isThere = isText(reader.next());
    const valueFrom = isThere ? reader.from : -1;
    const known = this.#find(reader.bytes, from, to);
    if (known < 0) spans.push(from, to, valueFrom, reader.to);
    else if (spans[known + 2]! >= 0)
      throw new JsonFault('syntax', `duplicate key: ${reader.bytes.toString('utf8', from, to)}`);
    else {
      spans[known + 2] = valueFrom;
      spans[known + 3] = reader.to;
    }
  }

  /** Where the spans of a name begin; -1: it is new. Many names are looked up by a map, for whoever sends thousands. */
  #find(bytes: Buffer, from: number, to: number): number {
    const spans = this.#spans;
    const names = this.#names;
    if (spans.length < 4 * fewHeaders) {
      names.clear();
      for (let i = 0; i < spans.length; i += 4)
        if (bytes.compare(bytes, spans[i]!, spans[i + 1]!, from, to) === 0) return i;
      return -1;
    }
    if (names.size === 0)
      for (let i = 0; i < spans.length; i += 4)
        names.set(bytes.toString('latin1', spans[i]!, spans[i + 1]!), i);
    const name = bytes.toString('latin1', from, to);
    const found = names.get(name);
    if (found === undefined) names.set(name, spans.length);
    return found ?? -1;
  }

  #add(bytes: Buffer, encode: ((text: string) => Buffer) | undefined): void {
    const block = this.#block;
    const spans = this.#spans;
    block.clear();
    for (let i = 0; i < spans.length; i += 4)
      if (spans[i + 2]! >= 0) block.addPair(bytes, spans[i]!, spans[i + 1]!, spans[i + 2]!, spans[i + 3]!);
    if (encode === undefined) {
      this.#builder.addWithBlock(bytes, this.#bodyFrom, this.#bodyTo, block);
      return;
    }
    const isEmpty = this.#bodyFrom === this.#bodyTo;
    const body = isEmpty ? none : encode(bytes.toString('utf8', this.#bodyFrom, this.#bodyTo));
    this.#builder.addWithBlock(body, 0, body.length, block);
  }
}

/** False: it is null. */
function isText(token: JsonToken): boolean {
  if (token === 'null') return false;
  if (token !== 'text' && token !== 'boolean')
    throw new JsonFault('syntax', `Expected a string but was ${token}`);
  return true;
}

function demand(token: JsonToken, wanted: JsonToken): void {
  if (token !== wanted) throw new JsonFault('syntax', `Expected ${wanted} but was ${token}`);
}

function is(bytes: Buffer, from: number, to: number, name: Buffer): boolean {
  return to - from === name.length && bytes.compare(name, 0, name.length, from, to) === 0;
}
