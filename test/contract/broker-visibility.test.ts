import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { pause } from '../../packages/millrace/src/runtime/timers.ts';
import { randomFrom } from '../../packages/testkit/src/files/faulty-files.ts';
import { HookedFiles, slowDevice } from '../../packages/testkit/src/files/slow-files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

async function produce(client: WireClient, body: string, acks: number, index = 0): Promise<number> {
  const topicData = [{ name: 't', partitionData: [{ index, records: producedBatch([body]) }] }];
  const { responses } = await client.request('produce', 9, { acks, timeoutMs: 1000, topicData });
  const { errorCode, baseOffset } = responses[0]!.partitionResponses[0]!;
  expect(errorCode).toBe(0);
  return baseOffset;
}

/** Waits for a byte behind `fetchOffset` for as long as the test lives. */
async function longPoll(client: WireClient, fetchOffset: number) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
  const answer = await client.request('fetch', 11, {
    maxWaitMs: 300_000,
    minBytes: 1,
    sessionEpoch: -1,
    topics: [{ topic: 't', partitions }],
  });
  return answer.responses[0]!.partitions[0]!;
}

/** A device whose syncs of partitions end one by one, when the test says so. */
class StepDevice {
  readonly waiting: (() => void)[] = [];
  #isOpen = true;
  readonly files = new HookedFiles({
    datasync: async (path) => {
      if (!this.#isOpen && path.endsWith('.log'))
        await new Promise<void>((resolve) => this.waiting.push(resolve));
    },
  });

  shut(): void {
    this.#isOpen = false;
  }

  async step(): Promise<void> {
    await waitFor('a sync', () => this.waiting.length > 0);
    this.waiting.shift()!();
  }

  open(): void {
    this.#isOpen = true;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

describe('a long poll', () => {
  test.each([1, 2, 5])(
    'is answered when its own bytes are visible, with %i batches appended during a sync',
    { timeout: 20_000 },
    async (batches) => {
      await using dir = tempDir();
      const device = new StepDevice();
      await using broker = await Broker.start({ dataDir: dir.path, files: device.files });
      await broker.createTopic('t');
      using producer = await WireClient.connect(broker.port);
      using consumer = await WireClient.connect(broker.port);
      device.shut();
      await produce(producer, 'first', 1);
      await waitFor('the first sync', () => device.waiting.length === 1);
      for (let i = 0; i < batches; i++) await produce(producer, `later ${i}`, 1);
      const first = longPoll(consumer, 0);
      await device.step();
      expect((await first).highWatermark).toBe(1);
      const second = longPoll(consumer, 1);
      await waitFor('the second sync', () => device.waiting.length === 1);
      await using other = await WireClient.connect(broker.port);
      await other.request('metadata', 9, { topics: null }); // the poll has begun to wait by now
      await device.step();
      expect((await second).highWatermark).toBe(1 + batches);
      device.open();
    },
  );
});

/** What a client may ask that tells it how far a log reaches; each gives the end that the answer shows. */
const ends: [string, (client: WireClient, acknowledged: number) => Promise<number>][] = [
  ...(
    [
      ['latest', -1],
      ['the greatest timestamp', -3],
    ] as const
  ).map(([what, timestamp]): (typeof ends)[number] => [
    `ListOffsets of ${what}`,
    async (client) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }];
      const answer = await client.request('listOffsets', 7, { replicaId: -1, topics });
      const { errorCode, offset } = answer.topics[0]!.partitions[0]!;
      expect(errorCode).toBe(0);
      return timestamp === -1 ? offset : offset + 1;
    },
  ]),
  [
    'OffsetForLeaderEpoch',
    async (client) => {
      const partitions = [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }];
      const answer = await client.request('offsetForLeaderEpoch', 4, {
        topics: [{ topic: 't', partitions }],
      });
      return answer.topics[0]!.partitions[0]!.endOffset;
    },
  ],
  [
    'DeleteRecords of all',
    async (client) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset: -1 }] }];
      const answer = await client.request('deleteRecords', 2, { topics, timeoutMs: 1000 });
      const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!;
      expect(errorCode).toBe(0);
      return lowWatermark;
    },
  ],
  [
    'DeleteRecords up to what was acknowledged',
    async (client, acknowledged) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, offset: acknowledged + 1 }] }];
      const answer = await client.request('deleteRecords', 2, { topics, timeoutMs: 1000 });
      const { errorCode, lowWatermark } = answer.topics[0]!.partitions[0]!;
      expect(errorCode).toBe(0);
      return lowWatermark;
    },
  ],
  [
    'Fetch of what was acknowledged',
    async (client, acknowledged) => {
      const { errorCode, highWatermark, records } = await longPoll(client, acknowledged);
      expect([errorCode, records!.length > 0]).toEqual([0, true]);
      return highWatermark;
    },
  ],
];

