import { basename } from 'node:path';
import { type FileKey, keyOf, maxHeadBytes, maxTailBytes } from './content-mark.ts';
import { Inflater, PackedFault, type Packing, stepBytes } from './inflater.ts';
import type { FileLook, FileStat, SourceFiles, SourceHandle } from './source-files.ts';

/** A compressed file that ends too early and has stood still for so long is not being written any more. */
const writingMs = 10_000;
/** Faults that are remembered; more are found again. */
const mostFaults = 1000;

/** How a file is compressed, by its name; null where it is not. */
export function packingOf(name: string): Packing | null {
  if (name.length > 3 && name.endsWith('.gz')) return 'gzip';
  if (name.length > 4 && name.endsWith('.zst')) return 'zstd';
  return null;
}

/** A name without what a compressor appends. */
export function unpackedName(name: string): string {
  return packingOf(name) === null ? name : name.slice(0, name.lastIndexOf('.'));
}

/** What was found out about a compressed file, and holds as long as it has this size and this time. */
interface KnownFault {
  readonly size: number;
  readonly mtimeMs: number;
  /** Reading at or behind this position meets it. */
  position: number;
  readonly error: Error;
}

/** Files of which those that are compressed are read as what they hold; sizes of names are those of the files. */
export class PackedFiles implements SourceFiles {
  readonly #files: SourceFiles;
  readonly #faults = new Map<FileKey, KnownFault>();

  constructor(files: SourceFiles) {
    this.#files = files;
  }

  list(folder: string): readonly string[] {
    return this.#files.list(folder);
  }

  stat(path: string): FileStat | null {
    return this.#files.stat(path);
  }

  open(path: string): SourceHandle {
    const handle = this.#files.open(path);
    const packing = packingOf(basename(path));
    return packing === null ? handle : new PackedHandle(path, packing, handle, this, this.#faults);
  }

  wallMs(): number {
    return this.#files.wallMs();
  }
}

/** Where the content of a compressed file ends, and how large the file was then. */
interface End {
  readonly bytes: number;
  readonly packedBytes: number;
}

/** An open compressed file: positions and bytes are those of its content, which is decompressed as it is read. */
class PackedHandle implements SourceHandle {
  readonly #path: string;
  readonly #packing: Packing;
  readonly #file: SourceHandle;
  readonly #files: SourceFiles;
  readonly #faults: Map<FileKey, KnownFault>;
  readonly #key: FileKey;
  #inflater: Inflater | null = null;
  /** The content from `#from` to `#to`, as it came. */
  #pieces: Buffer[] = [];
  #from = 0;
  #to = 0;
  /** The furthest that was ever seen of it. */
  #most = 0;
  readonly #head = Buffer.alloc(maxHeadBytes);
  #headBytes = 0;
  #end: End | null = null;
  /** It ended too early at this size. */
  #cutAt: number | null = null;
  #fault: PackedFault | null = null;
  /** Damage is near behind this byte of the file. */
  #carefulFrom: number | undefined;

  constructor(
    path: string,
    packing: Packing,
    file: SourceHandle,
    files: SourceFiles,
    faults: Map<FileKey, KnownFault>,
  ) {
    this.#path = path;
    this.#packing = packing;
    this.#file = file;
    this.#files = files;
    this.#faults = faults;
    this.#key = keyOf(file.stat());
  }

  stat(): FileStat {
    return this.#file.stat();
  }

