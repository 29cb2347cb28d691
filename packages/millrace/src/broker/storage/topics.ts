import { randomUuid } from '../../protocol/uuid.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isFault, type RequestFault, refuse } from '../core/fault.ts';
import { KeyedSerial, Slots } from '../core/serial.ts';
import { type EffectiveConfig, effectiveConfig } from '../settings/topic-configs.ts';
import { internalTopic, isInternalTopic } from './internal-topics.ts';
import { Partition, type PartitionOptions } from './partition.ts';
import { TopicFolders } from './topic-folders.ts';
import { collisionKey } from './topic-name.ts';
import { type StoredTopic, TopicRegistry } from './topic-registry.ts';

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
  partitions: readonly Partition[];
}

export interface TopicStoreOptions extends PartitionOptions {
  readonly dir: string;
  /** Defaults of the broker for topic settings. */
  readonly topicDefaults: ReadonlyMap<string, string>;
  /** The topic of this name is gone: what is kept for it elsewhere goes too, before the name can be used again. */
  readonly onDeleted?: (name: string) => Promise<void>;
}

export type ConfigUpdate = (own: ReadonlyMap<string, string>) => ReadonlyMap<string, string> | RequestFault;

/** Logs that are opened or closed at the same time: both need files besides those that a log has open. */
const openAtOnce = 16;

/**
 * The topics of a broker. What is done to one name (create, grow, configure, delete, create again) is done one after
 * the other; different names do not wait for each other, and share the writes of the registry.
 *
 * A topic, or a new partition of one, is there for clients once the registry that names it is on the device. It is
 * struck off for clients first, then its folders are marked as deleted, and only then they are removed: always those
 * of this topic, because the name is free for the next one only afterwards.
 */
export class TopicStore {
  readonly #options: TopicStoreOptions;
  readonly #logger: Logger;
  readonly #registry: TopicRegistry;
  readonly #folders: TopicFolders;
  readonly #byName = new Map<string, MutableTopic>();
  readonly #byId = new Map<string, MutableTopic>();
  /** Names that are taken or about to be, by what they may not share. */
  readonly #taken = new Map<string, string>();
  readonly #creating = new Set<string>();
  /** Names of deleted topics that the registry on the device still lists. */
  readonly #owed = new Set<string>();
  readonly #serial = new KeyedSerial();
  readonly #slots = new Slots(openAtOnce);
  #closed = false;
  /** Counts what changed in topics or their partitions, for whoever caches answers. */
  version = 0;

