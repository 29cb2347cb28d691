import type { Logger } from '../../runtime/logger.ts';
import type { TableSpec } from './columns.ts';
import type { EventCells } from './event-cells.ts';

/** A row that the database will never take. */
export interface RefusedRow {
  /** Its place among the rows. */
  readonly row: number;
  readonly reason: string;
}

/** Rows on their way, as the table was when they were begun. */
export interface Rows {
  readonly count: number;
  /** Null: the row is added; else why there can be none of these cells. */
  add(cells: EventCells): string | null;
}

/** A database with the one table that a sink writes. One call at a time. */
export interface SqlDatabase<R extends Rows = Rows> {
  /** `PostgreSQL at host:port/database`; without user and password. */
  readonly title: string;
  /**
   * Connects where it is not connected, and sees to it that the table is there and can take the columns. Rejects with
   * `DatabaseFault`.
   */
  ready(signal: AbortSignal): Promise<void>;
  /** Whether `begin` may be called without `ready`, also while rows are being stored. */
  readonly isReady: boolean;
  /** After `ready`. `sizeBytes`: about so much the rows will have. */
  begin(sizeBytes: number): R;
  /**
   * Stores all rows but those it gives back, in one step: after a rejection none is stored, as far as is known. Rejects
   * with `DatabaseFault`, or `TableChanged` when the rows are to be made anew after `ready`, as they are for another table.
   */
  store(rows: R, signal: AbortSignal): Promise<readonly RefusedRow[]>;
  close(): Promise<void>;
}

/** What every database is made with. */
export interface DatabaseOptions {
  readonly spec: TableSpec;
  readonly log: Pick<Logger, 'info'>;
  /** A connection was opened, or closed. */
  readonly onConnection: (opened: boolean) => void;
}

/** What keeps all rows from being stored for now; the message stands after the database's title. */
export class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
  /** No connection could be had. */
  readonly isConnection: boolean;

  constructor(message: string, options: { cause?: unknown; isConnection?: boolean } = {}) {
    super(message, options);
    this.isConnection = options.isConnection ?? false;
  }
}

/** The table as `find` sees it, made by `make` where there is none; the statement is told. */
export async function tableThere<Table>(
  find: () => Promise<Table | null>,
  statement: () => string,
  make: (statement: string) => Promise<unknown>,
  log: DatabaseOptions['log'],
): Promise<Table> {
  const found = await find();
  if (found !== null) return found;
  const text = statement();
  await make(text);
  log.info(`the table was not there and is made: ${text}`);
  const made = await find();
  if (made === null) throw new DatabaseFault('the table that was made is not there');
  return made;
}

/** The table is another than `ready` saw. */
export class TableChanged extends Error {
  override readonly name = 'TableChanged';
}

const mostChars = 500;

/** What a server said, on one line and not too long. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has no place on a line.
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > mostChars ? `${line.slice(0, mostChars)}…` : line;
}
