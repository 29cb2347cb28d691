import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type BrokerContext, defineHandler } from './call.ts';

/** One folder: a partition may be told to stay in it. */
export const alterReplicaLogDirs = defineHandler(
  messages.alterReplicaLogDirs,
  ['ALTER CLUSTER'],
  (request, { broker }) => {
    const results = new Map<string, { partitionIndex: number; errorCode: number }[]>();
    for (const { path, topics } of request.dirs) {
      for (const { name, partitions } of topics) {
        const answered = results.get(name) ?? [];
        results.set(name, answered);
        for (const partitionIndex of partitions)
          answered.push({ partitionIndex, errorCode: errorOf(path, name, partitionIndex, broker) });
      }
    }
    return {
      throttleTimeMs: 0,
      results: [...results].map(([topicName, partitions]) => ({ topicName, partitions })),
    };
  },
);

function errorOf(
  path: string,
  topic: string,
  partition: number,
  { settings, topics }: BrokerContext,
): number {
  if (path !== settings.dataDir) return ErrorCode.LOG_DIR_NOT_FOUND;
  return topics.partition(topic, partition) === undefined
    ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    : ErrorCode.NONE;
}
