import { after, type Timer } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import type { TopicMetadata } from '../cluster-metadata.ts';

const firstPauseMs = 100;
const longestPauseMs = 1000;

/**
 * Finds topics that the client does not know: one metadata request for all that are wanted at the same time, and for
 * those that are not there again and again, at growing distances.
 */
export class TopicLookups {
  readonly #client: KafkaClient;
  readonly #answered: (topic: string, metadata: TopicMetadata | undefined) => void;
  readonly #onRound: () => void;
  readonly #failed: (error: unknown) => void;
  /** Wanted and not yet asked for. */
  readonly #fresh = new Set<string>();
  /** Asked for in vain. */
  readonly #missing = new Set<string>();
  #pauseMs = firstPauseMs;
  #asking = false;
  #starting = false;
  #timer: Timer | null = null;
  #closed = false;

  /**
   * @param answered called for each answer to a topic that is still wanted
   * @param onRound called after the answers of a request
   * @param failed called when no broker answers; the next round tries again
   */
  constructor(
    client: KafkaClient,
    answered: (topic: string, metadata: TopicMetadata | undefined) => void,
    onRound: () => void,
    failed: (error: unknown) => void,
  ) {
    this.#client = client;
    this.#answered = answered;
    this.#onRound = onRound;
    this.#failed = failed;
  }

  want(topic: string): void {
    if (this.#missing.has(topic) || this.#closed) return;
    this.#fresh.add(topic);
    if (this.#starting || this.#asking) return;
    this.#starting = true;
    // Who is wanted in this turn of the event loop is asked for together.
    setImmediate(() => {
      this.#starting = false;
      void this.#ask(this.#fresh);
    });
  }

  /** Nobody waits for the topic any more. */
  forget(topic: string): void {
    this.#fresh.delete(topic);
    this.#missing.delete(topic);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#fresh.clear();
    this.#missing.clear();
  }

  async #ask(wanted: ReadonlySet<string>): Promise<void> {
    if (this.#closed || this.#asking || wanted.size === 0) return;
    this.#asking = true;
    const topics = [...wanted];
    for (const topic of topics) {
      this.#fresh.delete(topic);
      this.#missing.add(topic);
    }
    try {
      const metadata = await this.#client.refreshTopics(topics, { allowAutoCreate: true });
      for (const topic of topics) {
        if (!this.#missing.has(topic)) continue;
        const found = metadata.topics.get(topic);
        if (found !== undefined && found.errorCode === 0 && found.partitions.length > 0) {
          this.#missing.delete(topic);
        }
        this.#answered(topic, found);
      }
    } catch (error) {
      this.#failed(error);
    }
    this.#asking = false;
    this.#onRound();
    if (this.#fresh.size > 0) void this.#ask(this.#fresh);
    else this.#later();
  }

  #later(): void {
    if (this.#missing.size === 0) this.#pauseMs = firstPauseMs;
    if (this.#timer !== null || this.#missing.size === 0 || this.#closed) return;
    this.#timer = after(this.#pauseMs, () => {
      this.#timer = null;
      void this.#ask(this.#missing);
      if (this.#asking === false) this.#later();
    });
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }
}
