/** A topic of real Kafka that holds a corpus, for agents that read it again and again, each in a group of its own. */
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { type Corpus, corpus } from './corpus.ts';
import { KafkaPeer } from './kafka-peer.ts';

export class TopicInput implements AsyncDisposable {
  readonly kafka: KafkaPeer;
  readonly corpus: Corpus;
  readonly topic = 'input';
  #groups = 0;

  private constructor(kafka: KafkaPeer, input: Corpus) {
    this.kafka = kafka;
    this.corpus = input;
  }

  /** Lines of exactly `lineBytes`, spread over the partitions. */
  static async open(events: number, lineBytes: number, partitions = 4): Promise<TopicInput> {
    const input = await corpus(events, lineBytes);
    const kafka = await KafkaPeer.start();
    try {
      const opened = new TopicInput(kafka, input);
      await kafka.createTopic(opened.topic, partitions);
      const args = ['-b', kafka.bootstrap, '-P', '-t', opened.topic, '-X', 'acks=all', '-X', 'linger.ms=20'];
      await runToEnd('kcat', [...args, '-l', input.path], { timeoutMs: 600_000 });
      return opened;
    } catch (error) {
      await kafka[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Lines of a Kafka source r1 and a memory channel c1 of agent a1, for batches of so many events. */
  confLines(batch: number): readonly string[] {
    this.#groups += 1;
    const source = 'a1.sources.r1';
    return [
      ...['a1.sources = r1', 'a1.channels = c1', 'a1.sinks = k1'],
      `${source}.type = org.apache.flume.source.kafka.KafkaSource`,
      `${source}.channels = c1`,
      `${source}.kafka.bootstrap.servers = ${this.kafka.bootstrap}`,
      `${source}.kafka.topics = ${this.topic}`,
      `${source}.kafka.consumer.group.id = bench-${this.#groups}`,
      `${source}.kafka.consumer.auto.offset.reset = earliest`,
      `${source}.kafka.consumer.max.poll.records = ${batch}`,
      `${source}.kafka.consumer.max.partition.fetch.bytes = 4000000`,
      `${source}.batchSize = ${batch}`,
      `${source}.batchDurationMillis = 500`,
      'a1.channels.c1.type = memory',
      `a1.channels.c1.capacity = ${20 * batch}`,
      `a1.channels.c1.transactionCapacity = ${batch}`,
      // A source that waits for room in vain tells of it as of an error.
      'a1.channels.c1.keep-alive = 60',
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kafka[Symbol.asyncDispose]();
  }
}
