import { MillraceError } from '../../../runtime/errors.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import { kafkaError } from '../kafka-errors.ts';
import type { TopicPartition } from '../options.ts';
import type { GroupDescription } from './admin.ts';
import { consumerGroupDescribeApi } from './admin-apis.ts';

/** GROUP_ID_NOT_FOUND */
const notFound = 69;

/** A group of the consumer protocol (KIP-848); null where there is none of this id, or the broker knows no such groups. */
export async function describeConsumerGroup(
  client: KafkaClient,
  groupId: string,
  coordinator: BrokerNode,
): Promise<GroupDescription | null> {
  const asked = { groupIds: [groupId], includeAuthorizedOperations: false };
  const answer = await client.request(coordinator.nodeId, consumerGroupDescribeApi, asked).catch(unserved);
  const group = answer?.groups[0];
  if (group === undefined || group.errorCode === notFound) return null;
  if (group.errorCode !== 0) throw kafkaError(group.errorCode, `group ${groupId}`, group.errorMessage);
  return {
    ...{
      groupId,
      coordinator,
      state: group.groupState,
      protocolType: 'consumer',
      assignor: group.assignorName,
    },
    epochs: { group: group.groupEpoch, target: group.assignmentEpoch },
    members: group.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      assignment: partitionsOf(member.assignment.topicPartitions),
      epoch: member.memberEpoch,
      target: partitionsOf(member.targetAssignment.topicPartitions),
    })),
  };
}

/** A broker from before Kafka 4 has no such groups. */
function unserved(error: unknown): null {
  if (error instanceof MillraceError && error.details.notServed !== undefined) return null;
  throw error;
}

function partitionsOf(
  topics: readonly { readonly topicName: string; readonly partitions: readonly number[] }[],
): TopicPartition[] {
  return topics.flatMap(({ topicName: topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
}
