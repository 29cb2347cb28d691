/** What a coordinator knows of a group of the consumer protocol (KIP-848), and heartbeats in a member's name. */
import { api } from '../../../millrace/src/clients/kafka/apis.ts';
import type { KafkaClient } from '../../../millrace/src/clients/kafka/client.ts';
import { consumerGroupHeartbeatApi } from '../../../millrace/src/clients/kafka/consumer/consumer-apis.ts';
import { consumerGroupDescribeMessages } from '../../../millrace/src/protocol/generated/consumer-group-describe.ts';
import type { RequestOf, ResponseOf } from '../../../millrace/src/protocol/messages.ts';

const describeApi = api(consumerGroupDescribeMessages, 0);

export async function describeConsumerGroup(
  client: KafkaClient,
  groupId: string,
): Promise<ResponseOf<'consumerGroupDescribe'>['groups'][number]> {
  const { nodeId } = await client.coordinator(groupId);
  const message = { groupIds: [groupId], includeAuthorizedOperations: false };
  const { groups } = await client.request(nodeId, describeApi, message);
  return groups[0]!;
}

/** As if the member had sent it. */
export async function heartbeatAs(
  client: KafkaClient,
  message: Partial<RequestOf<'consumerGroupHeartbeat'>> & {
    groupId: string;
    memberId: string;
    memberEpoch: number;
  },
): Promise<ResponseOf<'consumerGroupHeartbeat'>> {
  const { nodeId } = await client.coordinator(message.groupId);
  return client.request(nodeId, consumerGroupHeartbeatApi, message);
}
