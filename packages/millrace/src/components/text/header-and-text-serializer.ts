import { defineSerializer } from '../../component/define.ts';
import type { EventSerializer } from '../../component/serializer.ts';
import { opt } from '../../config/options.ts';
import { javaMapText } from '../../java/hash-map.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const nothing = Buffer.alloc(0);
const newline = Buffer.from('\n');

export const headerAndTextSerializer = defineSerializer({
  type: 'HEADER_AND_TEXT',
  classNames: ['org.apache.flume.serialization.HeaderAndBodyTextEventSerializer$Builder'],
  summary: 'Headers and body of each event: `{k=v, k2=v2} body` and a newline.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.serializer = HEADER_AND_TEXT
`,
  differs: [
    'The order of the headers is that of a Java hash map of its usual size; in Flume the size of the map, and with it the order, depends on the way that an event took.',
  ],
  options: {
    appendNewline: opt.boolean({ doc: 'Write a newline after each body.', default: true }),
  },
  create: ({ options }): EventSerializer => ({
    begin: () => nothing,
    encode: (batch) => encodeEvents(batch, options.appendNewline),
    end: () => nothing,
  }),
});

function encodeEvents(batch: EventBatch, appendNewline: boolean): Buffer {
  const sameForAll = !batch.hasRecordHeaders && batch.origin === undefined;
  const isCopied = batch.origin?.isCopiedMap;
  const shared = sameForAll ? Buffer.from(`${javaMapText(batch.sharedHeaders)} `) : null;
  const parts: Buffer[] = [];
  for (const event of batch) {
    parts.push(shared ?? Buffer.from(`${javaMapText(event.headers(), isCopied)} `), event.body);
    if (appendNewline) parts.push(newline);
  }
  return Buffer.concat(parts);
}
