import type { ReassignablePartition } from '../../protocol/generated/alter-partition-reassignments.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import { type BrokerContext, defineHandler } from './call.ts';

/** One node: a partition may be told to stay where it is, and nothing that could be called off is ever under way. */
export const alterPartitionReassignments = defineHandler(
  messages.alterPartitionReassignments,
  ['ALTER CLUSTER'],
  (request, { broker, version }) => ({
    throttleTimeMs: 0,
    ...(version >= 1 ? { allowReplicationFactorChange: request.allowReplicationFactorChange } : {}),
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => {
        const fault = faultOf(name, asked, broker);
        const { partitionIndex } = asked;
        const errorCode = fault?.errorCode ?? ErrorCode.NONE;
        return { partitionIndex, errorCode, errorMessage: fault?.message ?? null };
      }),
    })),
  }),
);

function faultOf(
  topic: string,
  { partitionIndex, replicas }: ReassignablePartition,
  { topics, settings }: BrokerContext,
): RequestFault | null {
  if (topics.partition(topic, partitionIndex) === undefined)
    return refuse(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `There is no ${topic}-${partitionIndex}.`);
  if (replicas === null)
    return refuse(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, 'No partition reassignment is in progress.');
  const isHere = replicas.length === 1 && replicas[0] === settings.nodeId;
  return isHere
    ? null
    : refuse(
        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        `the only broker is ${settings.nodeId}, not ${replicas.join(', ')}`,
      );
}
