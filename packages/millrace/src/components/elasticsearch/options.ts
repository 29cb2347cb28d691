import { needsOfEscapes, readEscapes } from '../../component/escape-template.ts';
import { httpTlsOptions } from '../../component/options/http-tls.ts';
import type { HeaderNeed } from '../../component/relations.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { logStashClass, serializers } from './document.ts';
import { indexNamers, timeBasedClass } from './index-name.ts';

const nowhere = 'Flume hands it to the serializer by mistake, which does not read it; the default counts';
const usualPort = 9200;

export const elasticsearchOptions = {
  hostNames: opt.string({
    doc: 'Servers of one cluster, `host:port` or URLs, separated by commas; each gets a request in its turn. Without a port it is 9200.',
    required: true,
  }),
  indexName: opt.string({
    doc: 'What names of indexes begin with; may have escapes as `hdfs.path` has. `indexNameBuilder` adds the day.',
    default: 'flume',
  }),
  indexType: opt.string({
    doc: 'Type of the documents, may have escapes; sent to Elasticsearch before 7 alone, as newer servers have none.',
    default: 'log',
  }),
  clusterName: opt.string({
    doc: 'Name of the cluster.',
    default: 'elasticsearch',
    ignored: 'over HTTP the servers that are named are the cluster, as in Flume with client = rest',
  }),
  batchSize: opt.int({ doc: 'Most events of one request.', unit: 'events', default: 100, min: 1 }),
  ttl: opt.string({
    doc: 'How long documents stay: a number with `ms`, `s`, `m`, `h`, `d` or `w`, days without; sent to Elasticsearch before 5 alone, as newer servers have no such field.',
  }),
  serializer: opt.string({ doc: 'Class that makes the documents.', default: logStashClass }),
  indexNameBuilder: opt.string({
    doc: 'Class that names indexes: `TimeBasedIndexNameBuilder` adds `-yyyy-MM-dd` (UTC) of the header `timestamp`, else `@timestamp`, else of now; `SimpleIndexNameBuilder` takes `indexName` as it is.',
    default: timeBasedClass,
  }),
  'indexNameBuilder.dateFormat': opt.string({ doc: 'Format of the day.', ignored: nowhere }),
  'indexNameBuilder.timeZone': opt.string({ doc: 'Zone of the day.', ignored: nowhere }),
  client: opt.enum(['transport', 'rest'], {
    doc: 'How servers are spoken to. It is always HTTP: Elasticsearch 8 and OpenSearch have no transport client any more.',
    default: 'transport',
  }),
  username: opt.string({ doc: 'User of the cluster.' }),
  password: opt.secret({ doc: 'Its password.' }),
  apiKey: opt.secret({
    doc: 'A key in place of user and password, in the encoded form in which Elasticsearch gives it.',
  }),
  ...httpTlsOptions,
  connectTimeout: opt.duration('ms', { doc: 'How long a connection may take.', default: 5000, min: 1 }),
  requestTimeout: opt.duration('ms', { doc: 'How long an answer may take.', default: 60_000, min: 1 }),
};
export type ElasticsearchValues = OptionValues<typeof elasticsearchOptions>;

/** The servers' URLs, each with a slash at its end. Null for what is none. */
export function serverUrls(hostNames: string): (URL | null)[] {
  const names = hostNames
    .replaceAll(/\s/g, '')
    .split(',')
    .filter((name) => name !== '');
  return names.map((name) => {
    const isUrl = /^https?:\/\//.test(name);
    const text = isUrl ? name : `http://${name}`;
    if (!URL.canParse(text)) return null;
    const url = new URL(text);
    // A URL without a port means that of its scheme.
    if (!isUrl && !/:\d+(\/|$)/.test(name)) url.port = String(usualPort);
    url.search = '';
    url.hash = '';
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return url;
  });
}

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  '': 86_400_000,
};

/** Milliseconds; 0 for what is no length of time. */
export function ttlMs(written: string): number {
  const match = /^(\d{1,10})(\D*)/.exec(written);
  return match === null ? 0 : Number(match[1]) * (unitMs[match[2]!] ?? 0);
}

