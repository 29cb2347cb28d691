/** Directed cases of topics, settings and groups. */
import { type Cases, config, range } from './directed-steps.ts';
import type { Peer } from './peer.ts';

export const adminCases: Cases = {
  'what is served': async (peer) => {
    for (const version of range(0, 4)) {
      const software = { clientSoftwareName: 'millrace', clientSoftwareVersion: '1.0' };
      await peer.ask('apiVersions', version, version >= 3 ? software : {});
    }
    await peer.ask('apiVersions', 4, { clientSoftwareName: 'not a name!', clientSoftwareVersion: '' });
  },
  'what a client may do': async (peer) => {
    await peer.topic('allowed');
    const topics = [{ name: 'allowed' }, { name: 'missing' }];
    for (const version of range(8, 13)) {
      await peer.ask('metadata', version, {
        topics,
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: true,
        ...(version <= 10 ? { includeClusterAuthorizedOperations: true } : {}),
      });
    }
    await peer.ask('describeTopicPartitions', 0, { topics, responsePartitionLimit: 10, cursor: null });
    for (const version of range(0, 2))
      await peer.ask('describeCluster', version, { includeClusterAuthorizedOperations: true });
    for (const version of range(3, 6))
      await peer.ask('describeGroups', version, { groups: ['no-such'], includeAuthorizedOperations: true });
  },
  'what is named twice': async (peer) => {
    const assignments: never[] = [];
    const topic = (name: string) => ({
      name,
      numPartitions: 1,
      replicationFactor: 1,
      assignments,
      configs: [],
    });
    await peer.topic('twice');
    await peer.ask('createTopics', 7, {
      topics: [topic('new-twice'), topic('new-twice'), topic('new-once')],
    });
    await peer.ask('metadata', 9, { topics: [{ name: 'twice' }, { name: 'twice' }, { name: 'new-twice' }] });
    const grow = { name: 'twice', assignments: null };
    await peer.ask('createPartitions', 3, {
      topics: [
        { ...grow, count: 2 },
        { ...grow, count: 3 },
      ],
      timeoutMs: 10_000,
      validateOnly: false,
    });
    await peer.ask('deleteTopics', 5, { topicNames: ['twice', 'twice', 'missing'], timeoutMs: 10_000 });
    const id = 'id of twice';
    const none = 'AAAAAAAAAAAAAAAAAAAAAA';
    for (const topics of [
      [
        { name: 'twice', topicId: none },
        { name: 'twice', topicId: none },
      ],
      [
        { name: null, topicId: id },
        { name: null, topicId: id },
      ],
      [{ name: 'twice', topicId: id }],
      [{ name: null, topicId: none }],
      [
        { name: 'twice', topicId: none },
        { name: null, topicId: id },
      ],
    ])
      await peer.ask('deleteTopics', 6, { topics, timeoutMs: 10_000 });
    await peer.ask('metadata', 9, { topics: [{ name: 'twice' }] });
  },
  'settings that cannot be': async (peer) => {
    await peer.topic('configured');
    const change = (resourceName: string, ...configs: ReturnType<typeof config>[]) =>
      peer.ask('incrementalAlterConfigs', 1, {
        resources: [{ resourceType: 2, resourceName, configs }],
        validateOnly: false,
      });
    await change('configured', config('retention.ms', '1'), config('retention.ms', '2'));
    await change('configured', config('retention.ms', null));
    await change('configured', config('retention.ms', null, 1));
    await change('configured', config('', '1'));
    await change('', config('retention.ms', '1'));
    await change('not a name!', config('retention.ms', '1'));
    await change('missing', config('retention.ms', '1'));
    await change('missing', config('retention.ms', 'x'));
    await change('configured', config('remote.storage.enable', 'true'));
    await change('configured', config('remote.storage.enable', 'false'));
    await change('configured', config('cleanup.policy', 'compact', 2));
    await change('configured', config('cleanup.policy', 'delete', 3));
    await change('configured', config('retention.ms', '5', 2));
    const resource = { resourceType: 2, resourceName: 'configured', configs: [config('retention.ms', '7')] };
    const bare = { ...resource, configs: [{ name: 'retention.ms', value: '7' }] };
    await peer.ask('incrementalAlterConfigs', 1, { resources: [resource, resource], validateOnly: false });
    await peer.ask('alterConfigs', 2, {
      resources: [{ ...bare, configs: [...bare.configs, ...bare.configs] }],
      validateOnly: false,
    });
    for (const value of ['true', 'false', 'x', '']) {
      const configs = [{ name: 'remote.storage.enable', value }];
      const name = `remote-${value}`;
      const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs };
      await peer.ask('createTopics', 7, { topics: [topic] });
    }
    await describeTopic(peer, 'configured');
  },
  'an operation on settings that there is not': async (peer) => {
    await peer.topic('operated');
    await peer.ask('incrementalAlterConfigs', 1, {
      resources: [{ resourceType: 2, resourceName: 'operated', configs: [config('retention.ms', '1', 4)] }],
      validateOnly: false,
    });
  },
  'settings of topics, described': async (peer) => {
    await peer.topic('described', 1, { 'retention.ms': '5000', 'cleanup.policy': 'compact,delete' });
    await describeTopic(peer, 'described');
    for (const name of ['not a name!', '', '..', 'missing']) {
      await peer.ask('describeConfigs', 4, {
        resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }],
      });
    }
  },
  'settings of the broker, described': async (peer) => {
    for (const configurationKeys of [null, ['log.retention.ms', 'node.id', 'no.such']]) {
      await peer.ask('describeConfigs', 4, {
        resources: [{ resourceType: 4, resourceName: '1', configurationKeys }],
        includeSynonyms: true,
        includeDocumentation: true,
      });
    }
    await peer.ask('describeConfigs', 4, {
      resources: [{ resourceType: 4, resourceName: '', configurationKeys: null }],
    });
    await peer.ask('describeConfigs', 4, {
      resources: [{ resourceType: 32, resourceName: 'group', configurationKeys: null }],
    });
  },
  'commits of groups that are not there': async (peer) => {
    await peer.topic('committed');
    const topic = {
      partitions: [
        { partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: '' },
      ],
    };
    for (const version of range(2, 10)) {
      const named = version >= 10 ? { topicId: 'id of committed' } : { name: 'committed' };
      for (const [generationIdOrMemberEpoch, memberId] of [
        [5, 'member'],
        [0, ''],
        [-1, 'member'],
        [-1, ''],
      ] as const) {
        await peer.ask('offsetCommit', version, {
          groupId: `absent-${version}-${generationIdOrMemberEpoch}-${memberId}`,
          generationIdOrMemberEpoch,
          memberId,
          topics: [{ ...named, ...topic }],
        });
      }
    }
  },
  'the life of a group': async (peer) => {
    await peer.topic('lived');
    const protocols = [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }];
    for (const version of range(0, 9)) {
      const groupId = `lived-${version}`;
      const join = {
        groupId,
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        protocolType: 'consumer',
        protocols,
      };
      const first = await peer.ask('joinGroup', version, { ...join, memberId: '' });
      const again =
        first.errorCode === 79
          ? await peer.ask('joinGroup', version, { ...join, memberId: first.memberId })
          : first;
      const member = { groupId, generationId: again.generationId, memberId: again.memberId };
      const assignments = [{ memberId: again.memberId, assignment: Buffer.from([1, 2, 3]) }];
      const sync = Math.min(version, 5);
      if (sync >= 5) await peer.ask('syncGroup', sync, { ...member, assignments });
      const protocol = sync >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {};
      await peer.ask('syncGroup', sync, { ...member, ...protocol, assignments });
      await peer.ask('heartbeat', Math.min(version, 4), member);
      await peer.ask('heartbeat', Math.min(version, 4), { ...member, generationId: 77 });
      await peer.ask('describeGroups', Math.min(version, 6), { groups: [groupId] });
      await peer.ask('deleteGroups', 2, { groupsNames: [groupId] });
      const leave = Math.min(version, 5);
      const members = [{ memberId: again.memberId }];
      await peer.ask(
        'leaveGroup',
        leave,
        leave >= 3 ? { groupId, members } : { groupId, memberId: again.memberId },
      );
      await peer.ask('describeGroups', Math.min(version, 6), { groups: [groupId] });
      await peer.ask('deleteGroups', 2, { groupsNames: [groupId] });
    }
  },
  'moves for which one node has no use': async (peer) => {
    await peer.topic('stays', 2);
    const { results } = await peer.ask('describeLogDirs', 4, { topics: [] });
    const path = results[0].logDir;
    for (const version of range(1, 2)) {
      for (const place of [path, '/no/such/place']) {
        const topics = [
          { name: 'stays', partitions: [0, 1, 7] },
          { name: 'missing', partitions: [0] },
        ];
        await peer.ask('alterReplicaLogDirs', version, { dirs: [{ path: place, topics }] });
      }
    }
    for (const replicas of [null, [], [1], [9], [1, 1], [1, 9]]) {
      await peer.ask('alterPartitionReassignments', 0, {
        timeoutMs: 5000,
        topics: [
          { name: 'stays', partitions: [{ partitionIndex: 0, replicas }] },
          { name: 'missing', partitions: [{ partitionIndex: 0, replicas }] },
        ],
      });
    }
    for (const electionType of [0, 1]) {
      const topicPartitions = [{ topic: 'stays', partitions: [0, 7] }];
      await peer.ask('electLeaders', 2, { electionType, topicPartitions, timeoutMs: 5000 });
    }
  },
  'the quorum': async (peer) => {
    for (const version of range(0, 2)) {
      await peer.ask('describeQuorum', version, {
        topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
      });
    }
  },
  'settings of the broker that nobody has set, taken back': async (peer) => {
    for (const resourceName of ['1', '', '9']) {
      const configs = [config('leader.replication.throttled.rate', null, 1)];
      await peer.ask('incrementalAlterConfigs', 1, {
        resources: [{ resourceType: 4, resourceName, configs }],
        validateOnly: false,
      });
    }
  },
  'what has settings': async (peer) => {
    await peer.ask('listConfigResources', 1, { resourceTypes: [4, 8, 16, 32] });
  },
  'a group to which nothing could be committed': async (peer) => {
    await peer.topic('too-much');
    for (const generationIdOrMemberEpoch of [-1, 5]) {
      const partition = { partitionIndex: 0, committedOffset: 1, committedMetadata: 'm'.repeat(5000) };
      await peer.ask('offsetCommit', 8, {
        groupId: 'too-much',
        generationIdOrMemberEpoch,
        memberId: '',
        topics: [{ name: 'too-much', partitions: [partition] }],
      });
    }
    await peer.prepare('deleteGroups', 2, { groupsNames: ['too-much'] });
  },
  'where logs are': async (peer) => {
    await peer.topic('placed', 2);
    for (const version of range(1, 5)) {
      await peer.ask('describeLogDirs', version, { topics: [{ topic: 'placed', partitions: [0, 1, 7] }] });
    }
  },
};

async function describeTopic(peer: Peer, resourceName: string): Promise<void> {
  for (const version of range(1, 4)) {
    await peer.ask('describeConfigs', version, {
      resources: [{ resourceType: 2, resourceName, configurationKeys: null }],
      includeSynonyms: true,
      ...(version >= 3 ? { includeDocumentation: true } : {}),
    });
  }
}
