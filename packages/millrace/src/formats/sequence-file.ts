/**
 * Hadoop's SequenceFile, version 6, of LongWritable keys and BytesWritable or Text values, as `SequenceFile.Reader` and
 * every tool on top of it read it.
 *
 *     header   "SEQ" 6 · key class · value class · compressed? · by blocks? · [codec class] · metadata (none) · sync
 *     record   int32 length of key and value · int32 length of key · key · value
 *     block    int32 -1 · sync · vint records · (vint length · compressed) of: lengths of keys, keys, lengths of values, values
 *     marker   int32 -1 · sync
 *
 * The 16 bytes of sync are the file's own: a reader that starts in the middle, or behind damage, goes on at the next.
 */
import { randomBytes } from 'node:crypto';
import { GrowingBytes } from './growing-bytes.ts';

export interface SequenceFileOptions {
  /** How values are written: BytesWritable or Text. */
  readonly values: 'bytes' | 'text';
  /** Absent: nothing is compressed. Else many records at once are, by the codec of this class in Hadoop. */
  readonly codec?: { readonly className: string; readonly compress: (bytes: Buffer) => Promise<Buffer> };
}

const io = 'org.apache.hadoop.io.';
const valueClasses = { bytes: `${io}BytesWritable`, text: `${io}Text` } as const;
const keyBytes = 8;
const syncBytes = 16;
const escape32 = -1;
/** Hadoop's default: so many bytes from one marker to the next. */
const markEveryBytes = 5 * 1024 * (4 + syncBytes);
/** Hadoop's default `io.seqfile.compress.blocksize`. */
const blockBytes = 1_000_000;

/** Writes one file. Bytes come from `header`, `take` and `flush`, in the order of the calls. */
export class SequenceFileWriter {
  readonly #options: SequenceFileOptions;
  readonly #sync = randomBytes(syncBytes);
  /** Without compression: what is written and not yet taken. */
  readonly #out = new GrowingBytes();
  /** Of a block. */
  readonly #keys = new GrowingBytes();
  readonly #values = new GrowingBytes();
  readonly #valueLengths = new GrowingBytes();
  #records = 0;
  /** Bytes since the last marker. */
  #sinceMark = 0;

  constructor(options: SequenceFileOptions) {
    this.#options = options;
  }

  header(): Buffer {
    const { values, codec } = this.#options;
    const out = new GrowingBytes();
    out.copy(Buffer.from('SEQ\x06', 'latin1'));
    writeText(out, `${io}LongWritable`);
    writeText(out, valueClasses[values]);
    out.byte(codec === undefined ? 0 : 1);
    out.byte(codec === undefined ? 0 : 1);
    if (codec !== undefined) writeText(out, codec.className);
    out.int32(0);
    out.copy(this.#sync);
    return out.take();
  }

  /** Adds a record; the key is a whole number, the value lies in `bytes` from `from` to `to`. */
  add(key: number, bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    const prefixBytes = this.#options.values === 'bytes' ? 4 : vintBytes(length);
    if (this.#options.codec === undefined) {
      if (this.#sinceMark >= markEveryBytes) this.#mark();
      const before = this.#out.length;
      this.#out.int32(keyBytes + prefixBytes + length);
      this.#out.int32(keyBytes);
      writeLong(this.#out, key);
      this.#value(this.#out, bytes, from, to);
      this.#sinceMark += this.#out.length - before;
      return;
    }
    writeLong(this.#keys, key);
    writeVint(this.#valueLengths, prefixBytes + length);
    this.#value(this.#values, bytes, from, to);
    this.#records++;
  }

  /** What is ready: all records, or a block when it is full. */
  async take(): Promise<readonly Buffer[]> {
    if (this.#options.codec === undefined) return this.#out.length === 0 ? [] : [this.#out.take()];
    return this.#keys.length + this.#values.length >= blockBytes ? await this.flush() : [];
  }

  /** All records that were added, and a marker: a file that ends here can be read to its end. */
  async flush(): Promise<readonly Buffer[]> {
    if (this.#options.codec === undefined) {
      if (this.#sinceMark > 0) this.#mark();
      return await this.take();
    }
    if (this.#records === 0) return [];
    const head = new GrowingBytes();
    head.int32(escape32);
    head.copy(this.#sync);
    writeVint(head, this.#records);
    const keyLengths = Buffer.alloc(this.#records, keyBytes);
    const parts = [keyLengths, this.#keys.take(), this.#valueLengths.take(), this.#values.take()];
    this.#records = 0;
    const { compress } = this.#options.codec;
    const pieces = [head.take()];
    for (const part of await Promise.all(parts.map((part) => compress(part)))) {
      const length = new GrowingBytes(16);
      writeVint(length, part.length);
      pieces.push(length.take(), part);
    }
    return pieces;
  }

  #mark(): void {
    this.#out.int32(escape32);
    this.#out.copy(this.#sync);
    this.#sinceMark = 0;
  }

  #value(out: GrowingBytes, bytes: Buffer, from: number, to: number): void {
    if (this.#options.values === 'bytes') out.int32(to - from);
    else writeVint(out, to - from);
    out.copy(bytes, from, to);
  }
}

/** A whole number as Java's long, without a BigInt. */
function writeLong(out: GrowingBytes, value: number): void {
  out.int32(Math.floor(value / 2 ** 32) | 0);
  out.int32(value | 0);
}

/** Hadoop's VInt of a number that is not negative: itself up to 127, else how many bytes, and these. */
function writeVint(out: GrowingBytes, value: number): void {
  if (value <= 127) {
    out.byte(value);
    return;
  }
  const bytes = vintBytes(value) - 1;
  out.byte(-112 - bytes);
  for (let shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.byte(value >>> shift);
}

function vintBytes(value: number): number {
  if (value <= 127) return 1;
  return 1 + Math.ceil((32 - Math.clz32(value)) / 8);
}

function writeText(out: GrowingBytes, text: string): void {
  const bytes = Buffer.from(text);
  writeVint(out, bytes.length);
  out.copy(bytes);
}
