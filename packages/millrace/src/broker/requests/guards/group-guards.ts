import type { OffsetFetchResponseGroupInit } from '../../../protocol/generated/offset-fetch.ts';
import type { Call } from '../call.ts';
import {
  type Ask,
  type Guard,
  inPart,
  mayTopic,
  parted,
  passed,
  refusals,
  refused,
  topicName,
} from './guard.ts';

const { group: groupRefusal, topic: topicRefusal } = refusals;
const nobody = Buffer.alloc(0);
/** Topics of commits have been known by id alone since these versions. */
const commitIdsFrom = 10;
const fetchIdsFrom = 10;
/** Several groups in one OffsetFetch; an error of the whole answer, before that. */
const groupsFrom = 8;
const errorFrom = 2;

const mayRead = (ask: Ask, groupId: string): boolean => ask.may('READ', 'GROUP', groupId);

export const joinGroup: Guard<'joinGroup'> = (request, ask) => {
  if (mayRead(ask, request.groupId)) return passed(request);
  const { errorCode } = groupRefusal;
  return refused({ errorCode, protocolName: '', leader: '', memberId: request.memberId, members: [] });
};

export const syncGroup: Guard<'syncGroup'> = (request, ask) =>
  mayRead(ask, request.groupId)
    ? passed(request)
    : refused({ errorCode: groupRefusal.errorCode, assignment: nobody });

export const heartbeat: Guard<'heartbeat'> = (request, ask) =>
  mayRead(ask, request.groupId) ? passed(request) : refused({ errorCode: groupRefusal.errorCode });

export const leaveGroup: Guard<'leaveGroup'> = (request, ask) =>
  mayRead(ask, request.groupId) ? passed(request) : refused({ errorCode: groupRefusal.errorCode });

export const offsetCommit: Guard<'offsetCommit'> = (request, ask, call) => {
  const byId = call.version >= commitIdsFrom;
  const fail = (topics: typeof request.topics, errorCode: number) =>
    topics.map(({ name, topicId, partitions }) => ({
      ...(byId ? { topicId } : { name }),
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    }));
  if (!mayRead(ask, request.groupId))
    return refused({ topics: fail(request.topics, groupRefusal.errorCode) });
  const [allowed, others] = parted(request.topics, (topic) =>
    mayTopic(ask, 'READ', topicName(topic, byId, call)),
  );
  if (others.length === 0) return passed(request);
  const refusal = fail(others, topicRefusal.errorCode);
  return inPart(request, 'topics', allowed, { topics: refusal }, 'topics');
};

const noOffset = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: -1,
  metadata: '',
  errorCode: topicRefusal.errorCode,
});

export const offsetFetch: Guard<'offsetFetch'> = (request, ask, call) =>
  call.version < groupsFrom ? oneGroup(request, ask, call) : severalGroups(request, ask, call);

const oneGroup: Guard<'offsetFetch'> = (request, ask, call) => {
  const { groupId } = request;
  if (!ask.may('DESCRIBE', 'GROUP', groupId)) {
    const { errorCode } = groupRefusal;
    const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => ({ ...noOffset(index), errorCode })),
    }));
    return refused(call.version >= errorFrom ? { errorCode, topics: [] } : { topics });
  }
  const mayName = ({ name }: { name: string }) => ask.may('DESCRIBE', 'TOPIC', name);
  if (request.topics === null) {
    return {
      request,
      finish: (response) => ({ ...response, topics: (response?.topics ?? []).filter(mayName) }),
    };
  }
  const [allowed, others] = parted(request.topics, mayName);
  if (others.length === 0) return passed(request);
  const refusal = others.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map(noOffset),
  }));
  return {
    request: { ...request, topics: allowed },
    finish: (response) => ({ ...response, topics: [...(response?.topics ?? []), ...refusal] }),
  };
};