  /** The size is one more than what is known, as long as the end is not. */
  look(): FileLook {
    const look = this.#file.look();
    const isWhole = this.#end !== null && this.#end.packedBytes === look.size;
    return { ...look, storedBytes: look.size, size: isWhole ? this.#end!.bytes : this.#most + 1 };
  }

  get whole(): End | null {
    return this.#end;
  }

  /** Of what is at hand: the head, and what `ready` or the last read left. */
  readSync(into: Buffer, length: number, position: number): number {
    if (position + length <= this.#headBytes) return this.#head.copy(into, 0, position, position + length);
    if (position < this.#from && position < this.#to) throw new Error('this part of it is not at hand');
    return this.#copy(into, length, position);
  }

  async read(into: Buffer, length: number, position: number): Promise<number> {
    await this.#produce(position, position + length);
    return this.#copy(into, length, position);
  }

  /** Makes sure that what stands before a position is at hand, as far as there is so much. */
  async ready(position: number): Promise<void> {
    if (position <= this.#headBytes) return;
    await this.#produce(Math.max(0, position - maxTailBytes), position);
    if (this.#to < position && this.#fault !== null)
      throw this.#told(this.#fault, Math.max(0, position - maxTailBytes));
  }

  close(): void {
    this.#inflater?.close();
    this.#inflater = null;
    this.#pieces = [];
    this.#file.close();
  }

  #copy(into: Buffer, length: number, position: number): number {
    let got = 0;
    let at = this.#from;
    for (const piece of this.#pieces) {
      const skip = position + got - at;
      if (skip >= 0 && skip < piece.length && got < length)
        got += piece.copy(into, got, skip, Math.min(piece.length, skip + length - got));
      at += piece.length;
    }
    return got;
  }

  /** Decompresses up to `to`, or as far as there is content, and keeps what stands from `from` on. */
  async #produce(from: number, to: number): Promise<void> {
    const { size, mtimeMs } = this.#file.look();
    const known = this.#faults.get(this.#key);
    if (known !== undefined && known.size === size && known.mtimeMs === mtimeMs && from >= known.position)
      throw known.error;
    const hasChanged =
      (this.#end !== null && this.#end.packedBytes !== size) ||
      (this.#cutAt !== null && this.#cutAt !== size);
    if (hasChanged) this.#carefulFrom = undefined;
    if (this.#inflater === null || from < this.#from || hasChanged) this.#restart();
    else if (this.#fault !== null && to > this.#to) {
      if (this.#isWritten(mtimeMs)) return;
      throw this.#told(this.#fault, from);
    }
    this.#drop(from);
    while (this.#to < to && this.#end === null && this.#fault === null) {
      await this.#step();
      this.#drop(from);
    }
  }

  async #step(): Promise<void> {
    try {
      const piece = await this.#inflater!.next();
      if (piece === null) {
        this.#end = { bytes: this.#to, packedBytes: this.#file.look().size };
        return;
      }
      if (this.#headBytes < maxHeadBytes && this.#headBytes === this.#to)
        this.#headBytes += piece.copy(this.#head, this.#headBytes);
      this.#pieces.push(piece);
      this.#to += piece.length;
      this.#most = Math.max(this.#most, this.#to);
    } catch (error) {
      if (!(error instanceof PackedFault)) throw error;
      if (error.kind === 'damaged' && this.#carefulFrom === undefined) {
        this.#carefulFrom = Math.max(0, error.packedBytes - stepBytes);
        this.#restart();
        return;
      }
      this.#fault = error;
      if (error.kind === 'cut') this.#cutAt = error.packedBytes;
    }
  }

  /** Whether a file that ends too early may be in the making. */
  #isWritten(mtimeMs: number): boolean {
    return this.#fault?.kind === 'cut' && this.#files.wallMs() - mtimeMs < writingMs;
  }

  #restart(): void {
    this.#inflater?.close();
    this.#inflater = new Inflater(this.#file, this.#packing, this.#carefulFrom);
    this.#pieces = [];
    this.#from = 0;
    this.#to = 0;
    this.#headBytes = 0;
    this.#end = null;
    this.#fault = null;
    this.#cutAt = null;
  }

  #drop(before: number): void {
    let first = this.#pieces[0];
    while (first !== undefined && this.#from + first.length <= before) {
      this.#from += first.length;
      this.#pieces.shift();
      first = this.#pieces[0];
    }
  }

  /** The error that names the place; while file and time stay, it is told again without another look. */
  #told(fault: PackedFault, position: number): Error {
    const { size, mtimeMs } = this.#file.look();
    const text = `${this.#packing} data is ${fault.kind === 'cut' ? 'cut off' : 'damaged'} at byte ${fault.packedBytes} of ${size}, behind byte ${this.#to} of its content: ${fault.message}`;
    const isCut = this.#isWritten(mtimeMs);
    const error = Object.assign(new Error(text), {
      code: isCut ? 'EAGAIN' : 'EBADMSG',
      syscall: 'read',
      path: this.#path,
    });
    if (isCut) return error;
    if (this.#faults.size >= mostFaults) this.#faults.clear();
    this.#faults.set(this.#key, { size, mtimeMs, position, error });
    return error;
  }
}
