import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { randomFrom } from '../support/faulty-files.ts';
import { producedBatch } from '../support/produced-batch.ts';
import { HookedFiles, slowDevice } from '../support/slow-files.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait.ts';
import { WireClient } from '../support/wire-client.ts';

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
