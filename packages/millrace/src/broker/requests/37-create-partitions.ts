import type { CreatePartitionsTopic } from '../../protocol/generated/create-partitions.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { faultOf, type RequestFault, refuse } from '../core/fault.ts';
import { tooFew } from '../storage/topics.ts';
import { type Call, defineHandler } from './call.ts';

export const createPartitions = defineHandler(
  messages.createPartitions,
  ['ALTER TOPIC'],
  async (request, call) => {
    const results = [];
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const { name } of request.topics) (seen.has(name) ? twice : seen).add(name);
    for (const asked of new Map(request.topics.map((each) => [each.name, each])).values()) {
      const fault = twice.has(asked.name)
        ? refuse(ErrorCode.INVALID_REQUEST, 'Duplicate topic name.')
        : await grow(asked, request.validateOnly, call);
      const errorCode = fault?.errorCode ?? ErrorCode.NONE;
      results.push({ name: asked.name, errorCode, errorMessage: fault?.message ?? null });
    }
    return { throttleTimeMs: 0, results };
  },
);

async function grow(
  asked: CreatePartitionsTopic,
  validateOnly: boolean,
  call: Call,
): Promise<RequestFault | null> {
  const { topics, settings, room } = call.broker;
  const topic = topics.byName(asked.name);
  if (topic === undefined) return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `no topic ${asked.name}`);
  const now = topic.partitions.length;
  if (asked.count <= now) return tooFew(asked.name, now, asked.count);
  if (topic.internal) return refuse(ErrorCode.INVALID_REQUEST, 'an internal topic cannot grow');
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
  if (validateOnly) return room.faultOf(asked.count - now);
  try {
    return await room.make(asked.count - now, () => topics.grow(asked.name, topic.id, asked.count));
  } catch (error) {
    return faultOf(error);
  }
}
