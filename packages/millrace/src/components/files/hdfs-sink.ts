import { hdfsNameFault } from '../../clients/webhdfs/hdfs-name.ts';
import { defineSink, makeSerializer, type SinkContext } from '../../component/define.ts';
import { javaTimeZone, machineZone } from '../../java/time-zone.ts';
import { codecOf } from './codecs.ts';
import { compressedFormat, compressions } from './compressed-format.ts';
import { type FileFormat, plainFormat } from './file-format.ts';
import { storeOf } from './hdfs-cluster.ts';
import {
  type HdfsOptions,
  hdfsOptions,
  needsOfHdfs,
  notesOfHdfs,
  roundingOf,
  validateHdfs,
  valuesOf,
  writesWhole,
} from './hdfs-options.ts';
import { type SplitPath, splitPath } from './hdfs-path.ts';
import { namesDiffers } from './names-option.ts';
import { sequenceFormat } from './sequence-format.ts';
import { BucketedSink, type BucketedSinkSettings } from './sink-base.ts';
import { tableFormat } from './table-format.ts';
import { tablesDiffer } from './table-options.ts';

type Context = SinkContext<typeof hdfsOptions>;

export const hdfsSink = defineSink({
  type: 'hdfs',
  classNames: ['org.apache.flume.sink.hdfs.HDFSEventSink'],
  summary:
    'Writes events to files in folders by time and headers: in HDFS over WebHDFS or HttpFS, or on this machine.',
  example: `
a1.sinks.k1.type = hdfs
a1.sinks.k1.hdfs.path = hdfs://namenode:8020/collected/%Y-%m-%d/%H
a1.sinks.k1.hdfs.useLocalTimeStamp = true
a1.sinks.k1.hdfs.fileType = DataStream
a1.sinks.k1.hdfs.rollInterval = 300
a1.sinks.k1.hdfs.rollSize = 0
a1.sinks.k1.hdfs.rollCount = 0
`,
  differs: [
    'HDFS is spoken to over HTTP (WebHDFS, HttpFS), which `hdfs://` finds by `dfs.namenode.http-address` in hdfs-site.xml, else at port 9870 of the same host. `s3a://BUCKET/FOLDER` is written as the sink s3 does: `writeMode` is `stream`, no name is in use, endpoint and keys are those of `fs.s3a.…` in core-site.xml or the AWS tools’; it needs the package `@aws-sdk/client-s3`.',
    'Over WebHDFS each batch of `writeMode = append` is a request of its own, answered by NameNode and DataNode: take large batches, or `writeMode = stream`, which has one request for each file. Flume sends a batch through a pipe that stays open.',
    'Kerberos is not built: its keys drop the sink, unless there is a delegation token.',
    'On this machine events are acknowledged when the device has them; Flume’s are then in the page cache. In HDFS all DataNodes of the file have them, as with Flume.',
    'A file that fails is cut back to what is acknowledged of it and renamed, so a retry writes no doubles into it.',
    'A start finishes the files that a killed process has left under their names in use; Flume leaves them for ever. The notes for it are in `openFilesFolder`.',
    '`writeMode = stream` acknowledges events when their file is under its final name: of a file that fails nothing stays. A file then ends at the latest with 64 MiB of events, and within 30 s when nothing more comes and `hdfs.rollInterval` is 0; in a sink group after every turn.',
    tablesDiffer,
    namesDiffers,
    'An event without a `timestamp` header where one is needed, and one whose headers would lead out of the folder or make a name that no file can have, is set aside; Flume tries its batch for ever. `onRefused = retry` does, too.',
    'A `hdfs.writeFormat` that is a class of somebody else’s drops the sink; lzo does, too. bzip2 is done by the program of that name, which has to be there.',
    'A file is never written over. Where its number is taken, the next that is free is used.',
    'Names of days and months are English.',
  ],
  options: hdfsOptions,
  batchSizeOption: 'hdfs.batchSize',
  needs: needsOfHdfs,
  needsOffsets: ({ names }) => (names === 'deterministic' ? 'names' : null),
  promises: (values) => ({
    does: `writes files to ${values['hdfs.path']}`,
    delivered: writesWhole(values)
      ? 'its file is whole and under its final name'
      : 'its bytes are on the device',
    survives: 'power cut',
    ...(values.names === 'deterministic'
      ? {}
      : { doubles: ['after a kill before the channel knows, events are written again'] }),
  }),
  validate: (values) => validateHdfs(values),
  notes: (values) => notesOfHdfs(values),
  create: (context) => new BucketedSink(context, settingsOf(context)),
});

function settingsOf(context: Context): BucketedSinkSettings {
  const { options, name } = context;
  const path = splitPath(options['hdfs.path']) as SplitPath; // validate has seen to it
  const format = formatOf(
    options,
    plainFormat(() => makeSerializer(options.serializer, context)),
  );
  const isObject = path.scheme === 's3a';
  const mode = writesWhole(options) ? 'stream' : 'append';
  const tries = options['hdfs.closeTries'];
  const retryMs = options['hdfs.retryInterval'] * 1000;
  const zone = options['hdfs.timeZone'];
  return {
    openStore: () => storeOf(path, options, mode, `sink ${name}`),
    nameFault: path.scheme === 'file' || isObject ? () => null : hdfsNameFault,
    batchEvents: options['hdfs.batchSize'],
    mode,
    format,
    naming: {
      inUsePrefix: isObject ? '' : options['hdfs.inUsePrefix'],
      inUseSuffix: isObject || options['hdfs.emptyInUseSuffix'] ? '' : options['hdfs.inUseSuffix'],
      suffix: options['hdfs.fileSuffix'] ?? format.extension,
    },
    path: {
      folder: path.folder,
      prefix: options['hdfs.filePrefix'],
      zone: zone === undefined ? machineZone : (javaTimeZone(zone) ?? javaTimeZone('GMT')!),
      rounding: roundingOf(options),
      useLocalTime: options['hdfs.useLocalTimeStamp'],
    },
    rules: {
      intervalMs: options['hdfs.rollInterval'] * 1000,
      events: options['hdfs.rollCount'],
      bodyBytes: options['hdfs.rollSize'],
      idleMs: options['hdfs.idleTimeout'] * 1000,
    },
    maxOpenFiles: options['hdfs.maxOpenFiles'],
    namesByOffset: options.names === 'deterministic',
    closeTries: retryMs === 0 ? 1 : tries <= 0 ? Number.POSITIVE_INFINITY : tries,
    closeRetryMs: retryMs,
    openFilesFolder: options.openFilesFolder,
    pathKey: 'hdfs.path',
  };
}

function formatOf(options: HdfsOptions, plain: FileFormat): FileFormat {
  const codecName = options['hdfs.codeC'];
  const codec = codecName === undefined ? null : (codecOf(codecName) ?? null);
  const way = codec?.way ?? null;
  const fileType = options['hdfs.fileType'];
  switch (fileType) {
    case 'parquet':
    case 'avro':
      return tableFormat(fileType, options);
    case 'DataStream':
      return plain;
    case 'CompressedStream':
      return compressedFormat(plain, way!, codec!.extension); // validate has seen to it
    case 'SequenceFile': {
      const compression =
        codec === null || way === null
          ? {}
          : { codec: { className: codec.className, compress: compressions[way] } };
      return sequenceFormat({ values: valuesOf(options)!, ...compression }, codec?.extension ?? '');
    }
  }
}
