/** Bytes that no client would send, in frames that a broker must take in: it stays up, and serves others. */
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { Writer } from '../../packages/millrace/src/protocol/writer.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { fuzzRuns } from '../../packages/testkit/src/fuzz/fuzz-runs.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import {
  arbitraryMessage,
  codecOf,
  loadSchemas,
  type MessageValue,
  type Value,
} from '../../packages/testkit/src/kafka/protocol-messages.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
/** What the broker logged as its own failure; whatever a client sends, there is none. */
const failures: string[] = [];
let served: readonly { apiKey: number; minVersion: number; maxVersion: number }[];
beforeAll(async () => {
  const logger = { ...silentLogger, error: (text: string) => void failures.push(text) };
  broker = await Broker.start({ autoCreateTopics: false, maxRequestBytes: 1 << 20, logger });
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
  expect(failures).toEqual([]);
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
    fuzzRuns(1500, 0.2),
  );
  await isServing();
});

/** Not the empty text, which stands for a field that the version lacks. */
const isText = (value: Value) => typeof value === 'string' && value !== '';

/** The same message, but about a topic, a partition and a group that are there. */
function aboutKnownThings(value: Value, key = ''): Value {
  if (key === 'name' || key === 'topic') return isText(value) ? 't' : value;
  if (key === 'groupId') return isText(value) ? 'g' : value;
  if (key === 'partitionIndex' || key === 'partition' || key === 'index') return 0;
  if (key === 'acks') return -1;
  if (key === 'groupInstanceId') return null;
  if (key === 'transactionalId') return isText(value) ? 'x' : value;
  if (key === 'replicaId') return -1;
  if (Buffer.isBuffer(value) || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => aboutKnownThings(item, key));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, aboutKnownThings(inner as Value, name)]),
  );
}

test('whole requests of every API and version with values of all kinds', async () => {
  const schemas = new Map(
    loadSchemas()
      .filter((each) => each.kind === 'request')
      .map((each) => [each.apiKey, each]),
  );
  const deletesTheTopic = 20;
  const anyRequest = anyCall
    .filter(
      ({ apiKey, version }) => apiKey !== deletesTheTopic && version >= schemas.get(apiKey)!.versions.min,
    )
    .chain(({ apiKey, version }) => {
      const schema = schemas.get(apiKey)!;
      return fc.record({
        apiKey: fc.constant(apiKey),
        version: fc.constant(version),
        message: arbitraryMessage(schema, version),
        isKnown: fc.boolean(),
      });
    });
  await fc.assert(
    fc.asyncProperty(anyRequest, async ({ apiKey, version, message, isKnown }) => {
      const writer = new Writer();
      const schema = schemas.get(apiKey)!;
      codecOf(schema).encode(
        writer,
        (isKnown ? aboutKnownThings(message) : message) as MessageValue,
        version,
      );
      const flexible = schema.flexibleFrom !== null && version >= schema.flexibleFrom;
      await send(
        frame(
          apiKey,
          version,
          flexible ? Buffer.concat([Buffer.of(0), writer.toBuffer()]) : writer.toBuffer(),
        ),
      );
      expect(failures).toEqual([]);
    }),
    fuzzRuns(2000, 0.4),
  );
  await isServing();
});

test('random bytes without any frame', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), (bytes) => send(Buffer.from(bytes))),
    fuzzRuns(300, 0.1),
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
    fuzzRuns(800, 0.3),
  );
  await isServing();
});
