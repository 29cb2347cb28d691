import { defineSerializer } from '../../component/define.ts';
import type { EventSerializer } from '../../component/serializer.ts';
import type { OptionValues } from '../../config/options.ts';
import { ContainerWriter } from '../../formats/avro/container-writer.ts';
import { putLong } from '../../formats/avro/long.ts';
import { GrowingBytes } from '../../formats/growing-bytes.ts';
import { javaHashMapEntries } from '../../java/hash-map.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch, Headers } from '../../records/event-batch.ts';
import { codecOf, containerOptions, notesOfContainer, validateContainer } from './container-options.ts';

/** Flume's own, as Avro's Java library writes it. */
const schema = JSON.stringify({
  type: 'record',
  name: 'Event',
  fields: [
    { name: 'headers', type: { type: 'map', values: 'string' } },
    { name: 'body', type: 'bytes' },
  ],
});

export const avroEventSerializer = defineSerializer({
  type: 'AVRO_EVENT',
  classNames: ['org.apache.flume.serialization.FlumeEventAvroEventSerializer$Builder'],
  summary: 'An Avro container file of events, headers and body each.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.serializer = AVRO_EVENT
a1.sinks.k1.sink.serializer.compressionCodec = snappy
`,
  differs: ['Blocks may be compressed with deflate, snappy or zstandard, not with bzip2 or xz.'],
  options: containerOptions,
  validate: validateContainer,
  notes: notesOfContainer,
  create: ({ options }) => new AvroEventSerializer(options),
});

class AvroEventSerializer implements EventSerializer {
  readonly #writer: ContainerWriter;
  readonly #shared = new GrowingBytes(256);

  constructor(options: OptionValues<typeof containerOptions>) {
    this.#writer = new ContainerWriter({
      schema,
      ...codecOf(options),
      blockBytes: options.syncIntervalBytes,
    });
  }

  begin(): Buffer {
    return this.#writer.header();
  }

  encode(batch: EventBatch): Buffer | Promise<Buffer> {
    const isSameForAll = !batch.hasRecordHeaders && batch.origin === undefined;
    if (isSameForAll) this.#addBodies(batch, batch.sharedHeaders);
    else this.#addEvents(batch);
    return this.#writer.blocks();
  }

  flush(): Buffer | Promise<Buffer> {
    return this.#writer.rest();
  }

  end(): Buffer | Promise<Buffer> {
    return this.#writer.rest();
  }

  #addBodies(batch: EventBatch, headers: Headers): void {
    writeHeaders(this.#shared, headers);
    const shown = this.#shared.take();
    const { bytes } = this.#writer;
    const cursor = new BodyCursor(batch);
    while (cursor.next()) {
      bytes.copy(shown);
      putLong(bytes, cursor.to - cursor.from);
      bytes.copy(batch.records, cursor.from, cursor.to);
      this.#writer.endDatum();
    }
  }

  #addEvents(batch: EventBatch): void {
    const { bytes } = this.#writer;
    const isCopied = batch.origin?.isCopiedMap;
    for (const event of batch) {
      writeHeaders(bytes, event.headers(), isCopied);
      const { body } = event;
      putLong(bytes, body.length);
      bytes.copy(body);
      this.#writer.endDatum();
    }
  }
}

/** A map as Avro has it: one block of entries, in the order of Java's map, and a block of none. */
function writeHeaders(bytes: GrowingBytes, headers: Headers, isCopied?: boolean): void {
  if (headers.size > 0) putLong(bytes, headers.size);
  for (const [name, value] of javaHashMapEntries(headers, isCopied)) {
    writeText(bytes, name);
    writeText(bytes, value);
  }
  putLong(bytes, 0);
}

function writeText(bytes: GrowingBytes, text: string): void {
  const encoded = Buffer.from(text);
  putLong(bytes, encoded.length);
  bytes.copy(encoded);
}
