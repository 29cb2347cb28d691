import { expect, onTestFinished, test } from 'vitest';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { memoryOf } from '../../packages/testkit/src/process/process-figures.ts';
import type { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';

/** What a broker takes for itself, the runtime and its threads included, with much to spare. */
const ownBytes = 300 << 20;

async function startBroker(...args: readonly string[]): Promise<{ broker: ManagedProcess; port: number }> {
  const broker = await startMillrace(['broker', '--memory', '--listen', '127.0.0.1:0', ...args]);
  onTestFinished(async () => void (await broker.stop()));
  await broker.waitForLine(/^ready/);
  return { broker, port: Number(/127\.0\.0\.1:(\d+)/.exec(broker.stdout)![1]) };
}

async function connect(port: number): Promise<WireClient> {
  const client = await WireClient.connect(port);
  onTestFinished(() => client[Symbol.dispose]());
  return client;
}

/** Metadata of as many topics with empty names as fit: two bytes each, and an object each if they were made. */
function emptyElements(mib: number): Buffer {
  const count = (mib << 20) / 2;
  const bytes = Buffer.alloc(18 + 2 * count);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt16BE(3, 4);
  bytes.writeInt16BE(1, 6);
  bytes.writeInt32BE(1, 8);
  bytes.writeInt16BE(-1, 12);
  bytes.writeInt32BE(count, 14);
  return bytes;
}

test('requests of nothing but elements take little more memory than their bytes', {
  timeout: 60_000,
}, async () => {
  const { broker, port } = await startBroker();
  for (const mib of [20, 60]) {
    const client = await connect(port);
    client.socket.write(emptyElements(mib));
    await client.closed;
  }
  const other = await connect(port);
  expect((await other.request('metadata', 9, { topics: null })).topics).toEqual([]);
  expect(memoryOf(broker.pid)!.peakRssBytes).toBeLessThan(ownBytes + ((2 * 60) << 20));
});

test('half requests of many clients take what queued.max.request.bytes allows', {
  timeout: 60_000,
}, async () => {
  const { broker, port } = await startBroker('--set', `queued.max.request.bytes=${64 << 20}`);
  const frame = Buffer.alloc(4 + (32 << 20));
  frame.writeInt32BE(frame.length - 4, 0);
  const clients = await Promise.all(Array.from({ length: 40 }, () => connect(port)));
  for (const client of clients) client.socket.write(frame.subarray(0, frame.length - 1));
  const other = await connect(port);
  for (let i = 0; i < 500; i++) await other.request('metadata', 9, { topics: null });
  // Unbounded it would be 1280 MiB.
  expect(memoryOf(broker.pid)!.peakRssBytes).toBeLessThan(ownBytes + ((2 * (64 + 32)) << 20));
});

test('bombs of many clients are opened two at a time', { timeout: 60_000 }, async () => {
  const { broker, port } = await startBroker();
  const records = producedBatch([Buffer.alloc(100 << 20)], { compression: 'zstd' });
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect(port)));
  await clients[0]!.request('metadata', 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
  const answers = clients.map((client) =>
    client.request('produce', 9, {
      acks: 1,
      timeoutMs: 1000,
      topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
    }),
  );
  for (const { responses } of await Promise.all(answers))
    expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
  // Two with their parts; all at once it would be 1200 MiB and more.
  expect(memoryOf(broker.pid)!.peakRssBytes).toBeLessThan(ownBytes + ((4 * 100) << 20));
});
