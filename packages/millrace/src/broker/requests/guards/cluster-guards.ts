import { ErrorCode } from '../../core/error-code.ts';
import { clusterName } from '../../security/access.ts';
import { undescribed } from '../65-describe-transactions.ts';
import { type Guard, inPart, parted, passed, refusals, refused } from './guard.ts';

const {
  cluster: clusterRefusal,
  transaction: transactionRefusal,
  group: groupRefusal,
  topic: topicRefusal,
} = refusals;
const { errorCode } = clusterRefusal;
const throttleTimeMs = 0;

/** Who the brokers are is told to everybody, as in Kafka. */
export const describeCluster: Guard<'describeCluster'> = (request, ask) => {
  if (!request.includeClusterAuthorizedOperations) return passed(request);
  const clusterAuthorizedOperations = ask.mayCluster('DESCRIBE') ? ask.operations('CLUSTER', clusterName) : 0;
  return { request, finish: (response) => ({ ...response!, clusterAuthorizedOperations }) };
};

export const describeLogDirs: Guard<'describeLogDirs'> = (request, ask, { version }) =>
  ask.mayCluster('DESCRIBE')
    ? passed(request)
    : refused({ throttleTimeMs, results: [], ...(version >= 3 ? { errorCode } : {}) });

export const listPartitionReassignments: Guard<'listPartitionReassignments'> = (request, ask) =>
  ask.mayCluster('DESCRIBE') ? passed(request) : refused({ throttleTimeMs, ...clusterRefusal, topics: [] });

/** Version 0 has no place for an error of its own. */
export const electLeaders: Guard<'electLeaders'> = (request, ask, { version }) => {
  if (ask.mayCluster('ALTER')) return passed(request);
  if (version > 0) return refused({ throttleTimeMs, errorCode, replicaElectionResults: [] });
  const replicaElectionResults = (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({ partitionId, ...clusterRefusal })),
  }));
  return refused({ throttleTimeMs, replicaElectionResults });
};

export const alterPartitionReassignments: Guard<'alterPartitionReassignments'> = (request, ask) =>
  ask.mayCluster('ALTER') ? passed(request) : refused({ throttleTimeMs, ...clusterRefusal, responses: [] });

export const alterReplicaLogDirs: Guard<'alterReplicaLogDirs'> = (request, ask) => {
  if (ask.mayCluster('ALTER')) return passed(request);
  const results = request.dirs
    .flatMap(({ topics }) => topics)
    .map(({ name, partitions }) => ({
      topicName: name,
      partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
    }));
  return refused({ throttleTimeMs, results });
};

export const describeQuorum: Guard<'describeQuorum'> = (request, ask) =>
  ask.mayCluster('DESCRIBE') ? passed(request) : refused({ errorCode, topics: [] });

export const describeClientQuotas: Guard<'describeClientQuotas'> = (request, ask) =>
  ask.mayCluster('DESCRIBE_CONFIGS')
    ? passed(request)
    : refused({ throttleTimeMs, ...clusterRefusal, entries: null });

export const describeAcls: Guard<'describeAcls'> = (request, ask) =>
  ask.mayCluster('DESCRIBE')
    ? passed(request)
    : refused({ throttleTimeMs, ...clusterRefusal, resources: [] });

export const createAcls: Guard<'createAcls'> = (request, ask) =>
  ask.mayCluster('ALTER')
    ? passed(request)
    : refused({ throttleTimeMs, results: request.creations.map(() => clusterRefusal) });

export const deleteAcls: Guard<'deleteAcls'> = (request, ask) => {
  if (ask.mayCluster('ALTER')) return passed(request);
  const filterResults = request.filters.map(() => ({ ...clusterRefusal, matchingAcls: [] }));
  return refused({ throttleTimeMs, filterResults });
};

export const describeUserScramCredentials: Guard<'describeUserScramCredentials'> = (request, ask) =>
  ask.mayCluster('DESCRIBE') ? passed(request) : refused({ throttleTimeMs, ...clusterRefusal, results: [] });

export const alterUserScramCredentials: Guard<'alterUserScramCredentials'> = (request, ask) => {
  if (ask.mayCluster('ALTER')) return passed(request);
  const users = new Set([...request.deletions, ...request.upsertions].map(({ name }) => name));
  return refused({ throttleTimeMs, results: [...users].map((user) => ({ user, ...clusterRefusal })) });
};