export function elasticsearchFaults(values: ElasticsearchValues): OptionFinding[] {
  const found: OptionFinding[] = [];
  const urls = serverUrls(values.hostNames);
  if (urls.length === 0) found.push({ key: 'hostNames', message: 'Missing Param:hostNames' });
  if (urls.includes(null))
    found.push({
      key: 'hostNames',
      message: 'hostNames: one of them is no host:port and no URL',
      code: 'bad-value',
      suggestion: 'write host:9200,host:9200',
    });
  if (urls.some((url) => url !== null && (url.username !== '' || url.password !== '')))
    found.push({
      key: 'hostNames',
      message: 'hostNames: a user or password in a URL would show in logs',
      suggestion: 'use username and password in its place',
    });
  if (values.ttl !== undefined && values.ttl.trim() !== '' && ttlMs(values.ttl) <= 0)
    found.push({ key: 'ttl', message: 'ttl must be greater than 0 or not set.', code: 'bad-value' });
  if (!serializers.has(values.serializer))
    found.push({
      key: 'serializer',
      message: `serializer: ${values.serializer} is not there`,
      code: 'bad-value',
      suggestion: `write one of ${[...serializers.keys()].join(', ')}`,
    });
  if (!indexNamers.includes(values.indexNameBuilder))
    found.push({
      key: 'indexNameBuilder',
      message: `indexNameBuilder: ${values.indexNameBuilder} is not there`,
      code: 'bad-value',
      suggestion: `write one of ${indexNamers.join(', ')}`,
    });
  for (const key of ['indexName', 'indexType'] as const) {
    const { unknown } = readEscapes(values[key]);
    if (unknown.length > 0)
      found.push({ key, message: `${key}: the escape %[${unknown[0]}] is not there`, code: 'bad-value' });
  }
  return [...found, ...credentialFaults(values)];
}

function credentialFaults({ username, password, apiKey }: ElasticsearchValues): OptionFinding[] {
  if (apiKey !== undefined && (username !== undefined || password !== undefined))
    return [
      { key: ['apiKey'], message: 'apiKey: it stands in place of username and password, not beside them' },
    ];
  if ((username === undefined) === (password === undefined)) return [];
  const missing = username === undefined ? 'username' : 'password';
  return [
    { key: [missing, 'username', 'password'], message: `${missing}: username and password go together` },
  ];
}

export function elasticsearchNotes({
  client,
  hostNames,
  username,
  apiKey,
}: ElasticsearchValues): OptionFinding[] {
  const notes: OptionFinding[] = [];
  const urls = serverUrls(hostNames);
  if (client === 'transport')
    notes.push({
      key: 'client',
      message: 'client: the transport protocol is not spoken; HTTP is',
      suggestion: 'set client = rest, and the port of HTTP (9200) in hostNames',
    });
  if (urls.some((url) => url?.port === '9300'))
    notes.push({
      key: 'hostNames',
      message: 'hostNames: 9300 is usually the port of the transport protocol, which is not spoken',
      suggestion: 'name the port of HTTP, usually 9200',
    });
  if ((username !== undefined || apiKey !== undefined) && urls.some((url) => url?.protocol === 'http:'))
    notes.push({
      key: ['apiKey', 'password'],
      message: 'hostNames: user and password, or the key, go over the network in plain',
      suggestion: 'write https://host:9200',
    });
  return notes;
}

/** What names of indexes and types are made of. */
export function needsOfElasticsearch(values: ElasticsearchValues): HeaderNeed[] {
  return (['indexName', 'indexType'] as const).flatMap((key) => needsOfEscapes(key, values[key]));
}

/** The header `authorization`; undefined: none. */
export function authorizationOf({ username, password, apiKey }: ElasticsearchValues): string | undefined {
  if (apiKey !== undefined) return `ApiKey ${apiKey.reveal()}`;
  if (username === undefined || password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`, 'utf8').toString('base64')}`;
}
