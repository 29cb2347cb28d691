import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../runtime/errors.ts';
import type { KafkaClient } from './client.ts';
import { listOffsetsApi } from './consumer-apis.ts';
import { isRetriable, kafkaError } from './kafka-errors.ts';
import type { TopicPartition, TopicPartitionOffset } from './options.ts';

/** ListOffsets' special timestamps. */
export const latestOffset = -1;
export const earliestOffset = -2;

const tries = 10;
const retryBackoffMs = 200;

/**
 * The offset at a time (Unix ms, or one of the special ones) for each partition, asked of its leader. Partitions whose
 * leader moves are asked again; an offset of -1 is "none at or after that time". Throws `KAFKA` or `KAFKA_CONNECTION`.
 */
export async function listOffsets(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  timestamp: number,
  readCommitted = false,
): Promise<TopicPartitionOffset[]> {
  const result: TopicPartitionOffset[] = [];
  let open: TopicPartition[] = [...partitions];
  let last = new MillraceError('KAFKA_CONNECTION', 'no leader');
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt === tries) throw last;
    if (attempt > 0) {
      await sleep(retryBackoffMs);
      await client.refreshTopics([...new Set(open.map(({ topic }) => topic))]);
    }
    const next: TopicPartition[] = [];
    const byLeader = Map.groupBy(open, ({ topic, partition }) => leaderOf(client, topic, partition));
    for (const [leader, list] of byLeader) {
      if (leader < 0) {
        next.push(...list);
        last = new MillraceError('KAFKA', `${list[0]!.topic}-${list[0]!.partition} has no leader`, {
          retryable: true,
        });
        continue;
      }
      try {
        for (const { topic, partition, errorCode, offset } of await ask(
          client,
          leader,
          list,
          timestamp,
          readCommitted,
        )) {
          if (errorCode === 0) result.push({ topic, partition, offset });
          else {
            last = kafkaError(errorCode, `${topic}-${partition}`);
            if (!isRetriable(errorCode)) throw last;
            next.push({ topic, partition });
          }
        }
      } catch (error) {
        if (!(error instanceof MillraceError) || !error.retryable) throw error;
        last = error;
        next.push(...list);
      }
    }
    open = next;
  }
  return result;
}

export function leaderOf(client: KafkaClient, topic: string, partition: number): number {
  return client.cachedTopic(topic)?.partitions[partition]?.leader ?? -1;
}

async function ask(
  client: KafkaClient,
  leader: number,
  partitions: readonly TopicPartition[],
  timestamp: number,
  readCommitted: boolean,
): Promise<{ topic: string; partition: number; errorCode: number; offset: number }[]> {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
  }));
  const message = { replicaId: -1, isolationLevel: readCommitted ? 1 : 0, topics };
  const answer = await client.request(leader, listOffsetsApi, message);
  return answer.topics.flatMap(({ name, partitions: list }) =>
    list.map(({ partitionIndex, errorCode, offset }) => ({
      topic: name,
      partition: partitionIndex,
      errorCode,
      offset,
    })),
  );
}
