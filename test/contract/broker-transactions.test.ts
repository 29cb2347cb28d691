/** Transactions of the embedded broker, request by request. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import {
  decodeTransaction,
  encodeTransaction,
} from '../../packages/millrace/src/broker/transactions/transaction-records.ts';
import { Log } from '../../packages/millrace/src/log/log.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { isControlBatch, iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { readRecord } from '../../packages/millrace/src/records/record.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { readMarker } from '../../packages/millrace/src/records/transaction-marker.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
let client: WireClient;
let names = 0;

beforeAll(async () => {
  broker = await Broker.start({ transactionAbortIntervalMs: 50 });
  client = await WireClient.connect(broker.port);
});
afterAll(async () => {
  client[Symbol.dispose]();
  await broker.stop();
});

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A producer by hand, of `transaction.version` 1 or 2, on one topic of its own. */
class HandProducer {
  readonly id: string;
  readonly topic: string;
  readonly version: 1 | 2;
  readonly #at: WireClient;
  identity: Identity = { producerId: -1, producerEpoch: -1 };
  #sequences = new Map<number, number>();

  constructor(id: string, topic: string, version: 1 | 2, at = client) {
    this.id = id;
    this.topic = topic;
    this.version = version;
    this.#at = at;
  }

  async init(timeoutMs = 60_000): Promise<number> {
    for (;;) {
      const request = { transactionalId: this.id, transactionTimeoutMs: timeoutMs, ...none };
      const { errorCode, producerId, producerEpoch } = await this.#at.request('initProducerId', 5, request);
      if (errorCode === 51) continue;
      if (errorCode === 0) this.identity = { producerId, producerEpoch };
      this.#sequences.clear();
      return errorCode;
    }
  }

  async add(...partitions: number[]): Promise<number> {
    const { producerId, producerEpoch } = this.identity;
    const answer = await this.#at.request('addPartitionsToTxn', 3, {
      v3AndBelowTransactionalId: this.id,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: this.topic, partitions }],
    });
    return answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
  }

  /** Sends without a word to the coordinator where the version says so, else what was not added is refused. */
  async send(body: string, partition = 0): Promise<{ errorCode: number; baseOffset: number }> {
    const baseSequence = this.#sequences.get(partition) ?? 0;
    const records = producedBatch([body], { ...this.identity, baseSequence, transactional: true });
    const partitionData = [{ index: partition, records }];
    const [answer] = (
      await this.#at.request('produce', this.version === 2 ? 12 : 11, {
        transactionalId: this.id,
        acks: -1,
        timeoutMs: 1000,
        topicData: [{ name: this.topic, partitionData }],
      })
    ).responses[0]!.partitionResponses;
    if (answer!.errorCode === 0) this.#sequences.set(partition, baseSequence + 1);
    return { errorCode: answer!.errorCode, baseOffset: answer!.baseOffset };
  }

  async end(committed: boolean): Promise<number> {
    const request = { transactionalId: this.id, ...this.identity, committed };
    const answer = await this.#at.request('endTxn', this.version === 2 ? 5 : 4, request);
    if (this.version === 2 && answer.errorCode === 0) {
      const { producerId, producerEpoch } = answer;
      if (producerEpoch !== this.identity.producerEpoch) this.#sequences.clear();
      this.identity = { producerId, producerEpoch };
    }
    return answer.errorCode;
  }

  async commitOffset(groupId: string, committedOffset: number): Promise<number> {
    if (this.version === 1) {
      const request = { transactionalId: this.id, ...this.identity, groupId };
      const { errorCode } = await this.#at.request('addOffsetsToTxn', 3, request);
      if (errorCode !== 0) return errorCode;
    }
    const { topics } = await this.#at.request('txnOffsetCommit', this.version === 2 ? 5 : 3, {
      transactionalId: this.id,
      groupId,
      ...this.identity,
      topics: [
        { name: this.topic, partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: 'm' }] },
      ],
    });
    return topics[0]!.partitions[0]!.errorCode;
  }
}

const none = { producerId: -1, producerEpoch: -1 };

async function newTopic(partitions = 1, at = broker): Promise<string> {
  const name = `t${++names}`;
  await at.createTopic(name, { partitions });
  return name;
}

