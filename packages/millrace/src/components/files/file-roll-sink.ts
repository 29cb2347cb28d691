import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SinkCounter } from '../../component/counters.ts';
import { defineSink, makeRollPath, makeSerializer, type SinkContext } from '../../component/define.ts';
import type { Delivery, DeliveryOutcome, RefusedInDelivery } from '../../component/delivery.ts';
import type { RollPath } from '../../component/path-manager.ts';
import type { SinkPromises } from '../../component/promises.ts';
import type { Sink, SinkBatch } from '../../component/sink.ts';
import { opt } from '../../config/options.ts';
import { errorCodes, errorText, hasErrno, MillraceError } from '../../runtime/errors.ts';
import { every, type Timer } from '../../runtime/timers.ts';
import { encodeEvents, type FileEncoder, type FileFormat, FormatBroken, plainFormat } from './file-format.ts';
import { rollTables, tablePrefix } from './roll-tables.ts';
import { BucketedSink } from './sink-base.ts';
import { isTableType, tableFaults, tableOptions, tableTypes } from './table-options.ts';

const options = {
  'sink.directory': opt.path({ doc: 'Where the files go; it must exist and be writable.', required: true }),
  'sink.rollInterval': opt.duration('s', {
    doc: 'After what time a new file is begun, also an empty one; 0: never.',
    java: 'long',
    default: 30,
    min: 0,
  }),
  'sink.batchSize': opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
  'sink.serializer': opt.component('serializer', {
    doc: 'What a file looks like; sink.serializer.* are the options of that serializer.',
    default: 'TEXT',
  }),
  'sink.pathManager': opt.component('pathManager', {
    doc: 'How files are named; sink.pathManager.* are the options of that path manager.',
    default: 'DEFAULT',
  }),
  'sink.fileType': opt.enum(['DataStream', ...tableTypes], {
    doc: 'What a file is: the serializer’s bytes, or a table of JSON events.',
    default: 'DataStream',
  }),
  ...tableOptions,
  openFilesFolder: opt.path({
    doc: 'Of tables: folder in which the sink notes the file that it has open, so that a start after a kill can remove it. Default: ~/.flume/open-files/AGENT-SINK.',
  }),
};
type Context = SinkContext<typeof options>;

/** What its files are called, for whoever wants to know who reads them. */
const sampleName = '1700000000000-1';

export const fileRollSink = defineSink({
  type: 'file_roll',
  classNames: ['org.apache.flume.sink.RollingFileSink'],
  summary: 'Writes events to local files, a new one after every interval.',
  example: `
a1.sinks.k1.type = file_roll
a1.sinks.k1.sink.directory = /var/lib/collected
a1.sinks.k1.sink.rollInterval = 300
`,
  differs: [
    'It never overwrites a file that is there, and cuts a failed batch off the file.',
    'With `sink.fileType = parquet` or `avro` events are acknowledged when their file is whole, on the device and under its final name `events.N.parquet`; the channel holds them until then. A file then ends at the latest with 64 MiB of events, and within 30 s when nothing more comes and `sink.rollInterval` is 0. No empty file is made, and `sink.pathManager` and `sink.serializer` have no part in it.',
    '`~/` at the start of `sink.directory` is the home folder of the user; Flume takes it for a name.',
  ],
  options,
  batchSizeOption: 'sink.batchSize',
  validate: (values) =>
    isTableType(values['sink.fileType'])
      ? tableFaults(values['sink.fileType'], values, { key: 'names', value: 'counter' })
      : [],
  writes: (values) => ({
    at: ['files'],
    name: join(
      resolve(values['sink.directory']),
      isTableType(values['sink.fileType']) ? `${tablePrefix}.1` : sampleName,
    ),
    key: 'sink.directory',
    title: `files in ${values['sink.directory']}`,
    remedy: 'write to a folder that is not read',
  }),
  promises: (values) =>
    isTableType(values['sink.fileType'])
      ? promiseOfTables(values['sink.directory'])
      : {
          does: `writes files into ${values['sink.directory']}`,
          delivered: 'the operating system has its bytes',
          survives: 'kill',
          losses: [
            {
              when: 'the machine loses power',
              what: 'what the operating system had not yet written to the device is lost',
              instead: 'use the hdfs sink with file:///, which syncs',
            },
          ],
        },
  create: (context) => {
    const { options: values } = context;
    const fileType = values['sink.fileType'];
    return isTableType(fileType)
      ? new BucketedSink(context, rollTables(fileType, values))
      : new FileRollSink(context);
  },
});

function promiseOfTables(directory: string): SinkPromises {
  return {
    does: `writes files into ${directory}`,
    delivered: 'its file is whole and under its final name',
    survives: 'power cut',
    doubles: ['after a kill before the channel knows, events are written again'],
  };
}

/** The file that is being written. */
interface RollFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly encoder: FileEncoder;
  /** Bytes that belong to acknowledged events; whatever lies beyond is from a delivery that failed. */
  sizeBytes: number;
  /** How many of them are its beginning. */
  readonly headBytes: number;
}

/**
 * Flume's RollingFileSink. Events are acknowledged when their bytes are in the page cache: they survive the process, not
 * the machine (Flume only flushes, too). A delivery that fails half-way is cut off the file, so that its retry writes
 * no doubles. An event that the serializer can't write is refused.
 */
class FileRollSink implements Sink {
  readonly counter = new SinkCounter();
  readonly batch: SinkBatch;
  readonly #context: Context;
  readonly #format: FileFormat;
  readonly #makePath: () => RollPath;
  #path: RollPath;
  #file: RollFile | null = null;
  #opening: Promise<RollFile> | null = null;
  #stopped = true;
  #rollDue = false;
  #timer: Timer | null = null;

