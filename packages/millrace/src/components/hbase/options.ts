import { httpTlsOptions } from '../../component/options/http-tls.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { badValue, type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { regexColumnFaults, regexColumnNotes } from './regex-rows.ts';
import { mostKeyBytes } from './row-keys.ts';

const classes = 'org.apache.flume.sink.hbase2';
export const simpleClass = `${classes}.SimpleHBase2EventSerializer`;
export const regexClass = `${classes}.RegexHBase2EventSerializer`;
const serializerClasses: readonly string[] = [simpleClass, regexClass];

const clusterOfGateway = 'the REST gateway that rest.url names knows its cluster';
const noKerberos =
  'there is no Kerberos here: the gateway has a login of its own, and takes username and password';

export const hbaseOptions = {
  'rest.url': opt.string({
    doc: "HBase's REST gateway, `http://HOST:8080` or `https://…`; several of one cluster are separated by commas, and the next one is asked where one can't be had. Needed; `hbase rest start` starts one.",
  }),
  table: opt.string({ doc: 'The table, `NAME` or `NAMESPACE:NAME`. It has to be there.', required: true }),
  columnFamily: opt.string({ doc: 'The column family of all cells. It has to be there.', required: true }),
  rowKey: opt.enum(['serializer', 'offset'], {
    doc: '`serializer`: the serializer makes up the key of a row. `offset`: it is named after where its event stood, `TOPIC:PARTITION:OFFSET` (or source, file and place), so that what comes again is there once; behind `serializer.rowPrefix` with the simple serializer.',
    default: 'serializer',
  }),
  batchSize: opt.int({
    doc: 'Most events of one request.',
    unit: 'events',
    default: 100,
    min: 1,
    java: 'long',
  }),
  serializer: opt.string({
    doc: 'Class that makes rows: `SimpleHBase2EventSerializer` (the body in one column, and a counter) or `RegexHBase2EventSerializer` (groups of a pattern in columns).',
    default: simpleClass,
  }),
  'serializer.payloadColumn': opt.string({ doc: 'Column of the body.', default: 'pCol' }),
  'serializer.rowPrefix': opt.string({ doc: 'What keys of rows begin with.', default: 'default' }),
  'serializer.suffix': opt.string({
    doc: 'What stands behind it: `uuid`, `random` (a 64-bit number), `timestamp` (Unix ms) or `nano` (ns of a clock of the machine); anything else is `uuid`.',
    default: 'uuid',
  }),
  'serializer.incrementColumn': opt.string({
    doc: 'Column in which events are counted, a 64-bit number.',
    default: 'iCol',
  }),
  'serializer.incrementRow': opt.string({ doc: 'Row in which they are counted.', default: 'incRow' }),
  countEvents: opt.boolean({
    doc: 'Whether the simple serializer counts events in `serializer.incrementColumn`, as Flume’s always does; what is sent again after a lost answer may count twice.',
    default: true,
  }),
  coalesceIncrements: opt.boolean({
    doc: 'Whether the counts of a batch go as one request; otherwise each event is one.',
    default: false,
  }),
  'serializer.regex': opt.string({
    doc: 'Java regular expression that has to match the whole body; its groups are the columns.',
    default: '(.*)',
  }),
  'serializer.regexIgnoreCase': opt.boolean({
    doc: 'Whether the case of letters is ignored.',
    default: false,
  }),
  'serializer.colNames': opt.string({
    doc: 'Columns of the groups, separated by commas, to the letter.',
    default: 'payload',
  }),
  'serializer.rowKeyIndex': opt.int({
    doc: 'Which of the groups, from 0, is the key of the row; it is called `ROW_KEY` in `serializer.colNames`. -1: keys are made up of time, a text of chance and a number that counts.',
    default: -1,
  }),
  'serializer.depositHeaders': opt.boolean({
    doc: 'Whether headers are columns of their own.',
    default: false,
  }),
  'serializer.charset': opt.string({
    doc: 'Charset of the body, of headers, of names of columns and of keys that are made up; what groups match is written in UTF-8.',
    default: 'UTF-8',
  }),
  username: opt.string({
    doc: 'Who writes there: with `password` a user of HTTP’s basic authentication, without it the `user.name` of Hadoop’s.',
  }),
  password: opt.secret({ doc: 'The password of `username`.' }),
  ...httpTlsOptions,
  connectTimeout: opt.duration('ms', { doc: 'How long a connection may take.', default: 10_000, min: 1 }),
  requestTimeout: opt.duration('ms', { doc: 'How long an answer may take.', default: 60_000, min: 1 }),
  enableWal: opt.boolean({
    doc: 'Whether writes go through the write-ahead log; over REST they always do.',
    default: true,
  }),
  zookeeperQuorum: opt.string({ doc: 'Where the cluster is found.', ignored: clusterOfGateway }),
  znodeParent: opt.string({ doc: 'Where in ZooKeeper.', ignored: clusterOfGateway }),
  kerberosPrincipal: opt.string({ doc: 'Who signs in by Kerberos.', ignored: noKerberos }),
  kerberosKeytab: opt.string({ doc: 'With which key.', ignored: noKerberos }),
};
export type HbaseValues = OptionValues<typeof hbaseOptions>;

/** URLs of the gateways, each with a slash at its end. Null for what is none. */
export function gatewayUrls(written: string): (URL | null)[] {
  const texts = written
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '');
  return texts.map((text) => {
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
    const url = new URL(text);
    if (url.search !== '' || url.hash !== '') return null;
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  });
}

