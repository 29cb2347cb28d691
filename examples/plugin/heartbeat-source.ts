/**
 * A source of your own: an event every so often, with a number that counts up. It is polled: the agent calls `process`
 * again and again, and `putUntilTaken` waits while the channels have no room, so that no number is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchBuilder,
  defineSource,
  opt,
  type PollableSource,
  type ProcessStatus,
  putUntilTaken,
  type SourceContext,
  SourceCounter,
} from 'millrace/component';

const options = {
  interval: opt.duration('ms', { doc: 'Time between two events.', default: 1000, min: 1 }),
  host: opt.string({ doc: 'The value of the header host.', default: 'localhost' }),
};

export const heartbeatSource = defineSource({
  type: 'heartbeat',
  classNames: [],
  summary: 'Makes an event every so often, whose body counts up.',
  options,
  /** What `millrace explain` makes its sentences of. */
  promises: ({ interval }) => ({
    does: `makes an event every ${interval} ms`,
    origin: 'made',
    until: 'taken',
  }),
  create: (context) => new HeartbeatSource(context),
});

class HeartbeatSource implements PollableSource {
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

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    const { channels, log, name, options } = this.#context;
    this.#builder.add(String(this.#next));
    const batch = this.#builder.build(new Map([['host', options.host]]));
    await putUntilTaken(channels, batch, {
      signal,
      firstDelayMs: 50,
      rejected: (_error, delayMs) => {
        this.counter.channelWriteFail += 1;
        log.warn(
          `source ${name}: the channels take nothing, beat ${this.#next} is tried again in ${delayMs} ms`,
        );
      },
    });
    // Only now: what was put is safe in the channels.
    this.#next += 1;
    this.counter.eventAccepted += 1;
    await sleep(options.interval, undefined, { signal }).catch(() => {});
    return 'ready';
  }
}
