import type { RequestInitOf, ResponseOf } from '../../../protocol/messages.ts';
import { MillraceError } from '../../../runtime/errors.ts';
import type { KafkaClient } from '../client.ts';
import { brokerErrorName, kafkaError } from '../kafka-errors.ts';
import type { TopicDescription } from './admin.ts';
import { describeTopicPartitionsApi } from './admin-apis.ts';

type Partition = TopicDescription['partitions'][number];

/**
 * Topics with their eligible leader replicas (KIP-966), asked for page by page; null where the brokers are older than
 * Kafka 3.7. Throws `KAFKA` where a topic is not there.
 */
export async function describeTopicPartitions(
  client: KafkaClient,
  topics: readonly string[],
): Promise<readonly TopicDescription[] | null> {
  const found = new Map<string, { topicId: string; isInternal: boolean; partitions: Partition[] }>();
  let cursor: ResponseOf<'describeTopicPartitions'>['nextCursor'] = null;
  do {
    const request: RequestInitOf<'describeTopicPartitions'> = {
      topics: topics.toSorted().map((name) => ({ name })),
      cursor,
    };
    const answer: ResponseOf<'describeTopicPartitions'> | null = await client
      .request('any', describeTopicPartitionsApi, request)
      .catch(orTooOld);
    if (answer === null) return null;
    for (const { name, errorCode, topicId, isInternal, partitions } of answer.topics) {
      if (errorCode !== 0) throw kafkaError(errorCode, `topic ${name}`);
      if (name === null) continue;
      const topic = found.get(name) ?? { topicId, isInternal, partitions: [] };
      found.set(name, topic);
      for (const each of partitions) {
        topic.partitions.push({
          partition: each.partitionIndex,
          leader: each.leaderId,
          replicas: each.replicaNodes,
          isr: each.isrNodes,
          elr: each.eligibleLeaderReplicas,
          lastKnownElr: each.lastKnownElr,
        });
      }
    }
    cursor = answer.nextCursor;
  } while (cursor !== null);
  return [...found].map(([topic, rest]) => ({ topic, ...rest }));
}

function orTooOld(error: unknown): null {
  const refused = error instanceof MillraceError && error.code === 'KAFKA' && brokerErrorName(error) === '';
  if (refused) return null;
  throw error;
}
