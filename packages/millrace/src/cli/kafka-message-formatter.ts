/** Records as text, by the properties of Kafka's `DefaultMessageFormatter`. */
import { isUtf8 } from 'node:buffer';
import type { FetchedBatch } from '../clients/kafka/consumer/fetched-batch.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { readRecord } from '../records/record.ts';
import { VarintReader } from '../records/varint.ts';
import { MillraceError } from '../runtime/errors.ts';

/** Bytes of a key, value or header as what is printed. Null: as they are. */
type Decode = ((bytes: Buffer) => string) | null;

export interface MessageFormat {
  readonly printTimestamp: boolean;
  readonly printPartition: boolean;
  readonly printOffset: boolean;
  readonly printDelivery: boolean;
  readonly printEpoch: boolean;
  readonly printHeaders: boolean;
  readonly printKey: boolean;
  readonly printValue: boolean;
  readonly keySeparator: Buffer;
  readonly lineSeparator: Buffer;
  readonly headersSeparator: Buffer;
  readonly nullLiteral: Buffer;
  readonly decodeKey: Decode;
  readonly decodeValue: Decode;
  readonly decodeHeader: Decode;
}

const fixed =
  (bytes: number, read: (buffer: Buffer) => number | bigint): Decode =>
  (buffer) => {
    if (buffer.length === bytes) return String(read(buffer));
    throw new MillraceError('KAFKA', `a number of ${bytes} bytes was expected, these are ${buffer.length}`, {
      remedy: 'Choose another deserializer, or none.',
    });
  };

/** Java's floating-point text differs from ours only in a whole number's `.0`. */
const floating = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** Kafka's own deserializers; a name from outside never becomes code. */
const deserializers: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['StringDeserializer', null],
  ['ByteArrayDeserializer', null],
  ['BytesDeserializer', null],
  ['LongDeserializer', fixed(8, (buffer) => buffer.readBigInt64BE(0))],
  ['IntegerDeserializer', fixed(4, (buffer) => buffer.readInt32BE(0))],
  ['ShortDeserializer', fixed(2, (buffer) => buffer.readInt16BE(0))],
  ['DoubleDeserializer', (buffer) => floating(buffer.readDoubleBE(0))],
  ['FloatDeserializer', (buffer) => floating(buffer.readFloatBE(0))],
]);

function deserializer(property: string, name: string | undefined): Decode {
  if (name === undefined || name === '') return null;
  const decode = deserializers.get(name.replace(/^org\.apache\.kafka\.common\.serialization\./, ''));
  if (decode !== undefined) return decode;
  throw new MillraceError('USAGE', `${property}: ${name} is not known here`, {
    remedy: `Known are ${[...deserializers.keys()].join(', ')} of org.apache.kafka.common.serialization.`,
  });
}

const known = [
  ...['print.timestamp', 'print.key', 'print.offset', 'print.partition', 'print.headers', 'print.value'],
  ...[
    'print.delivery',
    'print.epoch',
    'key.separator',
    'line.separator',
    'headers.separator',
    'null.literal',
  ],
  ...['key.deserializer', 'value.deserializer', 'headers.deserializer'],
];

/** Names among the properties that have no meaning here. */
export function unknownFormatterProperties(properties: ReadonlyMap<string, string>): string[] {
  return [...properties.keys()].filter((key) => !known.includes(key));
}

export function messageFormat(properties: ReadonlyMap<string, string>): MessageFormat {
  const isTrue = (key: string): boolean => properties.get(key)?.trim().toLowerCase() === 'true';
  const bytes = (key: string, otherwise: string): Buffer => Buffer.from(properties.get(key) ?? otherwise);
  const decode = (key: string): Decode => deserializer(key, properties.get(key));
  return {
    printTimestamp: isTrue('print.timestamp'),
    printPartition: isTrue('print.partition'),
    printOffset: isTrue('print.offset'),
    printDelivery: isTrue('print.delivery'),
    printEpoch: isTrue('print.epoch'),
    printHeaders: isTrue('print.headers'),
    printKey: isTrue('print.key'),
    printValue: properties.has('print.value') ? isTrue('print.value') : true,
    keySeparator: bytes('key.separator', '\t'),
    lineSeparator: bytes('line.separator', '\n'),
    headersSeparator: bytes('headers.separator', ','),
    nullLiteral: bytes('null.literal', 'null'),
    decodeKey: decode('key.deserializer'),
    decodeValue: decode('value.deserializer'),
    decodeHeader: decode('headers.deserializer'),
  };
}

/** Bytes to write, in one buffer that grows. */
class Output {
  bytes = Buffer.allocUnsafe(0);
  at = 0;

  /** A buffer of its own: the one before may still be on its way out. */
  begin(sizeBytes: number): void {
    this.bytes = Buffer.allocUnsafe(sizeBytes);
    this.at = 0;
  }

  put(from: Buffer, start = 0, end = from.length): void {
    this.#reserve(end - start);
    from.copy(this.bytes, this.at, start, end);
    this.at += end - start;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at);
  }

  #reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + more));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** Writes whole batches, without an object per record. */
export class MessageFormatter {
  readonly #format: MessageFormat;
  readonly #out = new Output();
  /** What is asked for in front of the value, in Kafka's order. */
  readonly #onlyValue: boolean;

