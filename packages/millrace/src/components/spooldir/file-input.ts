import type { ResettableInput } from '../../component/deserializer.ts';
import type { TextReader } from '../../java/text-reader.ts';
import type { SourceHandle } from '../../tracking/source-files.ts';

const normalBytes = 256 * 1024;
/** A read of no more than this is done at once: from the page cache it takes less than asking a thread for it. */
const quickBytes = 64 * 1024;

/** The memory that the inputs of one source read into, one after the other. */
export class InputMemory {
  bytes = Buffer.allocUnsafeSlow(normalBytes);

  /** Room for so many; what the memory held is in it, too. */
  grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, this.bytes.length * 2));
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  /** Gives back what one long event had needed. */
  shrink(): void {
    if (this.bytes.length > normalBytes) this.bytes = Buffer.allocUnsafeSlow(normalBytes);
  }
}

/** An open file as a deserializer reads it. */
export class FileInput implements ResettableInput {
  readonly length: number;
  readonly text: TextReader;
  readonly #handle: SourceHandle;
  readonly #memory: InputMemory;
  #position = 0;
  /** Which bytes of the file the memory holds, from its beginning on. */
  #from = 0;
  #to = 0;

  /** `length`: what counts of the file. */
  constructor(handle: SourceHandle, length: number, text: TextReader, memory: InputMemory) {
    this.#handle = handle;
    this.length = length;
    this.text = text;
    this.#memory = memory;
    memory.shrink();
  }

  tell(): number {
    return this.#position;
  }

  seek(position: number): void {
    this.#position = Math.min(Math.max(0, position), this.length);
  }

  async ahead(bytes: number): Promise<Buffer> {
    const wanted = Math.min(bytes, this.length - this.#position);
    if (this.#position < this.#from || this.#position > this.#to) {
      this.#from = this.#position;
      this.#to = this.#position;
    }
    if (this.#to - this.#position < wanted) await this.#fill(wanted);
    return this.#memory.bytes.subarray(this.#position - this.#from, this.#to - this.#from);
  }

  /** Moves what is not read yet to the front, and reads behind it as much as there is room for. */
  async #fill(wanted: number): Promise<void> {
    const memory = this.#memory;
    memory.bytes.copyWithin(0, this.#position - this.#from, this.#to - this.#from);
    this.#from = this.#position;
    if (wanted > memory.bytes.length) memory.grow(wanted);
    while (this.#to - this.#position < wanted) {
      const at = this.#to - this.#from;
      const room = Math.min(memory.bytes.length - at, this.length - this.#to);
      const into = memory.bytes.subarray(at, at + room);
      const got =
        room <= quickBytes
          ? this.#handle.readSync(into, room, this.#to)
          : await this.#handle.read(into, room, this.#to);
      if (got === 0) break; // it has become shorter; whoever knows the file finds out
      this.#to += got;
    }
  }
}
