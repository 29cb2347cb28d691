/** A serializer of your own: what a file of a sink such as file_roll looks like. A line of columns for each event. */
import { defineSerializer, type EventBatch, type EventSerializer, opt } from 'millrace/component';

const options = {
  headers: opt.list({ doc: 'Headers of the events that are columns, in front of the body.', default: [] }),
};

export const csvSerializer = defineSerializer({
  type: 'csv',
  classNames: [],
  summary: 'Writes events as lines of comma-separated values, with a line of names at the head of each file.',
  options,
  create: ({ options: { headers } }): EventSerializer => ({
    begin: () => line([...headers, 'body']),
    encode: (batch: EventBatch) => {
      const lines: Buffer[] = [];
      for (const event of batch) {
        const values = event.headers();
        lines.push(line([...headers.map((name) => values.get(name) ?? ''), event.body.toString()]));
      }
      return Buffer.concat(lines);
    },
    end: () => Buffer.alloc(0),
  }),
});

/** RFC 4180: what holds a comma, a quote or a line break stands in quotes. */
function line(values: readonly string[]): Buffer {
  const quoted = values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
  return Buffer.from(`${quoted.join(',')}\r\n`);
}
