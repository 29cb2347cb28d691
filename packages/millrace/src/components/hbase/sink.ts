import { HttpError } from '../../clients/http/http-error.ts';
import { SinkCounter } from '../../component/counters.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import { httpTls } from '../../component/options/http-tls.ts';
import type { SinkPromises } from '../../component/promises.ts';
import type { DeliverOptions, Sink, SinkBatch } from '../../component/sink.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Wait } from '../../runtime/wait.ts';
import { CellSet } from './cell-set.ts';
import { type EventOnItsWay, RowMaker, type Rows } from './delivery-rows.ts';
import { Gateway, GatewayFault } from './gateway.ts';
import {
  counts,
  gatewayUrls,
  type HbaseValues,
  hbaseFaults,
  hbaseNotes,
  hbaseOptions,
  isKeyed,
  isSimple,
} from './options.ts';

export const hbase2Sink = defineSink({
  type: 'hbase2',
  classNames: ['org.apache.flume.sink.hbase2.HBase2Sink'],
  summary: 'Writes events as rows of a table in HBase, over its REST gateway.',
  example: `
a1.sinks.k1.type = hbase2
a1.sinks.k1.rest.url = http://gateway.example.com:8080
a1.sinks.k1.table = logs
a1.sinks.k1.columnFamily = cf
a1.sinks.k1.serializer = org.apache.flume.sink.hbase2.RegexHBase2EventSerializer
a1.sinks.k1.serializer.regex = (\\\\S+) (\\\\S+) (.*)
a1.sinks.k1.serializer.colNames = host,user,line
a1.sinks.k1.rowKey = offset
a1.sinks.k1.batchSize = 1000
`,
  differs: [
    "It speaks to HBase's REST gateway (`rest.url`), which `hbase rest start` starts; HBase's own protocol needs its Java client. `zookeeperQuorum`, `znodeParent` and Kerberos are the gateway's to know.",
    'An event that HBase will never take (an empty key, one of more than 32,767 bytes, a value that is too large) is set aside with the reason, and the rest of its batch goes in; Flume tries the batch for ever.',
    'With RegexHBase2EventSerializer an event that does not match, or has another number of groups than `serializer.colNames` has columns, is set aside; Flume drops it without a word. A group that took no part in the match has no cell; in Flume its batch fails for ever.',
    'A batch that is sent again gets the keys that its rows had, as long as the process lives, so a lost answer makes no second row; Flume makes up new ones. `rowKey = offset` holds over restarts, too.',
    '`countEvents = false` leaves the counter out, which Flume has no way to.',
    'Serializers are these two; classes of your own are refused.',
  ],
  options: hbaseOptions,
  batchSizeOption: 'batchSize',
  validate: hbaseFaults,
  notes: hbaseNotes,
  promises: promisesOf,
  create: (context) => new HbaseSink(context),
});

function promisesOf(values: HbaseValues): SinkPromises {
  const urls = gatewayUrls(values['rest.url'] ?? '').map((url) => url?.origin);
  const doubles: string[] = [];
  if (!isKeyed(values))
    doubles.push('after a kill before the channel knows, events are written again, to rows of other keys');
  if (counts(values))
    doubles.push('after a lost answer, or a kill before the channel knows, events are counted again');
  const losesByTime =
    isSimple(values) && values.rowKey !== 'offset' && values['serializer.suffix'] === 'timestamp';
  return {
    does: `writes rows to table ${values.table} of HBase at ${urls.join(', ')}`,
    delivered: 'the gateway has answered that the region servers have its row in their logs',
    survives: 'kill',
    exactlyOnce: doubles.length === 0,
    ...(doubles.length === 0 ? {} : { doubles }),
    ...(losesByTime
      ? {
          losses: [
            {
              when: 'several come in one millisecond',
              what: 'the last one alone is kept (serializer.suffix = timestamp)',
              instead: 'leave serializer.suffix out',
            },
          ],
        }
      : {}),
  };
}

/** So much goes through quickly; the gateway holds it as a whole. */
const batchBytes = 8 * 1024 * 1024;
const mostAnswerBytes = 4 * 1024 * 1024;

class HbaseSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly #context: SinkContext<typeof hbaseOptions>;
  readonly #maker: RowMaker;
  readonly #fault: Wait;
  #gateway: Gateway | null = null;
  /** Table and family were there when they were looked for. */
  #isThere = false;
  #toldNameless = false;

  constructor(context: SinkContext<typeof hbaseOptions>) {
    const { options } = context;
    this.#context = context;
    this.batch = { events: options.batchSize, bytes: batchBytes };
    this.#fault = context.state.wait('fault');
    this.#maker = new RowMaker(options);
  }

  /** Throws where the gateway says that table or family are not there; works also while no gateway can be had. */
  async start(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const { options, name, log } = this.#context;
    const urls = gatewayUrls(options['rest.url'] ?? '').filter((url) => url !== null);
    const tls = await httpTls(options, urls, `sink ${name}`);
    const { username, password } = options;
    const gateway = new Gateway({
      ...(tls === undefined ? {} : { tls }),
      urls,
      user:
        username === undefined
          ? undefined
          : { name: username, ...(password === undefined ? {} : { password: password.reveal() }) },
      connectTimeoutMs: options.connectTimeout,
      answerTimeoutMs: options.requestTimeout,
      bodyTimeoutMs: options.requestTimeout,
      maxConnections: 1,
      maxAnswerBytes: mostAnswerBytes,
    });
    this.#isThere = false;
    try {
      await this.#look(gateway, signal);
    } catch (error) {
      const isMissing = error instanceof GatewayFault && error.kind === 'table';
      this.counter.connectionFailed++;
      const failure = this.#failure(told(gateway, error), error);
      if (isMissing) {
        await gateway.close();
        throw failure;
      }
      this.#fault.begin(told(gateway, error));
      log.warn(`${failure.message}; it is asked again when there are events`);
    }
    this.#gateway = gateway;
    this.counter.start();
    this.counter.connectionCreated++;
  }

  async stop(): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = null;
    if (gateway !== null) this.counter.connectionClosed++;
    await gateway?.close();
    this.#fault.end();
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    const gateway = this.#gateway;
    if (gateway === null) throw this.#failure('it is not started');
    const outcome = new OutcomeBuilder();
    let rows: Rows | null = null;
    try {
      if (!this.#isThere) await this.#look(gateway, signal);
      rows = this.#maker.rows(delivery, outcome);
      this.#tellNameless();
      await this.#put(gateway, rows, outcome, signal);
      if (counts(this.#context.options)) await this.#count(gateway, rows.events, signal);
      this.#fault.end();
      return outcome.outcome();
    } catch (error) {
      return this.#failed(gateway, error, rows?.events ?? [], outcome);
    }
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  /** Looks for table and family. Rejects as `Gateway.families`; `table`: they are not there. */
  async #look(gateway: Gateway, signal: AbortSignal): Promise<void> {
    const { table, columnFamily } = this.#context.options;
    this.#isThere = false;
    let families: readonly string[];
    try {
      families = await gateway.families(table, signal);
    } catch (error) {
      if (!(error instanceof GatewayFault) || error.kind !== 'table') throw error;
      const message = `the table ${table} is not there: make it in the HBase shell: create '${table}', '${columnFamily}' (${error.message})`;
      throw new GatewayFault('table', error.status, message);
    }
    if (!families.includes(columnFamily))
      throw new GatewayFault(
        'table',
        404,
        `the table ${table} has no column family ${columnFamily}, but ${families.join(', ')}: add it in the HBase shell: alter '${table}', '${columnFamily}'`,
      );
    this.#isThere = true;
  }

  async #put(gateway: Gateway, rows: Rows, outcome: OutcomeBuilder, signal: AbortSignal): Promise<void> {
    const all = Array.from({ length: rows.set.count }, (_, row) => row);
    if (all.length > 0) await this.#putSome(gateway, rows, all, outcome, signal);
  }

  /** Which row is to blame the gateway does not say: it is found by halves. */
  async #putSome(
    gateway: Gateway,
    rows: Rows,
    some: readonly number[],
    outcome: OutcomeBuilder,
    signal: AbortSignal,
  ): Promise<void> {
    const { table } = this.#context.options;
    try {
      await gateway.put(table, rows.set.part(some), signal);
      for (const row of some) rows.inSet[row]!.isPut = true;
    } catch (error) {
      if (!(error instanceof GatewayFault) || error.kind !== 'rows') throw error;
      if (some.length === 1) {
        // Whoever answers like this may be no gateway at all, such as a server that wants TLS.
        await this.#look(gateway, signal);
        const event = rows.inSet[some[0]!]!;
        event.isRefused = true;
        outcome.refuse(event.at, error.message);
        return;
      }
      const half = some.length >> 1;
      await this.#putSome(gateway, rows, some.slice(0, half), outcome, signal);
      await this.#putSome(gateway, rows, some.slice(half), outcome, signal);
    }
  }

  /** Counts the events whose rows are there: as Flume, all of a batch behind all rows. */
  async #count(gateway: Gateway, events: readonly EventOnItsWay[], signal: AbortSignal): Promise<void> {
    const { options } = this.#context;
    const uncounted = events.filter(({ isPut, isCounted }) => isPut && !isCounted);
    const each = options.coalesceIncrements ? uncounted.length : 1;
    for (let from = 0; from < uncounted.length; from += each) {
      await gateway.increment(options.table, this.#increment(each), signal);
      for (const event of uncounted.slice(from, from + each)) event.isCounted = true;
    }
  }

  #increment(by: number): Buffer {
    const { columnFamily, ...options } = this.#context.options;
    const column = Buffer.from(`${columnFamily}:${options['serializer.incrementColumn']}`);
    const set = new CellSet();
    set.add(Buffer.from(options['serializer.incrementRow']), [{ column, value: Buffer.from(String(by)) }]);
    return set.part([0]);
  }

  /** What is done of a delivery that failed is done; the rest is pending, and remembered. */
  #failed(
    gateway: Gateway,
    error: unknown,
    events: readonly EventOnItsWay[],
    outcome: OutcomeBuilder,
  ): DeliveryOutcome {
    this.counter.eventWriteFail++;
    if (error instanceof HttpError && !error.maybeDone) this.counter.connectionFailed++;
    if (error instanceof GatewayFault && error.kind === 'table') this.#isThere = false;
    const why = told(gateway, error);
    this.#fault.begin(why);
    const failure = this.#failure(why, error);
    if (events.length === 0) throw failure;
    for (const at of this.#maker.unfinished(events)) outcome.pend(at, failure);
    return outcome.outcome();
  }

  #tellNameless(): void {
    if (this.#toldNameless || this.#maker.isKnown) return;
    this.#toldNameless = true;
    const { log, name } = this.#context;
    log.warn(
      `sink ${name}: rowKey = offset: there are events that come from no topic and no file, or no longer say where they stood there: their keys are made up, and they are written again when a restart repeats a delivery`,
    );
  }

  #failure(why: string, cause?: unknown): MillraceError {
    const message = `sink ${this.#context.name}: ${why}`;
    return new MillraceError('DELIVERY_FAILED', message, cause === undefined ? {} : { cause });
  }
}

/** A request without an answer names the gateway itself. */
const told = (gateway: Gateway, error: unknown): string =>
  error instanceof HttpError ? errorText(error) : `${gateway.shown}: ${errorText(error)}`;
