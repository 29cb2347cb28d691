import { cutAtEscapes, needsOfEscapes, readEscapes } from '../../component/escape-template.ts';
import type { HeaderNeed } from '../../component/relations.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { javaTimeZone } from '../../java/time-zone.ts';
import { codecNames, codecOf } from './codecs.ts';
import { hdfsOptions } from './hdfs-options.ts';
import { namesFaults, namesOption } from './names-option.ts';
import { isTableType, tableFaults, tableOptions, tableTypes } from './table-options.ts';

export const s3Options = {
  's3.path': opt.string({
    doc: '`s3://BUCKET/PREFIX`; the prefix may hold escapes such as `%{header}`, `%Y-%m-%d`, `%[localhost]`, the bucket none.',
    required: true,
  }),
  's3.endpoint': opt.string({
    doc: 'The URL of a store that speaks the protocol of S3; absent: AWS, or what `AWS_ENDPOINT_URL_S3` says.',
  }),
  's3.region': opt.string({
    doc: 'The region; absent: what `AWS_REGION` or the profile says, with an endpoint and neither `us-east-1`.',
  }),
  's3.pathStyle': opt.boolean({
    doc: 'Name the bucket in the path, not in the host name. Absent: where `s3.endpoint` is given.',
  }),
  's3.truststore': opt.path({
    doc: 'For TLS, the file with the certificates to trust: PKCS12, JKS or PEM; absent: those of this program.',
  }),
  's3.truststorePassword': opt.secret({ doc: 'What opens it; PEM and JKS may do without.' }),
  's3.partSize': opt.bytes({
    doc: 'A larger object goes up in parts of so many bytes; a part is held in memory for each open file.',
    default: 8 * 1024 * 1024,
    min: 5 * 1024 * 1024,
    max: 512 * 1024 * 1024,
    onOutside: 'clamp',
  }),
  's3.names': namesOption,
  's3.filePrefix': hdfsOptions['hdfs.filePrefix'],
  's3.fileSuffix': hdfsOptions['hdfs.fileSuffix'],
  's3.rollInterval': { ...hdfsOptions['hdfs.rollInterval'], default: 300 },
  's3.rollSize': { ...hdfsOptions['hdfs.rollSize'], default: 32 * 1024 * 1024 },
  's3.rollCount': { ...hdfsOptions['hdfs.rollCount'], default: 0 },
  's3.idleTimeout': hdfsOptions['hdfs.idleTimeout'],
  's3.batchSize': hdfsOptions['hdfs.batchSize'],
  's3.maxOpenFiles': { ...hdfsOptions['hdfs.maxOpenFiles'], default: 100 },
  's3.fileType': opt.enum(['DataStream', 'CompressedStream', ...tableTypes], {
    doc: 'What a file looks like: the serializer’s bytes, or those compressed; or a table of JSON events.',
    default: 'DataStream',
  }),
  's3.codeC': hdfsOptions['hdfs.codeC'],
  's3.round': hdfsOptions['hdfs.round'],
  's3.roundValue': hdfsOptions['hdfs.roundValue'],
  's3.roundUnit': opt.enum(['second', 'minute', 'hour'], {
    doc: 'The unit of `s3.roundValue`.',
    default: 'second',
  }),
  's3.timeZone': hdfsOptions['hdfs.timeZone'],
  's3.useLocalTimeStamp': hdfsOptions['hdfs.useLocalTimeStamp'],
  serializer: { ...hdfsOptions.serializer, doc: 'What events look like; serializer.* are its options.' },
  ...tableOptions,
  openFilesFolder: opt.path({
    doc: 'Folder in which the sink notes the files that it has open, so that a start after a kill can end their uploads. Default: ~/.flume/open-files/AGENT-SINK.',
  }),
};
export type S3Options = OptionValues<typeof s3Options>;

export interface S3Path {
  readonly bucket: string;
  /** Without escapes, and without slashes around it: nothing is ever written outside of it. */
  readonly prefix: string;
  /** What is below it, with escapes. */
  readonly folder: string;
}

