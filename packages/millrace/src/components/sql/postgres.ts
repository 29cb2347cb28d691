import type { TableSpec } from './columns.ts';
import {
  DatabaseFault,
  type DatabaseOptions,
  type RefusedRow,
  type SqlDatabase,
  TableChanged,
  tableThere,
} from './database.ts';
import { alreadyThere, faultKindOf, lineOf, reasonOf, type ServerError } from './postgres-faults.ts';
import { type PostgresAddress, PostgresSession } from './postgres-session.ts';
import { createStatement, findTable, type PostgresTable } from './postgres-table.ts';
import { TextRows } from './text-rows.ts';

/** After rows that were there already, so many deliveries are staged at once: more of them are likely. */
const stagedAfterDouble = 16;

/**
 * PostgreSQL. Rows go by COPY: into the table itself while nothing speaks against it, which is one statement and so all
 * or nothing. Where a row is there already, or is refused, nothing of that has happened, and all go again by a table
 * beside it and one upsert, in one transaction.
 */
export class PostgresDatabase implements SqlDatabase<TextRows> {
  readonly title: string;
  readonly #address: PostgresAddress;
  readonly #spec: TableSpec;
  readonly #log: DatabaseOptions['log'];
  readonly #onConnection: DatabaseOptions['onConnection'];
  #session: PostgresSession | null = null;
  #table: PostgresTable | null = null;
  #stagedLeft = 0;

  constructor(options: DatabaseOptions & { readonly address: PostgresAddress }) {
    const { host, port, database } = options.address.config;
    this.title = `PostgreSQL at ${host}:${port}/${database}`;
    this.#address = options.address;
    this.#spec = options.spec;
    this.#log = options.log;
    this.#onConnection = options.onConnection;
  }

  async ready(signal: AbortSignal): Promise<void> {
    if (this.#session?.isLost === true) await this.close();
    if (this.#session === null) {
      this.#session = await PostgresSession.open(this.#address, signal);
      this.#onConnection(true);
    }
    if (this.#table !== null) return;
    const session = this.#session;
    try {
      this.#table = await tableThere(
        () => findTable(this.#spec, session, signal),
        () => createStatement(this.#spec),
        (statement) => session.query(statement, signal),
        this.#log,
      );
    } catch (cause) {
      throw fault(cause);
    }
  }

  get isReady(): boolean {
    return this.#table !== null;
  }

  begin(sizeBytes: number): TextRows {
    return new TextRows(this.#table!.forms, sizeBytes);
  }

  async store(rows: TextRows, signal: AbortSignal): Promise<readonly RefusedRow[]> {
    const session = this.#session!;
    const table = this.#table!;
    // What is made of the catalog is made anew whenever it is looked at.
    if (rows.forms !== table.forms) throw new TableChanged();
    try {
      if (this.#stagedLeft > 0) this.#stagedLeft--;
      else if (await this.#copied(session, table, rows, signal)) return [];
      return await this.#staged(session, table, rows, signal);
    } catch (cause) {
      if (!session.isLost) await session.query('ROLLBACK', signal).catch(() => session.drop());
      // What the statement said of the table may be old.
      if (cause instanceof TableChanged || faultKindOf(cause) !== 'again') this.#table = null;
      throw cause instanceof TableChanged ? cause : fault(cause);
    }
  }

  /** False: rows are refused or there already, and none is stored. */
  async #copied(
    session: PostgresSession,
    table: PostgresTable,
    rows: TextRows,
    signal: AbortSignal,
  ): Promise<boolean> {
    try {
      await session.copy(table.copyInto, rows.lines(0, rows.count), signal);
      return true;
    } catch (error) {
      const { code } = error as ServerError;
      if (code === alreadyThere) this.#stagedLeft = stagedAfterDouble;
      // Row-level security has INSERT, and no COPY.
      else if (faultKindOf(error) !== 'row' && code !== '0A000') throw error;
      return false;
    }
  }

  /**
   * In one transaction, piece by piece: a piece with a row at fault is undone alone. Where COPY tells the line, the
   * piece ends in front of it; else pieces become smaller until the row is alone, and larger again behind it.
   */
  async #staged(
    session: PostgresSession,
    table: PostgresTable,
    rows: TextRows,
    signal: AbortSignal,
  ): Promise<readonly RefusedRow[]> {
    const refused: RefusedRow[] = [];
    await session.query(`BEGIN; ${table.stage}; SAVEPOINT piece`, signal);
    let size = rows.count;
    let known = null as RefusedRow | null;
    for (let at = 0; at < rows.count; ) {
      if (known !== null && known.row === at) {
        refused.push(known);
        known = null;
        at++;
        size = 1;
        continue;
      }
      const to = Math.min(at + size, known?.row ?? rows.count);
      try {
        await session.copy(table.copyStaged, rows.lines(at, to), signal);
        await session.query(`${table.takeOver}; RELEASE SAVEPOINT piece; SAVEPOINT piece`, signal);
        at = to;
        size *= 2;
      } catch (error) {
        if (session.isLost || faultKindOf(error) !== 'row') throw error;
        await session.query('ROLLBACK TO SAVEPOINT piece', signal);
        if (refused.length === 0 && known === null) await this.#checkUnchanged(session, table, signal);
        const line = lineOf(error);
        if (line !== null) known = { row: at + line, reason: reasonOf(error) };
        else if (to - at === 1) known = { row: at, reason: reasonOf(error) };
        else size = (to - at) >> 1;
      }
    }
    await session.query('COMMIT', signal);
    return refused;
  }

  /** Nothing is refused by a table that is another by now. */
  async #checkUnchanged(session: PostgresSession, table: PostgresTable, signal: AbortSignal): Promise<void> {
    const now = await findTable(this.#spec, session, signal);
    if (now?.signature !== table.signature) throw new TableChanged();
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#table = null;
    if (session === null) return;
    await session.close();
    this.#onConnection(false);
  }
}

function fault(cause: unknown): DatabaseFault {
  return cause instanceof DatabaseFault ? cause : new DatabaseFault(reasonOf(cause), { cause });
}