const severalGroups: Guard<'offsetFetch'> = (request, ask, call) => {
  const byId = call.version >= fetchIdsFrom;
  const mayName = (topic: { name?: string; topicId?: string }) =>
    mayTopic(ask, 'DESCRIBE', topicName(topic, byId, call));
  const [allowed, others] = parted(request.groups, ({ groupId }) => ask.may('DESCRIBE', 'GROUP', groupId));
  const refusal = others.map(({ groupId }) => ({ groupId, topics: [], errorCode: groupRefusal.errorCode }));
  /** By the place of the group in what is left: what is added to its topics; null: they are all that there are. */
  const added: (OffsetFetchResponseGroupInit['topics'] | null)[] = [];
  const groups = allowed.map((group) => {
    if (group.topics === null) {
      added.push(null);
      return group;
    }
    const [topics, hidden] = parted(group.topics, mayName);
    added.push(
      hidden.map(({ name, topicId, partitionIndexes }) => ({
        ...(byId ? { topicId } : { name }),
        partitions: partitionIndexes.map(noOffset),
      })),
    );
    return { ...group, topics };
  });
  return {
    request: groups.length === 0 ? null : { ...request, groups },
    finish(response) {
      const answered = (response?.groups ?? []).map((group, i) => {
        const more = added[i] ?? null;
        const topics =
          more === null ? group.topics.filter(mayName) : [...group.topics, ...(group.errorCode ? [] : more)];
        return { ...group, topics };
      });
      return { ...response, groups: [...answered, ...refusal] };
    },
  };
};

export const offsetDelete: Guard<'offsetDelete'> = (request, ask) => {
  if (!ask.may('DELETE', 'GROUP', request.groupId))
    return refused({ errorCode: groupRefusal.errorCode, topics: [] });
  const [allowed, others] = parted(request.topics, ({ name }) => ask.may('READ', 'TOPIC', name));
  if (others.length === 0) return passed(request);
  const { errorCode } = topicRefusal;
  const refusal = others.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
  return inPart(request, 'topics', allowed, { errorCode: 0, topics: refusal }, 'topics');
};

export const describeGroups: Guard<'describeGroups'> = (request, ask) => {
  const [allowed, others] = parted(request.groups, (groupId) => ask.may('DESCRIBE', 'GROUP', groupId));
  const { errorCode } = groupRefusal;
  const refusal = others.map((groupId) => ({
    errorCode,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [],
  }));
  return {
    request: allowed.length === 0 ? null : { ...request, groups: allowed },
    finish(response) {
      const described = (response?.groups ?? []).map((group) =>
        request.includeAuthorizedOperations && group.errorCode === 0
          ? { ...group, authorizedOperations: ask.operations('GROUP', group.groupId) }
          : group,
      );
      return { ...response, groups: [...described, ...refusal] };
    },
  };
};

/** Whoever may describe the cluster sees all groups, others their own. */
export const listGroups: Guard<'listGroups'> = (request, ask) => {
  if (ask.mayCluster('DESCRIBE')) return passed(request);
  return {
    request,
    finish: (response) => ({
      ...response!,
      groups: response!.groups.filter(({ groupId }) => ask.may('DESCRIBE', 'GROUP', groupId)),
    }),
  };
};

export const deleteGroups: Guard<'deleteGroups'> = (request, ask) => {
  const [allowed, others] = parted(request.groupsNames, (groupId) => ask.may('DELETE', 'GROUP', groupId));
  if (others.length === 0) return passed(request);
  const refusal = others.map((groupId) => ({ groupId, errorCode: groupRefusal.errorCode }));
  return inPart(request, 'groupsNames', allowed, { throttleTimeMs: 0, results: refusal }, 'results');
};

/** `CoordinatorType` */
const coordinatorTypes = { group: 0, transaction: 1 } as const;
/** Several keys in one request since this version. */
const keysFrom = 4;

export const findCoordinator: Guard<'findCoordinator'> = (request, ask, call: Call) => {
  const { keyType } = request;
  const isTransaction = keyType === coordinatorTypes.transaction;
  const isOpen = (key: string): boolean => {
    if (keyType === coordinatorTypes.group) return ask.may('DESCRIBE', 'GROUP', key);
    return isTransaction ? ask.may('DESCRIBE', 'TRANSACTIONAL_ID', key) : ask.mayCluster('CLUSTER_ACTION');
  };
  const refusal = isTransaction
    ? refusals.transaction
    : keyType === coordinatorTypes.group
      ? groupRefusal
      : refusals.cluster;
  const nowhere = { nodeId: -1, host: '', port: -1, ...refusal };
  if (call.version < keysFrom) return isOpen(request.key) ? passed(request) : refused(nowhere);
  const [allowed, others] = parted(request.coordinatorKeys, isOpen);
  if (others.length === 0) return passed(request);
  const coordinators = others.map((key) => ({ key, ...nowhere }));
  return inPart(request, 'coordinatorKeys', allowed, { coordinators }, 'coordinators');
};