async function newProducer(topic: string, version: 1 | 2, at = client): Promise<HandProducer> {
  await at.request('findCoordinator', 4, { keyType: 1, coordinatorKeys: ['x'] });
  const producer = new HandProducer(`id-${topic}-${version}-${++names}`, topic, version, at);
  expect(await producer.init()).toBe(0);
  return producer;
}

/** What a reader gets from an offset on, at once. */
async function fetched(topic: string, isolationLevel: number, fetchOffset = 0, at = client, maxWaitMs = 0) {
  const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset, partitionMaxBytes: 1 << 20 };
  const { responses } = await at.request('fetch', 11, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 1 << 20,
    isolationLevel,
    sessionEpoch: -1,
    topics: [{ topic, partitions: [partition] }],
  });
  const answer = responses[0]!.partitions[0]!;
  const records = answer.records === null ? Buffer.alloc(0) : Buffer.from(answer.records as Buffer);
  const batches = [...iterateBatches(records)].map(({ at: place, header }) =>
    isControlBatch(header)
      ? readMarker(records, place)!.committed
      : openBatch(records, place).event(0).body.toString(),
  );
  const aborted = answer.abortedTransactions?.map(({ producerId, firstOffset }) => [producerId, firstOffset]);
  return { batches, aborted, stable: answer.lastStableOffset, high: answer.highWatermark };
}

async function latest(topic: string, isolationLevel: number): Promise<number> {
  const partitions = [{ partitionIndex: 0, timestamp: -1 }];
  const { topics } = await client.request('listOffsets', 5, {
    replicaId: -1,
    isolationLevel,
    topics: [{ name: topic, partitions }],
  });
  return topics[0]!.partitions[0]!.offset;
}

async function committedOffset(groupId: string, name: string, requireStable: boolean, at = client) {
  const request = { requireStable, groups: [{ groupId, topics: [{ name, partitionIndexes: [0] }] }] };
  const { groups } = await at.request('offsetFetch', 8, request);
  const { errorCode, committedOffset: offset, metadata } = groups[0]!.topics[0]!.partitions[0]!;
  return { errorCode, offset, metadata };
}

