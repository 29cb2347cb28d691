import { MillraceError } from '../../../runtime/errors.ts';
import { pause } from '../../../runtime/timers.ts';
import type { KafkaClient } from '../client.ts';
import { kafkaError } from '../kafka-errors.ts';
import type { TopicPartition, TopicPartitionOffset } from '../options.ts';
import { listOffsetsApi } from './consumer-apis.ts';

/** ListOffsets' special timestamps. */
export const latestOffset = -1;
export const earliestOffset = -2;

/** Who asks: an application, or one that wants a log's end though not all replicas have it yet. */
const application = -1;
export const logEnd = -2;

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
  asWhom = application,
): Promise<TopicPartitionOffset[]> {
  const result: TopicPartitionOffset[] = [];
  let open: readonly TopicPartition[] = partitions;
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt > 0) {
      await pause(retryBackoffMs);
      await client.refreshTopics([...new Set(open.map(({ topic }) => topic))]);
    }
    const answer = await askOffsets(client, open, timestamp, readCommitted, asWhom);
    result.push(...answer.found);
    open = answer.open;
    const final = answer.error !== null && (!answer.error.retryable || attempt === tries - 1);
    if (open.length > 0 && final) throw answer.error;
  }
  return result;
}

/** Once, of the leaders that are known: what was found, what is open, and why (the first error that is final, if any). */
export async function askOffsets(
  client: KafkaClient,
  partitions: readonly TopicPartition[],
  timestamp: number,
  readCommitted: boolean,
  asWhom = application,
): Promise<{ found: TopicPartitionOffset[]; open: TopicPartition[]; error: MillraceError | null }> {
  const found: TopicPartitionOffset[] = [];
  const open: TopicPartition[] = [];
  let error: MillraceError | null = null;
  const note = (list: readonly TopicPartition[], why: MillraceError): void => {
    open.push(...list);
    if (error === null || (error.retryable && !why.retryable)) error = why;
  };
  const byLeader = Map.groupBy(partitions, ({ topic, partition }) => leaderOf(client, topic, partition));
  // Side by side: a leader that does not answer holds up no other.
  await Promise.all(
    [...byLeader].map(async ([leader, list]) => {
      if (leader < 0) {
        const [{ topic, partition }] = list as [TopicPartition];
        note(list, new MillraceError('KAFKA', `${topic}-${partition} has no leader`, { retryable: true }));
        return;
      }
      try {
        for (const each of await ask(client, leader, list, timestamp, readCommitted, asWhom)) {
          const { topic, partition, errorCode, offset } = each;
          if (errorCode === 0) found.push({ topic, partition, offset });
          else note([{ topic, partition }], kafkaError(errorCode, `${topic}-${partition}`));
        }
      } catch (failure) {
        if (!(failure instanceof MillraceError)) throw failure;
        note(list, failure);
      }
    }),
  );
  return { found, open, error };
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
  replicaId: number,
): Promise<{ topic: string; partition: number; errorCode: number; offset: number }[]> {
  const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
  }));
  const message = { replicaId, isolationLevel: readCommitted ? 1 : 0, topics };
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
