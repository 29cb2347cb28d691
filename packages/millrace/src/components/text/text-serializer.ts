import { defineSerializer } from '../../component/define.ts';
import type { EventSerializer } from '../../component/serializer.ts';
import { opt } from '../../config/options.ts';
import { BodyCursor } from '../../records/body-cursor.ts';
import type { EventBatch } from '../../records/event-batch.ts';

const nothing = Buffer.alloc(0);
const newline = 0x0a;

export const textSerializer = defineSerializer({
  type: 'TEXT',
  classNames: ['org.apache.flume.serialization.BodyTextEventSerializer$Builder'],
  summary: 'The bodies, each followed by a newline.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.serializer = TEXT
a1.sinks.k1.sink.serializer.appendNewline = true
`,
  options: {
    appendNewline: opt.boolean({ doc: 'Write a newline after each body.', default: true }),
  },
  create: ({ options }): EventSerializer => ({
    begin: () => nothing,
    encode: (batch) => {
      const text = Buffer.allocUnsafe(batch.sizeBytes);
      return text.subarray(0, encodeBodies(batch, options.appendNewline, text));
    },
    encodeInto: (batch, room) => {
      const text = room(batch.sizeBytes);
      return text === null ? null : encodeBodies(batch, options.appendNewline, text);
    },
    end: () => nothing,
  }),
});

/** A record is at least seven bytes longer than its body, so the batch's size has room for the newlines. */
function encodeBodies(batch: EventBatch, appendNewline: boolean, text: Buffer): number {
  const { records } = batch;
  const cursor = new BodyCursor(batch);
  let at = 0;
  while (cursor.next()) {
    if (cursor.to > cursor.from) at += records.copy(text, at, cursor.from, cursor.to);
    if (appendNewline) text[at++] = newline;
  }
  return at;
}
