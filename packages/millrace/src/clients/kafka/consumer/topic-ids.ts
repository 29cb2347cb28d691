import { isUuid, ZERO_UUID } from '../../../protocol/uuid.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { KafkaClient } from '../client.ts';
import type { TopicPartition } from '../options.ts';

interface OfId {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** Partitions by the ids of their topics, as brokers deal them, and by names, as they are read. */
export class TopicIds {
  readonly #client: KafkaClient;
  readonly #names = new Map<string, string>();

  constructor(client: KafkaClient) {
    this.#client = client;
  }

  /** @param topics whose names may be among them; throws `KAFKA`, to be tried again, where an id is none of theirs */
  async named(list: readonly OfId[], topics: readonly string[]): Promise<TopicPartition[]> {
    if (list.some(({ topicId }) => !this.#names.has(topicId))) await this.#learn(topics);
    return list.flatMap(({ topicId, partitions }) => {
      const topic = this.#names.get(topicId);
      if (topic !== undefined) return partitions.map((partition) => ({ topic, partition }));
      throw new MillraceError('KAFKA', `topic id ${topicId} is none of ${topics.join(', ')}`, {
        retryable: true,
      });
    });
  }

  /** Those whose id is not known are left out: the brokers never gave them. */
  grouped(partitions: readonly TopicPartition[]): OfId[] {
    const ids = new Map([...this.#names].map(([id, topic]) => [topic, id]));
    return [...Map.groupBy(partitions, ({ topic }) => topic)].flatMap(([topic, list]) => {
      const topicId = ids.get(topic);
      return topicId === undefined ? [] : [{ topicId, partitions: list.map(({ partition }) => partition) }];
    });
  }

  async #learn(topics: readonly string[]): Promise<void> {
    const metadata = await this.#client.refreshTopics(topics, { allowAutoCreate: false });
    for (const { topic, topicId } of metadata.topics.values())
      if (isUuid(topicId) && topicId !== ZERO_UUID) this.#names.set(topicId, topic);
  }
}
