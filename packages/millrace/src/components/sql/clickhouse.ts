import {
  type ClickHouseAddress,
  ClickHouseError,
  ClickHouseServer,
  isOfTable,
  isOfValue,
} from './clickhouse-server.ts';
import { type ClickHouseTable, createStatement, findTable } from './clickhouse-table.ts';
import type { TableSpec } from './columns.ts';
import {
  DatabaseFault,
  type DatabaseOptions,
  type RefusedRow,
  type SqlDatabase,
  TableChanged,
  tableThere,
} from './database.ts';
import { TextRows } from './text-rows.ts';

/**
 * ClickHouse over HTTP. A delivery is one INSERT, whose rows are read whole before any is stored, so that a row at fault
 * leaves nothing: it is taken out, and all others go again. The same INSERT again is known by its token, where the server
 * knows such; other rows that come again become one when the table merges them.
 */
export class ClickHouseDatabase implements SqlDatabase<TextRows> {
  readonly title: string;
  readonly #spec: TableSpec;
  readonly #log: DatabaseOptions['log'];
  readonly #onConnection: DatabaseOptions['onConnection'];
  readonly #server: ClickHouseServer;
  #table: ClickHouseTable | null = null;
  #isConnected = false;

  constructor(options: DatabaseOptions & { readonly address: ClickHouseAddress }) {
    const { url, database } = options.address;
    this.title = `ClickHouse at ${url.host}/${database}`;
    this.#spec = options.spec;
    this.#log = options.log;
    this.#onConnection = options.onConnection;
    this.#server = new ClickHouseServer(options.address);
  }

  async ready(signal: AbortSignal): Promise<void> {
    if (this.#table !== null) return;
    try {
      const version = await this.#server.meet(signal);
      this.#connected(true);
      if (version !== null) {
        const how = this.#server.hasToken
          ? 'it knows inserts that come again by their token'
          : 'it knows no token of inserts: what comes again is there twice until the table merges it';
        this.#log.info(`ClickHouse ${version}: ${how}`);
      }
      this.#table = await tableThere(
        () => findTable(this.#spec, this.#server, signal),
        () => createStatement(this.#spec, this.#server),
        (statement) => this.#server.command(statement, signal),
        this.#log,
      );
    } catch (cause) {
      throw this.#fault(cause);
    }
  }

  get isReady(): boolean {
    return this.#table !== null;
  }

  begin(sizeBytes: number): TextRows {
    return new TextRows(this.#table!.forms, sizeBytes);
  }

  async store(rows: TextRows, signal: AbortSignal): Promise<readonly RefusedRow[]> {
    const table = this.#table!;
    if (rows.forms !== table.forms) throw new TableChanged();
    const refused: RefusedRow[] = [];
    const left = Array.from({ length: rows.count }, (_, row) => row);
    try {
      await this.#insert(table, rows, left, refused, signal);
      return refused.sort((a, b) => a.row - b.row);
    } catch (cause) {
      // The table, or the server, may be another by now.
      this.#table = null;
      if (cause instanceof TableChanged || isOfTable(cause)) throw new TableChanged();
      throw this.#fault(cause);
    }
  }

  /** Where the server does not say which row is at fault, it is found by halves. */
  async #insert(
    table: ClickHouseTable,
    rows: TextRows,
    left: number[],
    refused: RefusedRow[],
    signal: AbortSignal,
  ): Promise<void> {
    while (left.length > 0) {
      try {
        const isOnce = this.#spec.key.length > 0;
        await this.#server.insert(table.insert, linesOf(rows, left), isOnce, signal);
        return;
      } catch (error) {
        if (!isOfValue(error)) throw error;
        if (refused.length === 0) await this.#checkUnchanged(table, signal);
        const at = left.length === 1 ? 0 : error.row;
        if (at === null || at >= left.length) {
          const rest = left.splice(left.length >> 1);
          await this.#insert(table, rows, left, refused, signal);
          await this.#insert(table, rows, rest, refused, signal);
          return;
        }
        refused.push({ row: left[at]!, reason: error.message });
        left.splice(at, 1);
      }
    }
  }

  /** Nothing is refused by a table that is another by now. */
  async #checkUnchanged(table: ClickHouseTable, signal: AbortSignal): Promise<void> {
    const now = await findTable(this.#spec, this.#server, signal);
    if (now?.signature !== table.signature) throw new TableChanged();
  }

  #fault(cause: unknown): DatabaseFault {
    const fault =
      cause instanceof DatabaseFault
        ? cause
        : new DatabaseFault((cause as Error).message, { cause, isConnection: false });
    if (!(cause instanceof ClickHouseError) && fault.cause !== undefined) this.#connected(false);
    return fault;
  }

  #connected(isConnected: boolean): void {
    if (this.#isConnected === isConnected) return;
    this.#isConnected = isConnected;
    this.#onConnection(isConnected);
  }

  async close(): Promise<void> {
    this.#table = null;
    this.#connected(false);
    await this.#server.close();
  }
}

/** The lines of these rows, run by run. */
function linesOf(rows: TextRows, left: readonly number[]): Buffer {
  if (left.length === rows.count) return rows.lines(0, rows.count);
  const parts: Buffer[] = [];
  for (let i = 0; i < left.length; ) {
    const from = left[i]!;
    let to = from + 1;
    for (i++; i < left.length && left[i] === to; i++) to++;
    parts.push(rows.lines(from, to));
  }
  return Buffer.concat(parts);
}
