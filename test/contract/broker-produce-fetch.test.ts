import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import type { ProduceRequestInit } from '../../packages/millrace/src/protocol/generated/produce.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { producedBatch, tampered } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
let client: WireClient;
let names = 0;

beforeAll(async () => {
  broker = await Broker.start({ autoCreateTopics: false });
  client = await WireClient.connect(broker.port);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await broker.stop();
});

async function newTopic(configs: Record<string, string> = {}, partitions = 1): Promise<string> {
  const name = `topic-${++names}`;
  await broker.createTopic(name, { partitions, configs });
  return name;
}

function produceRequest(name: string, records: Buffer | null, acks = -1, index = 0): ProduceRequestInit {
  return { acks, timeoutMs: 1000, topicData: [{ name, partitionData: [{ index, records }] }] };
}

async function produce(name: string, records: Buffer | null, version = 9, index = 0) {
  const response = await client.request('produce', version, produceRequest(name, records, -1, index));
  return response.responses[0]!.partitionResponses[0]!;
}

interface FetchInput {
  offset?: number;
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  partitionMaxBytes?: number;
  currentLeaderEpoch?: number;
  partition?: number;
}

async function fetchOne(name: string, input: FetchInput = {}, via = client) {
  const partition = {
    partition: input.partition ?? 0,
    fetchOffset: input.offset ?? 0,
    partitionMaxBytes: input.partitionMaxBytes ?? 1 << 20,
    currentLeaderEpoch: input.currentLeaderEpoch ?? -1,
  };
  const response = await via.request('fetch', 11, {
    maxWaitMs: input.maxWaitMs ?? 0,
    minBytes: input.minBytes ?? 1,
    maxBytes: input.maxBytes ?? 1 << 20,
    sessionEpoch: -1,
    topics: [{ topic: name, partitions: [partition] }],
  });
  return response.responses[0]!.partitions[0]!;
}

function bodies(records: Buffer | null): string[] {
  const all: string[] = [];
  for (const { at } of iterateBatches(records ?? Buffer.alloc(0))) {
    for (const event of openBatch(records!, at, { verifyCrc: true })) all.push(event.body.toString());
  }
  return all;
}

