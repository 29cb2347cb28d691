import { isUtf8 } from 'node:buffer';
import { dirname, join } from 'node:path';
import type { RefusedBytes, RefusedEventOf, RefusedEvents } from '../../component/refused.ts';
import { readRecord } from '../../records/record.ts';
import { errorText, explainFileError, MillraceError } from '../../runtime/errors.ts';
import { type FileLayer, type LayerFile, readFully, realFiles, writeFully } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';

export interface RefusedFileOptions {
  readonly agent: string;
  readonly kind: string;
  readonly name: string;
  /** Made at the first event, its folders too. */
  readonly path: string;
  readonly log: Logger;
  readonly files?: FileLayer;
  readonly now?: () => number;
  /** Beyond it the file is renamed and a new one begun; nothing is ever removed. Default 64 MiB. */
  readonly rollBytes?: number;
  /** Free bytes that are left to others on the device. Default 64 MiB. */
  readonly spareBytes?: number;
}

const defaultRollBytes = 64 << 20;
const defaultSpareBytes = 64 << 20;
/** The log is told of the first refused events, then at most so often. */
const tellEveryMs = 30_000;

/**
 * The events that one component has set aside: JSON, one event a line, synced before anything is acknowledged. A line
 * that a crash cut short is ended, not lost; a write that fails leaves no part of itself, unless somebody else has written
 * behind it: several components may name the same file, also in several processes.
 */
export class RefusedFile implements RefusedEvents {
  readonly #options: RefusedFileOptions;
  readonly #files: FileLayer;
  readonly #now: () => number;
  #file: LayerFile | null = null;
  /** Where the last write began; after it has worked, where it ended. */
  #sizeBytes = 0;
  /** Bytes of the last write. */
  #written = 0;
  #last: Promise<void> = Promise.resolve();
  #count = 0;
  #untold = 0;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RefusedFileOptions) {
    this.#options = options;
    this.#files = options.files ?? realFiles;
    this.#now = options.now ?? Date.now;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Events set aside since the component was made. */
  get count(): number {
    return this.#count;
  }

  setAside(events: readonly RefusedEventOf[]): Promise<void> {
    return this.#write(events.map((event) => this.#lineOf(event)));
  }

  setAsideBytes(records: readonly RefusedBytes[]): Promise<void> {
    return this.#write(records.map((record) => this.#lineOfBytes(record)));
  }

  /** Ends what is being written and closes the file; another event opens it again. */
  async close(): Promise<void> {
    await this.#last;
    if (this.#untold > 0) this.#tell('');
    this.#closeFile();
  }

  #write(lines: readonly Line[]): Promise<void> {
    if (lines.length === 0) return this.#last;
    const written = this.#last.then(() => this.#append(lines));
    this.#last = written.catch(() => {});
    return written;
  }

  async #append(lines: readonly Line[]): Promise<void> {
    try {
      const bytes = Buffer.from(lines.map(({ text }) => `${text}\n`).join(''));
      const isNew = this.#file === null;
      const file = this.#file ?? this.#open();
      this.#requireSpace(bytes.length);
      this.#toEnd(file);
      this.#written = bytes.length;
      writeFully(file, [bytes], this.#sizeBytes);
      await file.datasync();
      if (isNew) await this.#files.syncDir(dirname(this.path));
      this.#sizeBytes += bytes.length;
    } catch (error) {
      this.#undo();
      throw this.#explain(error);
    }
    this.#count += lines.length;
    this.#untold += lines.length;
    if (performance.now() - this.#toldAtMs >= tellEveryMs) this.#tell(`: ${lines.at(-1)!.reason}`);
    if (this.#sizeBytes >= (this.#options.rollBytes ?? defaultRollBytes)) this.#roll();
  }

  #open(): LayerFile {
    this.#files.makeDir(dirname(this.path));
    const file = this.#files.open(this.path, 'append');
    this.#file = file;
    return file;
  }

  /** Others may write to the same file; whatever a line of theirs or of ours ends with, the next begins anew. */
  #toEnd(file: LayerFile): void {
    this.#sizeBytes = file.size();
    const last = Buffer.alloc(1);
    if (this.#sizeBytes > 0 && readFully(file, last, this.#sizeBytes - 1) === 1 && last[0] !== 0x0a) {
      writeFully(file, [Buffer.from('\n')], this.#sizeBytes);
      this.#sizeBytes++;
    }
  }

  #requireSpace(bytes: number): void {
    const { spareBytes = defaultSpareBytes } = this.#options;
    const free = this.#files.freeBytes(dirname(this.path));
    if (free - bytes >= spareBytes) return;
    throw new MillraceError('DISK_FULL', `only ${free} bytes are free, and ${spareBytes} are left to others`);
  }

