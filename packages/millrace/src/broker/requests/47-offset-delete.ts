import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { defineHandler } from './call.ts';

export const offsetDelete = defineHandler(
  messages.offsetDelete,
  ['DELETE GROUP', 'READ TOPIC'],
  async (request, { broker }) => {
    const asked = request.topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
    );
    const { errorCode, partitionErrors } = await broker.groups.deleteOffsets(request.groupId, asked);
    if (errorCode !== ErrorCode.NONE) return { errorCode, topics: [] };
    let next = 0;
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        const known = broker.topics.partition(name, partitionIndex) !== undefined;
        const error = partitionErrors[next++]!;
        return { partitionIndex, errorCode: known ? error : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION };
      }),
    }));
    return { errorCode, topics };
  },
);
