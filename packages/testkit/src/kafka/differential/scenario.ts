/** What both brokers are asked, one after the other, each in a place of its own. */
import type { ApiName } from '../../../../millrace/src/protocol/messages.ts';
import { producedBatch } from '../produced-batch.ts';
import { RequestDrawer } from './draw.ts';
import { type Place, recordTime } from './draw-pools.ts';
import type { Peer } from './peer.ts';

export interface Scenario {
  readonly name: string;
  run(peer: Peer): Promise<void>;
}

/** Makes what drawn requests are about. */
async function furnish(peer: Peer, { topic, compacted, group }: Place): Promise<void> {
  await peer.topic(topic, 2);
  await peer.topic(compacted, 1, { 'cleanup.policy': 'compact' });
  const bodies = Array.from({ length: 10 }, (_, i) => `record ${i}`);
  const records = producedBatch(bodies, { timestampMs: recordTime });
  const { responses } = await peer.prepare('produce', 9, {
    acks: -1,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  });
  if (responses[0].partitionResponses[0].errorCode !== 0) throw new Error('the records were not taken');
  await peer.prepare('offsetCommit', 9, {
    groupId: group,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    topics: [
      {
        name: topic,
        partitions: [
          { partitionIndex: 0, committedOffset: 4, committedLeaderEpoch: 0, committedMetadata: 'note' },
        ],
      },
    ],
  });
}

export interface DrawnApi {
  readonly api: ApiName;
  readonly apiKey: number;
  readonly versions: readonly number[];
}

/** So many drawn requests of each version of an API. */
export function drawnScenario({ api, apiKey, versions }: DrawnApi, seed: number, ofEach: number): Scenario {
  const at = `${api}-${seed}`;
  const place = { topic: `t-${at}`, compacted: `c-${at}`, group: `g-${at}` };
  return {
    name: `drawn ${api}, seed ${seed}`,
    async run(peer) {
      await furnish(peer, place);
      const drawer = new RequestDrawer(api, apiKey, place, seed);
      for (const version of versions) {
        for (let i = 0; i < ofEach; i++) {
          await peer.ask(api, version, drawer.draw(version) as never);
        }
      }
    },
  };
}