  constructor(context: Context) {
    const { options } = context;
    this.#context = context;
    this.batch = { events: options['sink.batchSize'] };
    this.#format = plainFormat(() => makeSerializer(options['sink.serializer'], context));
    this.#makePath = () => makeRollPath(options['sink.pathManager'], options['sink.directory']);
    this.#path = this.#makePath();
  }

  async start(): Promise<void> {
    this.counter.start();
    this.#path = this.#makePath();
    this.#rollDue = false;
    this.#stopped = false;
    const intervalMs = this.#context.options['sink.rollInterval'] * 1000;
    if (intervalMs === 0) return;
    this.#timer = every(intervalMs, () => {
      this.#rollDue = true;
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopped = true;
    // A take for which a file is being opened is not waited for by whoever stops.
    await this.#opening?.catch(() => {});
    await this.#close();
    this.counter.stop();
  }

  /** A new file where one is due, also while there are no events. */
  async prepare(): Promise<void> {
    if (this.#rollDue) {
      this.#rollDue = false;
      await this.#close();
      this.#path.rotate();
    }
    await this.#current();
  }

  async deliver(delivery: Delivery): Promise<DeliveryOutcome | undefined> {
    const file = await this.#current();
    try {
      const { bytes, refused } = await encode(delivery, file.encoder);
      file.sizeBytes += await writeAll(file.handle, bytes, file.sizeBytes);
      return refused.length > 0 ? { refused } : undefined;
    } catch (error) {
      this.counter.eventWriteFail++;
      await this.#cutBack(file, error instanceof FormatBroken);
      throw new MillraceError(
        'DELIVERY_FAILED',
        `sink ${this.#context.name}: cannot write ${file.path}: ${errorText(error)}`,
        {
          cause: error,
          details: { file: file.path },
          ...(hasErrno(error, 'ENOSPC', 'EDQUOT') ? { remedy: errorCodes.DISK_FULL.remedy } : {}),
        },
      );
    }
  }

  /** The file to write to. It is opened once, whoever asks meanwhile, and never behind a stop: nobody would close it. */
  async #current(): Promise<RollFile> {
    if (this.#file !== null) return this.#file;
    if (this.#stopped)
      throw new MillraceError('DELIVERY_FAILED', `sink ${this.#context.name} is not started`);
    this.#opening ??= this.#begin();
    return await this.#opening;
  }

  async #begin(): Promise<RollFile> {
    try {
      this.#file = await this.#open();
      return this.#file;
    } finally {
      this.#opening = null;
    }
  }

  async #open(): Promise<RollFile> {
    const path = this.#path.current();
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'wx');
      const encoder = this.#format.open();
      const sizeBytes = await writeAll(handle, await encoder.begin(), 0);
      this.counter.connectionCreated++;
      return { path, handle, encoder, sizeBytes, headBytes: sizeBytes };
    } catch (error) {
      await handle?.close().catch(() => {});
      if (hasErrno(error, 'EEXIST')) {
        // An earlier run used the name (ROLLTIME, started twice in a second): its events are not written over.
        this.#path.rotate();
        return await this.#open();
      }
      this.counter.connectionFailed++;
      const message = `Failed to open file ${path} while delivering event: ${errorText(error)}`;
      throw new MillraceError('DELIVERY_FAILED', message, {
        cause: error,
        details: { file: path },
        remedy: `Make the folder of sink.directory and let this user write to it; sink ${this.#context.name} goes on by itself.`,
      });
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    try {
      await writeAll(file.handle, await file.encoder.end(), file.sizeBytes);
      this.counter.connectionClosed++;
    } finally {
      await file.handle.close();
    }
  }

  /**
   * Takes the bytes of a failed delivery off the file; where even that fails, the next batch begins a new file. So it does
   * where the serializer is of no more use, unless the file has no events: then it is begun anew.
   */
  async #cutBack(file: RollFile, isBroken: boolean): Promise<void> {
    try {
      const isEmpty = file.sizeBytes === file.headBytes;
      await file.handle.truncate(isBroken && isEmpty ? 0 : file.sizeBytes);
      if (!isBroken) return;
      if (isEmpty) {
        const encoder = this.#format.open();
        const sizeBytes = await writeAll(file.handle, await encoder.begin(), 0);
        this.#file = { ...file, encoder, sizeBytes, headBytes: sizeBytes };
        return;
      }
    } catch {
      // As with one that is broken.
    }
    await file.handle.close().catch(() => {});
    this.#file = null;
    this.#path.rotate();
  }
}

/** The bytes of all events that the serializer can write, and those that it can't. */
async function encode(
  delivery: Delivery,
  encoder: FileEncoder,
): Promise<{ bytes: Buffer[]; refused: RefusedInDelivery[] }> {
  const bytes: Buffer[] = [];
  const refused: RefusedInDelivery[] = [];
  let first = 0;
  for (const batch of delivery.batches) {
    const encoded = await encodeEvents(encoder, batch);
    bytes.push(...encoded.bytes);
    for (const { index, reason } of encoded.refused) refused.push({ index: first + index, reason });
    first += batch.count;
  }
  bytes.push(...(await encoder.settle()));
  return { bytes, refused };
}

/** Writes all the buffers from `position` on; returns how many bytes that were. */
async function writeAll(handle: FileHandle, buffers: readonly Buffer[], position: number): Promise<number> {
  let rest = buffers.filter((buffer) => buffer.length > 0);
  let written = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, position + written);
    written += bytesWritten;
    rest = after(rest, bytesWritten);
  }
  return written;
}

/** What is left of the buffers after their first `count` bytes. */
function after(buffers: readonly Buffer[], count: number): Buffer[] {
  let skip = count;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (skip >= buffer.length) {
      skip -= buffer.length;
    } else {
      rest.push(buffer.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}
