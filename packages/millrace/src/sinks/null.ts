import { defineSink, type SinkContext } from '../component/define.ts';
import type { ProcessStatus, Sink } from '../component/sink.ts';
import { opt } from '../config/options.ts';

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
  options,
  batchSizeOption: 'batchSize',
  create: (context) => new NullSink(context),
});

class NullSink implements Sink {
  readonly #context: SinkContext<typeof options>;
  #events = 0;

  constructor(context: SinkContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const { channel, options } = this.#context;
    const transaction = channel.begin();
    try {
      let count = 0;
      while (count < options.batchSize) {
        const batch = await transaction.take(options.batchSize - count, signal);
        if (batch === null) break;
        count += batch.count;
      }
      await transaction.commit();
      if (count > 0) this.#note(count);
      return count > 0 ? 'ready' : 'backoff';
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
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
