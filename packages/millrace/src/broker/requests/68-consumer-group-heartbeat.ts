import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponseInit,
} from '../../protocol/generated/consumer-group-heartbeat.ts';
import { messages } from '../../protocol/messages.ts';
import { ErrorCode } from '../core/error-code.ts';
import { isFault } from '../core/fault.ts';
import { type Call, defineHandler } from './call.ts';
import { Ask } from './guards/guard.ts';

/** KIP-848: a member says what it wants and has, and is told what it shall have. Version 1: its own id, expressions. */
export const consumerGroupHeartbeat = defineHandler(
  messages.consumerGroupHeartbeat,
  ['READ GROUP', 'DESCRIBE TOPIC'],
  work,
);

async function work(
  request: ConsumerGroupHeartbeatRequest,
  call: Call,
): Promise<ConsumerGroupHeartbeatResponseInit> {
  const { broker, version, clientId, clientHost } = call;
  const { memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, serverAssignor } = request;
  const {
    subscribedTopicNames: topicNames,
    subscribedTopicRegex: topicRegex,
    topicPartitions: owned,
  } = request;
  const input = {
    ...{ memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, serverAssignor },
    ...{ topicNames, topicRegex, owned, clientId, clientHost, sees: visible(call) },
  };
  const answer = await broker.groups.consumers.heartbeat(request.groupId, input, version);
  if (isFault(answer)) {
    const { errorCode, message } = answer;
    return { throttleTimeMs: 0, errorCode, errorMessage: message, memberEpoch: 0, heartbeatIntervalMs: 0 };
  }
  const { assignment } = answer;
  return {
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    memberId: answer.memberId,
    memberEpoch: answer.memberEpoch,
    // Who leaves is told none.
    heartbeatIntervalMs: memberEpoch < 0 ? 0 : broker.settings.groupConsumerHeartbeatIntervalMs,
    assignment: assignment === null ? null : { topicPartitions: assignment },
  };
}

/** What the sender's expression may match. */
function visible(call: Call): ((topic: string) => boolean) | null {
  const { acls } = call.broker;
  if (acls === null) return null;
  const ask = new Ask(acls.authorizer, call);
  return (topic) => ask.may('DESCRIBE', 'TOPIC', topic);
}
