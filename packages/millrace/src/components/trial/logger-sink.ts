import { defineSink, type SinkContext } from '../../component/define.ts';
import type { Delivery } from '../../component/delivery.ts';
import type { Sink, SinkBatch } from '../../component/sink.ts';
import { opt } from '../../config/options.ts';
import { javaMapText } from '../../java/hash-map.ts';
import type { EventView } from '../../records/event-batch.ts';
import { printable } from '../../runtime/diagnostics.ts';

const options = {
  maxBytesToLog: opt.int({
    doc: 'Bytes of a body to show.',
    unit: 'bytes',
    default: 16,
    onBad: 'default',
    ignored: 'Flume 1.11 shows 16 bytes whatever it says, and so does this sink',
  }),
};

export const loggerSink = defineSink({
  type: 'logger',
  classNames: ['org.apache.flume.sink.LoggerSink'],
  summary: 'Writes each event to the log at level INFO: headers, and the first 16 bytes of the body.',
  example: `
a1.sinks.k1.type = logger
`,
  options,
  promises: () => ({
    does: 'writes events to the log, 16 bytes of each',
    delivered: 'its line is logged',
    survives: 'unknown',
    losses: [
      { what: 'what is longer than 16 bytes is cut, in Flume too', instead: 'use file_roll to keep events' },
    ],
  }),
  create: (context) => new LoggerSink(context),
});

/** Lines are written before the take of their events is committed. */
const batchEvents = 100;

class LoggerSink implements Sink {
  readonly batch: SinkBatch = { events: batchEvents };
  readonly #context: SinkContext<typeof options>;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async deliver({ batches }: Delivery): Promise<void> {
    const { log } = this.#context;
    for (const batch of batches)
      for (const event of batch) log.info(dumpEvent(event, batch.origin?.isCopiedMap));
  }
}

const bytesShown = 16;

/** Flume's EventHelper.dumpEvent: `Event: { headers:{a=, z=1} body: 30 31 … 66 0123456789abcdef }`. */
export function dumpEvent(event: EventView, isCopiedMap = false): string {
  const headers = printable(javaMapText(event.headers(), isCopiedMap));
  return `Event: { headers:${headers} body:${dumpBody(event.body)} }`;
}

/** Hex pairs, blanks for those that lack to 16, then the text with dots for what can't be printed. */
function dumpBody(body: Buffer): string {
  if (body.length === 0) return '';
  const shown = body.subarray(0, bytesShown);
  let hex = '';
  let text = '';
  for (const byte of shown) {
    hex += `${byte.toString(16).toUpperCase().padStart(2, '0')} `;
    text += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '.';
  }
  return ` ${hex.padEnd(bytesShown * 3)}${text}`;
}
