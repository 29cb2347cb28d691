import { homedir } from 'node:os';
import { join } from 'node:path';
import type { FileStore } from '../../clients/file-store/file-store.ts';
import { hdfsNameFault } from '../../clients/webhdfs/hdfs-name.ts';
import { SinkCounter } from '../../component/counters.ts';
import { defineSink, makeSerializer, type SinkContext } from '../../component/define.ts';
import type { Delivery, DeliveryOutcome } from '../../component/delivery.ts';
import type { DeliverOptions, FlushOptions, Sink, SinkBatch, SinkWindow } from '../../component/sink.ts';
import { javaTimeZone, machineZone } from '../../java/time-zone.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { BucketPath } from './bucket-path.ts';
import { BucketedFiles } from './bucketed-files.ts';
import { codecOf } from './codecs.ts';
import { compressedFormat, compressions } from './compressed-format.ts';
import { type FileFormat, plainFormat } from './file-format.ts';
import { bucketFault, type FileNaming } from './file-names.ts';
import { storeOf } from './hdfs-cluster.ts';
import {
  type HdfsOptions,
  hdfsOptions,
  needsOfHdfs,
  notesOfHdfs,
  validateHdfs,
  valuesOf,
} from './hdfs-options.ts';
import { type SplitPath, splitPath } from './hdfs-path.ts';
import { LeftFiles } from './left-files.ts';
import { OpenFilesNote } from './open-files-note.ts';
import { sequenceFormat } from './sequence-format.ts';

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
    'HDFS is spoken to over HTTP (WebHDFS, HttpFS), which `hdfs://` finds by `dfs.namenode.http-address` in hdfs-site.xml, else at port 9870 of the same host. `s3a://` is told and drops the sink.',
    'Over WebHDFS each batch of `writeMode = append` is a request of its own, some 50 a second at most: take large batches, or `writeMode = stream`, which has one request for each file. Flume sends a batch through a pipe that stays open.',
    'Kerberos is not built: its keys drop the sink, unless there is a delegation token.',
    'On this machine events are acknowledged when the device has them; Flume’s are then in the page cache. In HDFS all DataNodes of the file have them, as with Flume.',
    'A file that fails is cut back to what is acknowledged of it and renamed, so a retry writes no doubles into it.',
    'A start finishes the files that a killed process has left under their names in use; Flume leaves them for ever. The notes for it are in `openFilesFolder`.',
    '`writeMode = stream` acknowledges events when their file is under its final name: of a file that fails nothing stays. A file then ends at the latest with 64 MiB of events, and within 30 s when nothing more comes and `hdfs.rollInterval` is 0; in a sink group after every turn.',
    'An event without a `timestamp` header where one is needed, and one whose headers would lead out of the folder or make a name that no file can have, is set aside; Flume tries its batch for ever. `onRefused = retry` does, too.',
    'A `hdfs.writeFormat` that is a class of somebody else’s drops the sink; bzip2, snappy, lz4 and lzo do, too.',
    'A file is never written over. Where its number is taken, the next that is free is used.',
    'Names of days and months are English.',
  ],
  options: hdfsOptions,
  batchSizeOption: 'hdfs.batchSize',
  needs: needsOfHdfs,
  promises: (values) => ({
    does: `writes files to ${values['hdfs.path']}`,
    delivered:
      values.writeMode === 'stream'
        ? 'its file is whole and under its final name'
        : 'its bytes are on the device',
    survives: 'power cut',
    doubles: ['after a kill before the channel knows, events are written again'],
  }),
  validate: (values) => validateHdfs(values),
  notes: (values) => notesOfHdfs(values),
  create: (context) => new HdfsSink(context),
});

/** What may be unacknowledged at once in stream mode; it is held in memory until its file is closed. */
const streamWindow: SinkWindow = { deliveries: 4096, bytes: 64 * 1024 * 1024 };
/** In stream mode a file without a roll by time is closed so long after there was nothing more to write. */
const idleCloseMs = 30_000;