describe.each([1, 2] as const)('transaction.version %i', (version) => {
  test('readers with read_committed wait before what is open, and are told what was aborted', async () => {
    const topic = await newTopic();
    const [a, b] = [await newProducer(topic, version), await newProducer(topic, version)];
    if (version === 1) expect([await a.add(0), await b.add(0)]).toEqual([0, 0]);
    for (const [producer, body] of [
      [a, 'a0'],
      [b, 'b1'],
      [a, 'a2'],
    ] as const)
      expect(await producer.send(body)).toMatchObject({ errorCode: 0 });
    const first = a.identity.producerId;
    expect(await fetched(topic, 0)).toMatchObject({ batches: ['a0', 'b1', 'a2'], stable: 0, high: 3 });
    expect(await fetched(topic, 1)).toEqual({ batches: [], aborted: [], stable: 0, high: 3 });
    expect([await latest(topic, 0), await latest(topic, 1)]).toEqual([3, 0]);
    expect(await a.end(false)).toBe(0);
    expect(await fetched(topic, 1)).toEqual({ batches: ['a0'], aborted: [[first, 0]], stable: 1, high: 4 });
    expect(await b.end(true)).toBe(0);
    expect(await fetched(topic, 1)).toEqual({
      batches: ['a0', 'b1', 'a2', false, true],
      aborted: [[first, 0]],
      stable: 5,
      high: 5,
    });
    // Behind the marker nothing has to be left out.
    expect(await fetched(topic, 1, 4)).toEqual({ batches: [true], aborted: [], stable: 5, high: 5 });
    expect([await latest(topic, 0), await latest(topic, 1)]).toEqual([5, 5]);
  });

  test('who waits with read_committed is woken by the marker, not by what is open', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, version);
    if (version === 1) await producer.add(0);
    await producer.send('x');
    using reader = await WireClient.connect(broker.port);
    const waiting = fetched(topic, 1, 0, reader, 60_000);
    for (let i = 0; i < 10; i++) await fetched(topic, 0);
    await producer.send('y');
    let isAnswered = false;
    void waiting.then(() => {
      isAnswered = true;
    });
    for (let i = 0; i < 10; i++) await fetched(topic, 0);
    expect(isAnswered).toBe(false);
    await producer.end(true);
    expect(await waiting).toMatchObject({ batches: ['x', 'y', true], stable: 3 });
  });

  test('offsets of a group hold once the transaction is committed, and who needs stable ones is told to wait', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, version);
    const group = `g-${topic}`;
    expect(await producer.commitOffset(group, 5)).toBe(0);
    expect(await committedOffset(group, topic, true)).toMatchObject({ errorCode: 88, offset: -1 });
    expect(await committedOffset(group, topic, false)).toMatchObject({ errorCode: 0, offset: -1 });
    expect(await producer.end(true)).toBe(0);
    expect(await committedOffset(group, topic, true)).toEqual({ errorCode: 0, offset: 5, metadata: 'm' });
    expect(await producer.commitOffset(group, 9)).toBe(0);
    expect(await producer.end(false)).toBe(0);
    expect(await committedOffset(group, topic, true)).toEqual({ errorCode: 0, offset: 5, metadata: 'm' });
  });

  test('what was committed outside of transactions meanwhile holds', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, version);
    const groupId = `g-${topic}`;
    expect(await producer.commitOffset(groupId, 5)).toBe(0);
    const partitions = [{ partitionIndex: 0, committedOffset: 6, committedMetadata: '' }];
    await client.request('offsetCommit', 8, { groupId, topics: [{ name: topic, partitions }] });
    expect(await producer.end(true)).toBe(0);
    expect(await committedOffset(groupId, topic, true)).toMatchObject({ offset: 6 });
  });

  test('the id’s next user fences the one before, and ends what he had open', async () => {
    const topic = await newTopic();
    const old = await newProducer(topic, version);
    if (version === 1) await old.add(0);
    await old.send('zombie');
    const young = new HandProducer(old.id, topic, version);
    expect(await young.init()).toBe(0);
    expect(young.identity.producerId).toBe(old.identity.producerId);
    expect(young.identity.producerEpoch).toBeGreaterThan(old.identity.producerEpoch);
    expect(await old.send('late')).toMatchObject({ errorCode: 47 });
    expect(await old.end(true)).toBe(90);
    expect(await old.commitOffset('g', 1)).toBe(version === 1 ? 90 : 47);
    expect(await fetched(topic, 1)).toMatchObject({ batches: ['zombie', false], stable: 2 });
  });

  test('a transaction that takes too long is aborted; its producer is fenced', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, version);
    expect(await producer.init(100)).toBe(0);
    if (version === 1) await producer.add(0);
    await producer.send('late');
    await expect.poll(() => latest(topic, 1), { timeout: 30_000 }).toBe(2);
    expect(await producer.end(true)).toBe(90);
    expect(await fetched(topic, 1)).toMatchObject({ batches: ['late', false] });
  });
});

describe('requests that may not be', () => {
  test('by version 1 a partition is added first: what was not is refused, and nothing of it is there', async () => {
    const topic = await newTopic(2);
    const producer = await newProducer(topic, 1);
    expect(await producer.send('x')).toMatchObject({ errorCode: 120 });
    expect(await producer.add(0)).toBe(0);
    expect(await producer.send('x', 1)).toMatchObject({ errorCode: 120 });
    expect(await producer.send('x')).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await producer.end(true)).toBe(0);
    expect(await producer.send('y')).toMatchObject({ errorCode: 120 });
    expect(await fetched(topic, 0)).toMatchObject({ batches: ['x', true] });
  });

  test('by version 2 what is late reaches no later transaction', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, 2);
    const before = producer.identity;
    await producer.send('x');
    await producer.end(true);
    expect(producer.identity.producerEpoch).toBe(before.producerEpoch + 1);
    const late = new HandProducer(producer.id, topic, 2);
    late.identity = before;
    expect(await late.send('late')).toMatchObject({ errorCode: 47 });
    // The same end asked for once more, because its answer was lost.
    expect(await late.end(true)).toBe(0);
    expect(late.identity).toEqual(producer.identity);
  });

  test('what is outside of an open transaction is refused of its producer', async () => {
    const topic = await newTopic();
    const producer = await newProducer(topic, 2);
    await producer.send('x');
    const records = producedBatch(['y'], { ...producer.identity, baseSequence: 1 });
    const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
    const { responses } = await client.request('produce', 9, { acks: -1, timeoutMs: 1, topicData });
    expect(responses[0]!.partitionResponses[0]).toMatchObject({ errorCode: 48 });
    await producer.end(false);
  });

  test('timeouts beyond the limit, ids that are empty, partitions that are not there', async () => {
    const init = async (transactionalId: string, transactionTimeoutMs: number) =>
      (await client.request('initProducerId', 4, { transactionalId, transactionTimeoutMs })).errorCode;
    expect([
      await init('i', 0),
      await init('i', 900_001),
      await init('', 1),
      await init('i', 900_000),
    ]).toEqual([50, 50, 42, 0]);
    const topic = await newTopic();
    const producer = await newProducer(topic, 1);
    expect(await producer.add(7)).toBe(3);
    expect(await producer.add(0, 7)).toBe(55);
    expect(await producer.end(true)).toBe(48);
    expect(await new HandProducer('never seen', topic, 1).end(true)).toBe(49);
  });
});

