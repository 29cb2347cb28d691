import type { FileStore } from '../../clients/file-store/file-store.ts';
import { S3Store } from '../../clients/s3/s3-store.ts';
import { defineSink, makeSerializer, type SinkContext } from '../../component/define.ts';
import { javaTimeZone, machineZone } from '../../java/time-zone.ts';
import { readTrustStore } from '../../net/tls/trust-store.ts';
import { codecOf } from './codecs.ts';
import { compressedFormat } from './compressed-format.ts';
import { type FileFormat, plainFormat } from './file-format.ts';
import { namesDiffers } from './names-option.ts';
import { needsOfS3, type S3Path, s3Options, splitS3Path, validateS3 } from './s3-options.ts';
import { BucketedSink, type BucketedSinkSettings } from './sink-base.ts';
import { tableFormat } from './table-format.ts';
import { isTableType, tablesDiffer } from './table-options.ts';

type Context = SinkContext<typeof s3Options>;

export const s3Sink = defineSink({
  type: 's3',
  classNames: [],
  summary:
    'Writes events to objects of S3 or of a store that speaks its protocol, in folders by time and headers.',
  example: `
a1.sinks.k1.type = s3
a1.sinks.k1.s3.path = s3://collected/events/%Y-%m-%d/%H
a1.sinks.k1.s3.endpoint = http://127.0.0.1:9000
a1.sinks.k1.s3.useLocalTimeStamp = true
a1.sinks.k1.s3.fileType = CompressedStream
a1.sinks.k1.s3.codeC = gzip
a1.sinks.k1.s3.rollInterval = 300
`,
  differs: [
    'Flume has no such sink; the escapes, rolls and names are those of its hdfs sink.',
    'Events are acknowledged when their object is whole: the channel holds them until then. An object ends at the latest with 64 MiB of events, with `s3.names = deterministic` when the open ones have 32 MiB together; in a sink group after every turn.',
    'No object is written over (`If-None-Match: *`), which the store has to know. Where a number is taken, the next that is free is used.',
    tablesDiffer,
    namesDiffers,
    'It needs the package `@aws-sdk/client-s3` beside Millrace: `npm install @aws-sdk/client-s3`. Credentials come from where the AWS tools look for them: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, `~/.aws/credentials`, the role of a container or machine. Where the store does not take them (expired, another key, no right) they are read again, so a file that is written anew needs no restart.',
    'What an upload of a killed process has left at the store is ended by the next start. A rule of the bucket that ends unfinished uploads after a day sees to what no start comes after.',
  ],
  options: s3Options,
  batchSizeOption: 's3.batchSize',
  needs: needsOfS3,
  needsOffsets: (values) => (values['s3.names'] === 'deterministic' ? 's3.names' : null),
  promises: (values) => ({
    does: `writes objects to ${values['s3.path']}`,
    delivered: 'its object is whole',
    survives: 'power cut',
    ...(values['s3.names'] === 'deterministic'
      ? {}
      : { doubles: ['after a kill before the channel knows, events are written again'] }),
  }),
  validate: (values) => validateS3(values),
  create: (context) => new BucketedSink(context, settingsOf(context)),
});

/** How often what is left of an upload is tried to be ended, and how long after a failure again. */
const farewell = { tries: 3, retryMs: 60_000 };

function settingsOf(context: Context): BucketedSinkSettings {
  const { options } = context;
  const path = splitS3Path(options['s3.path']) as S3Path; // validate has seen to it
  const format = formatOf(context);
  const zone = options['s3.timeZone'];
  return {
    openStore: () => storeOf(path, context),
    nameFault: () => null,
    batchEvents: options['s3.batchSize'],
    mode: 'stream',
    format,
    naming: { inUsePrefix: '', inUseSuffix: '', suffix: options['s3.fileSuffix'] ?? format.extension },
    path: {
      folder: path.folder,
      prefix: options['s3.filePrefix'],
      zone: zone === undefined ? machineZone : javaTimeZone(zone)!,
      rounding: options['s3.round']
        ? { unit: options['s3.roundUnit'], value: options['s3.roundValue'] }
        : null,
      useLocalTime: options['s3.useLocalTimeStamp'],
    },
    rules: {
      intervalMs: options['s3.rollInterval'] * 1000,
      events: options['s3.rollCount'],
      bodyBytes: options['s3.rollSize'],
      idleMs: options['s3.idleTimeout'] * 1000,
    },
    maxOpenFiles: options['s3.maxOpenFiles'],
    namesByOffset: options['s3.names'] === 'deterministic',
    closeTries: farewell.tries,
    closeRetryMs: farewell.retryMs,
    openFilesFolder: options.openFilesFolder,
    pathKey: 's3.path',
  };
}

async function storeOf({ bucket, prefix }: S3Path, context: Context): Promise<FileStore> {
  const { options, name, log } = context;
  const { 's3.endpoint': endpoint, 's3.region': region, 's3.truststore': trusted } = options;
  const password = options['s3.truststorePassword']?.reveal();
  return new S3Store({
    ...{ bucket, prefix, partBytes: options['s3.partSize'] },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    pathStyle: options['s3.pathStyle'] ?? endpoint !== undefined,
    ...(trusted === undefined
      ? {}
      : { ca: await readTrustStore({ path: trusted, password, component: `sink ${name}` }) }),
    onNote: (text) => log.warn(`sink ${name}: ${text}`),
  });
}

function formatOf(context: Context): FileFormat {
  const { options } = context;
  const plain = plainFormat(() => makeSerializer(options.serializer, context));
  const fileType = options['s3.fileType'];
  if (isTableType(fileType)) return tableFormat(fileType, options);
  if (fileType === 'DataStream') return plain;
  const { way, extension } = codecOf(options['s3.codeC']!)!; // validate has seen to it
  return compressedFormat(plain, way!, extension);
}
