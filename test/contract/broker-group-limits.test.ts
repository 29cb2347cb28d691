import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const codes = { unknownMember: 25, memberIdRequired: 79, invalidGroupId: 24, invalidRequest: 42 };

function join(
  client: WireClient,
  groupId: string,
  memberId: string,
  more: { groupInstanceId?: string; name?: string } = {},
) {
  const { groupInstanceId = null, name = 'range' } = more;
  return client.request('joinGroup', 9, {
    groupId,
    memberId,
    groupInstanceId,
    sessionTimeoutMs: 60,
    rebalanceTimeoutMs: 60,
    protocolType: 'consumer',
    protocols: [{ name, metadata: Buffer.alloc(4) }],
  });
}

describe('names of any length', () => {
  test.each([1, 249, 32_767, 32_768, 40_000, 1_000_000])(
    'a group id of %i bytes is taken or refused, and its sessions end without ending the broker',
    async (length) => {
      await using broker = await Broker.start({ groupMinSessionTimeoutMs: 1 });
      using client = await WireClient.connect(broker.port);
      const groupId = 'g'.repeat(length);
      const first = await join(client, groupId, '');
      expect(first.errorCode).toBe(length <= 32_767 ? codes.memberIdRequired : codes.invalidGroupId);
      const again = await join(client, groupId, first.memberId);
      expect(again.errorCode).toBe(length <= 32_767 ? 0 : codes.invalidGroupId);
      using other = await WireClient.connect(broker.port);
      const state = async () =>
        (await other.request('describeGroups', 5, { groups: ['g'] })).groups[0]!.groupState;
      if (length === 1)
        await waitFor('the end of the session', async () => (await state()) !== 'PreparingRebalance');
      const listed = await other.request('listGroups', 4, {});
      expect(listed.errorCode).toBe(0);
      await waitFor('the empty group', async () => {
        const { groups } = await other.request('listGroups', 4, {});
        return groups.every(({ groupState }) => groupState === 'Empty');
      });
      const topics = [
        { name: 'none', partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }] },
      ];
      const commit = await other.request('offsetCommit', 8, { groupId, topics });
      expect(commit.topics[0]!.partitions[0]!.errorCode).toBe(3);
    },
  );

  test.each([
    ['instance id', { groupInstanceId: 'i'.repeat(40_000) }, codes.invalidRequest],
    ['protocol name', { name: 'n'.repeat(40_000) }, codes.invalidRequest],
    [
      'instance id that leaves no room for the rest',
      { groupInstanceId: 'i'.repeat(32_767) },
      codes.invalidRequest,
    ],
  ] as const)('a long %s is refused', async (_what, more, expected) => {
    await using broker = await Broker.start({ groupMinSessionTimeoutMs: 1 });
    using client = await WireClient.connect(broker.port);
    expect((await join(client, 'g', '', more)).errorCode).toBe(expected);
  });
});
