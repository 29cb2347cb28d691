/** The contract of channels, held by KafkaChannel as a member of the consumer protocol (KIP-848), on Apache Kafka and the embedded broker. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Admin } from '../../packages/millrace/src/clients/kafka/admin/admin.ts';
import { KafkaClient } from '../../packages/millrace/src/clients/kafka/client.ts';
import { channelContract } from '../../packages/millrace/src/component/testing/channel-contract.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { kafkaChannel } from '../../packages/millrace/src/components/kafka/channel.ts';
import { EmbeddedKafka } from '../../packages/testkit/src/kafka/embedded-kafka.ts';
import { describeConsumerGroup, heartbeatAs } from '../../packages/testkit/src/kafka/group-probe.ts';
import { kafkaChannelSupports } from '../../packages/testkit/src/kafka/kafka-contract.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

// A topic that is made at the moment of the join is dealt at once, and not up to a second later.
const settings = { 'group.consumer.assignment.interval.ms': 0 };
const servers = {
  'Apache Kafka': (): Promise<RealKafka | EmbeddedKafka> => RealKafka.start({ settings }),
  'the embedded broker': (): Promise<RealKafka | EmbeddedKafka> => EmbeddedKafka.start({ settings }),
};

describe.each(Object.entries(servers))('%s', (_, start) => {
  let kafka: RealKafka | EmbeddedKafka;
  let client: KafkaClient;
  beforeAll(async () => {
    kafka = await start();
    client = new KafkaClient({ bootstrapServers: [kafka.bootstrap] });
    // The topic of the groups is made when it is asked for: takes don't wait for that.
    await waitFor('a coordinator', async () => {
      const found = await describeConsumerGroup(client, 'nobody').catch(() => null);
      return found?.errorMessage?.includes('not found') === true;
    });
  });
  afterAll(async () => {
    await client?.close();
    await kafka?.[Symbol.asyncDispose]();
  });

  /** What the coordinator does when the session of one that crashed is over; in this protocol nobody takes over before. */
  async function endSessions(groupId: string): Promise<void> {
    const { members } = await describeConsumerGroup(client, groupId);
    for (const { memberId } of members) await heartbeatAs(client, { groupId, memberId, memberEpoch: -1 });
  }

  let topics = 0;

  // Each has a topic and a group of its own; most of their time is waiting.
  channelContract({ describe, it: it.concurrent }, 'KafkaChannel, group.protocol=consumer', {
    supports: kafkaChannelSupports,
    create: async () => {
      const topic = `channel-${++topics}`;
      const groupId = `group-${topic}`;
      await new Admin(client).createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
      const make = () =>
        kafkaChannel.create(
          contextFor(kafkaChannel, {
            'kafka.bootstrap.servers': kafka.bootstrap,
            'kafka.topic': topic,
            'kafka.consumer.group.id': groupId,
            'kafka.consumer.group.protocol': 'consumer',
            // The first take waits for the join, which on a busy machine takes longer than the usual half a second.
            'kafka.pollTimeout': '3000',
          }),
        );
      const reopen = async () => {
        await endSessions(groupId);
        return make();
      };
      return { channel: make(), reopen };
    },
  });
});
