import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { unescapeJson } from '../../formats/json/json-fields.ts';
import { quoted, type TableSpec } from './columns.ts';
import {
  DatabaseFault,
  type DatabaseOptions,
  oneLine,
  type RefusedRow,
  type Rows,
  type SqlDatabase,
  TableChanged,
} from './database.ts';
import { cellKind, type EventCells } from './event-cells.ts';

/** Rows as values, one after another. */
class ValueRows implements Rows {
  readonly values: SQLInputValue[] = [];
  readonly #columns: number;
  readonly isBytes: readonly boolean[];
  readonly #keyed: readonly boolean[];

  constructor(isBytes: readonly boolean[], spec: TableSpec) {
    this.#columns = isBytes.length;
    this.isBytes = isBytes;
    this.#keyed = spec.columns.map(({ name }) => spec.key.includes(name));
  }

  get count(): number {
    return this.values.length / this.#columns;
  }

  add(cells: EventCells): string | null {
    const before = this.values.length;
    for (let column = 0; column < this.#columns; column++) {
      const value = boundValue(cells, column, this.isBytes[column]!);
      // SQLite makes up a number where a key that is a number is null.
      const isMissing = value === null && this.#keyed[column] === true;
      if (value !== undefined && !isMissing) {
        this.values.push(value);
        continue;
      }
      this.values.length = before;
      if (isMissing) return 'a column of the key has no value';
      return 'a text is no UTF-8, or has half of a surrogate pair, which is no character';
    }
    return null;
  }
}

