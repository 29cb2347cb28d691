import { SinkCounter } from '../../component/counters.ts';
import { defineSink, type SinkContext } from '../../component/define.ts';
import { type Delivery, type DeliveryOutcome, OutcomeBuilder } from '../../component/delivery.ts';
import type { SinkPromises } from '../../component/promises.ts';
import type { DeliverOptions, Sink, SinkBatch, SinkWindow } from '../../component/sink.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { Wait } from '../../runtime/wait.ts';
import {
  DatabaseFault,
  type DatabaseOptions,
  type RefusedRow,
  type Rows,
  type SqlDatabase,
  TableChanged,
} from './database.ts';
import { EventCells } from './event-cells.ts';
import {
  clickHouseAddress,
  databaseUrl,
  needsOfSql,
  postgresAddress,
  type SqlValues,
  shownDatabase,
  sqlFaults,
  sqlitePath,
  sqlNotes,
  sqlOptions,
  tableSpec,
  tlsOf,
} from './options.ts';

export const sqlSink = defineSink({
  type: 'sql',
  classNames: [],
  summary: 'Writes events as rows of a table in PostgreSQL, ClickHouse or SQLite, each once.',
  example: `
a1.sinks.k1.type = sql
a1.sinks.k1.url = postgresql://collector@db.example.com/logs?sslmode=verify-full
a1.sinks.k1.password = example
a1.sinks.k1.table = access
a1.sinks.k1.columns = time status
a1.sinks.k1.columns.user = /session/user
a1.sinks.k1.columns.host = %{host}
a1.sinks.k1.types.time = timestamptz
a1.sinks.k1.types.status = integer
a1.sinks.k1.batchSize = 1000
`,
  options: sqlOptions,
  batchSizeOption: 'batchSize',
  validate: sqlFaults,
  notes: sqlNotes,
  promises: promisesOf,
  needs: needsOfSql,
  create: (context) => new SqlSink(context),
});

function promisesOf(values: SqlValues): SinkPromises {
  const isClickHouse = databaseUrl(values.url)?.dialect === 'clickhouse';
  const does = `writes rows to table ${values.table} of ${shownDatabase(values)}`;
  const again = 'after a lost answer, or a kill before the channel knows, rows are written again';
  const hasKey = values.key.trim() !== 'none';
  if (isClickHouse)
    return {
      does,
      delivered: 'the server has written its row',
      survives: 'kill',
      doubles: [
        hasKey
          ? `${again}: they are one when the table has merged them, and at once for SELECT … FINAL`
          : again,
      ],
    };
  return {
    does,
    delivered: 'the transaction with its row is committed',
    survives: 'power cut',
    exactlyOnce: hasKey,
    ...(hasKey ? {} : { doubles: [again] }),
  };
}

/** So much goes through quickly; it is copied once. */
const batchBytes = 16 * 1024 * 1024;
/** So many rows take a few milliseconds. */
const rowsAtOnce = 1000;
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** How often the rows of one delivery are made anew because the table is another. */
const mostChanges = 3;

/** Drivers are loaded for what is used. */
async function openDatabase(options: SqlValues, common: DatabaseOptions): Promise<SqlDatabase> {
  const { dialect } = databaseUrl(options.url)!;
  if (dialect === 'clickhouse') {
    const { ClickHouseDatabase } = await import('./clickhouse.ts');
    const tls = tlsOf(options);
    const address = { ...clickHouseAddress(options), ...(tls === undefined ? {} : { tls }) };
    return new ClickHouseDatabase({ ...common, address }) as SqlDatabase<Rows>;
  }
  if (dialect === 'sqlite') {
    const { SqliteDatabase } = await import('./sqlite.ts');
    return new SqliteDatabase({ ...common, path: sqlitePath(options) }) as SqlDatabase<Rows>;
  }
  const { PostgresDatabase } = await import('./postgres.ts');
  return new PostgresDatabase({ ...common, address: postgresAddress(options) }) as SqlDatabase<Rows>;
}

/** What a delivery comes to before the database has seen it. */
interface Made {
  readonly rows: Rows;
  /** Of each row the place of its event; null: it is the same. */
  readonly events: readonly number[] | null;
  /** `row`: the place of the event. */
  readonly refused: readonly RefusedRow[];
}

class SqlSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly window: SinkWindow = { deliveries: 2, bytes: 2 * batchBytes };
  readonly #context: SinkContext<typeof sqlOptions>;
  readonly #fault: Wait;
  #database: SqlDatabase<Rows> | null = null;
  #cells: EventCells | null = null;
  #toldUnknown = false;
  /** Resolves when the delivery that came last is done with. */
  #turn: Promise<void> = Promise.resolve();
  #failures = 0;
  #lastFailure: Error | null = null;

  constructor(context: SinkContext<typeof sqlOptions>) {
    this.#context = context;
    this.batch = { events: context.options.batchSize, bytes: batchBytes };
    this.#fault = context.state.wait('fault');
  }

  /** Works also while no database can be had. */
  async start(): Promise<void> {
    const { options, log, name } = this.#context;
    const spec = tableSpec(options);
    this.#cells = new EventCells(spec.columns);
    this.#database = await openDatabase(options, {
      spec,
      log: { info: (message) => log.info(`sink ${name}: ${shownDatabase(options)}: ${message}`) },
      onConnection: (opened) => {
        if (opened) this.counter.connectionCreated++;
        else this.counter.connectionClosed++;
      },
    });
    this.counter.start();
  }

  async stop(): Promise<void> {
    const database = this.#database;
    this.#database = null;
    await database?.close();
    this.#fault.end();
    this.counter.stop();
  }

  /** Rows are made while the delivery before is being stored; stored is one after the other. */
  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    const database = this.#database;
    if (database === null) throw this.#failure('it is not started');
    const failuresBefore = this.#failures;
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    // What has its rows already goes out first: the server would wait for it while others are made.
    await breath();
    // What can't be made is told when its turn comes: those behind it wait for that.
    const early = database.isReady ? await this.#made(database, delivery).catch(() => null) : null;
    await before;
    try {
      if (this.#database !== database) throw this.#failure('it is stopped');
      // What came before goes first, also where it has to come again.
      if (this.#failures !== failuresBefore) throw this.#lastFailure;
      return await this.#store(database, delivery, early, signal);
    } finally {
      resolve();
    }
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  async #store(
    database: SqlDatabase<Rows>,
    delivery: Delivery,
    early: Made | null,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    try {
      let made = early;
      for (let changes = 0; ; changes++) {
        try {
          await database.ready(signal);
          made ??= await this.#made(database, delivery);
          const { rows, events, refused } = made;
          const outcome = new OutcomeBuilder();
          for (const { row, reason } of refused) outcome.refuse(row, reason);
          const refusedRows = rows.count === 0 ? [] : await database.store(rows, signal);
          for (const { row, reason } of refusedRows) outcome.refuse(events?.[row] ?? row, reason);
          this.#fault.end();
          return outcome.outcome();
        } catch (error) {
          if (!(error instanceof TableChanged)) throw error;
          made = null;
          if (changes === mostChanges) throw new DatabaseFault('the table changes all the time');
        }
      }
    } catch (error) {
      this.counter.eventWriteFail++;
      if (error instanceof DatabaseFault && error.isConnection) this.counter.connectionFailed++;
      const why = `${database.title}: ${errorText(error)}`;
      this.#fault.begin(why);
      this.#failures++;
      this.#lastFailure = this.#failure(why, error);
      throw this.#lastFailure;
    }
  }

  /** The event loop has a turn every so many rows, for what the server says meanwhile. All deliveries share the cells. */
  async #made(database: SqlDatabase<Rows>, delivery: Delivery): Promise<Made> {
    const rows = database.begin(delivery.sizeBytes);
    const refused: RefusedRow[] = [];
    let events: number[] | null = null;
    const cells = this.#cells!;
    let at = 0;
    for (const batch of delivery.batches) {
      for (let i = 0; i < batch.count; i++, at++) {
        if (at % rowsAtOnce === rowsAtOnce - 1) await breath();
        const reason = cells.read(batch, i) ?? rows.add(cells);
        if (reason === null) events?.push(at);
        else {
          events ??= Array.from({ length: at }, (_, row) => row);
          refused.push({ row: at, reason });
        }
      }
    }
    this.#tellUnknown(cells);
    return { rows, events, refused };
  }

  #tellUnknown(cells: EventCells): void {
    if (cells.key.isKnown || this.#toldUnknown) return;
    this.#toldUnknown = true;
    const { log, name } = this.#context;
    log.warn(
      `sink ${name}: key = offset: there are events that come from no topic and no file, or no longer say where they ` +
        'stood there: they get names that are made up, and are written again when a delivery is repeated; use key = COLUMNS with a header that tells them apart',
    );
  }

  #failure(why: string, cause?: unknown): MillraceError {
    const message = `sink ${this.#context.name}: ${why}`;
    return new MillraceError('DELIVERY_FAILED', message, cause === undefined ? {} : { cause });
  }
}
