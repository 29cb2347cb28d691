import { type FileHandle, open } from 'node:fs/promises';
import type { Transaction } from '../component/channel.ts';
import { SinkCounter } from '../component/counters.ts';
import { defineSink, type SinkContext } from '../component/define.ts';
import type { EventSerializer } from '../component/serializer.ts';
import type { ProcessStatus, Sink } from '../component/sink.ts';
import { opt } from '../config/options.ts';
import { errorCodes, errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import { serializerFactory, serializerFaults } from '../serializers/catalog.ts';
import { defaultPath, type RollPath, type RollPathOptions, rollTimePath } from './file-roll-path.ts';

const options = {
  'sink.directory': opt.string({ doc: 'Where the files go; it must exist and be writable.', required: true }),
  'sink.rollInterval': opt.duration('s', {
    doc: 'After what time a new file is begun, also an empty one; 0: never.',
    java: 'long',
    default: 30,
    min: 0,
  }),
  'sink.batchSize': opt.int({ doc: 'Most events of one transaction.', unit: 'events', default: 100, min: 1 }),
  'sink.serializer': opt.string({ doc: 'What a file looks like: TEXT or HEADER_AND_TEXT.', default: 'TEXT' }),
  serializerOptions: opt.map({ doc: 'Options of the serializer.', prefix: 'sink.serializer' }),
  'sink.pathManager': opt.string({
    doc: 'How files are named: DEFAULT by the start of the series, ROLLTIME by the time of each file.',
    default: 'DEFAULT',
  }),
  'sink.pathManager.extension': opt.string({ doc: 'What follows the name, after a dot.', default: '' }),
  'sink.pathManager.prefix': opt.string({ doc: 'What the name begins with.', default: '' }),
};
type Context = SinkContext<typeof options>;

const pathManagers: Readonly<Record<string, (options: RollPathOptions) => RollPath>> = {
  default: defaultPath,
  rolltime: rollTimePath,
  'org.apache.flume.formatter.output.DefaultPathManager$Builder': defaultPath,
  'org.apache.flume.formatter.output.RollTimePathManager$Builder': rollTimePath,
};

export const fileRollSink = defineSink({
  type: 'file_roll',
  classNames: ['org.apache.flume.sink.RollingFileSink'],
  summary: 'Writes events to local files, a new one after every interval.',
  options,
  batchSizeOption: 'sink.batchSize',
  validate: (values) => {
    const type = values['sink.serializer'];
    const faults = [...serializerFaults('sink.serializer', type, values.serializerOptions)];
    if (findPathManager(values['sink.pathManager']) === undefined) {
      const message = `sink.pathManager: "${values['sink.pathManager']}" is none of DEFAULT, ROLLTIME`;
      faults.push({ key: 'sink.pathManager', message });
    }
    return faults;
  },
  create: (context) => new FileRollSink(context),
});

function findPathManager(type: string): ((options: RollPathOptions) => RollPath) | undefined {
  return pathManagers[type] ?? pathManagers[type.toLowerCase()];
}

/** The file that is being written. */
interface RollFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly serializer: EventSerializer;
  /** Bytes that belong to committed events; whatever lies beyond is from a batch that failed. */
  sizeBytes: number;
}

/**
 * Flume's RollingFileSink. A take is committed when its bytes are in the page cache: they survive the process, not the
 * machine (Flume only flushes, too). A batch that fails half-way is cut off the file, so that its retry writes no
 * doubles.
 */
class FileRollSink implements Sink {
  readonly counter = new SinkCounter();
  readonly #context: Context;
  readonly #newSerializer: () => EventSerializer;
  readonly #makePath: () => RollPath;
  #path: RollPath;
  #file: RollFile | null = null;
  #rollDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(context: Context) {
    const { options } = context;
    this.#context = context;
    this.#newSerializer = serializerFactory(options['sink.serializer'], options.serializerOptions, context);
    const manager = findPathManager(options['sink.pathManager']) ?? defaultPath;
    this.#makePath = () =>
      manager({
        directory: options['sink.directory'],
        prefix: options['sink.pathManager.prefix'],
        extension: options['sink.pathManager.extension'],
      });
    this.#path = this.#makePath();
  }

  async start(): Promise<void> {
    this.counter.start();
    this.#path = this.#makePath();
    this.#rollDue = false;
    const intervalMs = this.#context.options['sink.rollInterval'] * 1000;
    if (intervalMs === 0) return;
    this.#timer = setInterval(() => {
      this.#rollDue = true;
    }, intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#close();
    this.counter.stop();
  }

  async process(signal: AbortSignal): Promise<ProcessStatus> {
    if (this.#rollDue) {
      this.#rollDue = false;
      await this.#close();
      this.#path.rotate();
    }
    this.#file ??= await this.#open();
    return await this.#drain(this.#file, signal);
  }

  async #drain(file: RollFile, signal: AbortSignal): Promise<ProcessStatus> {
    const transaction = this.#context.channel.begin();
    try {
      const { bytes, count } = await this.#takeBytes(transaction, file.serializer, signal);
      this.counter.eventDrainAttempt += count;
      const written = await writeAll(file.handle, bytes, file.sizeBytes);
      await transaction.commit();
      file.sizeBytes += written;
      this.counter.eventDrainSuccess += count;
      return count > 0 ? 'ready' : 'backoff';
    } catch (error) {
      this.counter.eventWriteFail++;
      await transaction.rollback();
      await this.#cutBack(file);
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

  async #takeBytes(
    transaction: Transaction,
    serializer: EventSerializer,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer[]; count: number }> {
    const batchSize = this.#context.options['sink.batchSize'];
    const bytes: Buffer[] = [];
    let count = 0;
    while (count < batchSize) {
      const batch = await transaction.take(batchSize - count, signal);
      if (batch === null) break;
      bytes.push(serializer.encode(batch));
      count += batch.count;
    }
    return { bytes, count };
  }

  async #open(): Promise<RollFile> {
    const path = this.#path.current();
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'wx');
      const serializer = this.#newSerializer();
      const sizeBytes = await writeAll(handle, [serializer.begin()], 0);
      this.counter.connectionCreated++;
      return { path, handle, serializer, sizeBytes };
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
      await writeAll(file.handle, [file.serializer.end()], file.sizeBytes);
      this.counter.connectionClosed++;
    } finally {
      await file.handle.close();
    }
  }

  /** Takes the bytes of a failed batch off the file; where even that fails, the next batch begins a new file. */
  async #cutBack(file: RollFile): Promise<void> {
    try {
      await file.handle.truncate(file.sizeBytes);
    } catch {
      await file.handle.close().catch(() => {});
      this.#file = null;
      this.#path.rotate();
    }
  }
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
