import type { CreatableReplicaAssignment } from '../../protocol/generated/create-topics.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { ErrorCode } from '../core/error-code.ts';
import { type RequestFault, refuse } from '../core/fault.ts';
import { topicConfigFault } from '../settings/topic-configs.ts';
import type { BrokerContext } from './call.ts';

/** A request for more partitions than this is a mistake, and each costs files. */
const maxPartitions = 100_000;

/** Why a topic of this name cannot be made, or null. */
export function checkNewName(broker: BrokerContext, name: string): RequestFault | null {
  const fault = topicNameFault(name);
  if (fault !== null) return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic name is invalid: ${fault}`);
  if (broker.topics.byName(name) !== undefined || broker.topics.isCreating(name)) {
    return refuse(ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  }
  const other = broker.topics.collidesWith(name);
  if (other === null) return null;
  return refuse(ErrorCode.INVALID_TOPIC_EXCEPTION, `Topic '${name}' collides with existing topic: ${other}`);
}

/** How many partitions the request means, by number (-1: the broker's default) or by assignments to its one node. */
export function partitionCount(
  broker: BrokerContext,
  numPartitions: number,
  replicationFactor: number,
  assignments: readonly CreatableReplicaAssignment[],
): number | RequestFault {
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      const message =
        'Both numPartitions or replicationFactor and replicasAssignments were set; only one may be.';
      return refuse(ErrorCode.INVALID_REQUEST, message);
    }
    return assignedCount(assignments, broker.settings.nodeId);
  }
  if (replicationFactor !== -1 && replicationFactor < 1) {
    return refuse(
      ErrorCode.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    );
  }
  if (replicationFactor > 1) {
    const message = `Unable to replicate the partition ${replicationFactor} time(s): only 1 broker(s) are registered.`;
    return refuse(ErrorCode.INVALID_REPLICATION_FACTOR, message);
  }
  if (numPartitions === -1) return broker.settings.defaultPartitions;
  if (numPartitions < 1) {
    return refuse(
      ErrorCode.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    );
  }
  if (numPartitions > maxPartitions) {
    return refuse(
      ErrorCode.INVALID_PARTITIONS,
      `${numPartitions} partitions; at most ${maxPartitions} are made.`,
    );
  }
  return numPartitions;
}

function assignedCount(
  assignments: readonly CreatableReplicaAssignment[],
  nodeId: number,
): number | RequestFault {
  const indexes = new Set(assignments.map((assignment) => assignment.partitionIndex));
  const consecutive = assignments.every((_, i) => indexes.has(i));
  if (!consecutive || indexes.size !== assignments.length) {
    return refuse(
      ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      'partitions should be a consecutive 0-based integer sequence',
    );
  }
  if (assignments.some(({ brokerIds }) => brokerIds.length !== 1 || brokerIds[0] !== nodeId)) {
    return refuse(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `the only broker is ${nodeId}`);
  }
  return assignments.length;
}

/** The settings of a request as a map, or what is wrong with them. */
export function checkConfigs(
  configs: readonly { readonly name: string; readonly value: string | null }[],
): ReadonlyMap<string, string> | RequestFault {
  const map = new Map<string, string>();
  for (const { name, value } of configs) {
    if (value === null)
      return refuse(ErrorCode.INVALID_CONFIG, `Null value not supported for topic configs: ${name}`);
    const fault = topicConfigFault(name, value);
    if (fault !== null) return refuse(ErrorCode.INVALID_CONFIG, fault);
    map.set(name, value);
  }
  return map;
}