  #undo(): void {
    try {
      // Beyond what this write can have left stands a line of somebody else, which may be acknowledged.
      const left = this.#file === null ? 0 : this.#file.size() - this.#sizeBytes;
      if (left > 0 && left <= this.#written) this.#file!.truncate(this.#sizeBytes);
    } catch {
      // What stays is a torn or doubled line; the next write begins a line of its own.
    }
    this.#closeFile();
  }

  #roll(): void {
    try {
      this.#closeFile();
      const stamp = new Date(this.#now()).toISOString().replaceAll(':', '').replaceAll('.', '');
      const kept = `${this.path.replace(/\.jsonl$/, '')}-${stamp}.jsonl`;
      if (this.#files.size(kept) === null) this.#files.rename(this.path, kept);
    } catch (error) {
      this.#options.log.warn(`${this.path} grows on, it can't be renamed: ${errorText(error)}`);
    }
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = null;
  }

  #tell(reason: string): void {
    this.#options.log.warn(
      `${this.#untold} ${this.#untold === 1 ? 'event was' : 'events were'} refused for good and set aside in ${this.path}${reason}`,
      { events: this.#untold, file: this.path },
    );
    this.#untold = 0;
    this.#toldAtMs = performance.now();
  }

  #explain(error: unknown): MillraceError {
    const { kind, name } = this.#options;
    const told = explainFileError(error);
    const code = told instanceof MillraceError ? told.code : 'FILE_ACCESS';
    return new MillraceError(
      code,
      `${kind} ${name}: refused events can't be set aside in ${this.path}: ${errorText(told)}`,
      {
        cause: error,
        details: { file: this.path },
        remedy: `Make room or let this user write there, or name another file (refusedFile of ${kind} ${name}); work goes on by itself.`,
      },
    );
  }

  #lineOf({ batch, index, reason, stage }: RefusedEventOf): Line {
    const event = batch.event(index);
    const { source, place, positionOf } = batch.provenance ?? {};
    const position = positionOf?.(readRecord(batch.records, batch.index[index]!).offsetDelta);
    return this.#line(reason, {
      ...this.#who(stage, reason),
      source,
      place,
      position,
      timestamp: event.timestamp,
      headers: Object.fromEntries(event.headers()),
      ...(event.key !== null && content('key', event.key)),
      ...content('body', event.body),
    });
  }

  #lineOfBytes({ bytes, reason, stage, place, position }: RefusedBytes): Line {
    return this.#line(reason, { ...this.#who(stage, reason), place, position, ...content('bytes', bytes) });
  }

  #line(reason: string, value: object): Line {
    return { reason, text: JSON.stringify(value) };
  }

  #who(stage: string, reason: string) {
    const { agent, kind, name } = this.#options;
    return { time: new Date(this.#now()).toISOString(), agent, [kind]: name, stage, reason };
  }
}

interface Line {
  readonly reason: string;
  readonly text: string;
}

/** Text where the bytes are UTF-8, else `…Base64`: either gives the bytes back as they were. */
function content(name: string, bytes: Buffer): Record<string, string> {
  return isUtf8(bytes) ? { [name]: bytes.toString('utf8') } : { [`${name}Base64`]: bytes.toString('base64') };
}

/** Where a component's refused events go: its own choice, else beside its channel's files, else the user's home folder. */
export function refusedPath(
  { agent, kind, name }: { agent: string; kind: string; name: string },
  chosen: string | undefined,
  channelFolder: string | undefined,
  home: string,
): string {
  if (chosen !== undefined) return chosen;
  // Names come from a configuration: whatever they hold, they stay one name in this folder.
  const file = `${encodeURIComponent(agent)}-${kind}-${encodeURIComponent(name)}.jsonl`;
  return join(channelFolder ?? join(home, '.flume'), 'refused', file);
}
