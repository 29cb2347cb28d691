import { ZERO_UUID } from '../../../protocol/uuid.ts';
import type { Admin } from '../admin/admin.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';

/** What has become of a cluster's topics since the last look. */
export interface TopicNews {
  /** Topics, or partitions of them, that are not copied yet. */
  readonly added: ReadonlySet<string>;
  /** Topics that are copied and not there any more, or others now; each is told once. */
  readonly gone: ReadonlyMap<string, 'deleted' | 'made again'>;
}

/** Looks again and again what topics a cluster has. */
export class TopicWatch {
  readonly #admin: Admin;
  readonly #ids = new Map<string, string>();
  /** Not found by the last look; one broker may just not have heard of a topic. */
  readonly #missing = new Set<string>();
  readonly #told = new Set<string>();

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  /** These are the topics that are meant from now on, by their ids. */
  remember(topics: Iterable<TopicMetadata>): void {
    for (const { topic, topicId } of topics)
      if (topicId !== ZERO_UUID && !this.#ids.has(topic)) this.#ids.set(topic, topicId);
  }

  /** @param known topics that are copied, with how many partitions */
  async look(known: ReadonlyMap<string, number>): Promise<TopicNews> {
    const there = (await this.#admin.listTopics()).filter(({ errorCode }) => errorCode === 0);
    const found = new Map(there.map((each) => [each.topic, each]));
    const added = new Set<string>();
    for (const { topic, partitions, isInternal } of there)
      if (!isInternal && partitions.length > (known.get(topic) ?? 0)) added.add(topic);
    const gone = new Map<string, 'deleted' | 'made again'>();
    for (const topic of known.keys()) {
      const now = found.get(topic);
      const wasMissing = this.#missing.delete(topic);
      if (this.#told.has(topic)) continue;
      const id = this.#ids.get(topic);
      if (now === undefined && wasMissing) gone.set(topic, 'deleted');
      else if (now === undefined) this.#missing.add(topic);
      else if (id !== undefined && now.topicId !== ZERO_UUID && now.topicId !== id)
        gone.set(topic, 'made again');
    }
    this.remember(there.filter(({ topic }) => known.has(topic)));
    for (const topic of gone.keys()) this.#told.add(topic);
    return { added, gone };
  }
}
