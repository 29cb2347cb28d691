import { join } from 'node:path';
import { GroupCommit } from '../../log/group-commit.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { after, type Timer } from '../../runtime/timers.ts';
import { readWhole, replaceFile } from './durable-file.ts';

/** A topic as `topics.json` has it. */
export interface StoredTopic {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

interface Entry {
  readonly topic: StoredTopic;
  readonly text: string;
}

const fileName = 'topics.json';
const retryMs = 1000;

/**
 * Which topics there are, with ids and settings: `topics.json`. A change counts when its promise resolves: the file
 * that holds it, and its name, are on the device. Changes that come while a write is under way share the next one.
 * After a failed write the file is written again by itself until it says what holds.
 */
export class TopicRegistry {
  readonly #path: string;
  readonly #files: FileLayer;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #commit = new GroupCommit(() => this.#write());
  #written: (() => void)[] = [];
  #retry: Timer | null = null;
  #closed = false;

  constructor(dir: string, files: FileLayer, logger: Logger) {
    this.#path = join(dir, fileName);
    this.#files = files;
    this.#logger = logger;
  }

  /** Throws `LOG_CORRUPT`. */
  load(): readonly StoredTopic[] {
    const bytes = readWhole(this.#files, this.#path);
    const topics = bytes === null ? [] : parseRegistry(bytes.toString('utf8'), this.#path);
    for (const topic of topics) this.#entries.set(topic.name, entryOf(topic));
    return topics;
  }

  /** Adds the topic or replaces the one of its name. Rejects when it could not be written: then all is as before. */
  async put(topic: StoredTopic): Promise<void> {
    const before = this.#entries.get(topic.name);
    const entry = entryOf(topic);
    this.#entries.set(topic.name, entry);
    try {
      await this.#commit.request();
    } catch (error) {
      if (this.#entries.get(topic.name) === entry) {
        if (before === undefined) this.#entries.delete(topic.name);
        else this.#entries.set(topic.name, before);
      }
      throw error;
    }
  }

  /** Strikes the topic off, also when that cannot be written now: it is written with the next that can. */
  async strike(name: string): Promise<void> {
    if (this.#entries.delete(name)) await this.#commit.request();
  }

  /** Resolves when what holds now is on the device. */
  write(): Promise<void> {
    return this.#commit.request();
  }

  /** Calls back once after the next write that succeeds. */
  onceWritten(callback: () => void): void {
    this.#written.push(callback);
  }

  /** Tries once more what could not be written so far. No change may be under way. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry === null) return;
    this.#retry.cancel();
    await this.#commit.request().catch((error) => {
      this.#logger.error(`${this.#path} could not be written: ${errorText(error)}`);
    });
  }

  async #write(): Promise<void> {
    const texts = [...this.#entries.values()].map((entry) => entry.text);
    const list = texts.length === 0 ? '[]' : `[\n    ${texts.join(',\n    ')}\n  ]`;
    try {
      await replaceFile(this.#files, this.#path, `{\n  "version": 1,\n  "topics": ${list}\n}\n`);
    } catch (error) {
      this.#tryAgain();
      throw error;
    }
    this.#retry?.cancel();
    this.#retry = null;
    const written = this.#written;
    this.#written = [];
    for (const callback of written) callback();
  }

  #tryAgain(): void {
    if (this.#retry !== null || this.#closed) return;
    const again = () => {
      this.#retry = null;
      this.#commit.request().catch(() => {});
    };
    this.#retry = after(retryMs, again, { background: true });
  }
}

function entryOf(topic: StoredTopic): Entry {
  return { topic, text: JSON.stringify(topic) };
}

function parseRegistry(text: string, path: string): StoredTopic[] {
  const fail = (what: string, cause?: unknown) =>
    new MillraceError('LOG_CORRUPT', `${path}: ${what}`, {
      cause,
      remedy: 'Restore the file from a backup; the data of the topics is untouched.',
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fail(errorText(error), error);
  }
  const { version, topics } = parsed as { version?: unknown; topics?: unknown };
  if (version !== 1 || !Array.isArray(topics)) throw fail('not a topic registry of version 1');
  for (const topic of topics as Partial<StoredTopic>[]) {
    const whole =
      typeof topic.name === 'string' &&
      topicNameFault(topic.name) === null &&
      typeof topic.id === 'string' &&
      Number.isInteger(topic.partitions) &&
      typeof topic.configs === 'object';
    if (!whole) throw fail(`a topic's entry is not whole: ${JSON.stringify(topic)}`);
  }
  return topics as StoredTopic[];
}
