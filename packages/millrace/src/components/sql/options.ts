import { readFileSync } from 'node:fs';
import type { HeaderNeed } from '../../component/relations.ts';
import { badValue, type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import type { Secret } from '../../config/secret.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { type Column, isType, keyColumns, readSource, readTableName, type TableSpec } from './columns.ts';

export const sqlOptions = {
  url: opt.secret({
    doc: 'The database: `postgresql://USER@HOST:PORT/DATABASE`, `clickhouse://USER@HOST:PORT/DATABASE` (its port of HTTP) or `sqlite:FILE`. A password may stand in it; nothing of it but host, port and database, or the file, is shown.',
    required: true,
  }),
  password: opt.secret({ doc: "The user's password, where it does not stand in `url`." }),
  table: opt.string({
    doc: 'The table, `NAME` or `SCHEMA.NAME`, to the letter; a name with a dot stands in double quotes. One that is not there is made.',
    required: true,
  }),
  columns: opt.list({
    doc: 'Columns, each for the JSON field of its name. Absent, and without `columns.NAME`: one column `body` with the body as JSON.',
    separator: /[\s,]+/,
  }),
  columnSources: opt.map({
    prefix: 'columns',
    doc: '`columns.NAME`: what a column holds. A JSON pointer (`/user/id`) or the name of a field; `%{NAME}`, a header; `headers`, all of them as JSON; `body`; `timestamp`, the time of the event; `key`, that of its Kafka record.',
  }),
  types: opt.map({
    doc: '`types.NAME`: the type of a column in a table that is made, as the database writes it. Absent: what suits the source (JSON for fields, else text).',
  }),
  key: opt.string({
    doc: '`offset`: where the event stood in its topic or file, in columns of their own; `none`: every delivery is a row; or columns, separated by commas, that tell rows apart.',
    default: 'offset',
  }),
  onConflict: opt.enum(['ignore', 'update'], {
    doc: 'What an event does whose key is there already. Absent: `ignore` with `key = offset`, else `update`.',
  }),
  batchSize: opt.int({
    doc: 'Most events of one transaction; with some thousands much more goes through.',
    unit: 'events',
    default: 100,
    min: 1,
  }),
  connectTimeout: opt.duration('ms', { doc: 'How long a connection may take.', default: 10_000, min: 1 }),
  requestTimeout: opt.duration('ms', { doc: 'How long a statement may take.', default: 60_000, min: 1 }),
};
export type SqlValues = OptionValues<typeof sqlOptions>;

export type Dialect = 'postgresql' | 'clickhouse' | 'sqlite';
const dialects: Readonly<Record<string, Dialect>> = {
  'postgresql:': 'postgresql',
  'postgres:': 'postgresql',
  'clickhouse:': 'clickhouse',
  'sqlite:': 'sqlite',
};

export interface DatabaseUrl {
  readonly dialect: Dialect;
  readonly url: URL;
}

/** Null: it is no URL of a database that is known here. */
export function databaseUrl(written: Secret): DatabaseUrl | null {
  const text = written.reveal().trim();
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const dialect = dialects[url.protocol];
  return dialect === undefined ? null : { dialect, url };
}

/** The columns that the options name, without those of the key; sources that are none are left out. */
export function columnsOf({ columns, columnSources, types, url }: SqlValues): Column[] {
  const names = new Set([...columns, ...columnSources.keys()]);
  if (names.size === 0) {
    const usual = databaseUrl(url)?.dialect === 'postgresql' ? 'jsonb' : null;
    return [{ name: 'body', source: { kind: 'body' }, type: types.get('body')?.trim() ?? usual }];
  }
  return [...names].flatMap((name) => {
    const source = columnSources.has(name)
      ? readSource(columnSources.get(name)!.trim())
      : ({ kind: 'field', path: [name] } as const);
    return source === null ? [] : [{ name, source, type: types.get(name)?.trim() ?? null }];
  });
}

const namesIn = (key: string) => key.split(/[\s,]+/).filter((name) => name !== '');

/** The table that the options mean; they are sound. */
export function tableSpec(values: SqlValues): TableSpec {
  const { schema, name } = readTableName(values.table.trim())!;
  const columns = columnsOf(values);
  const key = values.key.trim();
  if (key === 'none') return { schema, name, columns, key: [], onConflict: 'ignore' };
  if (key === 'offset')
    return {
      ...{ schema, name, onConflict: values.onConflict ?? 'ignore' },
      columns: [...keyColumns, ...columns],
      key: keyColumns.map((column) => column.name),
    };
  return { schema, name, columns, key: namesIn(key), onConflict: values.onConflict ?? 'update' };
}

export function sqlFaults(values: SqlValues): OptionFinding[] {
  const found: OptionFinding[] = [];
  const bad = (...of: Parameters<typeof badValue>) => found.push(badValue(...of));
  const address = databaseUrl(values.url);
  if (address === null)
    bad(
      'url',
      'it is no URL of a database',
      'write postgresql://USER@HOST:PORT/DATABASE, clickhouse://USER@HOST:PORT/DATABASE or sqlite:FILE',
    );
  else if (address.dialect === 'sqlite' && sqlitePath(values) === '')
    bad('url', 'it names no file', 'write sqlite:FILE');
  else if (address.dialect !== 'sqlite') serverFaults(address, bad);
  if (address?.dialect === 'clickhouse' && values.onConflict === 'ignore' && values.key.trim() !== 'offset')
    bad('onConflict', 'ClickHouse keeps of rows with one key the last', 'leave it out, or write update');
  if (readTableName(values.table.trim()) === null)
    bad('table', 'it is no name of a table', 'write NAME or SCHEMA.NAME');
  for (const [name, written] of values.columnSources) {
    if (readSource(written.trim()) === null)
      bad(`columns.${name}`, `${JSON.stringify(written)} is no JSON pointer`, 'write ~1 for / and ~0 for ~');
  }
  const columns = columnsOf(values);
  const names = new Set(columns.map(({ name }) => name));
  for (const [name, type] of values.types) {
    if (!isType(type.trim())) bad(`types.${name}`, `${JSON.stringify(type)} is no type of a column`);
    else if (!names.has(name)) bad(`types.${name}`, 'there is no such column', `name it in columns`);
  }
  const key = values.key.trim();
  if (key === 'offset') {
    for (const { name } of keyColumns)
      if (names.has(name))
        bad('columns', `${name} is a column of key = offset`, 'give the column another name');
  } else if (key !== 'none') {
    for (const name of namesIn(key))
      if (!names.has(name))
        bad('key', `there is no column ${JSON.stringify(name)}`, 'write offset, none, or names of columns');
    if (namesIn(key).length === 0)
      bad('key', 'it names no column', 'write offset, none, or names of columns');
  }
  return found;
}

/** Headers that the key is made of; a header of another column may be absent, and is NULL then. */
export function needsOfSql(values: SqlValues): HeaderNeed[] {
  const keys = new Set(namesIn(values.key));
  return columnsOf(values).flatMap(({ name, source }) =>
    source.kind === 'header' && keys.has(name)
      ? [
          {
            header: source.name,
            key: `columns.${name}`,
            without: 'has no key, and is refused by most tables',
          },
        ]
      : [],
  );
}

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'];

function serverFaults(
  { dialect, url }: DatabaseUrl,
  bad: (key: string, message: string, suggestion?: string) => void,
): void {
  const mode = url.searchParams.get('sslmode');
  if (mode !== null && !sslModes.includes(mode))
    bad('url', `sslmode: "${mode}" is none of ${sslModes.join(', ')}`);
  const known =
    dialect === 'clickhouse'
      ? ['sslmode', 'sslrootcert']
      : ['sslmode', 'sslrootcert', 'host', 'application_name'];
  for (const name of url.searchParams.keys())
    if (!known.includes(name))
      bad(
        'url',
        `${name}: no such parameter is known`,
        `write ${known.slice(0, -1).join(', ')} or ${known.at(-1)}`,
      );
  if (dialect === 'clickhouse' && url.hostname === '')
    bad('url', 'it names no host', 'write clickhouse://USER@HOST:PORT/DATABASE');
  if (dialect === 'postgresql' && databaseOf(url) === '')
    bad('url', 'it names no database', 'write postgresql://USER@HOST:PORT/DATABASE');
}

const databaseOf = (url: URL) => decode(url.pathname.slice(1));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function sqlNotes(values: SqlValues): OptionFinding[] {
  const notes: OptionFinding[] = [];
  const address = databaseUrl(values.url);
  if (values.onConflict !== undefined && values.key.trim() === 'none')
    notes.push({
      key: 'onConflict',
      message: 'onConflict: without a key no row is there already; it has no effect',
    });
  if (address === null || address.dialect === 'sqlite') return notes;
  const { url } = address;
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  const host = url.searchParams.get('host') ?? url.hostname;
  if (mode === 'disable' && (values.password !== undefined || url.password !== '') && !isNear(host))
    notes.push({
      key: 'url',
      message: 'url: the password and all events go over the network in plain',
      suggestion: 'add ?sslmode=verify-full',
    });
  return notes;
}

const isNear = (host: string) =>
  host.startsWith('/') || host === '' || host === 'localhost' || host === '[::1]' || host.startsWith('127.');

/** What is shown of the database. */
export function shownDatabase(values: SqlValues): string {
  const { dialect, url } = databaseUrl(values.url)!;
  if (dialect === 'sqlite') return `SQLite in ${sqlitePath(values)}`;
  if (dialect === 'clickhouse') {
    const { url: http, database } = clickHouseAddress(values);
    return `ClickHouse at ${http.host}/${database}`;
  }
  return `PostgreSQL at ${url.searchParams.get('host') ?? url.hostname}:${url.port || 5432}/${databaseOf(url)}`;
}

/** The file of `sqlite:FILE`, to the letter, as of a path in any option. */
export const sqlitePath = ({ url }: SqlValues): string =>
  expandHome(
    url
      .reveal()
      .trim()
      .replace(/^sqlite:(\/\/(?=\/))?/i, ''),
  );

/** Certificates are read by `tlsOf`. */
export function clickHouseAddress(values: SqlValues) {
  const { url } = databaseUrl(values.url)!;
  const isTls = (url.searchParams.get('sslmode') ?? 'disable') !== 'disable';
  const password = values.password?.reveal() ?? decode(url.password);
  return {
    url: new URL(`${isTls ? 'https' : 'http'}://${url.hostname}:${url.port || (isTls ? 8443 : 8123)}/`),
    database: databaseOf(url) || 'default',
    ...(url.username === '' ? {} : { user: decode(url.username) }),
    ...(password === '' ? {} : { password }),
    connectTimeoutMs: values.connectTimeout,
    requestTimeoutMs: values.requestTimeout,
  };
}

/** What `sslmode` and `sslrootcert` come to; undefined: plain text. Reads the file of `sslrootcert`. */
export function tlsOf(values: SqlValues) {
  const { url } = databaseUrl(values.url)!;
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  const rootFile = url.searchParams.get('sslrootcert');
  if (mode === 'disable') return undefined;
  return {
    ...(rootFile === null ? {} : { ca: readFileSync(rootFile) }),
    rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full',
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** What pg's client is given. Reads the file of `sslrootcert`. */
export function postgresAddress(values: SqlValues) {
  const { url } = databaseUrl(values.url)!;
  const password = values.password?.reveal() ?? decode(url.password);
  return {
    config: {
      host: url.searchParams.get('host') ?? (url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost'),
      port: Number(url.port || 5432),
      database: databaseOf(url),
      ...(url.username === '' ? {} : { user: decode(url.username) }),
      ...(password === '' ? {} : { password }),
      ssl: tlsOf(values) ?? false,
      application_name: url.searchParams.get('application_name') ?? 'millrace',
      connectionTimeoutMillis: values.connectTimeout,
      keepAlive: true,
    },
    requestTimeoutMs: values.requestTimeout,
  };
}
