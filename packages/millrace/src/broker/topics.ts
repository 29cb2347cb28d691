import { join } from 'node:path';
import { randomUuid } from '../protocol/uuid.ts';
import { errorText, MillraceError } from '../runtime/errors.ts';
import { type FileLayer, writeFully } from '../runtime/files.ts';
import type { Logger } from '../runtime/logger.ts';
import { readWhole, removeFolder, replaceFile } from './durable-file.ts';
import { Partition, type PartitionOptions } from './partition.ts';
import { type EffectiveConfig, effectiveConfig } from './topic-configs.ts';
import { topicNameFault } from './topic-name.ts';

export interface Topic {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  /** Kept by the broker for itself; clients see it marked so. */
  readonly internal: boolean;
  /** The topic's own settings, as they were set. */
  readonly configs: ReadonlyMap<string, string>;
  readonly partitions: readonly Partition[];
}

interface MutableTopic extends Topic {
  configs: ReadonlyMap<string, string>;
  partitions: Partition[];
}

interface StoredTopic {
  readonly name: string;
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

export interface TopicStoreOptions extends PartitionOptions {
  readonly dir: string;
  /** Defaults of the broker for topic settings. */
  readonly topicDefaults: ReadonlyMap<string, string>;
}

const registryName = 'topics.json';
/** Logs that are opened at the same time. */
const openAtOnce = 16;

/**
 * The topics of a broker. Which there are, with ids and settings, stands in `topics.json`; a change is durable before
 * it is answered. A partition's folder is made before its topic is listed and removed after it is struck off, so a
 * folder without a topic is a leftover: it is set aside under a name that ends in `-stray`, never used or deleted.
 */
export class TopicStore {
  readonly #options: TopicStoreOptions;
  readonly #files: FileLayer;
  readonly #logger: Logger;
  readonly #byName = new Map<string, MutableTopic>();
  readonly #byId = new Map<string, MutableTopic>();
  readonly #creating = new Map<string, Promise<Topic>>();
  #writing: Promise<void> = Promise.resolve();
  /** Counts what changed in topics or their partitions, for whoever caches answers. */
  version = 0;

  constructor(options: TopicStoreOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#logger = options.logger;
  }

  all(): Iterable<Topic> {
    return this.#byName.values();
  }