export const describeTransactions: Guard<'describeTransactions'> = (request, ask) => {
  const [allowed, others] = parted(request.transactionalIds, (id) =>
    ask.may('DESCRIBE', 'TRANSACTIONAL_ID', id),
  );
  const refusal = others.map((id) => undescribed(id, transactionRefusal.errorCode));
  return {
    request: allowed.length === 0 ? null : { ...request, transactionalIds: allowed },
    finish(response) {
      const seen = (response?.transactionStates ?? []).map((state) => ({
        ...state,
        topics: state.topics.filter(({ topic }) => ask.may('DESCRIBE', 'TOPIC', topic)),
      }));
      return { throttleTimeMs, ...response, transactionStates: [...seen, ...refusal] };
    },
  };
};

export const listTransactions: Guard<'listTransactions'> = (request, ask) => ({
  request,
  finish: (response) => ({
    ...response!,
    transactionStates: response!.transactionStates.filter(({ transactionalId }) =>
      ask.may('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId),
    ),
  }),
});

/** Since this version it is brokers alone that ask. */
const addPartitionsOfBrokers = 4;

export const addPartitionsToTxn: Guard<'addPartitionsToTxn'> = (request, ask, { version }) => {
  if (version >= addPartitionsOfBrokers) {
    return ask.mayCluster('CLUSTER_ACTION') ? passed(request) : refused({ throttleTimeMs, errorCode });
  }
  const topics = request.v3AndBelowTopics;
  const answer = (codeOf: (name: string) => number) => ({
    throttleTimeMs,
    resultsByTopicV3AndBelow: topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: codeOf(name),
      })),
    })),
  });
  if (!ask.may('WRITE', 'TRANSACTIONAL_ID', request.v3AndBelowTransactionalId))
    return refused(answer(() => transactionRefusal.errorCode));
  const mayWrite = (name: string) => ask.may('WRITE', 'TOPIC', name);
  if (topics.every(({ name }) => mayWrite(name))) return passed(request);
  // One that may not be written to keeps all of them out of the transaction.
  return refused(
    answer((name) => (mayWrite(name) ? ErrorCode.OPERATION_NOT_ATTEMPTED : topicRefusal.errorCode)),
  );
};

export const addOffsetsToTxn: Guard<'addOffsetsToTxn'> = (request, ask) => {
  if (!ask.may('WRITE', 'TRANSACTIONAL_ID', request.transactionalId))
    return refused({ throttleTimeMs, errorCode: transactionRefusal.errorCode });
  if (!ask.may('READ', 'GROUP', request.groupId))
    return refused({ throttleTimeMs, errorCode: groupRefusal.errorCode });
  return passed(request);
};

export const endTxn: Guard<'endTxn'> = (request, ask) =>
  ask.may('WRITE', 'TRANSACTIONAL_ID', request.transactionalId)
    ? passed(request)
    : refused({ throttleTimeMs, errorCode: transactionRefusal.errorCode });

export const writeTxnMarkers: Guard<'writeTxnMarkers'> = (request, ask) =>
  ask.mayCluster('ALTER') || ask.mayCluster('CLUSTER_ACTION')
    ? passed(request)
    : refused({
        markers: request.markers.map(({ producerId, topics }) => ({
          producerId,
          topics: topics.map(({ name, partitionIndexes }) => ({
            name,
            partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
          })),
        })),
      });

export const txnOffsetCommit: Guard<'txnOffsetCommit'> = (request, ask) => {
  const fail = (topics: typeof request.topics, code: number) =>
    topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })),
    }));
  if (!ask.may('WRITE', 'TRANSACTIONAL_ID', request.transactionalId))
    return refused({ throttleTimeMs, topics: fail(request.topics, transactionRefusal.errorCode) });
  if (!ask.may('READ', 'GROUP', request.groupId))
    return refused({ throttleTimeMs, topics: fail(request.topics, groupRefusal.errorCode) });
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('READ', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const refusal = { throttleTimeMs, topics: fail(others, topicRefusal.errorCode) };
  return inPart(request, 'topics', allowed, refusal, 'topics');
};
