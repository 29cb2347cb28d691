import { userInfo } from 'node:os';
import { defineSerializer } from '../../component/define.ts';
import { type EventSerializer, NotWritable } from '../../component/serializer.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { ContainerWriter } from '../../formats/avro/container-writer.ts';
import { NotAvro } from '../../formats/avro/not-avro.ts';
import { type DatumSchema, readSchema } from '../../formats/avro/schema.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { codecOf, containerOptions, notesOfContainer, validateContainer } from './container-options.ts';
import { fetchSchema, type HadoopAccess, schemaUrlFault } from './schema-by-url.ts';

const options = {
  ...containerOptions,
  schemaURL: opt.string({
    doc: 'Where the schema of events lies that name none: file:, http:, https:, hdfs: or webhdfs:.',
  }),
  confDir: opt.path({
    doc: 'For schemas in HDFS, the folder with core-site.xml and hdfs-site.xml of the cluster; absent: what HADOOP_CONF_DIR says.',
  }),
  user: opt.string({
    doc: 'As whom they are read; absent: HADOOP_USER_NAME, else the user of this process.',
  }),
};
type Options = OptionValues<typeof options>;

const urlHeader = 'flume.avro.schema.url';
const literalHeader = 'flume.avro.schema.literal';

export const avroBodySerializer = defineSerializer({
  classNames: ['org.apache.flume.sink.hdfs.AvroEventSerializer$Builder'],
  summary: 'An Avro container file of bodies that are Avro data already; headers name their schema.',
  example: `
a1.sources.r1.type = spooldir
a1.sources.r1.spoolDir = /var/spool/datums
a1.sources.r1.deserializer = AVRO
a1.sinks.k1.type = hdfs
a1.sinks.k1.hdfs.path = file:///var/lib/collected/%{flume.avro.schema.hash}
a1.sinks.k1.hdfs.fileType = DataStream
a1.sinks.k1.hdfs.fileSuffix = .avro
a1.sinks.k1.serializer = org.apache.flume.sink.hdfs.AvroEventSerializer$Builder
a1.sinks.k1.serializer.compressionCodec = deflate
`,
  differs: [
    'The schema of a file is that of its first event, as in Flume. An event of another schema, and a body that is no datum of its schema, is set aside; Flume writes its bytes into the file, which nobody can read from there on.',
    'An event without a schema is set aside; Flume tries its batch for ever.',
    'Schemas are read from file:, http: and https: URLs, and from HDFS over WebHDFS (10 s, 16 MiB at most). One that can’t be had is asked for again with the events that need it.',
    'The schema stands in the file as its text says it; Flume writes it anew.',
    'Blocks may be compressed with deflate, snappy or zstandard, not with bzip2 or xz.',
  ],
  options,
  validate: (values) => {
    const fault = values.schemaURL === undefined ? null : schemaUrlFault(values.schemaURL);
    const findings = validateContainer(values);
    if (fault !== null) findings.push({ key: 'schemaURL', message: `schemaURL: ${fault}` });
    return findings;
  },
  notes: notesOfContainer,
  create: ({ options: values }) => new AvroBodySerializer(values),
});

/** What the file is of. */
interface Opened {
  /** The header that said it, and what. */
  readonly name: SchemaName;
  readonly schema: DatumSchema;
  readonly writer: ContainerWriter;
}

interface SchemaName {
  readonly by: 'url' | 'literal' | 'option';
  readonly text: string;
}

const nothing = Buffer.alloc(0);

class AvroBodySerializer implements EventSerializer {
  readonly #options: Options;
  #opened: Opened | null = null;

  constructor(values: Options) {
    this.#options = values;
  }

  /** A file begins with its first event. */
  begin(): Buffer {
    return nothing;
  }

  encode(batch: EventBatch): Buffer | Promise<Buffer> {
    const opened = this.#opened;
    if (opened === null) return this.#open(batch);
    this.#check(batch, opened);
    this.#add(batch, opened);
    return opened.writer.blocks();
  }

  flush(): Buffer | Promise<Buffer> {
    return this.#opened?.writer.rest() ?? nothing;
  }

  end(): Buffer | Promise<Buffer> {
    return this.flush();
  }

  async #open(batch: EventBatch): Promise<Buffer> {
    const name = this.#nameOf(batch, 0);
    const text = name.by === 'literal' ? name.text : await fetchSchema(name.text, this.#hadoop());
    const opened = this.#openedOf(name, text);
    this.#check(batch, opened);
    this.#opened = opened;
    const header = opened.writer.header();
    this.#add(batch, opened);
    return Buffer.concat([header, await opened.writer.blocks()]);
  }

  #hadoop(): HadoopAccess {
    const confDir = this.#options.confDir ?? process.env.HADOOP_CONF_DIR;
    const user = this.#options.user ?? process.env.HADOOP_USER_NAME ?? userInfo().username;
    return { user, ...(confDir === undefined || confDir === '' ? {} : { confDir }) };
  }

  #openedOf(name: SchemaName, text: string): Opened {
    const codec = codecOf(this.#options);
    const { syncIntervalBytes: blockBytes } = this.#options;
    try {
      const schema = readSchema(text);
      const writer = new ContainerWriter({ schema: JSON.stringify(JSON.parse(text)), ...codec, blockBytes });
      return { name, schema, writer };
    } catch (error) {
      // What the configuration names is for its writer to mend; no event is at fault.
      if (!(error instanceof NotAvro) || name.by === 'option') throw error;
      const what = name.by === 'url' ? `what ${urlHeader} names` : literalHeader;
      throw new NotWritable(`${what} is no Avro schema`);
    }
  }

  /** Throws where an event is not of the file's schema. */
  #check(batch: EventBatch, { name, schema }: Opened): void {
    const isSameForAll = !batch.hasRecordHeaders && batch.origin === undefined;
    const cursor = new BodyCursor(batch);
    for (let i = 0; cursor.next(); i++) {
      if (i === 0 || !isSameForAll) {
        const its = this.#nameOf(batch, i);
        if (its.by !== name.by || its.text !== name.text)
          throw new NotWritable('its schema is not that of the file, whose first event said it');
      }
      const body = batch.records.subarray(cursor.from, cursor.to);
      if (schema.end(body, 0) !== body.length) throw new NotWritable('its body is no datum of its schema');
    }
  }

  #nameOf(batch: EventBatch, index: number): SchemaName {
    const event = batch.event(index);
    const url = event.header(urlHeader);
    if (url !== undefined) {
      const fault = schemaUrlFault(url);
      if (fault !== null) throw new NotWritable(`${urlHeader}: ${fault}`);
      return { by: 'url', text: url };
    }
    const literal = event.header(literalHeader);
    if (literal !== undefined) return { by: 'literal', text: literal };
    const { schemaURL } = this.#options;
    if (schemaURL !== undefined) return { by: 'option', text: schemaURL };
    throw new NotWritable(
      `it has no schema: neither ${urlHeader} nor ${literalHeader}, and no schemaURL is configured`,
    );
  }

  #add(batch: EventBatch, { writer }: Opened): void {
    const cursor = new BodyCursor(batch);
    while (cursor.next()) {
      writer.bytes.copy(batch.records, cursor.from, cursor.to);
      writer.endDatum();
    }
  }
}
