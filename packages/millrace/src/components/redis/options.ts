import { httpTlsOptions } from '../../component/options/http-tls.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import type { Secret } from '../../config/secret.ts';

export const redisOptions = {
  url: opt.secret({
    doc: 'The server: `redis://USER@HOST:PORT/DATABASE`, or `rediss://` for TLS; user and number of the database may be absent. Of a Redis Cluster any node, which tells the others. A password may stand in it; nothing of it but host, port and database is shown.',
    required: true,
  }),
  password: opt.secret({ doc: "The user's password, where it does not stand in `url`." }),
  stream: opt.string({
    doc: 'Key of the stream, to the letter. It is made with the first entry.',
    required: true,
  }),
  ids: opt.enum(['auto', 'offset'], {
    doc: '`auto`: the server names the entries. `offset`: an entry is named after where its event stood in a topic, `OFFSET-1` in the stream `STREAM:TOPIC:PARTITION`, so that what comes again is there once; events from elsewhere go to `STREAM`, as with `auto`.',
    default: 'auto',
  }),
  format: opt.enum(['event', 'json'], {
    doc: '`event`: the body is the field `body`. `json`: the body is a JSON object, and its members are the fields: text as text, numbers, `true` and `false` as they are written, objects and arrays as JSON; one that is `null` is left out.',
    default: 'event',
  }),
  headers: opt.boolean({ doc: 'Whether headers are fields as well.', default: true }),
  headerPrefix: opt.string({ doc: 'Stands in front of the name of each header.', default: 'headers.' }),
  maxLength: opt.int({
    doc: 'How many entries a stream keeps; what is older is dropped with what comes (`MAXLEN`). 0: all.',
    default: 0,
    min: 0,
  }),
  maxLengthExact: opt.boolean({
    doc: 'Whether it is exactly so many; otherwise it may be some more (`MAXLEN ~`), which costs the server much less.',
    default: false,
  }),
  batchSize: opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
  ...httpTlsOptions,
  connectTimeout: opt.duration('ms', { doc: 'How long a connection may take.', default: 10_000, min: 1 }),
  requestTimeout: opt.duration('ms', { doc: 'How long an answer may take.', default: 60_000, min: 1 }),
};
export type RedisValues = OptionValues<typeof redisOptions>;

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly isTls: boolean;
  readonly user?: string;
  readonly password?: string;
}

const usualPort = 6379;
const mostDatabase = 0x7fff_ffff;

/** Null: it is no URL of a Redis server. */
export function redisAddress(written: Secret, password?: Secret): RedisAddress | null {
  const text = written.reveal().trim();
  if (!/^rediss?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const database = url.pathname.replace(/^\/|\/$/g, '');
  if (url.hostname === '' || url.search !== '' || url.hash !== '') return null;
  if (!/^\d{0,10}$/.test(database) || Number(database) > mostDatabase) return null;
  const own = password?.reveal() ?? decoded(url.password);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || usualPort),
    database: Number(database),
    isTls: url.protocol === 'rediss:',
    ...(url.username === '' ? {} : { user: decoded(url.username) }),
    ...(own === '' ? {} : { password: own }),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const shownServer = ({ host, port, database }: RedisAddress): string =>
  `Redis at ${host.includes(':') ? `[${host}]` : host}:${port}${database === 0 ? '' : `/${database}`}`;

export function redisFaults({ url, stream, password }: RedisValues): OptionFinding[] {
  const found: OptionFinding[] = [];
  const address = redisAddress(url, password);
  if (address === null)
    found.push({
      key: 'url',
      message: 'url: it is no URL of a Redis server',
      code: 'bad-value',
      suggestion: 'write redis://USER@HOST:PORT/DATABASE, or rediss:// for TLS',
    });
  else if (address.user !== undefined && address.password === undefined)
    found.push({
      key: ['password', 'url'],
      message: 'password: the user of url has none',
      suggestion: 'set password, or leave the user out',
    });
  if (stream.trim() === '')
    found.push({ key: 'stream', message: 'stream: it names no stream', code: 'bad-value' });
  return found;
}

export function redisNotes(values: RedisValues): OptionFinding[] {
  const notes: OptionFinding[] = [];
  const { host, isTls, password } = redisAddress(values.url, values.password)!;
  const isNear = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (password !== undefined && !isTls && !isNear)
    notes.push({
      key: 'url',
      message: 'url: the password and all events go over the network in plain',
      suggestion: 'write rediss://, where the server speaks TLS',
    });
  if (values.maxLengthExact && values.maxLength === 0)
    notes.push({ key: 'maxLengthExact', message: 'maxLengthExact: without maxLength it has no effect' });
  if (values.headerPrefix !== 'headers.' && !values.headers)
    notes.push({ key: 'headerPrefix', message: 'headerPrefix: with headers = false it has no effect' });
  return notes;
}
