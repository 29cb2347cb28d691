import { type DeserializerContext, defineDeserializer } from '../../component/define.ts';
import type {
  DeserializedEvents,
  EventDeserializer,
  InputMark,
  ResettableInput,
} from '../../component/deserializer.ts';
import { opt } from '../../config/options.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';

const options = {
  maxBlobLength: opt.int({
    doc: 'Most bytes of an event; a longer file becomes several.',
    unit: 'bytes',
    default: 100_000_000,
    min: 1,
  }),
};

/** A batch ends when it is as large as this; a single event may be larger. */
const mostBatchBytes = 4 * 1024 * 1024;

/** BlobDeserializer: a whole file is an event. */
class BlobDeserializer implements EventDeserializer {
  readonly #input: ResettableInput;
  readonly #maxBytes: number;

  constructor(context: DeserializerContext<typeof options>, input: ResettableInput) {
    this.#input = input;
    this.#maxBytes = context.options.maxBlobLength;
  }

  async read(maxEvents: number): Promise<DeserializedEvents | null> {
    const input = this.#input;
    const builder = new BatchBuilder();
    while (builder.count < maxEvents && builder.sizeBytes < mostBatchBytes) {
      const bytes = (await input.ahead(this.#maxBytes)).subarray(0, this.#maxBytes);
      if (bytes.length === 0) break;
      builder.add(bytes);
      input.seek(input.tell() + bytes.length);
    }
    return builder.count === 0 ? null : { batch: builder.build(), unreadable: [] };
  }

  mark(): InputMark {
    return { offset: this.#input.tell(), events: 0 };
  }

  reset({ offset }: InputMark): void {
    this.#input.seek(offset);
  }
}

export const blobDeserializer = defineDeserializer({
  classNames: ['org.apache.flume.sink.solr.morphline.BlobDeserializer$Builder'],
  summary: 'An event per file: its bytes as they are.',
  example: `
a1.sources.r1.type = spooldir
a1.sources.r1.spoolDir = /var/spool/pictures
a1.sources.r1.deserializer = org.apache.flume.sink.solr.morphline.BlobDeserializer$Builder
a1.sources.r1.deserializer.maxBlobLength = 1000000
`,
  differs: ['A batch ends at 4 MiB, so that a batch of blobs does not take all memory.'],
  options,
  create: (context, input) => new BlobDeserializer(context, input),
});
