// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { produceMessages } from './produce.ts';
import { fetchMessages } from './fetch.ts';
import { listOffsetsMessages } from './list-offsets.ts';
import { metadataMessages } from './metadata.ts';
import { offsetCommitMessages } from './offset-commit.ts';
import { offsetFetchMessages } from './offset-fetch.ts';
import { findCoordinatorMessages } from './find-coordinator.ts';
import { joinGroupMessages } from './join-group.ts';
import { heartbeatMessages } from './heartbeat.ts';
import { leaveGroupMessages } from './leave-group.ts';
import { syncGroupMessages } from './sync-group.ts';
import { describeGroupsMessages } from './describe-groups.ts';
import { listGroupsMessages } from './list-groups.ts';
import { saslHandshakeMessages } from './sasl-handshake.ts';
import { apiVersionsMessages } from './api-versions.ts';
import { createTopicsMessages } from './create-topics.ts';
import { deleteTopicsMessages } from './delete-topics.ts';
import { deleteRecordsMessages } from './delete-records.ts';
import { initProducerIdMessages } from './init-producer-id.ts';
import { offsetForLeaderEpochMessages } from './offset-for-leader-epoch.ts';
import { addPartitionsToTxnMessages } from './add-partitions-to-txn.ts';
import { addOffsetsToTxnMessages } from './add-offsets-to-txn.ts';
import { endTxnMessages } from './end-txn.ts';
import { writeTxnMarkersMessages } from './write-txn-markers.ts';
import { txnOffsetCommitMessages } from './txn-offset-commit.ts';
import { describeAclsMessages } from './describe-acls.ts';
import { createAclsMessages } from './create-acls.ts';
import { deleteAclsMessages } from './delete-acls.ts';
import { describeConfigsMessages } from './describe-configs.ts';
import { alterConfigsMessages } from './alter-configs.ts';
import { alterReplicaLogDirsMessages } from './alter-replica-log-dirs.ts';
import { describeLogDirsMessages } from './describe-log-dirs.ts';
import { saslAuthenticateMessages } from './sasl-authenticate.ts';
import { createPartitionsMessages } from './create-partitions.ts';
import { createDelegationTokenMessages } from './create-delegation-token.ts';
import { renewDelegationTokenMessages } from './renew-delegation-token.ts';
import { expireDelegationTokenMessages } from './expire-delegation-token.ts';
import { describeDelegationTokenMessages } from './describe-delegation-token.ts';
import { deleteGroupsMessages } from './delete-groups.ts';
import { electLeadersMessages } from './elect-leaders.ts';
import { incrementalAlterConfigsMessages } from './incremental-alter-configs.ts';
import { alterPartitionReassignmentsMessages } from './alter-partition-reassignments.ts';
import { listPartitionReassignmentsMessages } from './list-partition-reassignments.ts';
import { offsetDeleteMessages } from './offset-delete.ts';
import { describeClientQuotasMessages } from './describe-client-quotas.ts';
import { alterClientQuotasMessages } from './alter-client-quotas.ts';
import { describeUserScramCredentialsMessages } from './describe-user-scram-credentials.ts';
import { alterUserScramCredentialsMessages } from './alter-user-scram-credentials.ts';
import { describeQuorumMessages } from './describe-quorum.ts';
import { updateFeaturesMessages } from './update-features.ts';
import { describeClusterMessages } from './describe-cluster.ts';
import { describeProducersMessages } from './describe-producers.ts';
import { unregisterBrokerMessages } from './unregister-broker.ts';
import { describeTransactionsMessages } from './describe-transactions.ts';
import { listTransactionsMessages } from './list-transactions.ts';
import { consumerGroupHeartbeatMessages } from './consumer-group-heartbeat.ts';
import { consumerGroupDescribeMessages } from './consumer-group-describe.ts';
import { getTelemetrySubscriptionsMessages } from './get-telemetry-subscriptions.ts';
import { pushTelemetryMessages } from './push-telemetry.ts';
import { listConfigResourcesMessages } from './list-config-resources.ts';
import { describeTopicPartitionsMessages } from './describe-topic-partitions.ts';
import { shareGroupHeartbeatMessages } from './share-group-heartbeat.ts';
import { shareGroupDescribeMessages } from './share-group-describe.ts';
import { shareFetchMessages } from './share-fetch.ts';
import { shareAcknowledgeMessages } from './share-acknowledge.ts';
import { addRaftVoterMessages } from './add-raft-voter.ts';
import { removeRaftVoterMessages } from './remove-raft-voter.ts';
import { initializeShareGroupStateMessages } from './initialize-share-group-state.ts';
import { readShareGroupStateMessages } from './read-share-group-state.ts';
import { writeShareGroupStateMessages } from './write-share-group-state.ts';
import { deleteShareGroupStateMessages } from './delete-share-group-state.ts';
import { readShareGroupStateSummaryMessages } from './read-share-group-state-summary.ts';
import { streamsGroupHeartbeatMessages } from './streams-group-heartbeat.ts';
import { streamsGroupDescribeMessages } from './streams-group-describe.ts';
import { describeShareGroupOffsetsMessages } from './describe-share-group-offsets.ts';
import { alterShareGroupOffsetsMessages } from './alter-share-group-offsets.ts';
import { deleteShareGroupOffsetsMessages } from './delete-share-group-offsets.ts';

