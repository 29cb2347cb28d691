import { MillraceError } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import { readWhole, replaceFile } from './durable-file.ts';

const blockSize = 1000;

/**
 * Gives out producer ids, each once in the life of the data folder: a block of ids is reserved in a file before the
 * first of it is given, so a crash wastes ids but never repeats one.
 */
export class ProducerIds {
  readonly #files: FileLayer;
  readonly #path: string;
  #next = 0;
  #reserved = 0;
  #reserving: Promise<void> | null = null;

  constructor(files: FileLayer, path: string) {
    this.#files = files;
    this.#path = path;
  }

  load(): void {
    const text = readWhole(this.#files, this.#path)?.toString('utf8').trim();
    if (text === undefined) return;
    if (!/^\d{1,15}$/.test(text)) {
      throw new MillraceError('LOG_CORRUPT', `${this.#path}: '${text.slice(0, 40)}' is not a number`, {
        remedy: 'Write a number into it that is larger than every producer id given so far.',
      });
    }
    this.#next = Number(text);
    this.#reserved = this.#next;
  }

  async next(): Promise<number> {
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = null;
      });
      await this.#reserving;
    }
    return this.#next++;
  }

  async #reserve(): Promise<void> {
    const end = this.#reserved + blockSize;
    await replaceFile(this.#files, this.#path, `${end}\n`);
    this.#reserved = end;
  }
}
