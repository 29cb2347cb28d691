import type { CreatePartitionsTopic } from '../../protocol/generated/create-partitions.ts';
import { messages } from '../../protocol/messages.ts';
import { errorText } from '../../runtime/errors.ts';
import { type Call, defineHandler } from '../call.ts';
import { ErrorCode } from '../error-code.ts';
import { type CreationFault, refuse } from '../topic-creation.ts';

export const createPartitions = defineHandler(messages.createPartitions, async (request, call) => {
  const results = [];
  for (const asked of request.topics) {
    const fault = await grow(asked, request.validateOnly, call);
    const errorCode = fault?.errorCode ?? ErrorCode.NONE;
    results.push({ name: asked.name, errorCode, errorMessage: fault?.message ?? null });
  }
  return { throttleTimeMs: 0, results };
});

async function grow(
  asked: CreatePartitionsTopic,
  validateOnly: boolean,
  call: Call,
): Promise<CreationFault | null> {
  const { topics, settings } = call.broker;
  const topic = topics.byName(asked.name);
  if (topic === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${asked.name}`);
  if (topic.internal) return refuse(ErrorCode.INVALID_REQUEST, 'an internal topic cannot grow');
  const now = topic.partitions.length;
  if (asked.count <= now) {
    const relation =
      asked.count === now
        ? `already has ${now} partition(s)`
        : `currently has ${now} partition(s), which is higher than the requested ${asked.count}`;
    return refuse(ErrorCode.INVALID_PARTITIONS, `The topic ${asked.name} ${relation}.`);
  }
  if (asked.count > 100_000)
    return refuse(ErrorCode.INVALID_PARTITIONS, `${asked.count} partitions are too many`);
  const { assignments } = asked;
  if (assignments !== null && assignments.length !== asked.count - now) {
    return refuse(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      `${asked.count - now} new partitions, ${assignments.length} assignments`,
    );
  }
  if (assignments?.some(({ brokerIds }) => brokerIds.length !== 1 || brokerIds[0] !== settings.nodeId)) {
    return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `the only broker is ${settings.nodeId}`);
  }
  if (validateOnly) return null;
  try {
    await topics.addPartitions(asked.name, asked.count);
    return null;
  } catch (error) {
    return refuse(ErrorCode.KAFKA_STORAGE_ERROR, errorText(error));
  }
}
