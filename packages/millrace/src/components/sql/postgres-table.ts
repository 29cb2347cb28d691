import { type Column, type ColumnSource, quoted, type TableSpec } from './columns.ts';
import { DatabaseFault } from './database.ts';
import type { PostgresSession } from './postgres-session.ts';
import type { CellForm } from './text-rows.ts';

/** A table as the catalog has it, and the statements for it. */
export class PostgresTable {
  /** Equal where nothing that matters has changed. */
  readonly signature: string;
  readonly forms: readonly CellForm[];
  readonly copyInto: string;
  /** A table beside it with the same columns, for one transaction; its rows are numbered. */
  readonly stage: string;
  readonly copyStaged: string;
  /** Takes the staged rows over, in their order, and forgets them. */
  readonly takeOver: string;

  constructor(spec: TableSpec, signature: string, forms: readonly CellForm[]) {
    const table = tableName(spec);
    const columns = spec.columns.map(({ name }) => quoted(name));
    const list = columns.join(', ');
    this.signature = signature;
    this.forms = forms;
    this.copyInto = `COPY ${table} (${list}) FROM STDIN`;
    let number = 'n';
    while (spec.columns.some(({ name }) => name === number)) number += 'n';
    this.stage =
      `CREATE TEMPORARY TABLE millrace_rows ON COMMIT DROP AS SELECT ${list} FROM ${table} WITH NO DATA; ` +
      `ALTER TABLE pg_temp.millrace_rows ADD COLUMN ${number} bigserial`;
    this.copyStaged = `COPY pg_temp.millrace_rows (${list}) FROM STDIN`;
    this.takeOver = `${insertOf(spec, table, list, number)}; DELETE FROM pg_temp.millrace_rows`;
  }
}

/** `number`: the column with the place of a row. */
function insertOf(spec: TableSpec, table: string, list: string, number: string): string {
  const insert = `INSERT INTO ${table} (${list})`;
  const from = 'FROM pg_temp.millrace_rows';
  if (spec.key.length === 0) return `${insert} SELECT ${list} ${from} ORDER BY ${number}`;
  const key = spec.key.map(quoted).join(', ');
  const rest = spec.columns.filter(({ name }) => !spec.key.includes(name)).map(({ name }) => quoted(name));
  if (spec.onConflict === 'ignore' || rest.length === 0)
    return `${insert} SELECT ${list} ${from} ORDER BY ${number} ON CONFLICT (${key}) DO NOTHING`;
  // A statement may touch a row once: of several with one key the last counts.
  const last = `SELECT DISTINCT ON (${key}) * ${from} ORDER BY ${key}, ${number} DESC`;
  const set = rest.map((name) => `${name} = EXCLUDED.${name}`).join(', ');
  return (
    `${insert} SELECT ${list} FROM (${last}) AS r ORDER BY ${number} ` +
    `ON CONFLICT (${key}) DO UPDATE SET ${set}`
  );
}

export const tableName = ({ schema, name }: TableSpec): string =>
  schema === null ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;

const typeOf: Readonly<Record<ColumnSource['kind'], string>> = {
  field: 'jsonb',
  header: 'text',
  headers: 'jsonb',
  body: 'text',
  timestamp: 'timestamptz',
  key: 'text',
  stream: 'text',
  part: 'text',
  position: 'bigint',
};

/** The statement that makes the table. */
export function createStatement(spec: TableSpec): string {
  const columns = spec.columns.map(
    ({ name, type, source }: Column) => `${quoted(name)} ${type ?? typeOf[source.kind]}`,
  );
  const key = spec.key.length === 0 ? [] : [`PRIMARY KEY (${spec.key.map(quoted).join(', ')})`];
  return `CREATE TABLE IF NOT EXISTS ${tableName(spec)} (${[...columns, ...key].join(', ')})`;
}

const columnsQuery = `
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
  COALESCE(NULLIF(t.typbasetype, 0), t.oid)::regtype::text AS base,
  a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

/** Unique indexes over columns alone and all rows. */
const keysQuery = `
SELECT ARRAY(SELECT a.attname::text FROM pg_attribute a
  WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) AS names
FROM pg_index i
WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
  AND i.indexprs IS NULL`;

interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly base: string;
  readonly required: boolean;
}

/** Null: there is no such table. Rejects with `DatabaseFault` when it can't take the columns. */
export async function findTable(
  spec: TableSpec,
  session: PostgresSession,
  signal: AbortSignal,
): Promise<PostgresTable | null> {
  const table = tableName(spec);
  const found = (await session.query(columnsQuery, signal, [table])) as unknown as FoundColumn[];
  if (found.length === 0) return null;
  const byName = new Map(found.map((column) => [column.name, column]));
  const missing = spec.columns.find(({ name }) => !byName.has(name));
  if (missing !== undefined)
    throw new DatabaseFault(
      `table ${table} has no column ${quoted(missing.name)}: add it, or take it out of columns; the events wait`,
    );
  const unfilled = found.find(
    ({ name, required }) => required && !spec.columns.some((own) => own.name === name),
  );
  if (unfilled !== undefined)
    throw new DatabaseFault(
      `column ${quoted(unfilled.name)} of table ${table} is NOT NULL and has no default, and columns does not name it; the events wait`,
    );
  const keys = (await session.query(keysQuery, signal, [table])) as unknown as { names: string[] }[];
  const isKeyed = keys.some(
    ({ names }) => names.length === spec.key.length && spec.key.every((name) => names.includes(name)),
  );
  if (spec.key.length > 0 && !isKeyed)
    throw new DatabaseFault(
      `table ${table} has no unique index over (${spec.key.map(quoted).join(', ')}), so what comes again would be there twice: ` +
        `CREATE UNIQUE INDEX ON ${table} (${spec.key.map(quoted).join(', ')}); the events wait`,
    );
  const forms = spec.columns.map(({ name }) => formOf(byName.get(name)!.base));
  return new PostgresTable(spec, JSON.stringify([found, keys]), forms);
}

function formOf(type: string): CellForm {
  switch (type) {
    case 'json':
    case 'jsonb':
      return 'json';
    case 'bytea':
      return 'bytes';
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'numeric':
    case 'double precision':
      return 'number';
    default:
      return 'text';
  }
}
