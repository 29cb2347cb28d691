import { dirname } from 'node:path';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import { type FileLayer, type LayerFile, readFully, writeFully } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import {
  type AuditEvent,
  auditLine,
  type Link,
  lineFault,
  linkOf,
  longestLine,
  noHash,
} from './audit-chain.ts';

/** Lines are on the device at the latest so long after they were written. */
const syncMs = 1_000;

export interface AuditOptions {
  readonly files: FileLayer;
  readonly path: string;
  readonly logger: Logger;
  readonly now: () => number;
}

/**
 * Who logged in or was refused, and who changed what: a file whose lines are chained by their hashes (audit-chain.ts). A
 * line that can't be written is told in the log of the broker; requests are served all the same.
 */
export class AuditLog {
  readonly #options: AuditOptions;
  readonly #file: LayerFile;
  #last: Link;
  #sync: Timer | null = null;
  #isFailing = false;

  /** Goes on with the chain that is there. Throws `CONFIG_INVALID` where the file's end is none. */
  constructor(options: AuditOptions) {
    this.#options = options;
    const { files, path } = options;
    files.makeDir(dirname(path));
    this.#file = files.open(path, 'append');
    try {
      this.#last = this.#resume();
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  note(event: AuditEvent): void {
    const { line, link } = auditLine(event, this.#options.now(), this.#last);
    const end = this.#file.size();
    try {
      writeFully(this.#file, [Buffer.from(line)], end);
      this.#last = link;
      this.#isFailing = false;
    } catch (error) {
      this.#cut(end);
      if (!this.#isFailing)
        this.#options.logger.error(`the audit log ${this.#options.path} takes nothing: ${errorText(error)}`);
      this.#isFailing = true;
      return;
    }
    this.#sync ??= after(syncMs, () => this.#flush(), { background: true });
  }

  async close(): Promise<void> {
    this.#sync?.cancel();
    await this.#file.datasync().catch(() => {});
    this.#file.close();
    const { number, hash } = this.#last;
    this.#options.logger.info(`the audit log ends with line ${number}, hash ${hash}`);
  }

  #flush(): void {
    this.#sync = null;
    this.#file.datasync().catch((error) => {
      this.#options.logger.error(
        `the audit log ${this.#options.path} is not on the device: ${errorText(error)}`,
      );
    });
  }

  /** Of a line that was cut by the end of a process nothing is kept: it never counted. */
  #resume(): Link {
    const size = this.#file.size();
    const tail = Buffer.alloc(Math.min(size, longestLine));
    const text = tail.subarray(0, readFully(this.#file, tail, size - tail.length)).toString('utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.#cut(size - Buffer.byteLength(text.slice(whole.length)));
    if (whole === '' && size < longestLine) return { number: 0, hash: noHash };
    const line = whole.slice(whole.lastIndexOf('\n', whole.length - 2) + 1, -1);
    const link = linkOf(line);
    const fault = link === null ? 'its last line is none of an audit log' : lineFault(line, null);
    if (link !== null && fault === null) return link;
    throw new MillraceError('CONFIG_INVALID', `${this.#options.path}: ${fault}`, {
      remedy: 'Look at it with millrace audit verify, set it aside, or name another file for the audit log.',
      details: { path: this.#options.path },
    });
  }

  #cut(size: number): void {
    try {
      if (this.#file.size() > size) this.#file.truncate(size);
    } catch {
      // What is left of the line is told by whoever verifies the file.
    }
  }
}