  constructor(options: TopicStoreOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#registry = new TopicRegistry(options.dir, options.files, options.logger);
    this.#folders = new TopicFolders(options.dir, options.files, options.logger);
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

  /** Whether the topic is being made: not there yet, and its name not free any more. */
  isCreating(name: string): boolean {
    return this.#creating.has(name);
  }

  /** Of all topics. */
  get partitionCount(): number {
    let count = 0;
    for (const { partitions } of this.#byName.values()) count += partitions.length;
    return count;
  }

  /** The name of another topic that this one would collide with (`a.b` and `a_b`), or null. */
  collidesWith(name: string): string | null {
    const holder = this.#taken.get(collisionKey(name));
    return holder === undefined || holder === name ? null : holder;
  }

  /**
   * Reads the registry, finishes deletions that had begun, opens every partition. A partition that cannot be opened is
   * offline. No topic is shown before all partitions are there: one that is missing is taken for one that was deleted.
   */
  async load(): Promise<void> {
    const stored = this.#registry.load();
    // What a process that was killed had named may be in the page cache only: nobody is shown it before it is safe.
    await this.#folders.sync();
    const { deleting } = this.#folders.tidy(stored);
    await Promise.all(
      stored.filter(({ id }) => deleting.has(id)).map((topic) => this.#finishDeletion(topic)),
    );
    const opening: Promise<void>[] = [];
    const topics: MutableTopic[] = [];
    for (const { name, id, partitions: count, configs } of stored) {
      if (deleting.has(id)) continue;
      const own = new Map(Object.entries(configs));
      const partitions: Partition[] = [];
      const config = this.#effective(name, own);
      for (let index = 0; index < count; index++) {
        const open = async () => {
          const dir = this.#folders.path(name, index);
          partitions[index] = await Partition.open(name, index, dir, config, this.#options, 'offline');
        };
        opening.push(this.#slots.run(open));
      }
      this.#taken.set(collisionKey(name), name);
      topics.push({ name, id, internal: isInternalTopic(name), configs: own, partitions });
    }
    try {
      await settled(opening);
    } finally {
      for (const topic of topics) this.#add(topic);
    }
  }

  /** Makes a topic, or says that there is one, or that its name is taken. The caller has checked count and settings. */
  create(name: string, count: number, configs: ReadonlyMap<string, string>): Promise<Topic | RequestFault> {
    return this.#serial.run(name, async () => {
      if (this.#byName.has(name))
        return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
      return this.#create(name, count, configs);
    });
  }

  /** The topic of this name, made where it is missing. */
  ensure(name: string, count: number, configs: ReadonlyMap<string, string>): Promise<Topic | RequestFault> {
    const known = this.#byName.get(name);
    if (known !== undefined) return Promise.resolve(known);
    return this.#serial.run(name, async () => this.#byName.get(name) ?? this.#create(name, count, configs));
  }

  async #create(
    name: string,
    wantedCount: number,
    wantedConfigs: ReadonlyMap<string, string>,
  ): Promise<Topic | RequestFault> {
    if (this.#closed) return refuse(ErrorCode.BROKER_NOT_AVAILABLE, 'the broker is stopping');
    const other = this.collidesWith(name);
    if (other !== null) {
      return refuse(
        ErrorCode.INVALID_TOPIC_EXCEPTION,
        `Topic '${name}' collides with existing topic: ${other}`,
      );
    }
    const own = internalTopic(name);
    const count = own?.partitions ?? wantedCount;
    const configs = own?.configs ?? wantedConfigs;
    const topic: MutableTopic = {
      name,
      id: randomUuid(),
      internal: own !== undefined,
      configs,
      partitions: [],
    };
    this.#taken.set(collisionKey(name), name);
    this.#creating.add(name);
    try {
      // Else a start would take the folders of the deleted topic, which the registry lists, for nobody's.
      if (this.#owed.has(name)) await this.#registry.write();
      topic.partitions = await this.#openNew(topic, 0, count);
      await this.#register(topic, topic.partitions, topic.partitions);
      this.#add(topic);
    } catch (error) {
      this.#taken.delete(collisionKey(name));
      throw error;
    } finally {
      this.#creating.delete(name);
    }
    this.#logger.info(`topic ${name} created with ${count} partitions`);
    return topic;
  }

  /** Adds partitions up to `count`; refuses when there are as many already. */
  grow(name: string, id: string, count: number): Promise<RequestFault | null> {
    return this.#serial.run(name, async () => {
      const topic = this.#byName.get(name);
      if (topic?.id !== id) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${name}`);
      const before = topic.partitions;
      if (count <= before.length) return tooFew(name, before.length, count);
      const added = await this.#openNew(topic, before.length, count);
      const partitions = [...before, ...added];
      await this.#register(topic, partitions, added);
      topic.partitions = partitions;
      this.version++;
      return null;
    });
  }

  /** Sets what `update` makes of the settings that hold when its turn comes. */
  configure(name: string, id: string, update: ConfigUpdate): Promise<RequestFault | null> {
    return this.#serial.run(name, async () => {
      const topic = this.#byName.get(name);
      if (topic?.id !== id) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${name}`);
      const configs = update(topic.configs);
      if (isFault(configs)) return configs;
      await this.#registry.put({
        ...storedForm(topic, topic.partitions.length),
        configs: Object.fromEntries(configs),
      });
      topic.configs = configs;
      const config = this.#effective(name, configs);
      for (const partition of topic.partitions) partition.configure(config);
      this.version++;
      return null;
    });
  }