/** Reads `s3://BUCKET/PREFIX`, also with `s3a` and `s3n`; a text says why it can't be had. */
export function splitS3Path(path: string): S3Path | string {
  const [, bucket, rest = ''] = /^s3[an]?:\/\/([^/]*)(?:\/(.*))?$/i.exec(path) ?? [];
  if (bucket === undefined) return `'${path}' is not s3://BUCKET/PREFIX`;
  // A name that is none is told here: the SDK would make a host name of it.
  if (!/^[a-zA-Z\d][\w.-]{1,253}[a-zA-Z\d]$/.test(bucket))
    return `'${path}': '${bucket}' is no bucket's name`;
  const cut = cutAtEscapes(rest);
  if (cut === null) return `'${path}': write it without '..'`;
  return { bucket, prefix: cut.fixed.join('/'), folder: cut.folder };
}

export function validateS3(options: S3Options): OptionFinding[] {
  const findings: OptionFinding[] = [];
  const add = (key: string, message: string, suggestion?: string) =>
    findings.push({
      key,
      message: `${key}: ${message}`,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  const path = splitS3Path(options['s3.path']);
  if (typeof path === 'string') add('s3.path', path);
  const endpoint = options['s3.endpoint'];
  if (endpoint !== undefined && !isEndpoint(endpoint))
    add('s3.endpoint', `'${endpoint}' is no URL of a server`, 'write http://HOST:PORT or https://HOST');
  for (const key of ['s3.path', 's3.filePrefix'] as const) {
    for (const name of readEscapes(options[key]).unknown)
      add(key, `there is no escape '%[${name}]'`, 'write %[localhost], %[IP] or %[FQDN]');
  }
  const name = options['s3.codeC'];
  const codec = name === undefined ? null : codecOf(name);
  const isCompressed = options['s3.fileType'] === 'CompressedStream';
  const oneOf = `write one of ${codecNames.join(', ')}`;
  if (codec === undefined) add('s3.codeC', `there is no compression codec '${name}'`, oneOf);
  else if (codec !== null && codec.way === null) add('s3.codeC', `${name} is not built`, oneOf);
  else if (isCompressed && codec === null)
    add('s3.fileType', 'CompressedStream needs a codec', 'set s3.codeC');
  else if (!isCompressed && codec !== null)
    add('s3.codeC', 'DataStream is not compressed', 'set s3.fileType = CompressedStream');
  if (options['s3.round']) {
    const most = options['s3.roundUnit'] === 'hour' ? 24 : 60;
    const value = options['s3.roundValue'];
    if (value <= 0 || value > most) add('s3.roundValue', `it has to be from 1 to ${most}`);
  }
  const zone = options['s3.timeZone'];
  if (zone !== undefined && javaTimeZone(zone) === undefined)
    add('s3.timeZone', `there is no time zone '${zone}'`, 'write a name such as Europe/Prague, or GMT+2');
  const fileType = options['s3.fileType'];
  if (isTableType(fileType))
    findings.push(...tableFaults(fileType, options, { key: 's3.names', value: options['s3.names'] }));
  findings.push(
    ...namesFaults({
      names: { key: 's3.names', value: options['s3.names'] },
      path: { key: 's3.path', value: options['s3.path'] },
      prefix: options['s3.filePrefix'],
      suffix: options['s3.fileSuffix'],
      suffixKey: 's3.fileSuffix',
      localTime: { key: 's3.useLocalTimeStamp', value: options['s3.useLocalTimeStamp'] },
    }),
  );
  return findings;
}

function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
}

/** The headers that names of folders and files are made of. */
export function needsOfS3(options: S3Options): HeaderNeed[] {
  const ownTime = { isOn: options['s3.useLocalTimeStamp'], instead: 'set s3.useLocalTimeStamp = true' };
  return (['s3.path', 's3.filePrefix'] as const).flatMap((key) => needsOfEscapes(key, options[key], ownTime));
}
