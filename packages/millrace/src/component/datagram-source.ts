import type { OptionValues } from '../config/options.ts';
import type { DatagramQueue } from '../net/datagram-queue.ts';
import { DatagramServer } from '../net/datagram-server.ts';
import type { EventBatch } from '../records/event-batch.ts';
import type { Logger } from '../runtime/logger.ts';
import { DatagramCounter } from './counters.ts';
import { Intake } from './intake.ts';
import type { StopOptions } from './lifetime.ts';
import type { datagramOptions } from './options/datagrams.ts';
import type { RefusedEvents } from './refused.ts';
import type { ChannelProcessor, Source } from './source.ts';

/** What such a source is told by its context. */
export interface DatagramSourceContext {
  readonly name: string;
  readonly log: Logger;
  readonly channels: ChannelProcessor;
  readonly refused: RefusedEvents;
  readonly options: {
    readonly port: number;
    readonly datagrams: OptionValues<typeof datagramOptions>;
  };
}

/**
 * Makes events of what waits, at most so many, taking from the queue what it reads. Null: what it took is no event; it
 * counts that itself.
 */
export type ReadDatagrams = (
  waiting: DatagramQueue,
  mostEvents: number,
  counter: DatagramCounter,
) => EventBatch | null | Promise<EventBatch | null>;

/** Events of one put; what has come is put at once. */
const mostEvents = 1000;

/**
 * A source whose events come as datagrams. Its peers learn nothing: while the channels have no room, what comes waits
 * here up to `maxWaitingBytes`, and what comes then is lost, counted in `DatagramDroppedCount` and told.
 */
export class DatagramSource implements Source {
  readonly counter = new DatagramCounter();
  readonly #context: DatagramSourceContext;
  readonly #host: string | undefined;
  readonly #read: ReadDatagrams;
  readonly #component: string;
  #server: DatagramServer | null = null;

  /** `host` absent: every address. */
  constructor(context: DatagramSourceContext, host: string | undefined, read: ReadDatagrams) {
    this.#context = context;
    this.#host = host;
    this.#read = read;
    this.#component = `source ${context.name}`;
  }

  async start(): Promise<void> {
    const { log, channels, options } = this.#context;
    const { counter } = this;
    const intake = new Intake({ channels, log, counter, whoWaits: 'what has arrived waits' });
    counter.start();
    const server = new DatagramServer({
      component: this.#component,
      log,
      ...options.datagrams,
      serve: (waiting, abandoned) => this.#serve(intake, waiting, abandoned),
      onDropped: (count) => {
        counter.datagramsDropped += count;
      },
    });
    await server.listen(this.#host, options.port);
    this.#server = server;
  }

  /** What has arrived is put, as far as the deadline goes. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }

  async #serve(intake: Intake, waiting: DatagramQueue, abandoned: AbortSignal): Promise<void> {
    const { refused, log } = this.#context;
    const batch = await this.#read(waiting, Math.min(mostEvents, intake.mostEvents), this.counter);
    if (batch === null || (await intake.insist(batch, abandoned, refused))) return;
    this.counter.datagramsDropped += batch.count;
    log.error(
      `${this.#component}: ${batch.count} events are lost: the channels had no room for them before the stop's deadline`,
    );
  }
}
