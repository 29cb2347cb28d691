import type { DatagramQueue } from '../net/datagram-queue.ts';
import { DatagramServer } from '../net/datagram-server.ts';
import type { EventBatch } from '../records/event-batch.ts';
import type { Logger } from '../runtime/logger.ts';
import { DatagramCounter } from './counters.ts';
import { Intake } from './intake.ts';
import type { StopOptions } from './lifetime.ts';
import type { RefusedEvents } from './refused.ts';
import type { ChannelProcessor, Source } from './source.ts';

export interface DatagramSourceOptions {
  readonly name: string;
  readonly log: Logger;
  readonly channels: ChannelProcessor;
  readonly refused: RefusedEvents;
  /** Absent: every address. */
  readonly host: string | undefined;
  readonly port: number;
  readonly receiveBufferBytes: number | undefined;
  readonly maxWaitingBytes: number;
  /** Most events of a put. */
  readonly mostEvents: number;
  /**
   * Makes events of what waits, at most so many, taking from the queue what it reads. Null: what it took is no event; it
   * counts that itself.
   */
  read(
    waiting: DatagramQueue,
    mostEvents: number,
    counter: DatagramCounter,
  ): EventBatch | null | Promise<EventBatch | null>;
}

/**
 * A source whose events come as datagrams. Its peers learn nothing: while the channels have no room, what comes waits
 * here up to `maxWaitingBytes`, and what comes then is lost, counted in `DatagramDroppedCount` and told.
 */
export class DatagramSource implements Source {
  readonly counter = new DatagramCounter();
  readonly #options: DatagramSourceOptions;
  readonly #component: string;
  #server: DatagramServer | null = null;

  constructor(options: DatagramSourceOptions) {
    this.#options = options;
    this.#component = `source ${options.name}`;
  }

  async start(): Promise<void> {
    const { log, channels, host, port, receiveBufferBytes, maxWaitingBytes } = this.#options;
    const { counter } = this;
    const intake = new Intake({ channels, log, counter, whoWaits: 'what has arrived waits' });
    counter.start();
    const server = new DatagramServer({
      component: this.#component,
      log,
      maxWaitingBytes,
      receiveBufferBytes,
      serve: (waiting, abandoned) => this.#serve(intake, waiting, abandoned),
      onDropped: (count) => {
        counter.datagramsDropped += count;
      },
    });
    await server.listen(host, port);
    this.#server = server;
  }

  /** What has arrived is put, as far as the deadline goes. */
  async stop({ deadline }: Partial<StopOptions> = {}): Promise<void> {
    await this.#server?.stop(deadline);
    this.#server = null;
    this.counter.stop();
  }

  async #serve(intake: Intake, waiting: DatagramQueue, abandoned: AbortSignal): Promise<void> {
    const { read, mostEvents, refused, log } = this.#options;
    const batch = await read(waiting, Math.min(mostEvents, intake.mostEvents), this.counter);
    if (batch === null || (await intake.insist(batch, abandoned, refused))) return;
    this.counter.datagramsDropped += batch.count;
    log.error(
      `${this.#component}: ${batch.count} events are lost: the channels had no room for them before the stop's deadline`,
    );
  }
}
