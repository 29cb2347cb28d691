/** Numbers into a topic, without a stop, until told. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { Producer } from '../../../millrace/src/clients/kafka/producer/producer.ts';
import { batchOf } from '../kafka/fake-cluster/bench.ts';

export interface FeederOptions {
  /** 2 by default; the batches go to them in turn. */
  readonly partitions?: number;
  readonly pauseMs?: number;
  /** `id-N` if not given. */
  readonly bodyOf?: (n: number) => string;
}

/** What `stop` resolves with is how many were acknowledged, and that is all of them. */
export class Feeder {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #partitions: number;
  readonly #pauseMs: number;
  readonly #bodyOf: (n: number) => string;
  #running = true;
  readonly #done: Promise<void>;
  count = 0;

  constructor(client: KafkaClient, topic: string, options: FeederOptions = {}) {
    const { partitions = 2, pauseMs = 5, bodyOf = (n) => `id-${n}` } = options;
    this.#producer = new Producer(client, { acks: -1, lingerMs: 0, deliveryTimeoutMs: 300_000 });
    this.#topic = topic;
    this.#partitions = partitions;
    this.#pauseMs = pauseMs;
    this.#bodyOf = bodyOf;
    this.#done = this.#feed();
    this.#done.catch(() => {}); // told by `stop`
  }

  async #feed(): Promise<void> {
    for (let n = 0; this.#running; n++) {
      const batch = batchOf(Array.from({ length: 40 }, () => this.#bodyOf(this.count++)));
      await this.#producer.send(this.#topic, n % this.#partitions, batch);
      await sleep(this.#pauseMs);
    }
  }

  async stop(): Promise<number> {
    this.#running = false;
    await this.#done;
    await this.#producer.close();
    return this.count;
  }
}

/** An id as the JSON that tables are made of. */
export const jsonId = (id: number): string => `{"id":${id}}`;
