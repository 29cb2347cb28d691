import { afterAll, beforeAll, describe, it } from 'vitest';
import { KafkaContract } from '../../../../testkit/src/kafka/kafka-contract.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sourceContract } from '../../component/testing/source-contract.ts';
import { kafkaSource } from './source.ts';

let kafka: KafkaContract;
beforeAll(async () => {
  kafka = await KafkaContract.start();
});
afterAll(() => kafka.stop());

for (const acknowledge of ['channel', 'delivered']) {
  sourceContract({ describe, it }, `KafkaSource, acknowledge = ${acknowledge}`, {
    rejected: 'again',
    takesBack: acknowledge === 'delivered',
    create: async (channels) => {
      const topic = await kafka.newTopic();
      const properties = {
        'kafka.bootstrap.servers': kafka.servers,
        'kafka.topics': topic,
        'kafka.consumer.group.id': `group-${topic}`,
        'kafka.consumer.auto.offset.reset': 'earliest',
        batchSize: 7,
        batchDurationMillis: 20,
        acknowledge,
      };
      const make = (into: ChannelProcessor) =>
        kafkaSource.create({ ...contextFor(kafkaSource, properties), channels: into });
      return {
        source: make(channels),
        again: make,
        feed: (bodies) => kafka.send(topic, bodies),
      };
    },
  });
}