/** Every API that a broker of Apache Kafka 4.3.0 serves, by name. */
export const messages = Object.freeze({
  produce: produceMessages,
  fetch: fetchMessages,
  listOffsets: listOffsetsMessages,
  metadata: metadataMessages,
  offsetCommit: offsetCommitMessages,
  offsetFetch: offsetFetchMessages,
  findCoordinator: findCoordinatorMessages,
  joinGroup: joinGroupMessages,
  heartbeat: heartbeatMessages,
  leaveGroup: leaveGroupMessages,
  syncGroup: syncGroupMessages,
  describeGroups: describeGroupsMessages,
  listGroups: listGroupsMessages,
  saslHandshake: saslHandshakeMessages,
  apiVersions: apiVersionsMessages,
  createTopics: createTopicsMessages,
  deleteTopics: deleteTopicsMessages,
  deleteRecords: deleteRecordsMessages,
  initProducerId: initProducerIdMessages,
  offsetForLeaderEpoch: offsetForLeaderEpochMessages,
  addPartitionsToTxn: addPartitionsToTxnMessages,
  addOffsetsToTxn: addOffsetsToTxnMessages,
  endTxn: endTxnMessages,
  writeTxnMarkers: writeTxnMarkersMessages,
  txnOffsetCommit: txnOffsetCommitMessages,
  describeAcls: describeAclsMessages,
  createAcls: createAclsMessages,
  deleteAcls: deleteAclsMessages,
  describeConfigs: describeConfigsMessages,
  alterConfigs: alterConfigsMessages,
  alterReplicaLogDirs: alterReplicaLogDirsMessages,
  describeLogDirs: describeLogDirsMessages,
  saslAuthenticate: saslAuthenticateMessages,
  createPartitions: createPartitionsMessages,
  createDelegationToken: createDelegationTokenMessages,
  renewDelegationToken: renewDelegationTokenMessages,
  expireDelegationToken: expireDelegationTokenMessages,
  describeDelegationToken: describeDelegationTokenMessages,
  deleteGroups: deleteGroupsMessages,
  electLeaders: electLeadersMessages,
  incrementalAlterConfigs: incrementalAlterConfigsMessages,
  alterPartitionReassignments: alterPartitionReassignmentsMessages,
  listPartitionReassignments: listPartitionReassignmentsMessages,
  offsetDelete: offsetDeleteMessages,
  describeClientQuotas: describeClientQuotasMessages,
  alterClientQuotas: alterClientQuotasMessages,
  describeUserScramCredentials: describeUserScramCredentialsMessages,
  alterUserScramCredentials: alterUserScramCredentialsMessages,
  describeQuorum: describeQuorumMessages,
  updateFeatures: updateFeaturesMessages,
  describeCluster: describeClusterMessages,
  describeProducers: describeProducersMessages,
  unregisterBroker: unregisterBrokerMessages,
  describeTransactions: describeTransactionsMessages,
  listTransactions: listTransactionsMessages,
  consumerGroupHeartbeat: consumerGroupHeartbeatMessages,
  consumerGroupDescribe: consumerGroupDescribeMessages,
  getTelemetrySubscriptions: getTelemetrySubscriptionsMessages,
  pushTelemetry: pushTelemetryMessages,
  listConfigResources: listConfigResourcesMessages,
  describeTopicPartitions: describeTopicPartitionsMessages,
  shareGroupHeartbeat: shareGroupHeartbeatMessages,
  shareGroupDescribe: shareGroupDescribeMessages,
  shareFetch: shareFetchMessages,
  shareAcknowledge: shareAcknowledgeMessages,
  addRaftVoter: addRaftVoterMessages,
  removeRaftVoter: removeRaftVoterMessages,
  initializeShareGroupState: initializeShareGroupStateMessages,
  readShareGroupState: readShareGroupStateMessages,
  writeShareGroupState: writeShareGroupStateMessages,
  deleteShareGroupState: deleteShareGroupStateMessages,
  readShareGroupStateSummary: readShareGroupStateSummaryMessages,
  streamsGroupHeartbeat: streamsGroupHeartbeatMessages,
  streamsGroupDescribe: streamsGroupDescribeMessages,
  describeShareGroupOffsets: describeShareGroupOffsetsMessages,
  alterShareGroupOffsets: alterShareGroupOffsetsMessages,
  deleteShareGroupOffsets: deleteShareGroupOffsetsMessages,
});
