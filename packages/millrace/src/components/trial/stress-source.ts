import { defineSource, type SourceContext } from '../../component/define.ts';
import type { PollableSource, ProcessStatus } from '../../component/source.ts';
import { opt } from '../../config/options.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { HeaderBlock } from '../../records/header-block.ts';
import { errorText } from '../../runtime/errors.ts';
import { RateLimit } from './rate-limit.ts';

const options = {
  size: opt.int({ doc: 'Bytes of a body, all of them 0x7F.', unit: 'bytes', default: 500, min: 0 }),
  maxTotalEvents: opt.int({
    doc: 'After how many events to stop, those counted that no channel took; below 0: never.',
    unit: 'events',
    java: 'long',
    default: -1,
  }),
  maxSuccessfulEvents: opt.int({
    doc: 'After how many events to stop that the channels took, up to a batch more; below 0: never.',
    unit: 'events',
    java: 'long',
    default: -1,
  }),
  batchSize: opt.int({ doc: 'Events per put.', unit: 'events', default: 1, min: 1 }),
  maxEventsPerSecond: opt.int({
    doc: 'How many events a second at the most; 0 or less: as many as go.',
    default: 0,
  }),
};

export const stressSource = defineSource({
  classNames: ['org.apache.flume.source.StressSource'],
  summary:
    'Makes events that are all the same, as many as the channels take or as it is told, for measuring.',
  example: `
a1.sources.r1.type = org.apache.flume.source.StressSource
a1.sources.r1.size = 1000
a1.sources.r1.maxTotalEvents = 1000000
`,
  options,
  batchSizeOption: 'batchSize',
  headers: () => [],
  promises: () => ({ does: 'makes events that are all the same', origin: 'made', until: 'taken' }),
  create: (context) => new StressSource(context),
});

class StressSource implements PollableSource {
  readonly #context: SourceContext<typeof options>;
  readonly #builder = new BatchBuilder();
  readonly #body: Buffer;
  readonly #limit: RateLimit | null;
  /** Of a put that was rejected: the next one goes on with it. */
  #rejected: EventBatch | null = null;
  #total = 0;
  #taken = 0;

  constructor(context: SourceContext<typeof options>) {
    const { size, maxEventsPerSecond } = context.options;
    this.#context = context;
    this.#body = Buffer.alloc(size, 0x7f);
    this.#limit = maxEventsPerSecond > 0 ? new RateLimit(maxEventsPerSecond) : null;
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    const { log, name } = this.#context;
    log.info(`source ${name} has made ${this.#total} events, and the channels took ${this.#taken} of them`);
  }

  async process(signal?: AbortSignal): Promise<ProcessStatus> {
    const { batchSize, maxTotalEvents, maxSuccessfulEvents } = this.#context.options;
    const left = maxTotalEvents < 0 ? batchSize : Math.min(batchSize, maxTotalEvents - this.#total);
    if (left <= 0 || (maxSuccessfulEvents >= 0 && this.#taken >= maxSuccessfulEvents)) return 'backoff';
    if (this.#limit !== null && !(await this.#limit.take(left, signal))) return 'backoff';
    const batch = this.#rejected?.count === left ? this.#rejected : this.#make(left);
    this.#total += left;
    try {
      await this.#context.channels.put(batch, signal === undefined ? {} : { signal });
    } catch (error) {
      this.#rejected = batch;
      this.#context.log.debug(`source ${this.#context.name}: ${errorText(error)}`, { error });
      return 'backoff';
    }
    this.#rejected = null;
    this.#taken += left;
    return 'ready';
  }

  #make(count: number): EventBatch {
    for (let i = 0; i < count; i++) this.#builder.addWithBlock(this.#body, 0, this.#body.length, noHeaders);
    return this.#builder.build();
  }
}

const noHeaders = new HeaderBlock();