describe('produce', () => {
  test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('version %i appends and tells the offset', async (version) => {
    const name = await newTopic();
    expect(await produce(name, producedBatch(['a', 'b']), version)).toMatchObject({
      errorCode: 0,
      baseOffset: 0,
    });
    expect(await produce(name, producedBatch(['c']), version)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect(bodies((await fetchOne(name)).records)).toEqual(['a', 'b', 'c']);
  });

  test('from version 13 on topics are ids; an unknown id is error 100', async () => {
    const name = await newTopic();
    const { topics } = await client.request('metadata', 12, { topics: [{ name }] });
    const partitionData = [{ index: 0, records: producedBatch(['a']) }];
    const topicData = [
      { topicId: topics[0]!.topicId, partitionData },
      { topicId: 'BBBBBBBBBBBBBBBBBBBBBA', partitionData },
    ];
    const { responses } = await client.request('produce', 13, { acks: 1, timeoutMs: 1, topicData });
    expect(responses.map((each) => each.partitionResponses[0]!.errorCode)).toEqual([0, 100]);
    expect(responses[0]!.topicId).toBe(topics[0]!.topicId);
  });

  test('acks=0 has no answer, and the next request has its own', async () => {
    const name = await newTopic();
    client.post('produce', 9, produceRequest(name, producedBatch(['a']), 0));
    expect(await produce(name, producedBatch(['b']))).toMatchObject({ baseOffset: 1 });
  });

  test('other acks are error 21, unknown topics and partitions 3', async () => {
    const name = await newTopic();
    const records = producedBatch(['a']);
    const code = async (request: ProduceRequestInit) =>
      (await client.request('produce', 9, request)).responses[0]!.partitionResponses[0]!.errorCode;
    expect(await code(produceRequest(name, records, 2))).toBe(21);
    expect(await code(produceRequest('nowhere', records))).toBe(3);
    expect(await code(produceRequest(name, records, -1, 7))).toBe(3);
    expect((await fetchOne(name)).highWatermark).toBe(0);
  });

  const good = producedBatch(['one', 'two', 'three']);
  test.each<[string, number, Buffer | null]>([
    ['no bytes', 87, null],
    ['a batch that is cut short', 2, good.subarray(0, good.length - 1)],
    ['fewer bytes than a header', 2, good.subarray(0, 30)],
    [
      'a wrong checksum',
      2,
      tampered(good, (bytes) => void bytes.writeUInt8(bytes.at(-1)! ^ 1, bytes.length - 1), true),
    ],
    ['magic 1', 87, tampered(good, (bytes) => void bytes.writeInt8(1, 16))],
    ['two batches', 87, Buffer.concat([good, good])],
    ['a base offset', 87, tampered(good, (bytes) => void bytes.writeInt32BE(5, 4))],
    ['a count that is not true', 87, tampered(good, (bytes) => void bytes.writeInt32BE(2, 57))],
    ['a last offset delta that is not true', 87, tampered(good, (bytes) => void bytes.writeInt32BE(9, 23))],
    ['a control batch', 87, tampered(good, (bytes) => void bytes.writeInt16BE(0x20, 21))],
    [
      'a transactional batch without a transactional id',
      53,
      tampered(good, (bytes) => void bytes.writeInt16BE(0x10, 21)),
    ],
    ['an unknown compression', 87, tampered(good, (bytes) => void bytes.writeInt16BE(7, 21))],
    [
      'a record length that runs past the end',
      87,
      tampered(good, (bytes) => void bytes.writeUInt8(0x7e, 61)),
    ],
    ['a producer id without a sequence', 87, tampered(good, (bytes) => void bytes.writeBigInt64BE(5n, 43))],
    ['a timestamp two hours ahead', 32, producedBatch(['x'], { timestampMs: Date.now() + 7_200_000 })],
  ])('%s is error %i, and nothing is appended', async (_, errorCode, records) => {
    const name = await newTopic();
    const answer = await produce(name, records);
    expect(answer).toMatchObject({ errorCode, baseOffset: -1 });
    expect(answer.errorMessage).not.toBeNull();
    expect((await fetchOne(name)).highWatermark).toBe(0);
  });

  test("a batch that says its timestamps are a broker's is taken with those of its records, as by Kafka", async () => {
    const name = await newTopic();
    const batch = producedBatch(['x'], { timestampMs: 1000 });
    expect(
      (
        await produce(
          name,
          tampered(batch, (bytes) => void bytes.writeInt16BE(8, 21)),
        )
      ).errorCode,
    ).toBe(0);
    const { records } = await fetchOne(name);
    expect(records!.readInt16BE(21)).toBe(0);
    expect(openBatch(records!, 0, { verifyCrc: true }).event(0).timestamp).toBe(1000);
  });

  test('of a batch with records that the topic refuses, these are named, and nothing is appended (KIP-467)', async () => {
    const name = await newTopic({ 'cleanup.policy': 'compact' });
    for (const compression of ['none', 'gzip'] as const) {
      const builder = new BatchBuilder();
      for (let i = 0; i < 100; i++)
        builder.add(`record ${i}`, [], i % 10 === 3 ? null : `key ${i}`, Date.now());
      const { header, records } = sealBatch(builder.build(), { compression });
      const answer = await produce(name, Buffer.concat([header, records]));
      expect(answer).toMatchObject({ errorCode: 87, baseOffset: -1, logStartOffset: 0 });
      const named = answer.recordErrors.map(({ batchIndex }) => batchIndex);
      expect(named).toEqual([3, 13, 23, 33, 43, 53, 63, 73, 83, 93]);
    }
    expect((await fetchOne(name)).highWatermark).toBe(0);
  });

  test('a record in the middle of a batch whose timestamp is out of range is error 32 and named', async () => {
    const name = await newTopic({ 'message.timestamp.before.max.ms': '3600000' });
    const now = Date.now();
    const builder = new BatchBuilder();
    for (const timestamp of [now, now - 7_200_000, now]) builder.add('record', [], null, timestamp);
    const { header, records } = sealBatch(builder.build(), {});
    const answer = await produce(name, Buffer.concat([header, records]));
    expect(answer).toMatchObject({ errorCode: 32, baseOffset: -1 });
    expect(answer.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1]);
  });

  test('a batch above max.message.bytes is error 10', async () => {
    const name = await newTopic({ 'max.message.bytes': '500' });
    expect((await produce(name, producedBatch(['x'.repeat(600)]))).errorCode).toBe(10);
    expect((await produce(name, producedBatch(['x'.repeat(300)]))).errorCode).toBe(0);
  });

  test('zstd needs version 7', async () => {
    const name = await newTopic();
    const records = producedBatch(['x'.repeat(300)], { compression: 'zstd' });
    expect((await produce(name, records, 6)).errorCode).toBe(76);
    expect((await produce(name, records, 7)).errorCode).toBe(0);
  });

  test('a compacted topic wants keys', async () => {
    const name = await newTopic({ 'cleanup.policy': 'compact' });
    expect((await produce(name, producedBatch(['x']))).errorCode).toBe(87);
    expect((await produce(name, producedBatch(['x'], { key: 'k' }))).errorCode).toBe(0);
  });

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    '%s goes through as it came',
    async (compression) => {
      const name = await newTopic();
      const records = producedBatch(['a'.repeat(100), 'b'], { compression });
      expect((await produce(name, records)).errorCode).toBe(0);
      const fetched = (await fetchOne(name)).records!;
      expect(fetched.subarray(17)).toEqual(records.subarray(17));
    },
  );

  test('compression.type of the topic wins where it differs', async () => {
    const name = await newTopic({ 'compression.type': 'zstd' });
    expect((await produce(name, producedBatch(['a'.repeat(1000)], { compression: 'gzip' }))).errorCode).toBe(
      0,
    );
    const { records } = await fetchOne(name);
    expect(records!.readInt16BE(21) & 7).toBe(4);
    expect(bodies(records)).toEqual(['a'.repeat(1000)]);
  });

  test('LogAppendTime stamps max timestamp and type, and makes the checksum again', async () => {
    const name = await newTopic({ 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    const answer = await produce(name, producedBatch(['a'], { timestampMs: 1000 }));
    expect(answer.logAppendTimeMs).toBeGreaterThanOrEqual(before);
    const { records } = await fetchOne(name);
    const event = [...openBatch(records!, 0, { verifyCrc: true })][0]!;
    expect(event.timestamp).toBe(answer.logAppendTimeMs);
    expect(records!.readInt16BE(21) & 8).toBe(8);
  });
});

describe('idempotence', () => {
  const at = (baseSequence: number, producerEpoch = 0, producerId = 900) =>
    producedBatch(['x'], { producerId, producerEpoch, baseSequence });

  test('InitProducerId gives every producer another id', async () => {
    const ids = new Set<number>();
    for (let i = 0; i < 5; i++) {
      const answer = await client.request('initProducerId', 4, {
        transactionalId: null,
        transactionTimeoutMs: 1,
      });
      expect(answer).toMatchObject({ errorCode: 0, producerEpoch: 0 });
      ids.add(answer.producerId);
    }
    expect(ids.size).toBe(5);
  });

  test('a repetition is answered with its offset and appended once; a gap is 45; an old epoch 47', async () => {
    const name = await newTopic();
    for (let i = 0; i < 5; i++)
      expect(await produce(name, at(i))).toMatchObject({ errorCode: 0, baseOffset: i });
    for (let i = 0; i < 5; i++)
      expect(await produce(name, at(i))).toMatchObject({ errorCode: 0, baseOffset: i });
    expect(await produce(name, at(6))).toMatchObject({ errorCode: 45 });
    expect(await produce(name, at(0, 1))).toMatchObject({ errorCode: 0, baseOffset: 5 });
    expect(await produce(name, at(5, 0))).toMatchObject({ errorCode: 47 });
    expect((await fetchOne(name)).highWatermark).toBe(6);
  });
});

describe('fetch', () => {
  test('both ends: error 1 below the start and above the end, nothing at the end', async () => {
    const name = await newTopic();
    for (const body of ['a', 'b', 'c']) await produce(name, producedBatch([body]));
    const trimmed = await client.request('deleteRecords', 2, {
      timeoutMs: 1,
      topics: [{ name, partitions: [{ partitionIndex: 0, offset: 1 }] }],
    });
    expect(trimmed.topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 1 });
    expect(await fetchOne(name, { offset: 0 })).toMatchObject({ errorCode: 1 });
    expect(await fetchOne(name, { offset: 4 })).toMatchObject({ errorCode: 1 });
    expect(await fetchOne(name, { offset: 3 })).toMatchObject({
      errorCode: 0,
      highWatermark: 3,
      logStartOffset: 1,
    });
    expect(bodies((await fetchOne(name, { offset: 1 })).records)).toEqual(['b', 'c']);
  });

  test('waits for min_bytes and wakes on an append, long before max_wait', async () => {
    const name = await newTopic();
    using reader = await WireClient.connect(broker.port);
    const waiting = fetchOne(name, { maxWaitMs: 50_000, minBytes: 1 }, reader);
    await produce(name, producedBatch(['woken']));
    expect(bodies((await waiting).records)).toEqual(['woken']);
  });

  test('one append that is not enough does not wake it, max_wait does', async () => {
    const name = await newTopic();
    using reader = await WireClient.connect(broker.port);
    let isDone = false;
    const waiting = fetchOne(name, { maxWaitMs: 300, minBytes: 10_000 }, reader).finally(() => {
      isDone = true;
    });
    await produce(name, producedBatch(['small']));
    await produce(name, producedBatch(['small']));
    expect(isDone).toBe(false);
    expect(bodies((await waiting).records)).toEqual(['small', 'small']);
  });

  test('the first batch comes whole, even when larger than all maxima; then the maxima hold', async () => {
    const name = await newTopic();
    for (const body of ['x'.repeat(5000), 'y'.repeat(5000), 'z'.repeat(100)])
      await produce(name, producedBatch([body]));
    expect(bodies((await fetchOne(name, { maxBytes: 10, partitionMaxBytes: 10 })).records)).toHaveLength(1);
    expect(bodies((await fetchOne(name, { partitionMaxBytes: 10_200 })).records)).toHaveLength(2);
    expect(bodies((await fetchOne(name, { maxBytes: 10_200 })).records)).toHaveLength(2);
  });

  test('the total maximum holds over partitions; only the first one may exceed it', async () => {
    const name = await newTopic({}, 2);
    for (const index of [0, 1]) await produce(name, producedBatch(['x'.repeat(5000)]), 9, index);
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }));
    const { responses } = await client.request('fetch', 11, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 100,
      sessionEpoch: -1,
      topics: [{ topic: name, partitions }],
    });
    expect(responses[0]!.partitions.map((each) => bodies(each.records).length)).toEqual([1, 0]);
  });

  test('a client that says it is a replica is refused', async () => {
    const name = await newTopic();
    const topics = [{ topic: name, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }] }];
    const body = { maxWaitMs: 0, minBytes: 1, topics };
    expect((await client.request('fetch', 11, { ...body, replicaId: 2 })).errorCode).toBe(31);
    const byTag = { ...body, topics: [], replicaState: { replicaId: 2, replicaEpoch: 1 } };
    expect((await client.request('fetch', 15, byTag)).errorCode).toBe(31);
  });

  test('leader epochs: an older one is fenced (74), a newer one unknown (75)', async () => {
    const name = await newTopic();
    expect((await fetchOne(name, { currentLeaderEpoch: 0 })).errorCode).toBe(0);
    expect((await fetchOne(name, { currentLeaderEpoch: 5 })).errorCode).toBe(75);
    const epochOf = async (currentLeaderEpoch: number, leaderEpoch: number) => {
      const partitions = [{ partition: 0, currentLeaderEpoch, leaderEpoch }];
      const { topics } = await client.request('offsetForLeaderEpoch', 4, {
        topics: [{ topic: name, partitions }],
      });
      return topics[0]!.partitions[0]!;
    };
    await produce(name, producedBatch(['a', 'b']));
    expect(await epochOf(0, 0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 });
    expect(await epochOf(1, 0)).toMatchObject({ errorCode: 75 });
    expect(await epochOf(-1, 4)).toMatchObject({ errorCode: 0, endOffset: -1 });
  });

  test.each([13, 18])(
    'version %i: by id; an unknown id is 100; a session gives only what changed',
    async (version) => {
      const name = await newTopic();
      const { topics } = await client.request('metadata', 12, { topics: [{ name }] });
      const { topicId } = topics[0]!;
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }];
      const base = { maxWaitMs: 0, minBytes: 1 };
      const unknown = [{ topicId: 'BBBBBBBBBBBBBBBBBBBBBA', partitions }];
      const failed = await client.request('fetch', version, { ...base, topics: unknown, sessionEpoch: -1 });
      expect(failed.responses[0]!.partitions[0]!.errorCode).toBe(100);

      const full = await client.request('fetch', version, {
        ...base,
        sessionEpoch: 0,
        topics: [{ topicId, partitions }],
      });
      expect(full.sessionId).toBeGreaterThan(0);
      expect(full.responses[0]!.topicId).toBe(topicId);
      const next = (sessionEpoch: number) =>
        client.request('fetch', version, { ...base, sessionId: full.sessionId, sessionEpoch, topics: [] });
      expect((await next(1)).responses).toEqual([]);
      await produce(name, producedBatch(['fresh']));
      expect(bodies((await next(2)).responses[0]!.partitions[0]!.records)).toEqual(['fresh']);
      expect((await next(9)).errorCode).toBe(71);
      const other = { ...base, sessionId: full.sessionId + 1, sessionEpoch: 1, topics: [] };
      expect((await client.request('fetch', version, other)).errorCode).toBe(70);
    },
  );
});

