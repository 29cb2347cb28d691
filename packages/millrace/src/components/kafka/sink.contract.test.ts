import { afterAll, beforeAll, describe, it } from 'vitest';
import { KafkaContract } from '../../../../testkit/src/kafka/kafka-contract.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { kafkaSink } from './sink.ts';

let kafka: KafkaContract;
beforeAll(async () => {
  kafka = await KafkaContract.start();
});
afterAll(() => kafka.stop());

sinkContract({ describe, it }, 'KafkaSink', {
  create: async () => {
    const topic = await kafka.newTopic();
    const properties = {
      'kafka.bootstrap.servers': kafka.servers,
      'kafka.topic': topic,
      flumeBatchSize: 10,
      'kafka.producer.acks': 'all',
      'kafka.producer.request.timeout.ms': 300,
      'kafka.producer.delivery.timeout.ms': 600,
    };
    await kafka.admin.alterTopicConfigs(topic, new Map([['max.message.bytes', '1000']]), []);
    return {
      sink: kafkaSink.create(contextFor(kafkaSink, properties)),
      delivered: () => kafka.bodiesOf(topic),
      fail: async () => kafka.fill(topic),
      heal: async () => kafka.makeRoom(topic),
      refusable: () => batchOf('x'.repeat(2000)),
    };
  },
});
