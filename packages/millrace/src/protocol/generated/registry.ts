// Generated from the message definitions of Apache Kafka 4.3.0 (Apache-2.0). Do not edit; make it again with `npm run generate`.
import { defineApi } from '../api.ts';
import {
  decodeProduceRequest, encodeProduceRequest, decodeProduceResponse, encodeProduceResponse, type ProduceRequest, type ProduceRequestInit, type ProduceResponse, type ProduceResponseInit,
} from './produce.ts';
import {
  decodeFetchRequest, encodeFetchRequest, decodeFetchResponse, encodeFetchResponse, type FetchRequest, type FetchRequestInit, type FetchResponse, type FetchResponseInit,
} from './fetch.ts';
import {
  decodeListOffsetsRequest, encodeListOffsetsRequest, decodeListOffsetsResponse, encodeListOffsetsResponse, type ListOffsetsRequest, type ListOffsetsRequestInit, type ListOffsetsResponse, type ListOffsetsResponseInit,
} from './list-offsets.ts';
import {
  decodeMetadataRequest, encodeMetadataRequest, decodeMetadataResponse, encodeMetadataResponse, type MetadataRequest, type MetadataRequestInit, type MetadataResponse, type MetadataResponseInit,
} from './metadata.ts';
import {
  decodeOffsetCommitRequest, encodeOffsetCommitRequest, decodeOffsetCommitResponse, encodeOffsetCommitResponse, type OffsetCommitRequest, type OffsetCommitRequestInit, type OffsetCommitResponse, type OffsetCommitResponseInit,
} from './offset-commit.ts';
import {
  decodeOffsetFetchRequest, encodeOffsetFetchRequest, decodeOffsetFetchResponse, encodeOffsetFetchResponse, type OffsetFetchRequest, type OffsetFetchRequestInit, type OffsetFetchResponse, type OffsetFetchResponseInit,
} from './offset-fetch.ts';
import {
  decodeFindCoordinatorRequest, encodeFindCoordinatorRequest, decodeFindCoordinatorResponse, encodeFindCoordinatorResponse, type FindCoordinatorRequest, type FindCoordinatorRequestInit, type FindCoordinatorResponse, type FindCoordinatorResponseInit,
} from './find-coordinator.ts';
import {
  decodeJoinGroupRequest, encodeJoinGroupRequest, decodeJoinGroupResponse, encodeJoinGroupResponse, type JoinGroupRequest, type JoinGroupRequestInit, type JoinGroupResponse, type JoinGroupResponseInit,
} from './join-group.ts';
import {
  decodeHeartbeatRequest, encodeHeartbeatRequest, decodeHeartbeatResponse, encodeHeartbeatResponse, type HeartbeatRequest, type HeartbeatRequestInit, type HeartbeatResponse, type HeartbeatResponseInit,
} from './heartbeat.ts';
import {
  decodeLeaveGroupRequest, encodeLeaveGroupRequest, decodeLeaveGroupResponse, encodeLeaveGroupResponse, type LeaveGroupRequest, type LeaveGroupRequestInit, type LeaveGroupResponse, type LeaveGroupResponseInit,
} from './leave-group.ts';
import {
  decodeSyncGroupRequest, encodeSyncGroupRequest, decodeSyncGroupResponse, encodeSyncGroupResponse, type SyncGroupRequest, type SyncGroupRequestInit, type SyncGroupResponse, type SyncGroupResponseInit,
} from './sync-group.ts';
import {
  decodeDescribeGroupsRequest, encodeDescribeGroupsRequest, decodeDescribeGroupsResponse, encodeDescribeGroupsResponse, type DescribeGroupsRequest, type DescribeGroupsRequestInit, type DescribeGroupsResponse, type DescribeGroupsResponseInit,
} from './describe-groups.ts';
import {
  decodeListGroupsRequest, encodeListGroupsRequest, decodeListGroupsResponse, encodeListGroupsResponse, type ListGroupsRequest, type ListGroupsRequestInit, type ListGroupsResponse, type ListGroupsResponseInit,
} from './list-groups.ts';
import {
  decodeSaslHandshakeRequest, encodeSaslHandshakeRequest, decodeSaslHandshakeResponse, encodeSaslHandshakeResponse, type SaslHandshakeRequest, type SaslHandshakeResponse,
} from './sasl-handshake.ts';
import {
  decodeApiVersionsRequest, encodeApiVersionsRequest, decodeApiVersionsResponse, encodeApiVersionsResponse, type ApiVersionsRequest, type ApiVersionsRequestInit, type ApiVersionsResponse, type ApiVersionsResponseInit,
} from './api-versions.ts';
import {
  decodeCreateTopicsRequest, encodeCreateTopicsRequest, decodeCreateTopicsResponse, encodeCreateTopicsResponse, type CreateTopicsRequest, type CreateTopicsRequestInit, type CreateTopicsResponse, type CreateTopicsResponseInit,
} from './create-topics.ts';
import {
  decodeDeleteTopicsRequest, encodeDeleteTopicsRequest, decodeDeleteTopicsResponse, encodeDeleteTopicsResponse, type DeleteTopicsRequest, type DeleteTopicsRequestInit, type DeleteTopicsResponse, type DeleteTopicsResponseInit,
} from './delete-topics.ts';
import {
  decodeDeleteRecordsRequest, encodeDeleteRecordsRequest, decodeDeleteRecordsResponse, encodeDeleteRecordsResponse, type DeleteRecordsRequest, type DeleteRecordsResponse,
} from './delete-records.ts';
import {
  decodeInitProducerIdRequest, encodeInitProducerIdRequest, decodeInitProducerIdResponse, encodeInitProducerIdResponse, type InitProducerIdRequest, type InitProducerIdRequestInit, type InitProducerIdResponse, type InitProducerIdResponseInit,
} from './init-producer-id.ts';
import {
  decodeOffsetForLeaderEpochRequest, encodeOffsetForLeaderEpochRequest, decodeOffsetForLeaderEpochResponse, encodeOffsetForLeaderEpochResponse, type OffsetForLeaderEpochRequest, type OffsetForLeaderEpochRequestInit, type OffsetForLeaderEpochResponse, type OffsetForLeaderEpochResponseInit,
} from './offset-for-leader-epoch.ts';
import {
  decodeAddPartitionsToTxnRequest, encodeAddPartitionsToTxnRequest, decodeAddPartitionsToTxnResponse, encodeAddPartitionsToTxnResponse, type AddPartitionsToTxnRequest, type AddPartitionsToTxnRequestInit, type AddPartitionsToTxnResponse, type AddPartitionsToTxnResponseInit,
} from './add-partitions-to-txn.ts';
import {
  decodeAddOffsetsToTxnRequest, encodeAddOffsetsToTxnRequest, decodeAddOffsetsToTxnResponse, encodeAddOffsetsToTxnResponse, type AddOffsetsToTxnRequest, type AddOffsetsToTxnResponse,
} from './add-offsets-to-txn.ts';
import {
  decodeEndTxnRequest, encodeEndTxnRequest, decodeEndTxnResponse, encodeEndTxnResponse, type EndTxnRequest, type EndTxnResponse, type EndTxnResponseInit,
} from './end-txn.ts';
import {
  decodeWriteTxnMarkersRequest, encodeWriteTxnMarkersRequest, decodeWriteTxnMarkersResponse, encodeWriteTxnMarkersResponse, type WriteTxnMarkersRequest, type WriteTxnMarkersRequestInit, type WriteTxnMarkersResponse,
} from './write-txn-markers.ts';
import {
  decodeTxnOffsetCommitRequest, encodeTxnOffsetCommitRequest, decodeTxnOffsetCommitResponse, encodeTxnOffsetCommitResponse, type TxnOffsetCommitRequest, type TxnOffsetCommitRequestInit, type TxnOffsetCommitResponse,
} from './txn-offset-commit.ts';
import {
  decodeDescribeAclsRequest, encodeDescribeAclsRequest, decodeDescribeAclsResponse, encodeDescribeAclsResponse, type DescribeAclsRequest, type DescribeAclsRequestInit, type DescribeAclsResponse, type DescribeAclsResponseInit,
} from './describe-acls.ts';
import {
  decodeCreateAclsRequest, encodeCreateAclsRequest, decodeCreateAclsResponse, encodeCreateAclsResponse, type CreateAclsRequest, type CreateAclsRequestInit, type CreateAclsResponse,
} from './create-acls.ts';
import {
  decodeDeleteAclsRequest, encodeDeleteAclsRequest, decodeDeleteAclsResponse, encodeDeleteAclsResponse, type DeleteAclsRequest, type DeleteAclsRequestInit, type DeleteAclsResponse, type DeleteAclsResponseInit,
} from './delete-acls.ts';
import {
  decodeDescribeConfigsRequest, encodeDescribeConfigsRequest, decodeDescribeConfigsResponse, encodeDescribeConfigsResponse, type DescribeConfigsRequest, type DescribeConfigsRequestInit, type DescribeConfigsResponse, type DescribeConfigsResponseInit,
} from './describe-configs.ts';
import {
  decodeAlterConfigsRequest, encodeAlterConfigsRequest, decodeAlterConfigsResponse, encodeAlterConfigsResponse, type AlterConfigsRequest, type AlterConfigsResponse,
} from './alter-configs.ts';
import {
  decodeAlterReplicaLogDirsRequest, encodeAlterReplicaLogDirsRequest, decodeAlterReplicaLogDirsResponse, encodeAlterReplicaLogDirsResponse, type AlterReplicaLogDirsRequest, type AlterReplicaLogDirsResponse,
} from './alter-replica-log-dirs.ts';
import {
  decodeDescribeLogDirsRequest, encodeDescribeLogDirsRequest, decodeDescribeLogDirsResponse, encodeDescribeLogDirsResponse, type DescribeLogDirsRequest, type DescribeLogDirsResponse, type DescribeLogDirsResponseInit,
} from './describe-log-dirs.ts';
import {
  decodeSaslAuthenticateRequest, encodeSaslAuthenticateRequest, decodeSaslAuthenticateResponse, encodeSaslAuthenticateResponse, type SaslAuthenticateRequest, type SaslAuthenticateResponse, type SaslAuthenticateResponseInit,
} from './sasl-authenticate.ts';
import {
  decodeCreatePartitionsRequest, encodeCreatePartitionsRequest, decodeCreatePartitionsResponse, encodeCreatePartitionsResponse, type CreatePartitionsRequest, type CreatePartitionsResponse, type CreatePartitionsResponseInit,
} from './create-partitions.ts';
import {
  decodeCreateDelegationTokenRequest, encodeCreateDelegationTokenRequest, decodeCreateDelegationTokenResponse, encodeCreateDelegationTokenResponse, type CreateDelegationTokenRequest, type CreateDelegationTokenRequestInit, type CreateDelegationTokenResponse, type CreateDelegationTokenResponseInit,
} from './create-delegation-token.ts';
import {
  decodeRenewDelegationTokenRequest, encodeRenewDelegationTokenRequest, decodeRenewDelegationTokenResponse, encodeRenewDelegationTokenResponse, type RenewDelegationTokenRequest, type RenewDelegationTokenResponse,
} from './renew-delegation-token.ts';
import {
  decodeExpireDelegationTokenRequest, encodeExpireDelegationTokenRequest, decodeExpireDelegationTokenResponse, encodeExpireDelegationTokenResponse, type ExpireDelegationTokenRequest, type ExpireDelegationTokenResponse,
} from './expire-delegation-token.ts';
import {
  decodeDescribeDelegationTokenRequest, encodeDescribeDelegationTokenRequest, decodeDescribeDelegationTokenResponse, encodeDescribeDelegationTokenResponse, type DescribeDelegationTokenRequest, type DescribeDelegationTokenResponse, type DescribeDelegationTokenResponseInit,
} from './describe-delegation-token.ts';
import {
  decodeDeleteGroupsRequest, encodeDeleteGroupsRequest, decodeDeleteGroupsResponse, encodeDeleteGroupsResponse, type DeleteGroupsRequest, type DeleteGroupsResponse,
} from './delete-groups.ts';
import {
  decodeElectLeadersRequest, encodeElectLeadersRequest, decodeElectLeadersResponse, encodeElectLeadersResponse, type ElectLeadersRequest, type ElectLeadersRequestInit, type ElectLeadersResponse, type ElectLeadersResponseInit,
} from './elect-leaders.ts';
import {
  decodeIncrementalAlterConfigsRequest, encodeIncrementalAlterConfigsRequest, decodeIncrementalAlterConfigsResponse, encodeIncrementalAlterConfigsResponse, type IncrementalAlterConfigsRequest, type IncrementalAlterConfigsResponse,
} from './incremental-alter-configs.ts';
import {
  decodeAlterPartitionReassignmentsRequest, encodeAlterPartitionReassignmentsRequest, decodeAlterPartitionReassignmentsResponse, encodeAlterPartitionReassignmentsResponse, type AlterPartitionReassignmentsRequest, type AlterPartitionReassignmentsRequestInit, type AlterPartitionReassignmentsResponse, type AlterPartitionReassignmentsResponseInit,
} from './alter-partition-reassignments.ts';
import {
  decodeListPartitionReassignmentsRequest, encodeListPartitionReassignmentsRequest, decodeListPartitionReassignmentsResponse, encodeListPartitionReassignmentsResponse, type ListPartitionReassignmentsRequest, type ListPartitionReassignmentsRequestInit, type ListPartitionReassignmentsResponse,
} from './list-partition-reassignments.ts';
import {
  decodeOffsetDeleteRequest, encodeOffsetDeleteRequest, decodeOffsetDeleteResponse, encodeOffsetDeleteResponse, type OffsetDeleteRequest, type OffsetDeleteResponse, type OffsetDeleteResponseInit,
} from './offset-delete.ts';
import {
  decodeDescribeClientQuotasRequest, encodeDescribeClientQuotasRequest, decodeDescribeClientQuotasResponse, encodeDescribeClientQuotasResponse, type DescribeClientQuotasRequest, type DescribeClientQuotasResponse,
} from './describe-client-quotas.ts';
import {
  decodeAlterClientQuotasRequest, encodeAlterClientQuotasRequest, decodeAlterClientQuotasResponse, encodeAlterClientQuotasResponse, type AlterClientQuotasRequest, type AlterClientQuotasResponse,
} from './alter-client-quotas.ts';
import {
  decodeDescribeUserScramCredentialsRequest, encodeDescribeUserScramCredentialsRequest, decodeDescribeUserScramCredentialsResponse, encodeDescribeUserScramCredentialsResponse, type DescribeUserScramCredentialsRequest, type DescribeUserScramCredentialsResponse,
} from './describe-user-scram-credentials.ts';
import {
  decodeAlterUserScramCredentialsRequest, encodeAlterUserScramCredentialsRequest, decodeAlterUserScramCredentialsResponse, encodeAlterUserScramCredentialsResponse, type AlterUserScramCredentialsRequest, type AlterUserScramCredentialsResponse,
} from './alter-user-scram-credentials.ts';
import {
  decodeDescribeQuorumRequest, encodeDescribeQuorumRequest, decodeDescribeQuorumResponse, encodeDescribeQuorumResponse, type DescribeQuorumRequest, type DescribeQuorumResponse, type DescribeQuorumResponseInit,
} from './describe-quorum.ts';
import {
  decodeUpdateFeaturesRequest, encodeUpdateFeaturesRequest, decodeUpdateFeaturesResponse, encodeUpdateFeaturesResponse, type UpdateFeaturesRequest, type UpdateFeaturesRequestInit, type UpdateFeaturesResponse, type UpdateFeaturesResponseInit,
} from './update-features.ts';
import {
  decodeDescribeClusterRequest, encodeDescribeClusterRequest, decodeDescribeClusterResponse, encodeDescribeClusterResponse, type DescribeClusterRequest, type DescribeClusterRequestInit, type DescribeClusterResponse, type DescribeClusterResponseInit,
} from './describe-cluster.ts';
import {
  decodeDescribeProducersRequest, encodeDescribeProducersRequest, decodeDescribeProducersResponse, encodeDescribeProducersResponse, type DescribeProducersRequest, type DescribeProducersResponse, type DescribeProducersResponseInit,
} from './describe-producers.ts';
import {
  decodeUnregisterBrokerRequest, encodeUnregisterBrokerRequest, decodeUnregisterBrokerResponse, encodeUnregisterBrokerResponse, type UnregisterBrokerRequest, type UnregisterBrokerResponse,
} from './unregister-broker.ts';
import {
  decodeDescribeTransactionsRequest, encodeDescribeTransactionsRequest, decodeDescribeTransactionsResponse, encodeDescribeTransactionsResponse, type DescribeTransactionsRequest, type DescribeTransactionsResponse,
} from './describe-transactions.ts';
import {
  decodeListTransactionsRequest, encodeListTransactionsRequest, decodeListTransactionsResponse, encodeListTransactionsResponse, type ListTransactionsRequest, type ListTransactionsRequestInit, type ListTransactionsResponse,
} from './list-transactions.ts';
import {
  decodeConsumerGroupHeartbeatRequest, encodeConsumerGroupHeartbeatRequest, decodeConsumerGroupHeartbeatResponse, encodeConsumerGroupHeartbeatResponse, type ConsumerGroupHeartbeatRequest, type ConsumerGroupHeartbeatRequestInit, type ConsumerGroupHeartbeatResponse, type ConsumerGroupHeartbeatResponseInit,
} from './consumer-group-heartbeat.ts';
import {
  decodeConsumerGroupDescribeRequest, encodeConsumerGroupDescribeRequest, decodeConsumerGroupDescribeResponse, encodeConsumerGroupDescribeResponse, type ConsumerGroupDescribeRequest, type ConsumerGroupDescribeResponse, type ConsumerGroupDescribeResponseInit,
} from './consumer-group-describe.ts';
import {
  decodeGetTelemetrySubscriptionsRequest, encodeGetTelemetrySubscriptionsRequest, decodeGetTelemetrySubscriptionsResponse, encodeGetTelemetrySubscriptionsResponse, type GetTelemetrySubscriptionsRequest, type GetTelemetrySubscriptionsResponse,
} from './get-telemetry-subscriptions.ts';
import {
  decodePushTelemetryRequest, encodePushTelemetryRequest, decodePushTelemetryResponse, encodePushTelemetryResponse, type PushTelemetryRequest, type PushTelemetryResponse,
} from './push-telemetry.ts';
import {
  decodeListConfigResourcesRequest, encodeListConfigResourcesRequest, decodeListConfigResourcesResponse, encodeListConfigResourcesResponse, type ListConfigResourcesRequest, type ListConfigResourcesRequestInit, type ListConfigResourcesResponse, type ListConfigResourcesResponseInit,
} from './list-config-resources.ts';
import {
  decodeDescribeTopicPartitionsRequest, encodeDescribeTopicPartitionsRequest, decodeDescribeTopicPartitionsResponse, encodeDescribeTopicPartitionsResponse, type DescribeTopicPartitionsRequest, type DescribeTopicPartitionsRequestInit, type DescribeTopicPartitionsResponse, type DescribeTopicPartitionsResponseInit,
} from './describe-topic-partitions.ts';
import {
  decodeShareGroupHeartbeatRequest, encodeShareGroupHeartbeatRequest, decodeShareGroupHeartbeatResponse, encodeShareGroupHeartbeatResponse, type ShareGroupHeartbeatRequest, type ShareGroupHeartbeatRequestInit, type ShareGroupHeartbeatResponse, type ShareGroupHeartbeatResponseInit,
} from './share-group-heartbeat.ts';
import {
  decodeShareGroupDescribeRequest, encodeShareGroupDescribeRequest, decodeShareGroupDescribeResponse, encodeShareGroupDescribeResponse, type ShareGroupDescribeRequest, type ShareGroupDescribeResponse, type ShareGroupDescribeResponseInit,
} from './share-group-describe.ts';
import {
  decodeShareFetchRequest, encodeShareFetchRequest, decodeShareFetchResponse, encodeShareFetchResponse, type ShareFetchRequest, type ShareFetchRequestInit, type ShareFetchResponse, type ShareFetchResponseInit,
} from './share-fetch.ts';
import {
  decodeShareAcknowledgeRequest, encodeShareAcknowledgeRequest, decodeShareAcknowledgeResponse, encodeShareAcknowledgeResponse, type ShareAcknowledgeRequest, type ShareAcknowledgeRequestInit, type ShareAcknowledgeResponse, type ShareAcknowledgeResponseInit,
} from './share-acknowledge.ts';
import {
  decodeAddRaftVoterRequest, encodeAddRaftVoterRequest, decodeAddRaftVoterResponse, encodeAddRaftVoterResponse, type AddRaftVoterRequest, type AddRaftVoterRequestInit, type AddRaftVoterResponse, type AddRaftVoterResponseInit,
} from './add-raft-voter.ts';
import {
  decodeRemoveRaftVoterRequest, encodeRemoveRaftVoterRequest, decodeRemoveRaftVoterResponse, encodeRemoveRaftVoterResponse, type RemoveRaftVoterRequest, type RemoveRaftVoterResponse, type RemoveRaftVoterResponseInit,
} from './remove-raft-voter.ts';
import {
  decodeInitializeShareGroupStateRequest, encodeInitializeShareGroupStateRequest, decodeInitializeShareGroupStateResponse, encodeInitializeShareGroupStateResponse, type InitializeShareGroupStateRequest, type InitializeShareGroupStateResponse, type InitializeShareGroupStateResponseInit,
} from './initialize-share-group-state.ts';
import {
  decodeReadShareGroupStateRequest, encodeReadShareGroupStateRequest, decodeReadShareGroupStateResponse, encodeReadShareGroupStateResponse, type ReadShareGroupStateRequest, type ReadShareGroupStateResponse, type ReadShareGroupStateResponseInit,
} from './read-share-group-state.ts';
import {
  decodeWriteShareGroupStateRequest, encodeWriteShareGroupStateRequest, decodeWriteShareGroupStateResponse, encodeWriteShareGroupStateResponse, type WriteShareGroupStateRequest, type WriteShareGroupStateRequestInit, type WriteShareGroupStateResponse, type WriteShareGroupStateResponseInit,
} from './write-share-group-state.ts';
import {
  decodeDeleteShareGroupStateRequest, encodeDeleteShareGroupStateRequest, decodeDeleteShareGroupStateResponse, encodeDeleteShareGroupStateResponse, type DeleteShareGroupStateRequest, type DeleteShareGroupStateResponse, type DeleteShareGroupStateResponseInit,
} from './delete-share-group-state.ts';
import {
  decodeReadShareGroupStateSummaryRequest, encodeReadShareGroupStateSummaryRequest, decodeReadShareGroupStateSummaryResponse, encodeReadShareGroupStateSummaryResponse, type ReadShareGroupStateSummaryRequest, type ReadShareGroupStateSummaryResponse, type ReadShareGroupStateSummaryResponseInit,
} from './read-share-group-state-summary.ts';
import {
  decodeStreamsGroupHeartbeatRequest, encodeStreamsGroupHeartbeatRequest, decodeStreamsGroupHeartbeatResponse, encodeStreamsGroupHeartbeatResponse, type StreamsGroupHeartbeatRequest, type StreamsGroupHeartbeatRequestInit, type StreamsGroupHeartbeatResponse, type StreamsGroupHeartbeatResponseInit,
} from './streams-group-heartbeat.ts';
import {
  decodeStreamsGroupDescribeRequest, encodeStreamsGroupDescribeRequest, decodeStreamsGroupDescribeResponse, encodeStreamsGroupDescribeResponse, type StreamsGroupDescribeRequest, type StreamsGroupDescribeResponse, type StreamsGroupDescribeResponseInit,
} from './streams-group-describe.ts';
import {
  decodeDescribeShareGroupOffsetsRequest, encodeDescribeShareGroupOffsetsRequest, decodeDescribeShareGroupOffsetsResponse, encodeDescribeShareGroupOffsetsResponse, type DescribeShareGroupOffsetsRequest, type DescribeShareGroupOffsetsResponse, type DescribeShareGroupOffsetsResponseInit,
} from './describe-share-group-offsets.ts';
import {
  decodeAlterShareGroupOffsetsRequest, encodeAlterShareGroupOffsetsRequest, decodeAlterShareGroupOffsetsResponse, encodeAlterShareGroupOffsetsResponse, type AlterShareGroupOffsetsRequest, type AlterShareGroupOffsetsResponse, type AlterShareGroupOffsetsResponseInit,
} from './alter-share-group-offsets.ts';
import {
  decodeDeleteShareGroupOffsetsRequest, encodeDeleteShareGroupOffsetsRequest, decodeDeleteShareGroupOffsetsResponse, encodeDeleteShareGroupOffsetsResponse, type DeleteShareGroupOffsetsRequest, type DeleteShareGroupOffsetsResponse, type DeleteShareGroupOffsetsResponseInit,
} from './delete-share-group-offsets.ts';

