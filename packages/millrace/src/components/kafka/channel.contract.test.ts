import { afterAll, beforeAll, describe, it } from 'vitest';
import { KafkaContract, kafkaChannelSupports } from '../../../../testkit/src/kafka/kafka-contract.ts';
import { channelContract } from '../../component/testing/channel-contract.ts';
import { contextFor } from '../../component/testing/context.ts';
import { kafkaChannel } from './channel.ts';

let kafka: KafkaContract;
beforeAll(async () => {
  kafka = await KafkaContract.start();
});
afterAll(() => kafka.stop());

channelContract({ describe, it }, 'KafkaChannel', {
  supports: kafkaChannelSupports,
  create: async () => {
    const topic = await kafka.newTopic();
    const make = () =>
      kafkaChannel.create(
        contextFor(kafkaChannel, {
          'kafka.bootstrap.servers': kafka.servers,
          'kafka.topic': topic,
          'kafka.consumer.group.id': `group-${topic}`,
          // A static member takes over from the one that crashed without waiting for its session to end.
          'kafka.consumer.group.instance.id': topic,
        }),
      );
    return { channel: make(), reopen: async () => make() };
  },
});
