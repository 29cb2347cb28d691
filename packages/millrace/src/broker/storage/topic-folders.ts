import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { errorText } from '../../runtime/errors.ts';
import { type FileLayer, writeFully } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { readWhole, removeFolder } from './durable-file.ts';
import type { StoredTopic } from './topic-registry.ts';

/** The longest name of a folder, in bytes; topic names are ASCII. */
const maxNameBytes = 255;
const metadataName = 'partition.metadata';
const deletedName = /\.[0-9a-f]{32}-delete$/;

/** Instead of a topic's id: the folder belongs to somebody, but nobody can say now to whom. */
const unreadable = '';

/** What a start finds that no running topic needs. */
export interface Leftovers {
  /** Ids of topics in the registry whose deletion had begun. */
  readonly deleting: ReadonlySet<string>;
}

/**
 * The folders of partitions, named as Kafka names them: `topic-N`; `topic-N.<unique>-delete` while they are removed;
 * `topic-N.<unique>-stray` when they belong to no topic. `partition.metadata` in each says which topic it was made for.
 */
export class TopicFolders {
  readonly #dir: string;
  readonly #files: FileLayer;
  readonly #logger: Logger;

  constructor(dir: string, files: FileLayer, logger: Logger) {
    this.#dir = dir;
    this.#files = files;
    this.#logger = logger;
  }

  path(name: string, index: number): string {
    return join(this.#dir, `${name}-${index}`);
  }

  /** Makes the folder of a new partition; what stands there already is set aside. */
  async make(name: string, index: number, topicId: string): Promise<string> {
    const dir = this.path(name, index);
    if (this.#files.list(dir).length > 0) this.setAside(name, index);
    this.#files.makeDir(dir);
    const file = this.#files.open(join(dir, metadataName), 'create');
    try {
      writeFully(file, [Buffer.from(`version: 0\ntopic_id: ${topicId}`)], 0);
      await file.datasync();
    } finally {
      file.close();
    }
    await this.#files.syncDir(dir);
    return dir;
  }

  /** The folder takes its `-delete` name, which says for good that its topic is gone once `sync` has resolved. */
  markDeleted(name: string, index: number): string {
    const marked = join(this.#dir, markedName(name, index, 'delete'));
    this.#files.rename(this.path(name, index), marked);
    return marked;
  }

  sync(): Promise<void> {
    return this.#files.syncDir(this.#dir);
  }

  /** Removes everything but what says whose folder it was. Never throws: what stays is removed by the next start. */
  empty(dir: string): void {
    this.#try(dir, () => {
      for (const file of this.#files.list(dir))
        if (file !== metadataName) this.#files.remove(join(dir, file));
    });
  }

  /** Removes a folder. Never throws: what stays is removed by the next start. */
  remove(dir: string): void {
    this.#try(dir, () => removeFolder(this.#files, dir));
  }

  setAside(name: string, index: number): void {
    const dir = this.path(name, index);
    const aside = join(this.#dir, markedName(name, index, 'stray'));
    this.#logger.warn(`${dir} belongs to no topic; it is kept as ${aside}`);
    this.#files.rename(dir, aside);
  }

  /** Finishes or finds the deletions that a crash interrupted, and sets aside what belongs to no topic. */
  tidy(stored: readonly StoredTopic[]): Leftovers {
    const byName = new Map(stored.map((topic) => [topic.name, topic]));
    const byId = new Map(stored.map((topic) => [topic.id, topic]));
    const deleting = new Set<string>();
    const entries = this.#files.list(this.#dir);
    for (const entry of entries.filter((each) => deletedName.test(each))) {
      const dir = join(this.#dir, entry);
      const id = this.#topicIdIn(dir);
      if (id === unreadable) continue;
      if (id !== null && byId.has(id)) deleting.add(id);
      else this.remove(dir);
    }
    for (const entry of entries) {
      const at = nameIn(entry);
      if (at === null) continue;
      const topic = byName.get(at.name);
      const id = topic === undefined ? null : this.#topicIdIn(join(this.#dir, entry));
      const mayBeIts = id === null || id === unreadable || id === topic?.id;
      const belongs = topic !== undefined && at.index < topic.partitions && mayBeIts;
      if (!belongs) this.#try(entry, () => this.setAside(at.name, at.index));
    }
    return { deleting };
  }

  /** Every folder of a topic whose deletion had begun: those marked, and those that were not yet. */
  foldersOf(topic: StoredTopic): string[] {
    const found: string[] = [];
    for (const entry of this.#files.list(this.#dir)) {
      const dir = join(this.#dir, entry);
      if (deletedName.test(entry) ? this.#topicIdIn(dir) === topic.id : nameIn(entry)?.name === topic.name)
        found.push(dir);
    }
    return found;
  }

  /** Null when nothing says so. */
  #topicIdIn(dir: string): string | null {
    try {
      const text = readWhole(this.#files, join(dir, metadataName))?.toString('utf8');
      return text === undefined ? null : (/^topic_id: (\S+)$/m.exec(text)?.[1] ?? null);
    } catch (error) {
      this.#logger.warn(`${join(dir, metadataName)} cannot be read: ${errorText(error)}`);
      return unreadable;
    }
  }

  #try(what: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#logger.warn(`${what} of no topic stays: ${errorText(error)}`);
    }
  }
}

/** `topic-N` and nothing behind it. */
function nameIn(entry: string): { name: string; index: number } | null {
  const match = /^(.+)-(\d+)$/.exec(entry);
  return match === null ? null : { name: match[1]!, index: Number(match[2]) };
}

/** Kafka's names for folders that are on their way out; the topic's part is cut where the whole would be too long. */
function markedName(name: string, index: number, mark: 'delete' | 'stray'): string {
  const suffix = `-${index}.${randomUUID().replaceAll('-', '')}-${mark}`;
  return `${name.slice(0, maxNameBytes - suffix.length)}${suffix}`;
}