/** Every API that a broker of Apache Kafka 4.3.0 serves, by name. */
export const messages = Object.freeze({
  produce: defineApi<ProduceRequest, ProduceRequestInit, ProduceResponse, ProduceResponseInit>({
    apiKey: 0,
    name: 'Produce',
    validVersions: { min: 3, max: 13 },
    flexibleFrom: 9,
    decodeRequest: decodeProduceRequest,
    encodeRequest: encodeProduceRequest,
    decodeResponse: decodeProduceResponse,
    encodeResponse: encodeProduceResponse,
  }),
  fetch: defineApi<FetchRequest, FetchRequestInit, FetchResponse, FetchResponseInit>({
    apiKey: 1,
    name: 'Fetch',
    validVersions: { min: 4, max: 18 },
    flexibleFrom: 12,
    decodeRequest: decodeFetchRequest,
    encodeRequest: encodeFetchRequest,
    decodeResponse: decodeFetchResponse,
    encodeResponse: encodeFetchResponse,
  }),
  listOffsets: defineApi<ListOffsetsRequest, ListOffsetsRequestInit, ListOffsetsResponse, ListOffsetsResponseInit>({
    apiKey: 2,
    name: 'ListOffsets',
    validVersions: { min: 1, max: 11 },
    flexibleFrom: 6,
    decodeRequest: decodeListOffsetsRequest,
    encodeRequest: encodeListOffsetsRequest,
    decodeResponse: decodeListOffsetsResponse,
    encodeResponse: encodeListOffsetsResponse,
  }),
  metadata: defineApi<MetadataRequest, MetadataRequestInit, MetadataResponse, MetadataResponseInit>({
    apiKey: 3,
    name: 'Metadata',
    validVersions: { min: 0, max: 13 },
    flexibleFrom: 9,
    decodeRequest: decodeMetadataRequest,
    encodeRequest: encodeMetadataRequest,
    decodeResponse: decodeMetadataResponse,
    encodeResponse: encodeMetadataResponse,
  }),
  offsetCommit: defineApi<OffsetCommitRequest, OffsetCommitRequestInit, OffsetCommitResponse, OffsetCommitResponseInit>({
    apiKey: 8,
    name: 'OffsetCommit',
    validVersions: { min: 2, max: 10 },
    flexibleFrom: 8,
    decodeRequest: decodeOffsetCommitRequest,
    encodeRequest: encodeOffsetCommitRequest,
    decodeResponse: decodeOffsetCommitResponse,
    encodeResponse: encodeOffsetCommitResponse,
  }),
  offsetFetch: defineApi<OffsetFetchRequest, OffsetFetchRequestInit, OffsetFetchResponse, OffsetFetchResponseInit>({
    apiKey: 9,
    name: 'OffsetFetch',
    validVersions: { min: 1, max: 10 },
    flexibleFrom: 6,
    decodeRequest: decodeOffsetFetchRequest,
    encodeRequest: encodeOffsetFetchRequest,
    decodeResponse: decodeOffsetFetchResponse,
    encodeResponse: encodeOffsetFetchResponse,
  }),
  findCoordinator: defineApi<FindCoordinatorRequest, FindCoordinatorRequestInit, FindCoordinatorResponse, FindCoordinatorResponseInit>({
    apiKey: 10,
    name: 'FindCoordinator',
    validVersions: { min: 0, max: 6 },
    flexibleFrom: 3,
    decodeRequest: decodeFindCoordinatorRequest,
    encodeRequest: encodeFindCoordinatorRequest,
    decodeResponse: decodeFindCoordinatorResponse,
    encodeResponse: encodeFindCoordinatorResponse,
  }),
  joinGroup: defineApi<JoinGroupRequest, JoinGroupRequestInit, JoinGroupResponse, JoinGroupResponseInit>({
    apiKey: 11,
    name: 'JoinGroup',
    validVersions: { min: 0, max: 9 },
    flexibleFrom: 6,
    decodeRequest: decodeJoinGroupRequest,
    encodeRequest: encodeJoinGroupRequest,
    decodeResponse: decodeJoinGroupResponse,
    encodeResponse: encodeJoinGroupResponse,
  }),
  heartbeat: defineApi<HeartbeatRequest, HeartbeatRequestInit, HeartbeatResponse, HeartbeatResponseInit>({
    apiKey: 12,
    name: 'Heartbeat',
    validVersions: { min: 0, max: 4 },
    flexibleFrom: 4,
    decodeRequest: decodeHeartbeatRequest,
    encodeRequest: encodeHeartbeatRequest,
    decodeResponse: decodeHeartbeatResponse,
    encodeResponse: encodeHeartbeatResponse,
  }),
  leaveGroup: defineApi<LeaveGroupRequest, LeaveGroupRequestInit, LeaveGroupResponse, LeaveGroupResponseInit>({
    apiKey: 13,
    name: 'LeaveGroup',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 4,
    decodeRequest: decodeLeaveGroupRequest,
    encodeRequest: encodeLeaveGroupRequest,
    decodeResponse: decodeLeaveGroupResponse,
    encodeResponse: encodeLeaveGroupResponse,
  }),
  syncGroup: defineApi<SyncGroupRequest, SyncGroupRequestInit, SyncGroupResponse, SyncGroupResponseInit>({
    apiKey: 14,
    name: 'SyncGroup',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 4,
    decodeRequest: decodeSyncGroupRequest,
    encodeRequest: encodeSyncGroupRequest,
    decodeResponse: decodeSyncGroupResponse,
    encodeResponse: encodeSyncGroupResponse,
  }),
  describeGroups: defineApi<DescribeGroupsRequest, DescribeGroupsRequestInit, DescribeGroupsResponse, DescribeGroupsResponseInit>({
    apiKey: 15,
    name: 'DescribeGroups',
    validVersions: { min: 0, max: 6 },
    flexibleFrom: 5,
    decodeRequest: decodeDescribeGroupsRequest,
    encodeRequest: encodeDescribeGroupsRequest,
    decodeResponse: decodeDescribeGroupsResponse,
    encodeResponse: encodeDescribeGroupsResponse,
  }),
  listGroups: defineApi<ListGroupsRequest, ListGroupsRequestInit, ListGroupsResponse, ListGroupsResponseInit>({
    apiKey: 16,
    name: 'ListGroups',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 3,
    decodeRequest: decodeListGroupsRequest,
    encodeRequest: encodeListGroupsRequest,
    decodeResponse: decodeListGroupsResponse,
    encodeResponse: encodeListGroupsResponse,
  }),
  saslHandshake: defineApi<SaslHandshakeRequest, SaslHandshakeRequest, SaslHandshakeResponse, SaslHandshakeResponse>({
    apiKey: 17,
    name: 'SaslHandshake',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: null,
    decodeRequest: decodeSaslHandshakeRequest,
    encodeRequest: encodeSaslHandshakeRequest,
    decodeResponse: decodeSaslHandshakeResponse,
    encodeResponse: encodeSaslHandshakeResponse,
  }),
  apiVersions: defineApi<ApiVersionsRequest, ApiVersionsRequestInit, ApiVersionsResponse, ApiVersionsResponseInit>({
    apiKey: 18,
    name: 'ApiVersions',
    validVersions: { min: 0, max: 4 },
    flexibleFrom: 3,
    decodeRequest: decodeApiVersionsRequest,
    encodeRequest: encodeApiVersionsRequest,
    decodeResponse: decodeApiVersionsResponse,
    encodeResponse: encodeApiVersionsResponse,
  }),
  createTopics: defineApi<CreateTopicsRequest, CreateTopicsRequestInit, CreateTopicsResponse, CreateTopicsResponseInit>({
    apiKey: 19,
    name: 'CreateTopics',
    validVersions: { min: 2, max: 7 },
    flexibleFrom: 5,
    decodeRequest: decodeCreateTopicsRequest,
    encodeRequest: encodeCreateTopicsRequest,
    decodeResponse: decodeCreateTopicsResponse,
    encodeResponse: encodeCreateTopicsResponse,
  }),
  deleteTopics: defineApi<DeleteTopicsRequest, DeleteTopicsRequestInit, DeleteTopicsResponse, DeleteTopicsResponseInit>({
    apiKey: 20,
    name: 'DeleteTopics',
    validVersions: { min: 1, max: 6 },
    flexibleFrom: 4,
    decodeRequest: decodeDeleteTopicsRequest,
    encodeRequest: encodeDeleteTopicsRequest,
    decodeResponse: decodeDeleteTopicsResponse,
    encodeResponse: encodeDeleteTopicsResponse,
  }),
  deleteRecords: defineApi<DeleteRecordsRequest, DeleteRecordsRequest, DeleteRecordsResponse, DeleteRecordsResponse>({
    apiKey: 21,
    name: 'DeleteRecords',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeDeleteRecordsRequest,
    encodeRequest: encodeDeleteRecordsRequest,
    decodeResponse: decodeDeleteRecordsResponse,
    encodeResponse: encodeDeleteRecordsResponse,
  }),
  initProducerId: defineApi<InitProducerIdRequest, InitProducerIdRequestInit, InitProducerIdResponse, InitProducerIdResponseInit>({
    apiKey: 22,
    name: 'InitProducerId',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 2,
    decodeRequest: decodeInitProducerIdRequest,
    encodeRequest: encodeInitProducerIdRequest,
    decodeResponse: decodeInitProducerIdResponse,
    encodeResponse: encodeInitProducerIdResponse,
  }),
  offsetForLeaderEpoch: defineApi<OffsetForLeaderEpochRequest, OffsetForLeaderEpochRequestInit, OffsetForLeaderEpochResponse, OffsetForLeaderEpochResponseInit>({
    apiKey: 23,
    name: 'OffsetForLeaderEpoch',
    validVersions: { min: 2, max: 4 },
    flexibleFrom: 4,
    decodeRequest: decodeOffsetForLeaderEpochRequest,
    encodeRequest: encodeOffsetForLeaderEpochRequest,
    decodeResponse: decodeOffsetForLeaderEpochResponse,
    encodeResponse: encodeOffsetForLeaderEpochResponse,
  }),
  addPartitionsToTxn: defineApi<AddPartitionsToTxnRequest, AddPartitionsToTxnRequestInit, AddPartitionsToTxnResponse, AddPartitionsToTxnResponseInit>({
    apiKey: 24,
    name: 'AddPartitionsToTxn',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 3,
    decodeRequest: decodeAddPartitionsToTxnRequest,
    encodeRequest: encodeAddPartitionsToTxnRequest,
    decodeResponse: decodeAddPartitionsToTxnResponse,
    encodeResponse: encodeAddPartitionsToTxnResponse,
  }),
  addOffsetsToTxn: defineApi<AddOffsetsToTxnRequest, AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddOffsetsToTxnResponse>({
    apiKey: 25,
    name: 'AddOffsetsToTxn',
    validVersions: { min: 0, max: 4 },
    flexibleFrom: 3,
    decodeRequest: decodeAddOffsetsToTxnRequest,
    encodeRequest: encodeAddOffsetsToTxnRequest,
    decodeResponse: decodeAddOffsetsToTxnResponse,
    encodeResponse: encodeAddOffsetsToTxnResponse,
  }),
  endTxn: defineApi<EndTxnRequest, EndTxnRequest, EndTxnResponse, EndTxnResponseInit>({
    apiKey: 26,
    name: 'EndTxn',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 3,
    decodeRequest: decodeEndTxnRequest,
    encodeRequest: encodeEndTxnRequest,
    decodeResponse: decodeEndTxnResponse,
    encodeResponse: encodeEndTxnResponse,
  }),
  writeTxnMarkers: defineApi<WriteTxnMarkersRequest, WriteTxnMarkersRequestInit, WriteTxnMarkersResponse, WriteTxnMarkersResponse>({
    apiKey: 27,
    name: 'WriteTxnMarkers',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 1,
    decodeRequest: decodeWriteTxnMarkersRequest,
    encodeRequest: encodeWriteTxnMarkersRequest,
    decodeResponse: decodeWriteTxnMarkersResponse,
    encodeResponse: encodeWriteTxnMarkersResponse,
  }),
  txnOffsetCommit: defineApi<TxnOffsetCommitRequest, TxnOffsetCommitRequestInit, TxnOffsetCommitResponse, TxnOffsetCommitResponse>({
    apiKey: 28,
    name: 'TxnOffsetCommit',
    validVersions: { min: 0, max: 5 },
    flexibleFrom: 3,
    decodeRequest: decodeTxnOffsetCommitRequest,
    encodeRequest: encodeTxnOffsetCommitRequest,
    decodeResponse: decodeTxnOffsetCommitResponse,
    encodeResponse: encodeTxnOffsetCommitResponse,
  }),
  describeAcls: defineApi<DescribeAclsRequest, DescribeAclsRequestInit, DescribeAclsResponse, DescribeAclsResponseInit>({
    apiKey: 29,
    name: 'DescribeAcls',
    validVersions: { min: 1, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeDescribeAclsRequest,
    encodeRequest: encodeDescribeAclsRequest,
    decodeResponse: decodeDescribeAclsResponse,
    encodeResponse: encodeDescribeAclsResponse,
  }),
  createAcls: defineApi<CreateAclsRequest, CreateAclsRequestInit, CreateAclsResponse, CreateAclsResponse>({
    apiKey: 30,
    name: 'CreateAcls',
    validVersions: { min: 1, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeCreateAclsRequest,
    encodeRequest: encodeCreateAclsRequest,
    decodeResponse: decodeCreateAclsResponse,
    encodeResponse: encodeCreateAclsResponse,
  }),
  deleteAcls: defineApi<DeleteAclsRequest, DeleteAclsRequestInit, DeleteAclsResponse, DeleteAclsResponseInit>({
    apiKey: 31,
    name: 'DeleteAcls',
    validVersions: { min: 1, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeDeleteAclsRequest,
    encodeRequest: encodeDeleteAclsRequest,
    decodeResponse: decodeDeleteAclsResponse,
    encodeResponse: encodeDeleteAclsResponse,
  }),
  describeConfigs: defineApi<DescribeConfigsRequest, DescribeConfigsRequestInit, DescribeConfigsResponse, DescribeConfigsResponseInit>({
    apiKey: 32,
    name: 'DescribeConfigs',
    validVersions: { min: 1, max: 4 },
    flexibleFrom: 4,
    decodeRequest: decodeDescribeConfigsRequest,
    encodeRequest: encodeDescribeConfigsRequest,
    decodeResponse: decodeDescribeConfigsResponse,
    encodeResponse: encodeDescribeConfigsResponse,
  }),
  alterConfigs: defineApi<AlterConfigsRequest, AlterConfigsRequest, AlterConfigsResponse, AlterConfigsResponse>({
    apiKey: 33,
    name: 'AlterConfigs',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeAlterConfigsRequest,
    encodeRequest: encodeAlterConfigsRequest,
    decodeResponse: decodeAlterConfigsResponse,
    encodeResponse: encodeAlterConfigsResponse,
  }),
  alterReplicaLogDirs: defineApi<AlterReplicaLogDirsRequest, AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, AlterReplicaLogDirsResponse>({
    apiKey: 34,
    name: 'AlterReplicaLogDirs',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeAlterReplicaLogDirsRequest,
    encodeRequest: encodeAlterReplicaLogDirsRequest,
    decodeResponse: decodeAlterReplicaLogDirsResponse,
    encodeResponse: encodeAlterReplicaLogDirsResponse,
  }),
  describeLogDirs: defineApi<DescribeLogDirsRequest, DescribeLogDirsRequest, DescribeLogDirsResponse, DescribeLogDirsResponseInit>({
    apiKey: 35,
    name: 'DescribeLogDirs',
    validVersions: { min: 1, max: 5 },
    flexibleFrom: 2,
    decodeRequest: decodeDescribeLogDirsRequest,
    encodeRequest: encodeDescribeLogDirsRequest,
    decodeResponse: decodeDescribeLogDirsResponse,
    encodeResponse: encodeDescribeLogDirsResponse,
  }),
  saslAuthenticate: defineApi<SaslAuthenticateRequest, SaslAuthenticateRequest, SaslAuthenticateResponse, SaslAuthenticateResponseInit>({
    apiKey: 36,
    name: 'SaslAuthenticate',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeSaslAuthenticateRequest,
    encodeRequest: encodeSaslAuthenticateRequest,
    decodeResponse: decodeSaslAuthenticateResponse,
    encodeResponse: encodeSaslAuthenticateResponse,
  }),
  createPartitions: defineApi<CreatePartitionsRequest, CreatePartitionsRequest, CreatePartitionsResponse, CreatePartitionsResponseInit>({
    apiKey: 37,
    name: 'CreatePartitions',
    validVersions: { min: 0, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeCreatePartitionsRequest,
    encodeRequest: encodeCreatePartitionsRequest,
    decodeResponse: decodeCreatePartitionsResponse,
    encodeResponse: encodeCreatePartitionsResponse,
  }),
  createDelegationToken: defineApi<CreateDelegationTokenRequest, CreateDelegationTokenRequestInit, CreateDelegationTokenResponse, CreateDelegationTokenResponseInit>({
    apiKey: 38,
    name: 'CreateDelegationToken',
    validVersions: { min: 1, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeCreateDelegationTokenRequest,
    encodeRequest: encodeCreateDelegationTokenRequest,
    decodeResponse: decodeCreateDelegationTokenResponse,
    encodeResponse: encodeCreateDelegationTokenResponse,
  }),
  renewDelegationToken: defineApi<RenewDelegationTokenRequest, RenewDelegationTokenRequest, RenewDelegationTokenResponse, RenewDelegationTokenResponse>({
    apiKey: 39,
    name: 'RenewDelegationToken',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeRenewDelegationTokenRequest,
    encodeRequest: encodeRenewDelegationTokenRequest,
    decodeResponse: decodeRenewDelegationTokenResponse,
    encodeResponse: encodeRenewDelegationTokenResponse,
  }),
  expireDelegationToken: defineApi<ExpireDelegationTokenRequest, ExpireDelegationTokenRequest, ExpireDelegationTokenResponse, ExpireDelegationTokenResponse>({
    apiKey: 40,
    name: 'ExpireDelegationToken',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeExpireDelegationTokenRequest,
    encodeRequest: encodeExpireDelegationTokenRequest,
    decodeResponse: decodeExpireDelegationTokenResponse,
    encodeResponse: encodeExpireDelegationTokenResponse,
  }),
  describeDelegationToken: defineApi<DescribeDelegationTokenRequest, DescribeDelegationTokenRequest, DescribeDelegationTokenResponse, DescribeDelegationTokenResponseInit>({
    apiKey: 41,
    name: 'DescribeDelegationToken',
    validVersions: { min: 1, max: 3 },
    flexibleFrom: 2,
    decodeRequest: decodeDescribeDelegationTokenRequest,
    encodeRequest: encodeDescribeDelegationTokenRequest,
    decodeResponse: decodeDescribeDelegationTokenResponse,
    encodeResponse: encodeDescribeDelegationTokenResponse,
  }),
  deleteGroups: defineApi<DeleteGroupsRequest, DeleteGroupsRequest, DeleteGroupsResponse, DeleteGroupsResponse>({
    apiKey: 42,
    name: 'DeleteGroups',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeDeleteGroupsRequest,
    encodeRequest: encodeDeleteGroupsRequest,
    decodeResponse: decodeDeleteGroupsResponse,
    encodeResponse: encodeDeleteGroupsResponse,
  }),
  electLeaders: defineApi<ElectLeadersRequest, ElectLeadersRequestInit, ElectLeadersResponse, ElectLeadersResponseInit>({
    apiKey: 43,
    name: 'ElectLeaders',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 2,
    decodeRequest: decodeElectLeadersRequest,
    encodeRequest: encodeElectLeadersRequest,
    decodeResponse: decodeElectLeadersResponse,
    encodeResponse: encodeElectLeadersResponse,
  }),
  incrementalAlterConfigs: defineApi<IncrementalAlterConfigsRequest, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse, IncrementalAlterConfigsResponse>({
    apiKey: 44,
    name: 'IncrementalAlterConfigs',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 1,
    decodeRequest: decodeIncrementalAlterConfigsRequest,
    encodeRequest: encodeIncrementalAlterConfigsRequest,
    decodeResponse: decodeIncrementalAlterConfigsResponse,
    encodeResponse: encodeIncrementalAlterConfigsResponse,
  }),
  alterPartitionReassignments: defineApi<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsRequestInit, AlterPartitionReassignmentsResponse, AlterPartitionReassignmentsResponseInit>({
    apiKey: 45,
    name: 'AlterPartitionReassignments',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeAlterPartitionReassignmentsRequest,
    encodeRequest: encodeAlterPartitionReassignmentsRequest,
    decodeResponse: decodeAlterPartitionReassignmentsResponse,
    encodeResponse: encodeAlterPartitionReassignmentsResponse,
  }),
  listPartitionReassignments: defineApi<ListPartitionReassignmentsRequest, ListPartitionReassignmentsRequestInit, ListPartitionReassignmentsResponse, ListPartitionReassignmentsResponse>({
    apiKey: 46,
    name: 'ListPartitionReassignments',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeListPartitionReassignmentsRequest,
    encodeRequest: encodeListPartitionReassignmentsRequest,
    decodeResponse: decodeListPartitionReassignmentsResponse,
    encodeResponse: encodeListPartitionReassignmentsResponse,
  }),
  offsetDelete: defineApi<OffsetDeleteRequest, OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponseInit>({
    apiKey: 47,
    name: 'OffsetDelete',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: null,
    decodeRequest: decodeOffsetDeleteRequest,
    encodeRequest: encodeOffsetDeleteRequest,
    decodeResponse: decodeOffsetDeleteResponse,
    encodeResponse: encodeOffsetDeleteResponse,
  }),
  describeClientQuotas: defineApi<DescribeClientQuotasRequest, DescribeClientQuotasRequest, DescribeClientQuotasResponse, DescribeClientQuotasResponse>({
    apiKey: 48,
    name: 'DescribeClientQuotas',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 1,
    decodeRequest: decodeDescribeClientQuotasRequest,
    encodeRequest: encodeDescribeClientQuotasRequest,
    decodeResponse: decodeDescribeClientQuotasResponse,
    encodeResponse: encodeDescribeClientQuotasResponse,
  }),
  alterClientQuotas: defineApi<AlterClientQuotasRequest, AlterClientQuotasRequest, AlterClientQuotasResponse, AlterClientQuotasResponse>({
    apiKey: 49,
    name: 'AlterClientQuotas',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 1,
    decodeRequest: decodeAlterClientQuotasRequest,
    encodeRequest: encodeAlterClientQuotasRequest,
    decodeResponse: decodeAlterClientQuotasResponse,
    encodeResponse: encodeAlterClientQuotasResponse,
  }),
  describeUserScramCredentials: defineApi<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse, DescribeUserScramCredentialsResponse>({
    apiKey: 50,
    name: 'DescribeUserScramCredentials',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeUserScramCredentialsRequest,
    encodeRequest: encodeDescribeUserScramCredentialsRequest,
    decodeResponse: decodeDescribeUserScramCredentialsResponse,
    encodeResponse: encodeDescribeUserScramCredentialsResponse,
  }),
  alterUserScramCredentials: defineApi<AlterUserScramCredentialsRequest, AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse, AlterUserScramCredentialsResponse>({
    apiKey: 51,
    name: 'AlterUserScramCredentials',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeAlterUserScramCredentialsRequest,
    encodeRequest: encodeAlterUserScramCredentialsRequest,
    decodeResponse: decodeAlterUserScramCredentialsResponse,
    encodeResponse: encodeAlterUserScramCredentialsResponse,
  }),
  describeQuorum: defineApi<DescribeQuorumRequest, DescribeQuorumRequest, DescribeQuorumResponse, DescribeQuorumResponseInit>({
    apiKey: 55,
    name: 'DescribeQuorum',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeQuorumRequest,
    encodeRequest: encodeDescribeQuorumRequest,
    decodeResponse: decodeDescribeQuorumResponse,
    encodeResponse: encodeDescribeQuorumResponse,
  }),
  updateFeatures: defineApi<UpdateFeaturesRequest, UpdateFeaturesRequestInit, UpdateFeaturesResponse, UpdateFeaturesResponseInit>({
    apiKey: 57,
    name: 'UpdateFeatures',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 0,
    decodeRequest: decodeUpdateFeaturesRequest,
    encodeRequest: encodeUpdateFeaturesRequest,
    decodeResponse: decodeUpdateFeaturesResponse,
    encodeResponse: encodeUpdateFeaturesResponse,
  }),
  describeCluster: defineApi<DescribeClusterRequest, DescribeClusterRequestInit, DescribeClusterResponse, DescribeClusterResponseInit>({
    apiKey: 60,
    name: 'DescribeCluster',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeClusterRequest,
    encodeRequest: encodeDescribeClusterRequest,
    decodeResponse: decodeDescribeClusterResponse,
    encodeResponse: encodeDescribeClusterResponse,
  }),
  describeProducers: defineApi<DescribeProducersRequest, DescribeProducersRequest, DescribeProducersResponse, DescribeProducersResponseInit>({
    apiKey: 61,
    name: 'DescribeProducers',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeProducersRequest,
    encodeRequest: encodeDescribeProducersRequest,
    decodeResponse: decodeDescribeProducersResponse,
    encodeResponse: encodeDescribeProducersResponse,
  }),
  unregisterBroker: defineApi<UnregisterBrokerRequest, UnregisterBrokerRequest, UnregisterBrokerResponse, UnregisterBrokerResponse>({
    apiKey: 64,
    name: 'UnregisterBroker',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeUnregisterBrokerRequest,
    encodeRequest: encodeUnregisterBrokerRequest,
    decodeResponse: decodeUnregisterBrokerResponse,
    encodeResponse: encodeUnregisterBrokerResponse,
  }),
  describeTransactions: defineApi<DescribeTransactionsRequest, DescribeTransactionsRequest, DescribeTransactionsResponse, DescribeTransactionsResponse>({
    apiKey: 65,
    name: 'DescribeTransactions',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeTransactionsRequest,
    encodeRequest: encodeDescribeTransactionsRequest,
    decodeResponse: decodeDescribeTransactionsResponse,
    encodeResponse: encodeDescribeTransactionsResponse,
  }),
  listTransactions: defineApi<ListTransactionsRequest, ListTransactionsRequestInit, ListTransactionsResponse, ListTransactionsResponse>({
    apiKey: 66,
    name: 'ListTransactions',
    validVersions: { min: 0, max: 2 },
    flexibleFrom: 0,
    decodeRequest: decodeListTransactionsRequest,
    encodeRequest: encodeListTransactionsRequest,
    decodeResponse: decodeListTransactionsResponse,
    encodeResponse: encodeListTransactionsResponse,
  }),
  consumerGroupHeartbeat: defineApi<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatRequestInit, ConsumerGroupHeartbeatResponse, ConsumerGroupHeartbeatResponseInit>({
    apiKey: 68,
    name: 'ConsumerGroupHeartbeat',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeConsumerGroupHeartbeatRequest,
    encodeRequest: encodeConsumerGroupHeartbeatRequest,
    decodeResponse: decodeConsumerGroupHeartbeatResponse,
    encodeResponse: encodeConsumerGroupHeartbeatResponse,
  }),
  consumerGroupDescribe: defineApi<ConsumerGroupDescribeRequest, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, ConsumerGroupDescribeResponseInit>({
    apiKey: 69,
    name: 'ConsumerGroupDescribe',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeConsumerGroupDescribeRequest,
    encodeRequest: encodeConsumerGroupDescribeRequest,
    decodeResponse: decodeConsumerGroupDescribeResponse,
    encodeResponse: encodeConsumerGroupDescribeResponse,
  }),
  getTelemetrySubscriptions: defineApi<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, GetTelemetrySubscriptionsResponse>({
    apiKey: 71,
    name: 'GetTelemetrySubscriptions',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeGetTelemetrySubscriptionsRequest,
    encodeRequest: encodeGetTelemetrySubscriptionsRequest,
    decodeResponse: decodeGetTelemetrySubscriptionsResponse,
    encodeResponse: encodeGetTelemetrySubscriptionsResponse,
  }),
  pushTelemetry: defineApi<PushTelemetryRequest, PushTelemetryRequest, PushTelemetryResponse, PushTelemetryResponse>({
    apiKey: 72,
    name: 'PushTelemetry',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodePushTelemetryRequest,
    encodeRequest: encodePushTelemetryRequest,
    decodeResponse: decodePushTelemetryResponse,
    encodeResponse: encodePushTelemetryResponse,
  }),
  listConfigResources: defineApi<ListConfigResourcesRequest, ListConfigResourcesRequestInit, ListConfigResourcesResponse, ListConfigResourcesResponseInit>({
    apiKey: 74,
    name: 'ListConfigResources',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeListConfigResourcesRequest,
    encodeRequest: encodeListConfigResourcesRequest,
    decodeResponse: decodeListConfigResourcesResponse,
    encodeResponse: encodeListConfigResourcesResponse,
  }),
  describeTopicPartitions: defineApi<DescribeTopicPartitionsRequest, DescribeTopicPartitionsRequestInit, DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponseInit>({
    apiKey: 75,
    name: 'DescribeTopicPartitions',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeTopicPartitionsRequest,
    encodeRequest: encodeDescribeTopicPartitionsRequest,
    decodeResponse: decodeDescribeTopicPartitionsResponse,
    encodeResponse: encodeDescribeTopicPartitionsResponse,
  }),
  shareGroupHeartbeat: defineApi<ShareGroupHeartbeatRequest, ShareGroupHeartbeatRequestInit, ShareGroupHeartbeatResponse, ShareGroupHeartbeatResponseInit>({
    apiKey: 76,
    name: 'ShareGroupHeartbeat',
    validVersions: { min: 1, max: 1 },
    flexibleFrom: 1,
    decodeRequest: decodeShareGroupHeartbeatRequest,
    encodeRequest: encodeShareGroupHeartbeatRequest,
    decodeResponse: decodeShareGroupHeartbeatResponse,
    encodeResponse: encodeShareGroupHeartbeatResponse,
  }),
  shareGroupDescribe: defineApi<ShareGroupDescribeRequest, ShareGroupDescribeRequest, ShareGroupDescribeResponse, ShareGroupDescribeResponseInit>({
    apiKey: 77,
    name: 'ShareGroupDescribe',
    validVersions: { min: 1, max: 1 },
    flexibleFrom: 1,
    decodeRequest: decodeShareGroupDescribeRequest,
    encodeRequest: encodeShareGroupDescribeRequest,
    decodeResponse: decodeShareGroupDescribeResponse,
    encodeResponse: encodeShareGroupDescribeResponse,
  }),
  shareFetch: defineApi<ShareFetchRequest, ShareFetchRequestInit, ShareFetchResponse, ShareFetchResponseInit>({
    apiKey: 78,
    name: 'ShareFetch',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 1,
    decodeRequest: decodeShareFetchRequest,
    encodeRequest: encodeShareFetchRequest,
    decodeResponse: decodeShareFetchResponse,
    encodeResponse: encodeShareFetchResponse,
  }),
  shareAcknowledge: defineApi<ShareAcknowledgeRequest, ShareAcknowledgeRequestInit, ShareAcknowledgeResponse, ShareAcknowledgeResponseInit>({
    apiKey: 79,
    name: 'ShareAcknowledge',
    validVersions: { min: 1, max: 2 },
    flexibleFrom: 1,
    decodeRequest: decodeShareAcknowledgeRequest,
    encodeRequest: encodeShareAcknowledgeRequest,
    decodeResponse: decodeShareAcknowledgeResponse,
    encodeResponse: encodeShareAcknowledgeResponse,
  }),
  addRaftVoter: defineApi<AddRaftVoterRequest, AddRaftVoterRequestInit, AddRaftVoterResponse, AddRaftVoterResponseInit>({
    apiKey: 80,
    name: 'AddRaftVoter',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeAddRaftVoterRequest,
    encodeRequest: encodeAddRaftVoterRequest,
    decodeResponse: decodeAddRaftVoterResponse,
    encodeResponse: encodeAddRaftVoterResponse,
  }),
  removeRaftVoter: defineApi<RemoveRaftVoterRequest, RemoveRaftVoterRequest, RemoveRaftVoterResponse, RemoveRaftVoterResponseInit>({
    apiKey: 81,
    name: 'RemoveRaftVoter',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeRemoveRaftVoterRequest,
    encodeRequest: encodeRemoveRaftVoterRequest,
    decodeResponse: decodeRemoveRaftVoterResponse,
    encodeResponse: encodeRemoveRaftVoterResponse,
  }),
  initializeShareGroupState: defineApi<InitializeShareGroupStateRequest, InitializeShareGroupStateRequest, InitializeShareGroupStateResponse, InitializeShareGroupStateResponseInit>({
    apiKey: 83,
    name: 'InitializeShareGroupState',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeInitializeShareGroupStateRequest,
    encodeRequest: encodeInitializeShareGroupStateRequest,
    decodeResponse: decodeInitializeShareGroupStateResponse,
    encodeResponse: encodeInitializeShareGroupStateResponse,
  }),
  readShareGroupState: defineApi<ReadShareGroupStateRequest, ReadShareGroupStateRequest, ReadShareGroupStateResponse, ReadShareGroupStateResponseInit>({
    apiKey: 84,
    name: 'ReadShareGroupState',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeReadShareGroupStateRequest,
    encodeRequest: encodeReadShareGroupStateRequest,
    decodeResponse: decodeReadShareGroupStateResponse,
    encodeResponse: encodeReadShareGroupStateResponse,
  }),
  writeShareGroupState: defineApi<WriteShareGroupStateRequest, WriteShareGroupStateRequestInit, WriteShareGroupStateResponse, WriteShareGroupStateResponseInit>({
    apiKey: 85,
    name: 'WriteShareGroupState',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeWriteShareGroupStateRequest,
    encodeRequest: encodeWriteShareGroupStateRequest,
    decodeResponse: decodeWriteShareGroupStateResponse,
    encodeResponse: encodeWriteShareGroupStateResponse,
  }),
  deleteShareGroupState: defineApi<DeleteShareGroupStateRequest, DeleteShareGroupStateRequest, DeleteShareGroupStateResponse, DeleteShareGroupStateResponseInit>({
    apiKey: 86,
    name: 'DeleteShareGroupState',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDeleteShareGroupStateRequest,
    encodeRequest: encodeDeleteShareGroupStateRequest,
    decodeResponse: decodeDeleteShareGroupStateResponse,
    encodeResponse: encodeDeleteShareGroupStateResponse,
  }),
  readShareGroupStateSummary: defineApi<ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse, ReadShareGroupStateSummaryResponseInit>({
    apiKey: 87,
    name: 'ReadShareGroupStateSummary',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeReadShareGroupStateSummaryRequest,
    encodeRequest: encodeReadShareGroupStateSummaryRequest,
    decodeResponse: decodeReadShareGroupStateSummaryResponse,
    encodeResponse: encodeReadShareGroupStateSummaryResponse,
  }),
  streamsGroupHeartbeat: defineApi<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatRequestInit, StreamsGroupHeartbeatResponse, StreamsGroupHeartbeatResponseInit>({
    apiKey: 88,
    name: 'StreamsGroupHeartbeat',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeStreamsGroupHeartbeatRequest,
    encodeRequest: encodeStreamsGroupHeartbeatRequest,
    decodeResponse: decodeStreamsGroupHeartbeatResponse,
    encodeResponse: encodeStreamsGroupHeartbeatResponse,
  }),
  streamsGroupDescribe: defineApi<StreamsGroupDescribeRequest, StreamsGroupDescribeRequest, StreamsGroupDescribeResponse, StreamsGroupDescribeResponseInit>({
    apiKey: 89,
    name: 'StreamsGroupDescribe',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeStreamsGroupDescribeRequest,
    encodeRequest: encodeStreamsGroupDescribeRequest,
    decodeResponse: decodeStreamsGroupDescribeResponse,
    encodeResponse: encodeStreamsGroupDescribeResponse,
  }),
  describeShareGroupOffsets: defineApi<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse, DescribeShareGroupOffsetsResponseInit>({
    apiKey: 90,
    name: 'DescribeShareGroupOffsets',
    validVersions: { min: 0, max: 1 },
    flexibleFrom: 0,
    decodeRequest: decodeDescribeShareGroupOffsetsRequest,
    encodeRequest: encodeDescribeShareGroupOffsetsRequest,
    decodeResponse: decodeDescribeShareGroupOffsetsResponse,
    encodeResponse: encodeDescribeShareGroupOffsetsResponse,
  }),
  alterShareGroupOffsets: defineApi<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse, AlterShareGroupOffsetsResponseInit>({
    apiKey: 91,
    name: 'AlterShareGroupOffsets',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeAlterShareGroupOffsetsRequest,
    encodeRequest: encodeAlterShareGroupOffsetsRequest,
    decodeResponse: decodeAlterShareGroupOffsetsResponse,
    encodeResponse: encodeAlterShareGroupOffsetsResponse,
  }),
  deleteShareGroupOffsets: defineApi<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse, DeleteShareGroupOffsetsResponseInit>({
    apiKey: 92,
    name: 'DeleteShareGroupOffsets',
    validVersions: { min: 0, max: 0 },
    flexibleFrom: 0,
    decodeRequest: decodeDeleteShareGroupOffsetsRequest,
    encodeRequest: encodeDeleteShareGroupOffsetsRequest,
    decodeResponse: decodeDeleteShareGroupOffsetsResponse,
    encodeResponse: encodeDeleteShareGroupOffsetsResponse,
  }),
});
