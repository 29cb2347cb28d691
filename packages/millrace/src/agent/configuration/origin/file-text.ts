import { readFile, stat } from 'node:fs/promises';
import { errorText, hasErrno, MillraceError } from '../../../runtime/errors.ts';
import type { PolledText } from './polled-texts.ts';

/** More than any configuration that was written by hand or by a program. */
export const largestText = 16 * 1024 * 1024;

/**
 * A file, which is another when its modification time is strictly later than the latest seen, as for Flume. A file that
 * is away for a moment is no change. `setBy`: the option that named it.
 */
export class FileText implements PolledText {
  readonly name: string;
  readonly #path: string;
  readonly #setBy: string;
  #seenMs = 0;

  constructor(path: string, setBy = '-f') {
    this.name = path;
    this.#path = path;
    this.#setBy = setBy;
  }

  get changedLine(): string {
    return `Reloading configuration file:${this.#path}`;
  }

  async read(): Promise<Uint8Array> {
    // Before the bytes: what is written meanwhile is seen at the next look.
    this.#seenMs = Math.max(this.#seenMs, (await stat(this.#path).catch(() => null))?.mtimeMs ?? 0);
    return readConfigFile(this.#path, this.#setBy);
  }

  async look(): Promise<Uint8Array | null> {
    const stats = await stat(this.#path).catch(() => null);
    if (stats === null || stats.mtimeMs <= this.#seenMs) return null;
    return this.read();
  }
}

/** Throws `CONFIG_INVALID` that names the file, the reason and the option that gave the path. */
export async function readConfigFile(file: string, setBy = '-f'): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > largestText)
      throw new MillraceError('CONFIG_INVALID', `${file} is larger than ${largestText} bytes`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const why = hasErrno(error, 'ENOENT')
      ? 'there is no such file'
      : hasErrno(error, 'EISDIR')
        ? 'it is a folder'
        : hasErrno(error, 'EACCES')
          ? 'this user may not read it (permission denied)'
          : errorText(error);
    throw new MillraceError('CONFIG_INVALID', `can't read ${file}: ${why}`, {
      cause: error,
      remedy: `Check the path that ${setBy} gives.`,
      details: { file },
    });
  }
}