test('as brokers ask: several transactions at once, and whether a partition is in one', async () => {
  const topic = await newTopic(2);
  const producer = await newProducer(topic, 1);
  const ask = async (verifyOnly: boolean, partitions: number[]) => {
    const transaction = { transactionalId: producer.id, ...producer.identity, verifyOnly };
    const answer = await client.request('addPartitionsToTxn', 5, {
      transactions: [{ ...transaction, topics: [{ name: topic, partitions }] }],
    });
    const { topicResults } = answer.resultsByTransaction[0]!;
    return topicResults[0]!.resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode);
  };
  expect(await ask(true, [0])).toEqual([120]);
  expect(await ask(false, [0])).toEqual([0]);
  expect(await ask(true, [0, 1])).toEqual([0, 120]);
  await producer.end(false);
});

test('what is open is described and listed, by state, producer, duration and pattern', async () => {
  const topic = await newTopic();
  const producer = await newProducer(topic, 2);
  await producer.send('x');
  const { producerId } = producer.identity;
  const { transactionStates } = await client.request('describeTransactions', 0, {
    transactionalIds: [producer.id, 'nobody'],
  });
  expect(transactionStates[0]).toMatchObject({
    errorCode: 0,
    transactionState: 'Ongoing',
    transactionTimeoutMs: 60_000,
    producerId,
    topics: [{ topic, partitions: [0] }],
  });
  expect(transactionStates[1]!.errorCode).toBe(105);
  const list = async (filters: object) => {
    const request = { stateFilters: [], producerIdFilters: [], ...filters };
    const answer = await client.request('listTransactions', 2, request);
    return [answer.errorCode, ...answer.transactionStates.map((each) => each.transactionalId)];
  };
  const mine = { producerIdFilters: [producerId] };
  expect(await list(mine)).toEqual([0, producer.id]);
  expect(await list({ ...mine, stateFilters: ['CompleteCommit'] })).toEqual([0]);
  expect(await list({ ...mine, durationFilter: 3_600_000 })).toEqual([0]);
  expect(await list({ transactionalIdPattern: `id-${topic}-.*` })).toEqual([0, producer.id]);
  expect(await list({ ...mine, transactionalIdPattern: 'd-' })).toEqual([0]);
  expect(await list({ transactionalIdPattern: '(' })).toEqual([128]);
  // In time that does not explode with the text.
  expect(await list({ ...mine, transactionalIdPattern: '(((.*)*)*)*!' })).toEqual([0]);
  const { topics } = await client.request('describeProducers', 0, {
    topics: [{ name: topic, partitionIndexes: [0] }],
  });
  expect(topics[0]!.partitions[0]!.activeProducers[0]).toMatchObject({
    producerId,
    currentTxnStartOffset: 0,
  });
  // As kafka-transactions ends one that hangs.
  const marker = { ...producer.identity, transactionResult: false, coordinatorEpoch: 0 };
  const written = await client.request('writeTxnMarkers', 1, {
    markers: [{ ...marker, topics: [{ name: topic, partitionIndexes: [0, 9] }] }],
  });
  expect(written.markers[0]!.topics[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
  expect(await fetched(topic, 1)).toMatchObject({
    batches: ['x', false],
    aborted: [[producerId, 0]],
    stable: 2,
  });
  await producer.end(false);
});

describe('on disk', () => {
  async function open(dataDir: string) {
    const started = await Broker.start({ dataDir });
    const at = await WireClient.connect(started.port);
    const stop = async () => {
      at[Symbol.dispose]();
      await started.stop();
    };
    return { started, at, stop };
  }

  test('a restart goes on with what is open, and knows what was aborted, also from the log alone', async () => {
    await using dir = tempDir();
    let { started, at, stop } = await open(dir.join('data'));
    const topic = await newTopic(1, started);
    const [a, b] = [await newProducer(topic, 2, at), await newProducer(topic, 2, at)];
    await a.send('dropped');
    await a.end(false);
    await b.send('kept');
    expect(await b.commitOffset('g', 7)).toBe(0);
    const { producerId } = a.identity;
    await stop();
    const folder = dir.join('data', `${topic}-0`);
    const index = readdirSync(folder).filter((name) => name.endsWith('.txnindex'));
    expect(index).toEqual(['00000000000000000000.txnindex']);
    // The second start takes an index that is damaged.
    for (const damage of [false, true]) {
      if (damage) writeFileSync(join(folder, index[0]!), 'damaged');
      ({ started, at, stop } = await open(dir.join('data')));
      expect(await fetched(topic, 1, 0, at)).toMatchObject({
        batches: ['dropped', false],
        aborted: [[producerId, 0]],
        stable: 2,
        high: 3,
      });
      expect(await committedOffset('g', topic, true, at)).toMatchObject({ errorCode: 88 });
      if (!damage) await stop();
    }
    const again = new HandProducer(b.id, topic, 2, at);
    again.identity = b.identity;
    expect(await again.end(true)).toBe(0);
    expect(await fetched(topic, 1, 0, at)).toMatchObject({
      batches: ['dropped', false, 'kept', true],
      stable: 4,
    });
    expect(await committedOffset('g', topic, true, at)).toMatchObject({ errorCode: 0, offset: 7 });
    await stop();
  });

  test.each([true, false])(
    'what was decided before a kill is carried out by the start: committed %s',
    async (committed) => {
      await using dir = tempDir();
      let { started, at, stop } = await open(dir.join('data'));
      const topic = await newTopic(1, started);
      const producer = await newProducer(topic, 1, at);
      await producer.add(0);
      await producer.send('x');
      expect(await producer.commitOffset('g', 7)).toBe(0);
      await stop();
      // As if the broker had been killed behind the decision, before it wrote a marker.
      const log = await Log.open(dir.join('data', '__transaction_state-0'), {});
      const bytes = log.read(log.startOffset, 1 << 20);
      const records = [...iterateBatches(bytes)].map(({ at: place }) => {
        const batch = openBatch(bytes, place);
        const { key, value } = readRecord(batch.records, batch.index[0]!);
        return decodeTransaction(key!, value)!;
      });
      const last = records.at(-1)!.value!;
      expect(last).toMatchObject({ status: 'Ongoing', producerEpoch: 0 });
      const status = committed ? 'PrepareCommit' : 'PrepareAbort';
      const { key, value } = encodeTransaction({ transactionalId: producer.id, value: { ...last, status } });
      const builder = new BatchBuilder();
      builder.add(value, [], key);
      const { header, records: sealed } = sealBatch(builder.build(), {});
      log.append(header, sealed);
      await log.close();
      ({ started, at, stop } = await open(dir.join('data')));
      await expect
        .poll(() => fetched(topic, 1, 0, at), { timeout: 30_000 })
        .toMatchObject({ batches: ['x', committed], stable: 2 });
      await expect
        .poll(() => committedOffset('g', topic, true, at), { timeout: 30_000 })
        .toMatchObject({ errorCode: 0, offset: committed ? 7 : -1 });
      const again = new HandProducer(producer.id, topic, 1, at);
      expect(await again.init()).toBe(0);
      expect(again.identity).toEqual({ ...producer.identity, producerEpoch: 1 });
      await stop();
    },
  );
});
