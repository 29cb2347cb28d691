import { type DeserializerContext, defineDeserializer } from '../../component/define.ts';
import {
  type DeserializedEvents,
  type EventDeserializer,
  type InputMark,
  InputUnreadable,
  type ResettableInput,
  type UnreadableBytes,
} from '../../component/deserializer.ts';
import { opt } from '../../config/options.ts';
import {
  type ContainerCodec,
  containerCodecs,
  decompressBlock,
  isContainerCodec,
} from '../../formats/avro/codecs.ts';
import {
  type ContainerHeader,
  mostBlockBytes,
  mostHeaderBytes,
  readBlockHead,
  readHeader,
  syncBytes,
} from '../../formats/avro/container.ts';
import { NotAvro } from '../../formats/avro/not-avro.ts';
import { type DatumSchema, readSchema } from '../../formats/avro/schema.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { Headers } from '../../records/event-batch.ts';

const options = {
  schemaType: opt.enum(['HASH', 'LITERAL'], {
    doc: 'How events say their schema: HASH, the header flume.avro.schema.hash with its CRC-64-AVRO fingerprint; LITERAL, the header flume.avro.schema.literal with all of it.',
    default: 'HASH',
  }),
};
type Context = DeserializerContext<typeof options>;

/** A batch ends when it is as large as this. */
const mostBatchBytes = 4 * 1024 * 1024;
/** What can't be read is set aside in pieces of this size. */
const mostPieceBytes = 1024 * 1024;
/** A block's head is two numbers. */
const mostHeadBytes = 20;

/** What the header of the file says. */
interface Container {
  readonly header: ContainerHeader;
  readonly codec: ContainerCodec;
  readonly schema: DatumSchema;
  readonly shown: Headers;
}

/** The block that is being read. */
interface Block {
  readonly data: Buffer;
  readonly count: number;
  /** Where the next datum begins in `data`, and how many were before it. */
  at: number;
  done: number;
  /** Where the next block begins in the input. */
  readonly next: number;
}

/**
 * AVRO: an event per datum of a container file; its body is the datum as it stands there, without the schema. A mark is
 * the sync marker in front of the block, which is where Flume goes on, and how many data of the block are done.
 */
class AvroDeserializer implements EventDeserializer {
  readonly #input: ResettableInput;
  readonly #isLiteral: boolean;
  #container: Container | null = null;
  #block: Block | null = null;
  /** Where the next block begins; in bytes that are none, where the search for a sync marker goes on. */
  #place = 0;
  /** Data of the next block that are done already. */
  #skipped = 0;
  #isLost = false;
  /** A place to go to once the header is read. */
  #goal: InputMark | null = null;

