import { defineSink, type SinkContext } from '../../component/define.ts';
import type { Delivery } from '../../component/delivery.ts';
import type { Sink, SinkBatch } from '../../component/sink.ts';
import { opt } from '../../config/options.ts';

const options = {
  batchSize: opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
  logEveryNEvents: opt.int({
    doc: 'Say after how many events that they came.',
    unit: 'events',
    default: 10_000,
    min: 1,
  }),
};

export const nullSink = defineSink({
  type: 'null',
  classNames: ['org.apache.flume.sink.NullSink'],
  summary: 'Throws events away.',
  example: `
a1.sinks.k1.type = null
`,
  options,
  batchSizeOption: 'batchSize',
  promises: () => ({ does: 'throws events away', delivered: 'it is thrown away', survives: 'nothing' }),
  create: (context) => new NullSink(context),
});

class NullSink implements Sink {
  readonly batch: SinkBatch;
  readonly #context: SinkContext<typeof options>;
  #events = 0;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
    this.batch = { events: context.options.batchSize };
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async deliver({ events }: Delivery): Promise<void> {
    this.#note(events);
  }

  #note(count: number): void {
    const every = this.#context.options.logEveryNEvents;
    const before = Math.floor(this.#events / every);
    this.#events += count;
    const after = Math.floor(this.#events / every);
    if (after === before) return;
    this.#context.log.info(`Null sink ${this.#context.name} successful processed ${after * every} events.`);
  }
}
