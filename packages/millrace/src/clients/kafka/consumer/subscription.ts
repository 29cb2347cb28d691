import { after, type Timer } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { errorName, isRetriable, kafkaError } from '../kafka-errors.ts';
import type { ConsumerOptions } from '../options.ts';

/** How often a topic that does not exist yet is looked for. */
const missingTopicMs = 1000;

/**
 * The topics of a consumer, by name or by pattern, and how many partitions they have; watched, so that the group is
 * dealt anew when there are others.
 */
export class Subscription {
  readonly #client: KafkaClient;
  readonly #options: Pick<ConsumerOptions, 'topics' | 'pattern' | 'allowAutoCreateTopics'>;
  readonly #onChange: () => void;
  /** What the group was asked for. */
  #topics: readonly string[] = [];
  /** Topics and partition counts that the present assignment was made for. */
  #dealt: ReadonlyMap<string, number> = new Map();
  #timer: Timer | null = null;
  #closed = false;

  /** @param onChange called when the group should be joined again */
  constructor(
    client: KafkaClient,
    options: Pick<ConsumerOptions, 'topics' | 'pattern' | 'allowAutoCreateTopics'>,
    onChange: () => void,
  ) {
    this.#client = client;
    this.#options = options;
    this.#onChange = onChange;
  }

  /** The topics to join with, asked for anew. */
  async refresh(): Promise<readonly string[]> {
    this.#topics = await this.#wanted();
    return this.#topics;
  }

  /** For the member that deals the partitions. Topics that do not exist are left out. */
  async deal(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#dealt = await this.#counts(topics);
    return this.#dealt;
  }

  /** Looks for new topics, and for new partitions where `deals()`; often while a topic is missing. */
  watch(deals: () => boolean): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    const missing =
      this.#topics.length === 0 || this.#topics.some((t) => this.#client.cachedTopic(t) === null);
    const everyMs = this.#client.options.metadataMaxAgeMs ?? 300_000;
    this.#timer = after(missing ? Math.min(missingTopicMs, everyMs) : everyMs, () => {
      this.#changed(deals).then(
        (changed) => {
          if (changed) this.#onChange();
          this.watch(deals);
        },
        () => this.watch(deals),
      );
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #changed(deals: () => boolean): Promise<boolean> {
    const wanted = await this.#wanted();
    if (wanted.join('\0') !== this.#topics.join('\0')) return true;
    if (!deals()) return false;
    const before = this.#dealt;
    const now = await this.#counts([...new Set([...wanted, ...before.keys()])]);
    return [...now].some(([topic, count]) => before.get(topic) !== count);
  }

  async #wanted(): Promise<readonly string[]> {
    const { topics, pattern, allowAutoCreateTopics } = this.#options;
    if (pattern === undefined) {
      await this.#client.refreshTopics(topics ?? [], { allowAutoCreate: allowAutoCreateTopics ?? true });
      return topics ?? [];
    }
    const metadata = await this.#client.metadata();
    const whole = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''));
    return [...metadata.topics.values()]
      .filter(({ topic, isInternal, errorCode }) => errorCode === 0 && !isInternal && whole.test(topic))
      .map(({ topic }) => topic)
      .sort();
  }

  async #counts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    if (topics.length === 0) return counts;
    const allowAutoCreate = this.#options.allowAutoCreateTopics ?? true;
    const metadata = await this.#client.refreshTopics(topics, { allowAutoCreate });
    for (const { topic, errorCode, partitions } of metadata.topics.values()) {
      if (errorCode !== 0 && !isRetriable(errorCode)) throw kafkaError(errorCode, topic);
      if (errorName(errorCode) === 'NONE') counts.set(topic, partitions.length);
    }
    return counts;
  }
}
