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
  /** Events since the file takes nothing. */
  #lost = 0;

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

  /** What could not be written before is told, with how many events there were, by the first line that can be. */
  note(event: AuditEvent): void {
    if (this.#lost > 0 && this.#write({ event: 'events-lost', count: this.#lost })) this.#lost = 0;
    if (this.#lost > 0 || !this.#write(event)) this.#lost++;
  }

  #write(event: AuditEvent): boolean {
    const { line, link } = auditLine(event, this.#options.now(), this.#last);
    const end = this.#file.size();
    try {
      writeFully(this.#file, [Buffer.from(line)], end);
    } catch (error) {
      this.#cut(end);
      if (this.#lost === 0)
        this.#options.logger.error(`the audit log ${this.#options.path} takes nothing: ${errorText(error)}`);
      return false;
    }
    this.#last = link;
    this.#sync ??= after(syncMs, () => this.#flush(), { background: true });
    return true;
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

  /** Of a line that was cut by the end of a process nothing is kept: it never counted. A file of others is left alone. */
  #resume(): Link {
    const size = this.#file.size();
    const tail = Buffer.alloc(Math.min(size, longestLine));
    const read = tail.subarray(0, readFully(this.#file, tail, size - tail.length));
    // By bytes: what is left of a character that was cut has no length as text.
    const end = read.lastIndexOf('\n') + 1;
    const link = end === 0 ? linkBefore(read) : lastLink(read.subarray(0, end - 1));
    if (typeof link !== 'string') {
      this.#cut(size - (read.length - end));
      return link;
    }
    throw new MillraceError('CONFIG_INVALID', `${this.#options.path}: ${link}`, {
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

const firstBytes = '{"number":1,"time":"';

/** Of a file without a whole line: nothing, or the beginning of the first one. A text: what is wrong. */
function linkBefore(read: Buffer): Link | string {
  const begun = read.toString('latin1', 0, firstBytes.length);
  return firstBytes.startsWith(begun) ? { number: 0, hash: noHash } : 'it is no audit log';
}

function lastLink(whole: Buffer): Link | string {
  const line = whole.toString('utf8', whole.lastIndexOf('\n') + 1);
  const link = linkOf(line);
  return link === null ? 'its last line is none of an audit log' : (lineFault(line, null) ?? link);
}