/** Undefined: there is no such value. Numbers go as their digits: the column's affinity makes them numbers. */
function boundValue(cells: EventCells, column: number, isBytes: boolean): SQLInputValue | undefined {
  const kind = cells.kind[column]!;
  const from = cells.from[column]!;
  const to = cells.to[column]!;
  switch (kind) {
    case cellKind.absent:
    case cellKind.jsonNull:
      return null;
    case cellKind.jsonString: {
      const out = Buffer.allocUnsafe(to - from);
      const length = unescapeJson(cells.bytes, from, to, out);
      return length === -1 ? undefined : textOf(out.subarray(0, length), isBytes);
    }
    case cellKind.jsonScalar:
    case cellKind.jsonNested:
    case cellKind.bytes:
      return textOf(cells.bytes.subarray(from, to), isBytes);
    case cellKind.time: {
      const time = new Date(Number(cells.text[column]!));
      return Number.isNaN(time.getTime()) ? cells.text[column]! : time.toISOString();
    }
    default:
      return cells.text[column]!.isWellFormed() ? cells.text[column]! : undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer, isBytes: boolean): SQLInputValue | undefined {
  if (isBytes) return new Uint8Array(bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

interface SqliteError extends Error {
  readonly errcode?: number;
  readonly errstr?: string;
}

/** SQLite's result codes, their lowest byte: a value that is too long, a constraint, a type that does not fit. */
const ofRows: ReadonlySet<number> = new Set([18, 19, 20]);

/** So long this thread waits for another's lock; the next try comes later. */
const busyMs = 50;

/** A file of SQLite, in this thread: a delivery is one short transaction. */
export class SqliteDatabase implements SqlDatabase<ValueRows> {
  readonly title: string;
  readonly #path: string;
  readonly #spec: TableSpec;
  readonly #log: DatabaseOptions['log'];
  readonly #onConnection: DatabaseOptions['onConnection'];
  #database: DatabaseSync | null = null;
  #insert: StatementSync | null = null;
  #isBytes: readonly boolean[] = [];

  constructor(options: DatabaseOptions & { readonly path: string }) {
    this.title = `SQLite in ${options.path}`;
    this.#path = options.path;
    this.#spec = options.spec;
    this.#log = options.log;
    this.#onConnection = options.onConnection;
  }

  async ready(): Promise<void> {
    if (this.#insert !== null) return;
    try {
      if (this.#database === null) {
        const { DatabaseSync } = await import('node:sqlite');
        this.#database = new DatabaseSync(this.#path, { timeout: busyMs });
        this.#onConnection(true);
        // Readers don't hold up the writer; a commit is on the disk when it is told.
        this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      }
      if (this.#columns().size === 0) {
        const statement = createStatement(this.#spec);
        this.#database.exec(statement);
        this.#log.info(`the table was not there and is made: ${statement}`);
      }
      const found = this.#columns();
      const missing = this.#spec.columns.find(({ name }) => !found.has(name));
      if (missing !== undefined)
        throw new DatabaseFault(
          `table ${tableName(this.#spec)} has no column ${quoted(missing.name)}: add it, or take it out of columns; the events wait`,
        );
      this.#isBytes = this.#spec.columns.map(({ name }) => found.get(name) === 'BLOB');
      this.#insert = this.#database.prepare(insertStatement(this.#spec));
    } catch (cause) {
      throw this.#fault(cause, true);
    }
  }

  /** Name → type, as it was declared. */
  #columns(): Map<string, string> {
    const { schema, name } = this.#spec;
    const rows = this.#database!.prepare('SELECT name, type FROM pragma_table_info(?, ?)').all(
      name,
      schema ?? 'main',
    );
    return new Map(rows.map((row) => [String(row.name), String(row.type).toUpperCase()]));
  }

  get isReady(): boolean {
    return this.#insert !== null;
  }

  begin(): ValueRows {
    return new ValueRows(this.#isBytes, this.#spec);
  }

  async store({ values, count, isBytes }: ValueRows): Promise<readonly RefusedRow[]> {
    if (isBytes !== this.#isBytes) throw new TableChanged();
    const refused: RefusedRow[] = [];
    const width = this.#spec.columns.length;
    const database = this.#database!;
    try {
      database.exec('BEGIN IMMEDIATE');
      for (let row = 0; row < count; row++) {
        try {
          this.#insert!.run(...values.slice(row * width, (row + 1) * width));
        } catch (error) {
          const { errcode = 0, message } = error as SqliteError;
          // Of a statement that fails nothing is left, and its transaction goes on.
          if (!ofRows.has(errcode & 0xff) || !database.isTransaction) throw error;
          refused.push({ row, reason: oneLine(message) });
        }
      }
      database.exec('COMMIT');
      return refused;
    } catch (cause) {
      if (database.isTransaction) database.exec('ROLLBACK');
      // The table may be another by now.
      this.#insert = null;
      throw this.#fault(cause);
    }
  }

  #fault(cause: unknown, isConnection = false): DatabaseFault {
    if (cause instanceof DatabaseFault) return cause;
    return new DatabaseFault(oneLine((cause as Error).message), { cause, isConnection });
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = null;
    this.#insert = null;
    if (database === null) return;
    database.close();
    this.#onConnection(false);
  }
}

const tableName = ({ schema, name }: TableSpec): string =>
  schema === null ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;

function createStatement(spec: TableSpec): string {
  const isKey = new Set(spec.key);
  const columns = spec.columns.map(({ name, type, source }) => {
    const usual = source.kind === 'position' ? 'INTEGER' : 'TEXT';
    return `${quoted(name)} ${type ?? usual}${isKey.has(name) ? ' NOT NULL' : ''}`;
  });
  const key = spec.key.length === 0 ? [] : [`PRIMARY KEY (${spec.key.map(quoted).join(', ')})`];
  return `CREATE TABLE IF NOT EXISTS ${tableName(spec)} (${[...columns, ...key].join(', ')})`;
}

function insertStatement(spec: TableSpec): string {
  const names = spec.columns.map(({ name }) => quoted(name)).join(', ');
  const marks = spec.columns.map(() => '?').join(', ');
  const insert = `INSERT INTO ${tableName(spec)} (${names}) VALUES (${marks})`;
  if (spec.key.length === 0) return insert;
  const key = spec.key.map(quoted).join(', ');
  const rest = spec.columns.filter(({ name }) => !spec.key.includes(name)).map(({ name }) => quoted(name));
  if (spec.onConflict === 'ignore' || rest.length === 0) return `${insert} ON CONFLICT (${key}) DO NOTHING`;
  return `${insert} ON CONFLICT (${key}) DO UPDATE SET ${rest.map((name) => `${name} = excluded.${name}`).join(', ')}`;
}
