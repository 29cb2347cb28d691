import { randomBytes } from 'node:crypto';
import { javaHashMapOrder } from '../../java/hash-map.ts';
import { GrowingBytes } from '../growing-bytes.ts';
import { type ContainerCodec, compressBlock } from './codecs.ts';
import { encodeBlock, encodeHeader, syncBytes } from './container.ts';

export interface ContainerWriterOptions {
  /** The text of the schema, as the header has it. */
  readonly schema: string;
  /** Absent: none, and the header names none. */
  readonly codec?: ContainerCodec;
  /** A block ends with the datum that brings it to so many bytes, before their compression. */
  readonly blockBytes: number;
}

/**
 * Makes an object container file: data come in, blocks go out. A datum is written to `bytes` and ended by `endDatum`; what
 * is in no block yet is kept back until `rest` is asked for.
 */
export class ContainerWriter {
  /** Where data are written. */
  readonly bytes = new GrowingBytes();
  readonly #options: ContainerWriterOptions;
  readonly #sync = randomBytes(syncBytes);
  /** Data of the block that is not full. */
  #count = 0;
  #full: { readonly count: number; readonly data: Buffer }[] = [];

  constructor(options: ContainerWriterOptions) {
    this.#options = options;
  }

  /** What the file begins with. */
  header(): Buffer {
    const { schema, codec } = this.#options;
    const metadata = new Map([['avro.schema', Buffer.from(schema)]]);
    if (codec !== undefined) metadata.set('avro.codec', Buffer.from(codec));
    const order = javaHashMapOrder(metadata.keys());
    return encodeHeader(new Map(order.map((name) => [name, metadata.get(name)!])), this.#sync);
  }

  endDatum(): void {
    this.#count++;
    if (this.bytes.length >= this.#options.blockBytes) this.#endBlock();
  }

  /** Data of the block that is not full yet. */
  get count(): number {
    return this.#count;
  }

  /** As `endDatum`, for data that may be taken back: its block ends with `endFullBlock`. */
  countDatum(): void {
    this.#count++;
  }

  endFullBlock(): void {
    if (this.bytes.length >= this.#options.blockBytes) this.#endBlock();
  }

  /** Takes back what was written to the block at hand since it had so many data and bytes. */
  takeBackTo(count: number, bytes: number): void {
    this.#count = count;
    this.bytes.length = bytes;
  }

  /** The blocks that have become full; their compression is done in the thread pool. */
  blocks(): Buffer | Promise<Buffer> {
    const full = this.#full;
    this.#full = [];
    const { codec = 'null' } = this.#options;
    if (codec === 'null')
      return Buffer.concat(full.map(({ count, data }) => encodeBlock(count, data, this.#sync)));
    return Promise.all(
      full.map(async ({ count, data }) => encodeBlock(count, await compressBlock(codec, data), this.#sync)),
    ).then((blocks) => Buffer.concat(blocks));
  }

  /** The same, with the data that were kept back as the last block. */
  rest(): Buffer | Promise<Buffer> {
    this.#endBlock();
    return this.blocks();
  }

  #endBlock(): void {
    if (this.#count === 0) return;
    this.#full.push({ count: this.#count, data: this.bytes.take() });
    this.#count = 0;
  }
}