  byName(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  partition(name: string, index: number): Partition | undefined {
    return this.#byName.get(name)?.partitions[index];
  }

  isCreating(name: string): boolean {
    return this.#creating.has(name);
  }

  /** Reads the registry and opens every partition. */
  async load(): Promise<void> {
    const bytes = readWhole(this.#files, join(this.#options.dir, registryName));
    const stored =
      bytes === null ? [] : parseRegistry(bytes.toString('utf8'), join(this.#options.dir, registryName));
    this.#setStraysAside(stored);
    const tasks: (() => Promise<void>)[] = [];
    for (const { name, id, internal, partitions: count, configs } of stored) {
      const topic: MutableTopic = {
        name,
        id,
        internal,
        configs: new Map(Object.entries(configs)),
        partitions: [],
      };
      this.#add(topic);
      const config = this.#effective(topic.configs);
      for (let index = 0; index < count; index++) {
        tasks.push(async () => {
          topic.partitions[index] = await this.#open(topic, index, config);
        });
      }
    }
    await runAll(tasks, openAtOnce);
  }

  /** The caller has checked name, count and settings. Asked twice for the same name, both get the one topic. */
  create(
    name: string,
    partitions: number,
    configs: ReadonlyMap<string, string>,
    internal = false,
  ): Promise<Topic> {
    const known = this.#byName.get(name);
    if (known !== undefined) return Promise.resolve(known);
    const pending = this.#creating.get(name);
    if (pending !== undefined) return pending;
    const creation = this.#create(name, partitions, configs, internal).finally(() =>
      this.#creating.delete(name),
    );
    this.#creating.set(name, creation);
    return creation;
  }

  async #create(
    name: string,
    count: number,
    configs: ReadonlyMap<string, string>,
    internal: boolean,
  ): Promise<Topic> {
    const topic: MutableTopic = { name, id: randomUuid(), internal, configs, partitions: [] };
    await this.#openMore(topic, count);
    this.#add(topic);
    try {
      await this.#save();
    } catch (error) {
      this.#remove(topic);
      await Promise.allSettled(topic.partitions.map((partition) => partition.close()));
      throw error;
    }
    this.#logger.info(`topic ${name} created with ${count} partitions`);
    return topic;
  }

  /** The caller has checked that `count` is more than there are. */
  async addPartitions(name: string, count: number): Promise<void> {
    const topic = this.#byName.get(name)!;
    const before = topic.partitions;
    const grown: MutableTopic = { ...topic, partitions: [...before] };
    await this.#openMore(grown, count);
    topic.partitions = grown.partitions;
    this.version++;
    await this.#save();
  }

  async setConfigs(name: string, configs: ReadonlyMap<string, string>): Promise<void> {
    const topic = this.#byName.get(name)!;
    topic.configs = configs;
    const config = this.#effective(configs);
    for (const partition of topic.partitions) partition.configure(config);
    this.version++;
    await this.#save();
  }

  async delete(name: string): Promise<void> {
    const topic = this.#byName.get(name);
    if (topic === undefined) return;
    this.#remove(topic);
    await this.#save();
    for (const partition of topic.partitions) {
      await partition.close();
      try {
        removeFolder(this.#files, partition.log.dir);
      } catch (error) {
        this.#logger.warn(`folder ${partition.log.dir} of the deleted topic stays: ${errorText(error)}`);
      }
    }
    this.#logger.info(`topic ${name} deleted`);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#creating.values()]);
    await this.#writing.catch(() => {});
    const closing = [...this.#byName.values()].flatMap((topic) =>
      topic.partitions.map((each) => each.close()),
    );
    for (const result of await Promise.allSettled(closing)) {
      if (result.status === 'rejected')
        this.#logger.error(`closing a partition: ${errorText(result.reason)}`);
    }
  }

  #add(topic: MutableTopic): void {
    this.#byName.set(topic.name, topic);
    this.#byId.set(topic.id, topic);
    this.version++;
  }

  #remove(topic: Topic): void {
    this.#byName.delete(topic.name);
    this.#byId.delete(topic.id);
    this.version++;
  }

  #effective(own: ReadonlyMap<string, string>): EffectiveConfig {
    return effectiveConfig(own, this.#options.topicDefaults);
  }

  #folder(name: string, index: number): string {
    return join(this.#options.dir, `${name}-${index}`);
  }

  #open(topic: Topic, index: number, config: EffectiveConfig): Promise<Partition> {
    return Partition.open(topic.name, index, this.#folder(topic.name, index), config, this.#options);
  }

  /** Opens new partitions up to `count`, in folders that must not hold anything yet. */
  async #openMore(topic: MutableTopic, count: number): Promise<void> {
    const config = this.#effective(topic.configs);
    const tasks: (() => Promise<void>)[] = [];
    for (let index = topic.partitions.length; index < count; index++) {
      tasks.push(async () => {
        const dir = this.#folder(topic.name, index);
        if (this.#files.list(dir).length > 0) this.#setAside(dir);
        const partition = await this.#open(topic, index, config);
        writePartitionMetadata(this.#files, dir, topic.id);
        topic.partitions[index] = partition;
      });
    }
    await runAll(tasks, openAtOnce);
  }

  #setStraysAside(stored: readonly StoredTopic[]): void {
    const known = new Map(stored.map((topic) => [topic.name, topic]));
    for (const entry of this.#files.list(this.#options.dir)) {
      const match = /^(.+)-(\d+)$/.exec(entry);
      if (match === null) continue;
      const topic = known.get(match[1]!);
      const dir = join(this.#options.dir, entry);
      const id = topic === undefined ? null : readTopicId(this.#files, dir);
      const belongs =
        topic !== undefined && Number(match[2]) < topic.partitions && (id === null || id === topic.id);
      if (!belongs) this.#setAside(dir);
    }
  }

  #setAside(dir: string): void {
    const aside = `${dir}.${randomUuid()}-stray`;
    this.#logger.warn(`${dir} belongs to no topic; it is kept as ${aside}`);
    this.#files.rename(dir, aside);
  }

  /** One write at a time; each writes what holds when its turn comes. */
  #save(): Promise<void> {
    const write = async () => {
      const topics: StoredTopic[] = [...this.#byName.values()].map((topic) => ({
        name: topic.name,
        id: topic.id,
        internal: topic.internal,
        partitions: topic.partitions.length,
        configs: Object.fromEntries(topic.configs),
      }));
      const text = `${JSON.stringify({ version: 1, topics }, null, 2)}\n`;
      await replaceFile(this.#files, join(this.#options.dir, registryName), text);
    };
    const next = this.#writing.then(write, write);
    this.#writing = next.catch(() => {});
    return next;
  }
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

/** Kafka's own `partition.metadata`: which topic the folder was made for. */
function writePartitionMetadata(files: FileLayer, dir: string, topicId: string): void {
  const file = files.open(join(dir, 'partition.metadata'), 'create');
  try {
    writeFully(file, [Buffer.from(`version: 0\ntopic_id: ${topicId}`)], 0);
  } finally {
    file.close();
  }
}

function readTopicId(files: FileLayer, dir: string): string | null {
  const text = readWhole(files, join(dir, 'partition.metadata'))?.toString('utf8');
  return text === undefined ? null : (/^topic_id: (\S+)$/m.exec(text)?.[1] ?? null);
}

async function runAll(tasks: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) await tasks[next++]!();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, worker));
}