test('ListOffsets: the ends, timestamps, the greatest timestamp, what there is not', async () => {
  const name = await newTopic();
  const start = Date.now() - 1000;
  for (const [i, body] of ['a', 'b', 'c'].entries()) {
    await produce(name, producedBatch([body], { timestampMs: start + (i === 1 ? 500 : i) }));
  }
  const lookUp = async (timestamp: number, version = 9, currentLeaderEpoch = -1) => {
    const partitions = [{ partitionIndex: 0, timestamp, currentLeaderEpoch }];
    const request = { replicaId: -1, topics: [{ name, partitions }] };
    return (await client.request('listOffsets', version, request)).topics[0]!.partitions[0]!;
  };
  expect(await lookUp(-1)).toMatchObject({ errorCode: 0, offset: 3 });
  expect(await lookUp(-2)).toMatchObject({ errorCode: 0, offset: 0 });
  expect(await lookUp(-3)).toMatchObject({ errorCode: 0, offset: 1, timestamp: start + 500 });
  expect(await lookUp(-4)).toMatchObject({ errorCode: 0, offset: 0 });
  expect(await lookUp(-5)).toMatchObject({ errorCode: 0, offset: -1 });
  expect(await lookUp(start)).toMatchObject({ offset: 0, timestamp: start });
  expect(await lookUp(start + 1)).toMatchObject({ offset: 1, timestamp: start + 500 });
  expect(await lookUp(start + 501)).toMatchObject({ offset: -1, timestamp: -1 });
  expect(await lookUp(-1, 9, 7)).toMatchObject({ errorCode: 75 });
  expect(await lookUp(-1, 1)).toMatchObject({ errorCode: 0, offset: 3 });
});

describe('timestamps', () => {
  test.each([
    ['later', 5_000],
    ['earlier', -5_000],
  ])('a header that says a %s maximum than its records is not believed', async (_, shift) => {
    const topic = `max-${shift}`;
    await broker.createTopic(topic);
    const now = Date.now();
    const first = producedBatch(['a', 'b'], { timestampMs: now });
    const lying = tampered(producedBatch(['c', 'd'], { timestampMs: now - 60_000 }), (bytes) =>
      bytes.writeBigInt64BE(BigInt(now + shift), 35),
    );
    for (const records of [first, lying]) {
      const { responses } = await client.request('produce', 9, {
        acks: -1,
        timeoutMs: 5000,
        topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
      });
      expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
    }
    const { topics } = await client.request('listOffsets', 7, {
      replicaId: -1,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -3 }] }],
    });
    expect(topics[0]!.partitions[0]).toMatchObject({ offset: 0, timestamp: now });
  });
});