/** Flume's HDFSEventSink over a store of files. */
class HdfsSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly window?: SinkWindow;
  readonly #context: Context;
  readonly #path: SplitPath;
  #running: Running | null = null;

  constructor(context: Context) {
    this.#context = context;
    const { options } = context;
    this.batch = { events: options['hdfs.batchSize'] };
    if (options.writeMode === 'stream') this.window = streamWindow;
    this.#path = splitPath(options['hdfs.path']) as SplitPath; // validate has seen to it
  }

  async start(): Promise<void> {
    this.counter.start();
    const { options, name, report } = this.#context;
    const store = await storeOf(this.#path, options, options.writeMode, `sink ${name}`);
    const note = this.#openNote(store.url);
    const tries = options['hdfs.closeTries'];
    const retryMs = options['hdfs.retryInterval'] * 1000;
    const left = new LeftFiles({
      ...{ store, note, report, retryMs },
      label: `sink ${name}`,
      tries: retryMs === 0 ? 1 : tries <= 0 ? Number.POSITIVE_INFINITY : tries,
      onFailure: () => this.counter.connectionFailed++,
    });
    await left.sweep();
    this.#running = { store, note, left, files: this.#filesOver(store, left) };
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running !== null) {
      await running.files.closeAll();
      running.left.stop();
      await running.store.close();
      running.note?.close();
    }
    this.counter.stop();
  }

  async deliver(delivery: Delivery, { signal }: DeliverOptions): Promise<DeliveryOutcome> {
    if (this.#running === null)
      throw new MillraceError('DELIVERY_FAILED', `sink ${this.#context.name} is not started`);
    const outcome = await this.#running.files.deliver(delivery, signal);
    if ((outcome.pending ?? []).length > 0) this.counter.eventWriteFail++;
    return outcome;
  }

  async flush({ idle = false }: FlushOptions = {}): Promise<void> {
    const { options } = this.#context;
    if (options.writeMode === 'append') return;
    if (!idle) await this.#running?.files.closeAll();
    else if (options['hdfs.rollInterval'] === 0) this.#running?.files.closeWithin(idleCloseMs);
  }

  onTaken(events: number, full: boolean): void {
    if (events === 0) this.counter.batchEmpty++;
    else if (full) this.counter.batchComplete++;
    else this.counter.batchUnderflow++;
  }

  #filesOver(store: FileStore, left: LeftFiles): BucketedFiles {
    const { options } = this.#context;
    const format = this.#format();
    const naming: FileNaming = {
      inUsePrefix: options['hdfs.inUsePrefix'],
      inUseSuffix: options['hdfs.emptyInUseSuffix'] ? '' : options['hdfs.inUseSuffix'],
      suffix: options['hdfs.fileSuffix'] ?? format.extension,
    };
    const { counter } = this;
    return new BucketedFiles({
      ...{ store, left, format, naming },
      mode: options.writeMode,
      path: this.#bucketPath(naming),
      rules: {
        intervalMs: options['hdfs.rollInterval'] * 1000,
        events: options['hdfs.rollCount'],
        bodyBytes: options['hdfs.rollSize'],
        idleMs: options['hdfs.idleTimeout'] * 1000,
      },
      maxOpenFiles: options['hdfs.maxOpenFiles'],
      now: Date.now,
      onOpened: () => counter.connectionCreated++,
      onOpenFailed: () => counter.connectionFailed++,
      onFinished: () => counter.connectionClosed++,
    });
  }

  #bucketPath(naming: FileNaming): BucketPath {
    const { options } = this.#context;
    const zone = options['hdfs.timeZone'];
    return new BucketPath({
      folder: this.#path.folder,
      prefix: options['hdfs.filePrefix'],
      zone: zone === undefined ? machineZone : (javaTimeZone(zone) ?? javaTimeZone('GMT')!),
      rounding: options['hdfs.round']
        ? { unit: options['hdfs.roundUnit'], value: options['hdfs.roundValue'] }
        : null,
      useLocalTime: options['hdfs.useLocalTimeStamp'],
      faultOf: (bucket) =>
        bucketFault(naming, bucket) ??
        (this.#path.scheme === 'file' ? null : hdfsNameFault(`${bucket.folder}/${bucket.prefix}`)),
    });
  }

  #format(): FileFormat {
    const { options } = this.#context;
    return formatOf(
      options,
      plainFormat(() => makeSerializer(options.serializer, this.#context)),
    );
  }

  /** Without notes the sink works as Flume's: what a kill leaves behind stays. */
  #openNote(url: string): OpenFilesNote | null {
    const { agent, name, options, log, report } = this.#context;
    const folder = options.openFilesFolder ?? join(homedir(), '.flume', 'open-files', `${agent}-${name}`);
    try {
      const note = OpenFilesNote.open(folder, url);
      if (note.elsewhere > 0)
        log.warn(
          `${note.elsewhere} files of an earlier hdfs.path keep their names in use: ${folder}/open-files`,
        );
      return note;
    } catch (error) {
      const message = `sink ${name}: open files can't be noted in ${folder}: ${errorText(error)}; what a kill leaves behind will keep its name in use`;
      const suggestion = 'give it a folder of its own with openFilesFolder';
      report({
        file: folder,
        line: 0,
        column: 0,
        severity: 'warning',
        code: 'file-left',
        message,
        suggestion,
      });
      return null;
    }
  }
}

interface Running {
  readonly store: FileStore;
  readonly note: OpenFilesNote | null;
  readonly left: LeftFiles;
  readonly files: BucketedFiles;
}

function formatOf(options: HdfsOptions, plain: FileFormat): FileFormat {
  const codecName = options['hdfs.codeC'];
  const codec = codecName === undefined ? null : (codecOf(codecName) ?? null);
  const way = codec?.way ?? null;
  switch (options['hdfs.fileType']) {
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
