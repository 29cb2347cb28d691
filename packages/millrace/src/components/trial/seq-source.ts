import { SourceCounter } from '../../component/counters.ts';
import { defineSource, type SourceContext } from '../../component/define.ts';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { errorText } from '../../runtime/errors.ts';

const options = {
  batchSize: opt.int({ doc: 'Events per put.', unit: 'events', default: 1, min: 1 }),
  totalEvents: opt.int({
    doc: 'After how many events to stop.',
    unit: 'events',
    java: 'long',
    default: Number.MAX_SAFE_INTEGER,
  }),
};

export const seqSource = defineSource({
  type: 'seq',
  classNames: ['org.apache.flume.source.SequenceGeneratorSource'],
  summary: 'Makes events whose bodies count up from 0, for trying things out.',
  example: `
a1.sources.r1.type = seq
`,
  options,
  batchSizeOption: 'batchSize',
  headers: () => [],
  promises: () => ({ does: 'makes events that count up from 0', origin: 'made', until: 'taken' }),
  create: (context) => new SequenceSource(context),
});

class SequenceSource implements PollableSource {
  readonly counter = new SourceCounter();
  readonly #context: SourceContext<typeof options>;
  readonly #builder = new BatchBuilder();
  #next = 0;

  constructor(context: SourceContext<typeof options>) {
    this.#context = context;
  }

  async start(): Promise<void> {
    this.counter.start();
  }

  async stop(): Promise<void> {
    this.counter.stop();
  }

  async process(signal?: AbortSignal): Promise<ProcessStatus> {
    const { batchSize, totalEvents } = this.#context.options;
    const count = Math.min(batchSize, totalEvents - this.#next);
    if (count <= 0) return 'backoff';
    for (let i = 0; i < count; i++) this.#builder.add(String(this.#next + i));
    try {
      await this.#context.channels.put(this.#builder.build(), signal === undefined ? {} : { signal });
    } catch (error) {
      this.counter.channelWriteFail++;
      this.#context.log.error(
        `${this.#context.name} source could not write to channel. ${errorText(error)}`,
        { error },
      );
      return 'backoff';
    }
    this.#next += count;
    this.counter.eventAccepted += count;
    return 'ready';
  }
}
