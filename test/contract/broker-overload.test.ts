import { afterEach, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const clients: WireClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client[Symbol.dispose]();
});

async function connectTo(broker: Broker): Promise<WireClient> {
  const client = await WireClient.connect(broker.port);
  clients.push(client);
  return client;
}

/** A topic `big` with 8 batches of 1 MB. */
async function withBigTopic(broker: Broker): Promise<void> {
  await broker.createTopic('big');
  const client = await connectTo(broker);
  for (let i = 0; i < 8; i++) {
    const topicData = [
      { name: 'big', partitionData: [{ index: 0, records: producedBatch(['x'.repeat(1_000_000)]) }] },
    ];
    await client.request('produce', 9, { acks: 1, timeoutMs: 1, topicData });
  }
}

const fetchAll = {
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 100 << 20,
  sessionEpoch: -1,
  topics: [{ topic: 'big', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 << 20 }] }],
};

describe('a client that never reads', () => {
  test('is closed after the slow client timeout; others are served meanwhile', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    await using broker = await Broker.start({ slowClientTimeoutMs: 100, logger });
    await withBigTopic(broker);
    const stuck = await connectTo(broker);
    stuck.socket.pause();
    for (let i = 0; i < 20; i++) stuck.post('fetch', 11, fetchAll);
    const other = await connectTo(broker);
    expect((await other.request('metadata', 9, { topics: null })).topics).toHaveLength(1);
    await waitFor('the warning', () => warnings.some((text) => text.includes('does not take its answers')));
    stuck.socket.resume();
    await stuck.closed;
  });

  test('many of them hold no more than the budget: fetches wait for it and go on', async () => {
    await using broker = await Broker.start({ maxPendingAnswerBytes: 3 << 20, slowClientTimeoutMs: 100 });
    await withBigTopic(broker);
    const stuck = await Promise.all(Array.from({ length: 10 }, () => connectTo(broker)));
    for (const client of stuck) {
      client.socket.pause();
      client.post('fetch', 11, fetchAll);
    }
    const reader = await connectTo(broker);
    const { responses } = await reader.request('fetch', 11, fetchAll);
    const { length } = responses[0]!.partitions[0]!.records!;
    expect(length).toBeGreaterThan(1_000_000);
    expect(length).toBeLessThan(3 << 20); // without a budget it would be all 8 MB
  });
});

test('a flood of pipelined produce requests is answered in order, each once', async () => {
  await using broker = await Broker.start();
  await broker.createTopic('flood');
  const client = await connectTo(broker);
  const ids: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const topicData = [
      { name: 'flood', partitionData: [{ index: 0, records: producedBatch([`event ${i}`]) }] },
    ];
    ids.push(client.post('produce', 9, { acks: -1, timeoutMs: 1, topicData }));
  }
  for (const [i, id] of ids.entries()) {
    const { responses } = await client.receive('produce', 9, id);
    expect(responses[0]!.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: i });
  }
});

test('a frame of the allowed size is taken, one above it closes the connection', async () => {
  await using broker = await Broker.start({
    maxRequestBytes: 2_000_000,
    topicDefaults: { 'max.message.bytes': '3000000' },
  });
  await broker.createTopic('limits');
  const client = await connectTo(broker);
  const send = (size: number) => {
    const topicData = [
      { name: 'limits', partitionData: [{ index: 0, records: producedBatch(['x'.repeat(size)]) }] },
    ];
    return client.request('produce', 9, { acks: 1, timeoutMs: 1, topicData });
  };
  expect((await send(1_900_000)).responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
  await expect(send(2_000_000)).rejects.toThrow('closed');
});

test('stop with clients, long polls and joins under way ends', async () => {
  const broker = await Broker.start();
  await broker.createTopic('t');
  const client = await connectTo(broker);
  const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }];
  const polling = client.request('fetch', 11, { maxWaitMs: 60_000, minBytes: 1, sessionEpoch: -1, topics });
  const other = await connectTo(broker);
  const protocols = [{ name: 'range', metadata: Buffer.alloc(0) }];
  const join = { groupId: 'g', memberId: '', sessionTimeoutMs: 10_000, protocolType: 'consumer', protocols };
  const joining = other.request('joinGroup', 3, join);
  const outcomes = Promise.allSettled([polling, joining]);
  await broker.stop();
  expect((await outcomes).map((each) => each.status)).toEqual(['rejected', 'rejected']);
});