  constructor(format: MessageFormat) {
    this.#format = format;
    const { printTimestamp, printPartition, printOffset, printDelivery, printEpoch } = format;
    this.#onlyValue =
      !(printTimestamp || printPartition || printOffset || printDelivery || printEpoch) &&
      !(format.printHeaders || format.printKey) &&
      format.printValue;
  }

  /** The first `count` records of the batch as they are printed. Throws where a deserializer does not fit. */
  format(fetched: FetchedBatch, count: number): Buffer {
    const { batch } = fetched;
    const out = this.#out;
    const { lineSeparator, nullLiteral } = this.#format;
    out.begin(batch.sizeBytes + batch.count * (lineSeparator.length + nullLiteral.length));
    const reader = new VarintReader(batch.records, 0);
    for (let i = 0; i < count; i++) {
      reader.at = batch.index[i]!;
      this.#record(fetched, reader);
    }
    return out.bytes.subarray(0, out.at);
  }

  #record(fetched: FetchedBatch, reader: VarintReader): void {
    const { batch, baseOffset } = fetched;
    const { records } = batch;
    reader.int(); // length
    reader.skip(1); // attributes
    const timestamp = batch.baseTimestamp + reader.long();
    const offset = baseOffset + reader.int();
    const keyBytes = reader.int();
    const keyAt = keyBytes > 0 ? reader.skip(keyBytes) : 0;
    const valueBytes = reader.int();
    const valueAt = valueBytes > 0 ? reader.skip(valueBytes) : 0;
    const { printHeaders, printKey, printValue, decodeKey, decodeValue, lineSeparator } = this.#format;
    if (!this.#onlyValue) {
      this.#place(fetched, timestamp, offset);
      if (printHeaders) {
        this.#headers(records, reader);
        this.#separate(printKey || printValue);
      }
      if (printKey) {
        this.#field(records, keyAt, keyBytes, decodeKey);
        this.#separate(printValue);
      }
    }
    if (printValue) {
      this.#field(records, valueAt, valueBytes, decodeValue);
      this.#out.put(lineSeparator);
    }
  }

  #place({ partition, logAppendTime }: FetchedBatch, timestamp: number, offset: number): void {
    const { printTimestamp, printPartition, printOffset, printDelivery, printEpoch } = this.#format;
    const { printHeaders, printKey, printValue } = this.#format;
    const rest = printHeaders || printKey || printValue;
    const out = this.#out;
    if (printTimestamp) {
      const type = logAppendTime === true ? 'LogAppendTime' : 'CreateTime';
      out.text(timestamp < 0 ? 'NO_TIMESTAMP' : `${type}:${timestamp}`);
      this.#separate(printPartition || printOffset || printDelivery || printEpoch || rest);
    }
    if (printPartition) {
      out.text(`Partition:${partition}`);
      this.#separate(printOffset || printDelivery || printEpoch || rest);
    }
    if (printOffset) {
      out.text(`Offset:${offset}`);
      this.#separate(printDelivery || printEpoch || rest);
    }
    if (printDelivery) {
      out.text('Delivery:NOT_PRESENT');
      this.#separate(printEpoch || rest);
    }
    if (printEpoch) {
      out.text('Epoch:NOT_PRESENT');
      this.#separate(rest);
    }
  }

  #headers(records: Buffer, reader: VarintReader): void {
    const { headersSeparator, decodeHeader } = this.#format;
    const count = reader.int();
    if (count === 0) this.#out.text('NO_HEADERS');
    for (let i = 0; i < count; i++) {
      if (i > 0) this.#out.put(headersSeparator);
      const nameBytes = reader.int();
      const nameAt = reader.skip(nameBytes);
      this.#out.put(records, nameAt, nameAt + nameBytes);
      this.#out.text(':');
      const valueBytes = reader.int();
      const valueAt = valueBytes > 0 ? reader.skip(valueBytes) : 0;
      this.#field(records, valueAt, valueBytes, decodeHeader);
    }
  }

  #field(records: Buffer, at: number, sizeBytes: number, decode: Decode): void {
    if (sizeBytes < 0) this.#out.put(this.#format.nullLiteral);
    else if (decode === null) this.#out.put(records, at, at + sizeBytes);
    else this.#out.text(decode(records.subarray(at, at + sizeBytes)));
  }

  /** Between two columns, or after the last. */
  #separate(hasMore: boolean): void {
    this.#out.put(hasMore ? this.#format.keySeparator : this.#format.lineSeparator);
  }
}

/** A line of JSON per record. Bytes that are no UTF-8 stand as base64 under `keyBase64` and `valueBase64`. */
export function formatJson({ topic, partition, baseOffset, batch }: FetchedBatch, count: number): Buffer {
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const record = readRecord(batch.records, batch.index[i]!);
    lines.push(
      JSON.stringify({
        topic,
        partition,
        offset: baseOffset + record.offsetDelta,
        timestamp: timestampOf(batch, record.timestampDelta),
        ...textOf('key', record.key),
        ...textOf('value', record.value),
        headers: record.headers(),
      }),
      '\n',
    );
  }
  return Buffer.from(lines.join(''));
}

const timestampOf = (batch: EventBatch, delta: number): number => batch.baseTimestamp + delta;

function textOf(name: 'key' | 'value', bytes: Buffer | null): Record<string, string | null> {
  if (bytes === null || isUtf8(bytes)) return { [name]: bytes === null ? null : bytes.toString('utf8') };
  return { [`${name}Base64`]: bytes.toString('base64') };
}
