import { type ClickHouseServer, literal, quotedName } from './clickhouse-server.ts';
import type { Column, TableSpec } from './columns.ts';
import { DatabaseFault } from './database.ts';
import type { CellForm } from './text-rows.ts';

/** A table as it was when it was looked at. */
export interface ClickHouseTable {
  /** Of each column of the spec. */
  readonly forms: readonly CellForm[];
  /** Changes with what matters of the table. */
  readonly signature: string;
  readonly insert: string;
}

const nameOf = ({ schema, name }: TableSpec): string =>
  schema === null ? quotedName(name) : `${quotedName(schema)}.${quotedName(name)}`;

/** Null: it is not there. Rejects with `DatabaseFault` where the spec's rows can't go there. */
export async function findTable(
  spec: TableSpec,
  server: ClickHouseServer,
  signal: AbortSignal,
): Promise<ClickHouseTable | null> {
  const where = `database = ${spec.schema === null ? 'currentDatabase()' : literal(spec.schema)}`;
  const [found] = await server.query(
    `SELECT engine FROM system.tables WHERE ${where} AND name = ${literal(spec.name)}`,
    signal,
  );
  if (found === undefined) return null;
  const columns = await server.query(
    `SELECT name, type FROM system.columns WHERE ${where} AND table = ${literal(spec.name)}`,
    signal,
  );
  const engine = found[0]!;
  const title = `table ${nameOf(spec)}`;
  if (spec.key.length > 0 && engine.endsWith('MergeTree') && !engine.includes('Replacing'))
    throw new DatabaseFault(
      `${title} is a ${engine}, in which rows that come again stay twice: make it a ReplacingMergeTree ORDER BY (${spec.key.join(', ')}), or set key = none; the events wait`,
    );
  const types = new Map(columns.map(([name, type]) => [name!, type!]));
  const missing = spec.columns.find(({ name }) => !types.has(name));
  if (missing !== undefined)
    throw new DatabaseFault(
      `${title} has no column ${quotedName(missing.name)}: add it, or take it out of columns; the events wait`,
    );
  const own = spec.columns.map(({ name }) => types.get(name)!);
  const names = spec.columns.map(({ name }) => quotedName(name)).join(', ');
  return {
    forms: own.map(formOf),
    signature: `${engine}\n${own.join('\n')}`,
    insert: `INSERT INTO ${nameOf(spec)} (${names}) FORMAT TabSeparated`,
  };
}

function formOf(type: string): CellForm {
  const bare = type.replace(/^(?:(?:Nullable|LowCardinality)\()+/, '');
  if (/^(?:U?Int|Float|Decimal)/.test(bare)) return 'number';
  return /^(?:JSON|Object)/.test(bare) ? 'json' : 'text';
}

/** `ReplacingMergeTree` keeps, of rows with an equal key, the one that came last, once it has merged them. */
export function createStatement(spec: TableSpec, { hasToken }: { readonly hasToken: boolean }): string {
  const isKey = new Set(spec.key);
  const columns = spec.columns.map(
    (column) =>
      `${quotedName(column.name)} ${column.type ?? usualType(column, isKey.has(column.name), hasToken)}`,
  );
  const engine = spec.key.length === 0 ? 'MergeTree()' : 'ReplacingMergeTree()';
  const order = spec.key.length === 0 ? 'tuple()' : `(${spec.key.map(quotedName).join(', ')})`;
  const window =
    hasToken && spec.key.length > 0 ? ' SETTINGS non_replicated_deduplication_window = 1000' : '';
  return `CREATE TABLE IF NOT EXISTS ${nameOf(spec)} (${columns.join(', ')}) ENGINE = ${engine} ORDER BY ${order}${window}`;
}

/** Servers that know no token are older than DateTime64, too. */
function usualType({ source }: Column, isKey: boolean, isNew: boolean): string {
  if (source.kind === 'position') return 'Int64';
  if (source.kind === 'timestamp') return isNew ? "DateTime64(3, 'UTC')" : 'Int64';
  return isKey || source.kind === 'body' || source.kind === 'headers' ? 'String' : 'Nullable(String)';
}