  constructor({ options, log }: Context, input: ResettableInput) {
    this.#input = input;
    this.#isLiteral = options.schemaType === 'LITERAL';
    if (this.#isLiteral) log.debug('schemaType LITERAL: every event carries the whole schema');
  }

  async read(maxEvents: number): Promise<DeserializedEvents | null> {
    this.#container ??= await this.#open();
    const container = this.#container;
    if (this.#goal !== null) await this.#goTo(this.#goal, container);
    const builder = new BatchBuilder();
    const unreadable: UnreadableBytes[] = [];
    while (builder.count < maxEvents && builder.sizeBytes < mostBatchBytes && unreadable.length === 0) {
      if (this.#block === null && !(await this.#nextBlock(container, unreadable))) break;
      if (this.#block !== null) this.#take(this.#block, container, maxEvents, builder, unreadable);
    }
    if (builder.count === 0 && unreadable.length === 0) return null;
    return { batch: builder.count === 0 ? null : builder.build(container.shown), unreadable };
  }

  mark(): InputMark {
    if (this.#goal !== null) return this.#goal;
    if (this.#container === null) return { offset: 0, events: 0 };
    if (this.#isLost) return { offset: this.#place, events: 0 };
    return { offset: this.#place - syncBytes, events: this.#block?.done ?? this.#skipped };
  }

  reset(mark: InputMark): void {
    this.#goal = mark;
    this.#block = null;
  }

  async #open(): Promise<Container> {
    const input = this.#input;
    input.seek(0);
    try {
      for (let wanted = 4096; ; wanted *= 2) {
        const bytes = await input.ahead(Math.min(wanted, mostHeaderBytes));
        const header = readHeader(bytes);
        if (header !== null) return this.#containerOf(header);
        if (bytes.length >= input.length) throw new NotAvro('it ends within its header');
      }
    } catch (error) {
      if (error instanceof NotAvro) throw new InputUnreadable(error.message, { cause: error });
      throw error;
    }
  }

  #containerOf(header: ContainerHeader): Container {
    const codec = header.metadata.get('avro.codec')?.toString() ?? 'null';
    if (!isContainerCodec(codec)) {
      throw new NotAvro(`its codec is ${codec}; there are ${containerCodecs.join(', ')}`);
    }
    const text = header.metadata.get('avro.schema')?.toString() ?? '';
    const schema = readSchema(text);
    const shown = this.#isLiteral
      ? new Map([['flume.avro.schema.literal', text]])
      : new Map([['flume.avro.schema.hash', schema.fingerprint]]);
    this.#place = header.sizeBytes;
    return { header, codec, schema, shown };
  }

  /** Flume's way: to behind the first sync marker from there on. */
  async #goTo({ offset, events }: InputMark, { header }: Container): Promise<void> {
    this.#goal = null;
    this.#skipped = events;
    this.#isLost = false;
    this.#place = Math.max(offset + syncBytes, header.sizeBytes);
    if (offset === 0) return;
    this.#input.seek(offset);
    if ((await this.#input.ahead(syncBytes)).subarray(0, syncBytes).equals(header.sync)) return;
    this.#isLost = true;
    this.#place = offset;
    this.#skipped = 0;
  }

  /** Reads a block, or bytes that are none; false at the end. */
  async #nextBlock(container: Container, unreadable: UnreadableBytes[]): Promise<boolean> {
    if (this.#place >= this.#input.length) return false;
    if (!this.#isLost) {
      try {
        this.#block = await this.#readBlock(container);
        return true;
      } catch (error) {
        if (!(error instanceof NotAvro)) throw error;
        this.#isLost = true;
        this.#reason = error.message;
      }
    }
    unreadable.push(await this.#passDamage(container.header.sync));
    return true;
  }

  /** What was wrong with the bytes that are passed over. */
  #reason = 'no block of an Avro file';

  async #readBlock({ header, codec, schema }: Container): Promise<Block> {
    const input = this.#input;
    input.seek(this.#place);
    const head = readBlockHead(await input.ahead(mostHeadBytes), 0);
    const sizeBytes = head === null ? 0 : head.dataAt + head.sizeBytes + syncBytes;
    if (head === null || this.#place + sizeBytes > input.length)
      throw new NotAvro('the file ends within a block');
    const bytes = await input.ahead(sizeBytes);
    const end = sizeBytes - syncBytes;
    if (!bytes.subarray(end, sizeBytes).equals(header.sync))
      throw new NotAvro('no sync marker follows a block');
    const packed = bytes.subarray(head.dataAt, end);
    // Without compression these are the input's own bytes, which its next call overwrites.
    const data = codec === 'null' ? Buffer.from(packed) : decompressBlock(codec, packed, mostBlockBytes);
    const block = { data, count: head.count, at: 0, done: 0, next: this.#place + sizeBytes };
    for (; block.done < this.#skipped && block.done < block.count; block.done++) {
      const next = schema.end(data, block.at);
      if (next === null) throw new NotAvro('a block holds what is no datum of its schema');
      block.at = next;
    }
    this.#skipped = 0;
    return block;
  }

  #take(
    block: Block,
    { schema }: Container,
    maxEvents: number,
    builder: BatchBuilder,
    unreadable: UnreadableBytes[],
  ): void {
    const { data, count } = block;
    while (block.done < count) {
      if (builder.count >= maxEvents || builder.sizeBytes >= mostBatchBytes) return;
      const end = schema.end(data, block.at);
      if (end === null) break;
      builder.add(data.subarray(block.at, end));
      block.at = end;
      block.done++;
    }
    if (block.at < data.length || block.done < count) {
      const what = `of the block at byte ${this.#place}, from datum ${block.done} of ${count} on`;
      const reason = `${what}: these bytes are no datum of the schema`;
      unreadable.push({ bytes: Buffer.from(data.subarray(block.at)), reason, position: this.#place });
    }
    this.#place = block.next;
    this.#block = null;
  }

  /** Bytes up to the next sync marker, or a piece of them. */
  async #passDamage(sync: Buffer): Promise<UnreadableBytes> {
    const input = this.#input;
    const position = this.#place;
    input.seek(position);
    const bytes = (await input.ahead(mostPieceBytes)).subarray(0, mostPieceBytes);
    const at = bytes.indexOf(sync);
    const isLast = position + bytes.length >= input.length;
    const length = at >= 0 ? at + syncBytes : isLast ? bytes.length : bytes.length - syncBytes + 1;
    this.#place = position + length;
    this.#isLost = at < 0;
    return { bytes: Buffer.from(bytes.subarray(0, length)), reason: this.#reason, position };
  }
}

export const avroDeserializer = defineDeserializer({
  type: 'AVRO',
  classNames: ['org.apache.flume.serialization.AvroEventDeserializer$Builder'],
  summary:
    'An event per datum of an Avro container file; the body is the datum in binary, without its schema.',
  example: `
a1.sources.r1.type = spooldir
a1.sources.r1.spoolDir = /var/spool/avro
a1.sources.r1.deserializer = AVRO
a1.sources.r1.deserializer.schemaType = LITERAL
`,
  differs: [
    'A body is the datum as it stands in the file; Flume reads it and writes it anew, which may put the entries of maps into another order.',
    '`flume.avro.schema.literal` is the schema as it stands in the file; Flume writes it anew.',
    'The data of a file may be of any schema; Flume stops at one whose data are no records.',
    'After a restart it goes on with the next datum; Flume begins the block again, and sends what was sent of it twice.',
    'A damaged block is set aside, and the next one is read; Flume stops for good.',
    'Blocks may be compressed with deflate, snappy or zstandard, not with bzip2 or xz; such a file is told and left alone.',
  ],
  options,
  create: (context, input) => new AvroDeserializer(context, input),
});
