import type { RpcConnection, RpcConnector } from '../../clients/rpc/rpc-connection.ts';
import { SinkCounter } from '../../component/counters.ts';
import type { Delivery, DeliveryOutcome } from '../../component/delivery.ts';
import type { DeliverOptions, Sink, SinkBatch, SinkWindow } from '../../component/sink.ts';
import { type OptionValues, opt } from '../../config/options.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';

const timeout = { java: 'long', default: 20_000, min: 1000, onBad: 'default', onOutside: 'default' } as const;

/** What every client of another agent has; Flume's names (AbstractRpcClient). */
export const rpcClientOptions = {
  'batch-size': opt.int({
    doc: 'Most events of one call.',
    unit: 'events',
    default: 100,
    min: 1,
    onBad: 'default',
    onOutside: 'default',
  }),
  'connect-timeout': opt.duration('ms', {
    doc: 'How long connecting may take, agreeing on the protocol included; less than 1000 is the default.',
    ...timeout,
  }),
  'request-timeout': opt.duration('ms', {
    doc: 'How long the answer to a call may take; less than 1000 is the default.',
    ...timeout,
  }),
};

/** What the sinks that call another agent share; Flume's names (AbstractRpcSink). */
export const rpcSinkOptions = {
  hostname: opt.string({ doc: 'Host of the agent that takes the events.', required: true }),
  port: opt.int({ doc: 'Port of its source.', required: true, min: 1, max: 65535 }),
  ...rpcClientOptions,
  'reset-connection-interval': opt.duration('s', {
    doc: 'A connection is replaced after so long, so that a load balancer in between may choose anew; 0: never.',
    default: 0,
    min: 0,
  }),
  'max-in-flight': opt.int({
    doc: 'Calls that may be under way at once, on one connection. With more than 1 a call that the peer refuses is sent again behind those that went out after it; Flume has always 1.',
    default: 1,
    min: 1,
    max: 64,
    onOutside: 'clamp',
  }),
};
type Values = Pick<
  OptionValues<typeof rpcSinkOptions>,
  'hostname' | 'port' | 'batch-size' | 'reset-connection-interval' | 'max-in-flight'
>;

export interface RpcSinkInit {
  readonly name: string;
  readonly options: Values;
  readonly log: Logger;
  /** Made anew for each start, with what the protocol needs from files. */
  connector(): Promise<RpcConnector>;
}

const windowBytes = 64 * 1024 * 1024;

/**
 * Flume's AbstractRpcSink: one call for each delivery, over a connection that is made when it is needed. A call that
 * fails, in whatever way, ends the connection; its events are sent again over the next one.
 */
export class RpcSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly window: SinkWindow;
  readonly #init: RpcSinkInit;
  #connect: RpcConnector | null = null;
  #connection: RpcConnection | null = null;
  #connecting: Promise<void> | null = null;
  /** As `performance.now()` counts. */
  #connectedAt = 0;
  /** Calls under way, over whatever connection. */
  readonly #calls = new Map<RpcConnection, number>();
  #stopping = new AbortController();

  constructor(init: RpcSinkInit) {
    this.#init = init;
    this.batch = { events: init.options['batch-size'] };
    this.window = { deliveries: init.options['max-in-flight'], bytes: windowBytes };
  }

  /** Works also while the peer can't be had: it is tried again when there are events. */
  async start(): Promise<void> {
    const { log, options } = this.#init;
    this.counter.start();
    this.#stopping = new AbortController();
    this.#connect = await this.#init.connector();
    try {
      await this.prepare();
    } catch (error) {
      const to = `hostname: ${options.hostname}, port: ${options.port}`;
      log.warn(`Unable to create Rpc client using ${to}: ${errorText(error)}`, { error });
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#connect = null;
    this.#drop(this.#connection);
    for (const connection of this.#calls.keys()) connection.close();
    this.counter.stop();
  }

  /** Sees to a connection that works. */
  async prepare(): Promise<void> {
    const connection = this.#connection;
    if (connection !== null) {
      const resetMs = this.#init.options['reset-connection-interval'] * 1000;
      const isOld = resetMs > 0 && performance.now() - this.#connectedAt >= resetMs;
      if (connection.fault === null && !isOld) return;
      this.#drop(connection);
    }
    this.#connecting ??= this.#newConnection().finally(() => {
      this.#connecting = null;
    });
    await this.#connecting;
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: as in `Sink`.
  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome | void> {
    if (this.#connection === null || this.#connection.fault !== null) await this.prepare();
    const connection = this.#connection!;
    const calls = this.#calls;
    calls.set(connection, (calls.get(connection) ?? 0) + 1);
    try {
      const outcome = await connection.append(delivery.batches, signal);
      if (outcome?.error === undefined) return outcome;
      return { ...outcome, error: this.#failed(connection, outcome.error) };
    } catch (error) {
      throw this.#failed(connection, error);
    } finally {
      const left = calls.get(connection)! - 1;
      if (left > 0) calls.set(connection, left);
      else {
        calls.delete(connection);
        // It was replaced meanwhile, and this was its last call.
        if (this.#connection !== connection) connection.close();
      }
    }
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  /** A call has failed: the next one goes over another connection. */
  #failed(connection: RpcConnection, cause: unknown): MillraceError {
    this.counter.eventWriteFail++;
    if (this.#connection === connection) this.#drop(connection);
    return new MillraceError('DELIVERY_FAILED', `sink ${this.#init.name}: ${errorText(cause)}`, { cause });
  }

  async #newConnection(): Promise<void> {
    const { name, options, log } = this.#init;
    if (this.#connect === null) throw new MillraceError('DELIVERY_FAILED', `sink ${name} is not started`);
    log.info(
      `Rpc sink ${name}: Building RpcClient with hostname: ${options.hostname}, port: ${options.port}`,
    );
    try {
      this.#connection = await this.#connect(this.#stopping.signal);
    } catch (error) {
      this.counter.connectionFailed++;
      throw error;
    }
    this.#connectedAt = performance.now();
    this.counter.connectionCreated++;
  }

  /** Takes it out of use; it closes once its calls have ended. */
  #drop(connection: RpcConnection | null): void {
    if (connection === null) return;
    this.#connection = null;
    this.counter.connectionClosed++;
    if (!this.#calls.has(connection) || connection.fault !== null) connection.close();
  }
}
