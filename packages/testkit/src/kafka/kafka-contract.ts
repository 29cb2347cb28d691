/** An embedded broker for the contract suites of the Kafka components: topics of one partition, records in and out. */
import { basename, dirname } from 'node:path';
import { Broker } from '../../../millrace/src/broker/index.ts';
import { Admin } from '../../../millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { PartitionReader } from '../../../millrace/src/clients/kafka/consumer/partition-reader.ts';
import { Producer } from '../../../millrace/src/clients/kafka/producer/producer.ts';
import { batchOf, bodiesOf } from '../../../millrace/src/component/testing/test-api.ts';
import { MemoryFiles } from '../../../millrace/src/log/memory-files.ts';
import { errno, HookedFiles } from '../files/slow-files.ts';

/** What the contract of channels may ask of KafkaChannel, whichever protocol its group speaks. */
export const kafkaChannelSupports = {
  fullAt: 'never',
  transactionCapacity: false,
  mixed: false,
  takeWaits: false,
  durable: true,
  openTakes: true,
  positions: true,
  headers: true,
  eventCount: false,
} as const;

export class KafkaContract {
  readonly servers: string;
  readonly admin: Admin;
  readonly #broker: Broker;
  readonly #client: KafkaClient;
  readonly #producer: Producer;
  readonly #full: Set<string>;
  #topics = 0;

  private constructor(broker: Broker, full: Set<string>) {
    this.#broker = broker;
    this.#full = full;
    this.servers = broker.bootstrapServers;
    this.#client = new KafkaClient({ bootstrapServers: [broker.bootstrapServers] });
    this.admin = new Admin(this.#client);
    this.#producer = new Producer(this.#client, { acks: -1, lingerMs: 0 });
  }

  static async start(): Promise<KafkaContract> {
    const full = new Set<string>();
    const write = (path: string) => {
      if (full.has(basename(dirname(path)))) throw errno('ENOSPC');
    };
    const files = new HookedFiles({ write }, new MemoryFiles());
    return new KafkaContract(await Broker.start({ groupInitialRebalanceDelayMs: 0, files }), full);
  }

  async stop(): Promise<void> {
    await this.#producer.close();
    await this.#client.close();
    await this.#broker.stop();
  }

  async newTopic(): Promise<string> {
    const topic = `topic-${++this.#topics}`;
    await this.admin.createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
    return topic;
  }

  /** As if the disk of a topic were full: what is sent is answered KAFKA_STORAGE_ERROR, and may be sent again later. */
  fill(topic: string): void {
    this.#full.add(`${topic}-0`);
  }

  /** There is room again. */
  makeRoom(topic: string): void {
    this.#full.delete(`${topic}-0`);
  }

  /** Resolves when they are acknowledged. */
  async send(topic: string, bodies: readonly string[]): Promise<void> {
    await this.#producer.send(topic, 0, batchOf(...bodies));
  }

  /** The values of all records that the topic has now. */
  async bodiesOf(topic: string): Promise<string[]> {
    const [end] = await this.admin.listOffsets([{ topic, partition: 0 }], 'latest');
    const bodies: string[] = [];
    if (end!.offset === 0) return bodies;
    await using reader = new PartitionReader(this.#client, [{ topic, partition: 0, offset: 0 }]);
    while (bodies.length < end!.offset) {
      for (const { batch } of await reader.poll(500)) bodies.push(...bodiesOf(batch));
    }
    return bodies;
  }
}