  /** Resolves when the deletion holds, whatever happens to the machine. Rejects only when nothing could be written. */
  delete(name: string, id: string): Promise<RequestFault | null> {
    return this.#serial.run(name, async () => {
      const topic = this.#byName.get(name);
      if (topic?.id !== id) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${name}`);
      this.#byName.delete(name);
      this.#byId.delete(id);
      this.version++;
      try {
        await this.#remove(topic);
      } finally {
        this.#taken.delete(collisionKey(name));
      }
      this.#logger.info(`topic ${name} deleted`);
      return null;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#serial.idle();
    await this.#registry.close();
    await this.#close([...this.#byName.values()].flatMap((topic) => topic.partitions));
  }

  #add(topic: MutableTopic): void {
    this.#byName.set(topic.name, topic);
    this.#byId.set(topic.id, topic);
    this.version++;
  }

  /** Internal topics are compacted by their coordinator; no retention takes of them, whatever is set. */
  #effective(name: string, own: ReadonlyMap<string, string>): EffectiveConfig {
    const forced = internalTopic(name)?.configs ?? [];
    return effectiveConfig(new Map([...own, ...forced]), this.#options.topicDefaults);
  }

  /** Makes the new partitions the topic's own for good; when that fails, nothing of them stays. */
  async #register(
    topic: Topic,
    partitions: readonly Partition[],
    added: readonly Partition[],
  ): Promise<void> {
    try {
      await this.#registry.put(storedForm(topic, partitions.length));
    } catch (error) {
      await this.#discard(added);
      throw error;
    }
  }

  /** Opens new partitions in folders of their own; when one fails, none of them stays, nor its files. */
  async #openNew(topic: Topic, from: number, to: number): Promise<Partition[]> {
    const config = this.#effective(topic.name, topic.configs);
    const partitions: Partition[] = [];
    const opening: Promise<void>[] = [];
    for (let index = from; index < to; index++) {
      const open = async () => {
        const dir = await this.#folders.make(topic.name, index, topic.id);
        partitions[index - from] = await Partition.open(topic.name, index, dir, config, this.#options);
      };
      opening.push(this.#slots.run(open));
    }
    try {
      await settled(opening);
    } catch (error) {
      await this.#discard(partitions.filter((each) => each !== undefined));
      for (let index = from; index < to; index++) this.#folders.remove(this.#folders.path(topic.name, index));
      throw error;
    }
    return partitions;
  }

  async #discard(partitions: readonly Partition[]): Promise<void> {
    await this.#close(partitions);
    for (const { dir } of partitions) this.#folders.remove(dir);
  }

  async #close(partitions: readonly Partition[]): Promise<void> {
    const closing = partitions.map((each) => this.#slots.run(() => each.close()));
    for (const result of await Promise.allSettled(closing)) {
      if (result.status === 'rejected') this.#logger.warn(`closing a partition: ${errorText(result.reason)}`);
    }
  }

  /**
   * The folders' new names are what makes a deletion hold, because a full disk has room for them; then the files go,
   * which makes room, and the registry is written. Until it is, each folder keeps what says whose it was.
   */
  async #remove(topic: Topic): Promise<void> {
    await this.#close(topic.partitions);
    const marked: string[] = [];
    const unmarked: string[] = [];
    for (const { index, dir } of topic.partitions) {
      try {
        marked.push(this.#folders.markDeleted(topic.name, index));
      } catch (error) {
        this.#logger.warn(`${dir} of the deleted topic could not be renamed: ${errorText(error)}`);
        unmarked.push(dir);
      }
    }
    const holds = marked.length > 0 && (await this.#marksHold(topic));
    if (holds) for (const folder of marked) this.#folders.empty(folder);
    try {
      await this.#registry.strike(topic.name);
      for (const folder of [...marked, ...unmarked]) this.#folders.remove(folder);
    } catch (error) {
      this.#logger.warn(`deletion of ${topic.name}: the registry will be written later: ${errorText(error)}`);
      this.#removeOnceWritten(topic.name, [...marked, ...unmarked]);
      if (!holds) throw error;
    }
    await this.#options.onDeleted?.(topic.name);
  }

  #marksHold(topic: Topic): Promise<boolean> {
    return this.#folders.sync().then(
      () => true,
      (error) => {
        this.#logger.warn(`deletion of ${topic.name}: ${errorText(error)}`);
        return false;
      },
    );
  }

  /** Until then nobody else has the name, so that the folders are the deleted topic's for sure. */
  #removeOnceWritten(name: string, folders: readonly string[]): void {
    this.#owed.add(name);
    this.#registry.onceWritten(() => {
      this.#owed.delete(name);
      for (const folder of folders) this.#folders.remove(folder);
    });
  }

  async #finishDeletion(topic: StoredTopic): Promise<void> {
    this.#logger.info(`topic ${topic.name}: its deletion had begun and is finished now`);
    const folders = this.#folders.foldersOf(topic);
    for (const folder of folders) this.#folders.empty(folder);
    this.#removeOnceWritten(topic.name, folders);
    await this.#registry.strike(topic.name).catch((error) => this.#logger.warn(errorText(error)));
  }
}

function storedForm({ name, id, internal, configs }: Topic, partitions: number): StoredTopic {
  return { name, id, internal, partitions, configs: Object.fromEntries(configs) };
}

export function tooFew(name: string, now: number, count: number): RequestFault {
  const relation =
    count === now
      ? `already has ${now} partition(s)`
      : `currently has ${now} partition(s), which is higher than the requested ${count}`;
  return refuse(ErrorCode.INVALID_PARTITIONS, `The topic ${name} ${relation}.`);
}

/** Waits for all of them, then throws the first failure. */
async function settled(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