describe('after an acknowledgement without a sync, while the sync hangs', () => {
  test.each(ends)('%s tells no end before it', async (_what, ask) => {
    await using dir = tempDir();
    const device = new StepDevice();
    await using broker = await Broker.start({ dataDir: dir.path, files: device.files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    await produce(client, 'on the device', -1);
    // Of records with the same time the first has the greatest.
    await pause(2);
    device.shut();
    const acknowledged = await produce(client, 'not yet', 1);
    const end = ask(client, acknowledged);
    using other = await WireClient.connect(broker.port);
    await other.request('metadata', 9, { topics: null }); // whoever does not wait has answered by now
    device.open();
    expect(await end).toBe(acknowledged + 1);
  });

  test('a fetch from its end on, or from it, is not out of range', async () => {
    await using dir = tempDir();
    const device = new StepDevice();
    await using broker = await Broker.start({ dataDir: dir.path, files: device.files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    device.shut();
    const acknowledged = await produce(client, 'not yet', 1);
    for (const fetchOffset of [acknowledged, acknowledged + 1]) {
      const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
      const topics = [{ topic: 't', partitions }];
      const answer = await client.request('fetch', 11, {
        maxWaitMs: 0,
        minBytes: 1,
        sessionEpoch: -1,
        topics,
      });
      expect(answer.responses[0]!.partitions[0]).toMatchObject({ errorCode: 0 });
    }
    device.open();
  });
});

test('Metadata shows every connection what administration was answered: made, grown, gone', async () => {
  await using dir = tempDir();
  const random = randomFrom(7);
  const files = new HookedFiles(slowDevice(random, 5));
  await using broker = await Broker.start({ dataDir: dir.path, files });
  using admin = await WireClient.connect(broker.port);
  const clients = await Promise.all(Array.from({ length: 4 }, () => WireClient.connect(broker.port)));
  /** Partitions as each connection is shown them; null: there is no such topic. */
  const shown = (name: string) =>
    Promise.all(
      clients.map(async (client) => {
        const request = { topics: [{ name }], allowAutoTopicCreation: false };
        const [topic] = (await client.request('metadata', 12, request)).topics;
        return topic!.errorCode === 0 ? topic!.partitions.length : null;
      }),
    );
  for (let i = 0; i < 5; i++) {
    const name = `t${i % 2}`;
    const topic = { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const made = await admin.request('createTopics', 7, { topics: [topic], timeoutMs: 1000 });
    expect(made.topics[0]!.errorCode).toBe(0);
    expect(await shown(name)).toEqual([1, 1, 1, 1]);
    const topics = [{ name, count: 3, assignments: null }];
    await admin.request('createPartitions', 3, { topics, timeoutMs: 1000, validateOnly: false });
    expect(await shown(name)).toEqual([3, 3, 3, 3]);
    await admin.request('deleteTopics', 5, { topicNames: [name], timeoutMs: 1000 });
    expect(await shown(name)).toEqual([null, null, null, null]);
  }
  for (const client of clients) client[Symbol.dispose]();
});

describe('what one client is told', () => {
  test.each(Array.from({ length: 6 }, (_, i) => ({ seed: i + 1, acks: i % 2 === 0 ? 1 : -1 })))(
    'agrees: the end of a log is never before what was acknowledged; seed $seed, acks=$acks',
    async ({ seed, acks }) => {
      await using dir = tempDir();
      const random = randomFrom(seed);
      const files = new HookedFiles(slowDevice(random, 5));
      await using broker = await Broker.start({ dataDir: dir.path, files });
      await broker.createTopic('t');
      const clients = Array.from({ length: 4 }, async () => {
        using client = await WireClient.connect(broker.port);
        const contradictions: string[] = [];
        for (let i = 0; i < 15; i++) {
          const offset = await produce(client, `x${i}`, acks);
          const what = random();
          if (what < 0.4) {
            const partitions = [{ partitionIndex: 0, timestamp: -1 }];
            const { topics } = await client.request('listOffsets', 5, {
              replicaId: -1,
              topics: [{ name: 't', partitions }],
            });
            const end = topics[0]!.partitions[0]!;
            if (end.errorCode !== 0 || end.offset <= offset)
              contradictions.push(`end ${end.offset} after ${offset}`);
          } else if (what < 0.6) {
            const partitions = [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }];
            const { topics } = await client.request('offsetForLeaderEpoch', 4, {
              topics: [{ topic: 't', partitions }],
            });
            const { endOffset } = topics[0]!.partitions[0]!;
            if (endOffset <= offset) contradictions.push(`epoch ends at ${endOffset} after ${offset}`);
          } else {
            const partitions = [{ partitionIndex: 0, offset: offset + 1 }];
            const { topics } = await client.request('deleteRecords', 2, {
              topics: [{ name: 't', partitions }],
              timeoutMs: 1000,
            });
            const { errorCode, lowWatermark } = topics[0]!.partitions[0]!;
            if (errorCode !== 0 || lowWatermark <= offset)
              contradictions.push(`deleted up to ${lowWatermark}: ${errorCode}`);
          }
        }
        return contradictions;
      });
      expect((await Promise.all(clients)).flat()).toEqual([]);
    },
  );
});
