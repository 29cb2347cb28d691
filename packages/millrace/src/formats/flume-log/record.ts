import { crc32 } from '@node-rs/crc32';
import { NotFlumeLog } from './not-flume-log.ts';
import { ProtoFields } from './proto-fields.ts';

/** What a byte in front of a record of `log-N` says (version 3). */
export const operations = {
  /** A record: its length in 4 bytes, then a header, a body and a footer, each a delimited protobuf message. */
  record: 0x7f,
  /** A record that the integrity tool has taken out. Zeros of a device read like it, with a length of 0. */
  noop: 0x00,
  /** Space that was allocated ahead, a MiB at a time. */
  end: 0x80,
} as const;

/** Bytes before a record: operation and length. */
export const recordPrefixBytes = 5;
/** Bytes of a record's header with its length: three numbers of fixed size. */
const headerBytes = 24;
/** As many bytes behind the prefix as `frameFault` and `openHeader` need, where the record has them. */
export const recordHeadBytes = headerBytes + 5;
/** No two puts begin nearer to one another than this: prefix, header, the smallest event and the footer are 35 bytes. */
export const leastPutBytes = 32;

/**
 * Why the bytes at `at` can't be a record of `length` bytes; null: they may be. Looks at the header and at the length of
 * what is behind it only, so an absurd length is found before anything of it is read.
 */
export function frameFault(bytes: Buffer, at: number, length: number): string | null {
  const head = bytes.length - at;
  if (length < headerBytes + 2 || head < Math.min(length, recordHeadBytes))
    return `a record of ${length} bytes`;
  const [size, type, transaction, order] = [0, 1, 6, 15].map((i) => bytes[at + i]);
  if (size !== headerBytes - 1 || type !== 0x0d || transaction !== 0x11 || order !== 0x19)
    return 'no header of a record';
  let [body, more] = [0, 0];
  for (; more < 5; more++) {
    const byte = bytes[at + headerBytes + more] ?? 0x80;
    body += (byte & 0x7f) * 2 ** (7 * more);
    if (byte < 0x80) break;
  }
  if (headerBytes + more + 1 + body + 1 !== length)
    return `a record of ${length} bytes that holds ${body} bytes`;
  return null;
}

export const recordTypes = { put: 1, take: 2, rollback: 3, commit: 4 } as const;
export type RecordType = (typeof recordTypes)[keyof typeof recordTypes];

/**
 * One record of `log-N` as it lies in its bytes. The same object is used for one record after the other: nothing is
 * allocated for those that are only counted.
 */
export class LogRecord {
  type: RecordType = recordTypes.put;
  /** Transaction and place in the order of all writes of the channel: Flume begins both with the time in ms. */
  transaction = 0;
  writeOrder = 0;
  /** Of a take: the put that it takes. */
  fileId = 0;
  offset = 0;
  /** Of a commit: whether it is of puts or of takes. */
  committed: number = recordTypes.put;
  /** Of a put: its event. */
  #bytes: Buffer = Buffer.alloc(0);
  #eventFrom = 0;
  #eventTo = 0;
  /** Of a put: the CRC-32 of the body; -1 where none was written. */
  #checksum = -1;
  readonly #fields = new ProtoFields();

  /** Takes over the header alone of the record that begins at `from`; where its body begins. Throws `NotFlumeLog`. */
  openHeader(bytes: Buffer, from: number): number {
    const fields = this.#fields;
    const bodyFrom = fields.openDelimited(bytes, from, bytes.length);
    let seen = 0;
    while (fields.next()) {
      seen |= 1 << (fields.field & 7);
      if (fields.field === 1) this.type = fields.value as RecordType;
      else if (fields.field === 2) this.transaction = fields.value;
      else if (fields.field === 3) this.writeOrder = fields.value;
    }
    if ((seen & 0b1110) !== 0b1110) throw new NotFlumeLog('a header without type, transaction or order');
    if (wantedFields[this.type] === undefined) throw new NotFlumeLog(`a record of type ${this.type}`);
    if (!isCount(this.transaction) || !isCount(this.writeOrder))
      throw new NotFlumeLog('a transaction that Flume would not count up to in its lifetime');
    return bodyFrom;
  }

  /** Takes over the record in `bytes[from, to)`, without its prefix. Throws `NotFlumeLog`. */
  open(bytes: Buffer, from: number, to: number): void {
    const footerFrom = this.#openBody(bytes, this.openHeader(bytes, from), to);
    if (this.#fields.openDelimited(bytes, footerFrom, to) !== to)
      throw new NotFlumeLog('bytes behind the end of a record');
  }

  #openBody(bytes: Buffer, from: number, to: number): number {
    const fields = this.#fields;
    const end = fields.openDelimited(bytes, from, to);
    let seen = 0;
    this.#checksum = -1;
    this.#bytes = bytes;
    while (fields.next()) {
      seen |= 1 << (fields.field & 7);
      switch (this.type) {
        case recordTypes.put:
          if (fields.field === 1) [this.#eventFrom, this.#eventTo] = [fields.from, fields.to];
          else if (fields.field === 2) this.#checksum = fields.value;
          break;
        case recordTypes.take:
          if (fields.field === 1) this.fileId = fields.value;
          else if (fields.field === 2) this.offset = fields.value;
          break;
        case recordTypes.commit:
          if (fields.field === 1) this.committed = fields.value;
          break;
      }
    }
    this.#check(seen);
    return end;
  }

  #check(seen: number): void {
    const wanted = wantedFields[this.type]!;
    if ((seen & wanted) !== wanted) throw new NotFlumeLog('a record without what its type needs');
    if (
      this.type === recordTypes.commit &&
      this.committed !== recordTypes.put &&
      this.committed !== recordTypes.take
    )
      throw new NotFlumeLog(`a commit of type ${this.committed}`);
  }

  /** The event of a put: headers as pairs, and where the body lies. Throws `NotFlumeLog`, also where the checksum is wrong. */
  event(): FlumeEvent {
    const fields = this.#fields;
    const bytes = this.#bytes;
    const headers: (readonly [string, string])[] = [];
    let [from, to] = [-1, -1];
    fields.open(bytes, this.#eventFrom, this.#eventTo);
    while (fields.next()) {
      if (fields.field === 1) headers.push(headerOf(bytes, fields.from, fields.to));
      else if (fields.field === 2) [from, to] = [fields.from, fields.to];
    }
    if (from < 0) throw new NotFlumeLog('an event without body');
    const body = bytes.subarray(from, to);
    if (this.#checksum >= 0 && crc32(body) !== this.#checksum)
      throw new NotFlumeLog('an event whose checksum is wrong');
    return { headers, body };
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Bits of the fields that a record must have, by type. */
const wantedFields: Readonly<Record<number, number>> = {
  [recordTypes.put]: 0b10,
  [recordTypes.take]: 0b110,
  [recordTypes.rollback]: 0,
  [recordTypes.commit]: 0b10,
};

export interface FlumeEvent {
  readonly headers: readonly (readonly [string, string])[];
  /** Within the record's bytes. */
  readonly body: Buffer;
}

const ofHeader = new ProtoFields();

/** A header without value was null in Flume, and comes out of its own channel as an empty text. */
function headerOf(bytes: Buffer, from: number, to: number): readonly [string, string] {
  let [name, value] = ['', ''];
  ofHeader.open(bytes, from, to);
  while (ofHeader.next()) {
    const text = bytes.toString('utf8', ofHeader.from, ofHeader.to);
    if (ofHeader.field === 1) name = text;
    else if (ofHeader.field === 2) value = text;
  }
  return [name, value];
}
