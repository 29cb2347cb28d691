/** Bytes that no client would send, in frames that a broker must take in: it stays up, and serves others. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { producedBatch } from '../support/produced-batch.ts';
import { WireClient } from '../support/wire-client.ts';

let broker: Broker;
let served: readonly { apiKey: number; minVersion: number; maxVersion: number }[];
beforeAll(async () => {
  broker = await Broker.start({ autoCreateTopics: false, maxRequestBytes: 1 << 20 });
  await broker.createTopic('t');
  using client = await WireClient.connect(broker.port);
  served = (await client.request('apiVersions', 3, {})).apiKeys;
});
afterAll(() => broker.stop());

/** Sends the bytes and waits until the broker answers or closes; it must do one of them once the sending side ends. */
function send(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port: broker.port, host: '127.0.0.1' }, () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}

async function isServing(): Promise<void> {
  using client = await WireClient.connect(broker.port);
  expect((await client.request('metadata', 9, { topics: [{ name: 't' }] })).topics[0]!.errorCode).toBe(0);
}

function frame(apiKey: number, version: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + body.length, 0);
  header.writeInt16BE(apiKey, 4);
  header.writeInt16BE(version, 6);
  header.writeInt32BE(1, 8);
  header.writeInt16BE(-1, 12);
  return Buffer.concat([header, body]);
}

const anyCall = fc.nat().chain((n) => {
  const { apiKey, minVersion, maxVersion } = served[n % served.length]!;
  return fc.record({
    apiKey: fc.constant(apiKey),
    version: fc.integer({ min: minVersion, max: maxVersion }),
  });
});

test('random bodies of every API and version', async () => {
  const body = fc.uint8Array({ maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(anyCall, body, async ({ apiKey, version }, bytes) => {
      await send(frame(apiKey, version, bytes));
    }),
    { numRuns: 2000 },
  );
  await isServing();
});

test('random bytes without any frame', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), (bytes) => send(Buffer.from(bytes))),
    { numRuns: 300 },
  );
  await isServing();
});

test('produce requests with damaged batches: an error or a close, never a record that cannot be read', async () => {
  const compression = fc.constantFrom('none', 'gzip', 'snappy', 'lz4', 'zstd' as const);
  const damage = fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), {
    minLength: 1,
    maxLength: 4,
  });
  using client = await WireClient.connect(broker.port);
  await fc.assert(
    fc.asyncProperty(compression, damage, async (codec, changes) => {
      const records = producedBatch(['one', 'two'.repeat(50)], { compression: codec as 'none' });
      for (const { at, to } of changes) records[at % records.length] = to;
      const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
      const { responses } = await client.request('produce', 9, { acks: -1, timeoutMs: 1, topicData });
      expect(responses[0]!.partitionResponses[0]!.errorCode).toBeTypeOf('number');
    }),
    { numRuns: 1000 },
  );
  await isServing();
});
