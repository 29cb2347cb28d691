import { describe, expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

/** A request that comes in pieces, however the socket cuts it. */
interface LargeRequest {
  readonly client: WireClient;
  readonly bytes: Buffer;
  /** What the broker answers. */
  readonly answer: () => Promise<number>;
}

async function connect(broker: Broker): Promise<WireClient> {
  const client = await WireClient.connect(broker.port);
  onTestFinished(() => client[Symbol.dispose]());
  return client;
}

async function largeRequest(broker: Broker, records: Buffer): Promise<LargeRequest> {
  const client = await connect(broker);
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
  const bytes = Buffer.concat(client.encode('produce', 9, { acks: 1, timeoutMs: 1000, topicData }));
  const answer = async () =>
    (await client.receive('produce', 9, 1)).responses[0]!.partitionResponses[0]!.errorCode;
  return { client, bytes, answer };
}

function sendHalf({ client, bytes }: LargeRequest): void {
  client.socket.write(bytes.subarray(0, bytes.length / 2));
}

function sendRest({ client, bytes }: LargeRequest): void {
  client.socket.write(bytes.subarray(bytes.length / 2));
}

async function brokerWith(options: object): Promise<Broker> {
  const broker = await Broker.start(options);
  onTestFinished(() => broker.stop());
  await broker.createTopic('t', { configs: { 'max.message.bytes': String(64 << 20) } });
  return broker;
}

describe('half requests of many clients', () => {
  const count = 40;
  const records = producedBatch([Buffer.alloc(16 << 20)]);
  const halves = count * (8 << 20);
  const heldSince = (before: number) => process.memoryUsage().arrayBuffers - before;

  /** Sends halves of all the requests; gives them, and the memory before. */
  async function halfSent(broker: Broker): Promise<{ requests: LargeRequest[]; before: number }> {
    const requests: LargeRequest[] = [];
    for (let i = 0; i < count; i++) requests.push(await largeRequest(broker, records));
    const before = process.memoryUsage().arrayBuffers;
    for (const each of requests) sendHalf(each);
    return { requests, before };
  }

  test('hold what queued.max.request.bytes allows and one request; others are served; in the end all are', {
    timeout: 60_000,
  }, async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: 24 << 20 });
    const { requests, before } = await halfSent(broker);
    const other = await connect(broker);
    let most = 0;
    for (let i = 0; i < 500; i++) {
      await other.request('metadata', 9, { topics: null });
      most = Math.max(most, heldSince(before));
    }
    // The limit, half a request, free buffers that are kept, what each socket has read, and what is not collected yet.
    expect(most).toBeGreaterThan(20 << 20);
    expect(most).toBeLessThan(halves / 2);
    const answers = requests.map((each) => each.answer());
    for (const each of requests.toReversed()) sendRest(each);
    expect(await Promise.all(answers)).toEqual(requests.map(() => 0));
  });

  test('are all held where there is no limit: the measure notices', { timeout: 60_000 }, async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: -1 });
    const { before } = await halfSent(broker);
    await waitFor('the memory', () => heldSince(before) > halves / 2);
  });
});

describe('room for one large request at a time', () => {
  const records = producedBatch([Buffer.alloc(200_000)]);

  test('a request larger than all of it is taken', async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: 1 });
    const request = await largeRequest(broker, producedBatch([Buffer.alloc(8 << 20)]));
    sendHalf(request);
    sendRest(request);
    expect(await request.answer()).toBe(0);
  });

  test('a client that keeps it without going on is closed when others have waited, and they go on', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const broker = await brokerWith({ maxQueuedRequestBytes: 1, slowClientTimeoutMs: 100, logger });
    const [stuck, gone, ...others] = await Promise.all(
      Array.from({ length: 5 }, () => largeRequest(broker, records)),
    );
    sendHalf(stuck!);
    const small = await connect(broker);
    await small.request('metadata', 9, { topics: null });
    sendHalf(gone!);
    const answers = others.map((each) => each.answer());
    for (const each of others) {
      sendHalf(each);
      sendRest(each);
    }
    await small.request('metadata', 9, { topics: null });
    gone!.client[Symbol.dispose]();
    await stuck!.client.closed;
    expect(await Promise.all(answers)).toEqual(others.map(() => 0));
    expect(warnings.join()).toContain('does not finish its request while others wait');
  });

  test('alone, a client may take its time', async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: 1, slowClientTimeoutMs: 50 });
    const request = await largeRequest(broker, records);
    sendHalf(request);
    const other = await connect(broker);
    const ends = performance.now() + 500;
    while (performance.now() < ends) await other.request('metadata', 9, { topics: null });
    sendRest(request);
    expect(await request.answer()).toBe(0);
  });

  test('a member that waits for another does not keep its request out', async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: 1 });
    const join = (memberId: string) => ({
      groupId: 'g',
      memberId,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(200_000) }],
    });
    const [first, second] = [await connect(broker), await connect(broker)];
    const { memberId } = await first.request('joinGroup', 3, join(''));
    const joining = second.request('joinGroup', 3, join(''));
    await waitFor('the rebalance', async () => {
      const answer = await first.request('heartbeat', 3, { groupId: 'g', generationId: 1, memberId });
      return answer.errorCode === 27;
    });
    const again = await first.request('joinGroup', 3, join(memberId));
    expect([again.generationId, (await joining).generationId]).toEqual([2, 2]);
  });

  test('a request behind one that waits is not gathered, and keeps nobody out', async () => {
    const broker = await brokerWith({ maxQueuedRequestBytes: 1 });
    const pipelined = await largeRequest(broker, records);
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }];
    const poll = {
      maxWaitMs: 60_000,
      minBytes: 1 << 20,
      sessionEpoch: -1,
      topics: [{ topic: 't', partitions }],
    };
    pipelined.client.post('fetch', 11, poll);
    sendHalf(pipelined);
    const small = await connect(broker);
    for (let i = 0; i < 50; i++) await small.request('metadata', 9, { topics: null });
    const other = await largeRequest(broker, records);
    sendHalf(other);
    sendRest(other);
    expect(await other.answer()).toBe(0);
  });
});

describe('half requests of clients that have not logged in', () => {
  test('keep no room from those that have', { timeout: 90_000 }, async () => {
    const broker = await brokerWith({
      ...optionsOf([
        ['listeners', 'PLAINTEXT://127.0.0.1:0,LOGIN://127.0.0.1:0'],
        ['listener.security.protocol.map', 'LOGIN:SASL_PLAINTEXT'],
        ['sasl.enabled.mechanisms', 'SCRAM-SHA-512'],
      ]),
      maxQueuedRequestBytes: 1 << 20,
    });
    const strangers: WireClient[] = [];
    for (let i = 0; i < 6; i++) {
      const client = await WireClient.connect(broker.ports[1]!);
      onTestFinished(() => client[Symbol.dispose]());
      const half = Buffer.alloc(400 << 10);
      half.writeInt32BE(512 << 10);
      await new Promise<void>((resolve) => client.socket.write(half, () => resolve()));
      strangers.push(client);
    }
    const request = await largeRequest(broker, producedBatch([Buffer.alloc(600 << 10)]));
    sendHalf(request);
    sendRest(request);
    const gone = strangers.map(({ closed }) => closed.then(() => 'a stranger was closed first'));
    expect(await Promise.race([request.answer(), ...gone])).toBe(0);
  });
});