export const isSimple = ({ serializer }: HbaseValues): boolean => serializer === simpleClass;

/** The simple serializer counts events. */
export const counts = (values: HbaseValues): boolean =>
  isSimple(values) && values.countEvents && values['serializer.incrementColumn'] !== '';

/** A row is written over by the event that comes again. */
export const isKeyed = (values: HbaseValues): boolean =>
  values.rowKey === 'offset' || (!isSimple(values) && values['serializer.rowKeyIndex'] >= 0);

export function hbaseFaults(values: HbaseValues): OptionFinding[] {
  const found: OptionFinding[] = [...urlFaults(values)];
  const bad = (...of: Parameters<typeof badValue>) => found.push(badValue(...of));
  if (values.table.trim() === '') bad('table', 'it names no table');
  if (values.columnFamily.trim() === '' || values.columnFamily.includes(':'))
    bad('columnFamily', 'it is no name of a column family', 'write the name alone, without a colon');
  if (!serializerClasses.includes(values.serializer))
    bad('serializer', `${values.serializer} is not there`, `write ${serializerClasses.join(' or ')}`);
  if (values.password !== undefined && values.username === undefined)
    bad('password', 'it is of no user', 'set username, too');
  if (isSimple(values)) {
    if (values['serializer.payloadColumn'] === '' && !counts(values))
      bad('serializer.payloadColumn', 'nothing of an event would be written', 'name a column');
    const counterBytes = Buffer.byteLength(values['serializer.incrementRow']);
    if (counts(values) && counterBytes === 0)
      bad('serializer.incrementRow', "events can't be counted in a row without a key", 'name one');
    if (counts(values) && counterBytes > mostKeyBytes)
      bad('serializer.incrementRow', `it has ${counterBytes} bytes, and HBase takes ${mostKeyBytes}`);
    return found;
  }
  const pattern = values['serializer.regex'];
  const charset = charsetFaults('serializer.charset', values['serializer.charset']);
  found.push(...patternFaults('serializer.regex', pattern), ...charset, ...regexColumnFaults(values));
  return found;
}

function urlFaults({ 'rest.url': written }: HbaseValues): OptionFinding[] {
  const key = 'rest.url';
  const urls = gatewayUrls(written ?? '');
  if (urls.length === 0)
    return [
      {
        key,
        message: `${key}: it is not set: HBase is reached over its REST gateway here, as its own protocol needs its Java client`,
        suggestion: 'start a gateway with "hbase rest start", and write rest.url = http://HOST:8080',
        code: 'missing',
      },
    ];
  const found: OptionFinding[] = [];
  if (urls.includes(null))
    found.push({
      key,
      message: `${key}: one of them is no URL`,
      suggestion: 'write http://HOST:8080',
      code: 'bad-value',
    });
  if (urls.some((url) => url !== null && (url.username !== '' || url.password !== '')))
    found.push({
      key,
      message: `${key}: a user or password in a URL would show in logs`,
      suggestion: 'use username and password in its place',
    });
  return found;
}

/** Options of one serializer that mean nothing to the other. */
const ofSimple = [
  'serializer.payloadColumn',
  'serializer.suffix',
  'serializer.incrementColumn',
  'serializer.incrementRow',
  'countEvents',
  'coalesceIncrements',
] as const;
const ofRegex = [
  'serializer.regex',
  'serializer.regexIgnoreCase',
  'serializer.colNames',
  'serializer.rowKeyIndex',
  'serializer.depositHeaders',
  'serializer.charset',
] as const;

export function hbaseNotes(values: HbaseValues): OptionFinding[] {
  const simple = isSimple(values);
  const notes: OptionFinding[] = [];
  const note = (key: string, message: string, suggestion?: string, code?: OptionFinding['code']) =>
    notes.push({
      key,
      message: `${key}: ${message}`,
      ...(suggestion === undefined ? {} : { suggestion }),
      ...(code === undefined ? {} : { code }),
    });
  if (!values.enableWal)
    note('enableWal', 'writes go through the write-ahead log all the same: REST has no way around it');
  for (const key of simple ? ofRegex : ofSimple)
    if (values[key] !== hbaseOptions[key].default)
      note(key, `with ${simple ? 'the simple serializer' : 'RegexHBase2EventSerializer'} it has no effect`);
  if (simple && counts(values) && !values.coalesceIncrements)
    note(
      'coalesceIncrements',
      'each event is counted by a request of its own',
      'set coalesceIncrements = true, or countEvents = false where nobody reads the count',
      'suspicious-value',
    );
  if (simple && values.rowKey === 'offset' && values['serializer.suffix'] !== 'uuid')
    note('serializer.suffix', 'with rowKey = offset it has no effect');
  else if (simple && values['serializer.suffix'] === 'timestamp')
    note(
      'serializer.suffix',
      'of events that come in the same millisecond the last one alone is kept',
      'leave it out, or write uuid',
      'suspicious-value',
    );
  if (!simple) notes.push(...regexColumnNotes(values));
  if (!simple && values.rowKey === 'offset' && values['serializer.rowKeyIndex'] >= 0)
    note('rowKey', 'with serializer.rowKeyIndex it has no effect');
  const isPlain = gatewayUrls(values['rest.url'] ?? '').some((url) => url?.protocol === 'http:');
  if (values.password !== undefined && isPlain)
    note('rest.url', 'user and password go over the network in plain', 'write https://HOST:8080');
  return notes;
}
