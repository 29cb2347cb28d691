import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { decodeApiVersionsResponse } from '../../packages/millrace/src/protocol/generated/api-versions.ts';
import { messages } from '../../packages/millrace/src/protocol/messages.ts';
import { Reader } from '../../packages/millrace/src/protocol/reader.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ autoCreateTopics: false });
});
afterAll(() => broker.stop());

/** A frame around the given hex bytes. */
function framed(hex: string): Buffer {
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

async function isStillServing(): Promise<void> {
  using client = await WireClient.connect(broker.port);
  expect((await client.request('apiVersions', 3, {})).errorCode).toBe(0);
}

describe('ApiVersions', () => {
  test.each([0, 1, 2, 3, 4])(
    'version %i tells what is served, in the ranges of Kafka 4.3',
    async (version) => {
      using client = await WireClient.connect(broker.port);
      const { apiKeys, errorCode } = await client.request('apiVersions', version, {});
      expect(errorCode).toBe(0);
      for (const { apiKey, minVersion, maxVersion } of apiKeys) {
        const api = Object.values(messages).find((each) => each.apiKey === apiKey)!;
        expect([api.name, maxVersion]).toEqual([api.name, api.validVersions.max]);
        expect([api.name, minVersion]).toEqual([
          api.name,
          api.name === 'Produce' ? 0 : api.validVersions.min,
        ]);
      }
      const must = [
        0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 32, 33, 37, 42, 44, 47, 60, 75,
      ];
      expect(apiKeys.map((each) => each.apiKey)).toEqual(expect.arrayContaining(must));
    },
  );

  test('of the features those that are built are told, and a lowest level of 0 to those who can take it', async () => {
    using client = await WireClient.connect(broker.port);
    const told = [
      { name: 'group.version', minVersionLevel: 1, maxVersionLevel: 1 },
      { name: 'transaction.version', minVersionLevel: 2, maxVersionLevel: 2 },
    ];
    const newest = await client.request('apiVersions', 4, {});
    expect(newest.finalizedFeatures).toEqual(told);
    expect(newest.supportedFeatures).toEqual([
      { name: 'group.version', minVersion: 0, maxVersion: 1 },
      { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
    ]);
    const older = await client.request('apiVersions', 3, {});
    expect([older.finalizedFeatures, older.supportedFeatures]).toEqual([told, []]);
    const oldest = await client.request('apiVersions', 2, {});
    expect([oldest.errorCode, oldest.finalizedFeatures]).toEqual([0, []]);
  });

  test('a version that is too new is answered with error 35 in version 0, then with what it asks next', async () => {
    using client = await WireClient.connect(broker.port);
    client.socket.write(framed('0012 0005 00000063 0001 61 00'));
    const reader = new Reader(await client.frame());
    expect(reader.int32()).toBe(0x63);
    const { errorCode, apiKeys } = decodeApiVersionsResponse(reader, 0);
    expect(reader.remaining).toBe(0);
    expect(errorCode).toBe(35);
    expect(apiKeys).toEqual([{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
    expect((await client.request('apiVersions', 4, {})).errorCode).toBe(0);
  });
});

describe('what makes no sense closes the connection, and nothing else', () => {
  test.each([
    ['an unknown key', framed('7fff 0000 00000001 ffff')],
    ['a version that is not served', framed('0003 00ff 00000001 ffff')],
    [
      'Produce version 2, advertised but not served',
      framed('0000 0002 00000001 ffff 0001 00000bb8 00000000'),
    ],
    ['a garbage body', framed('0003 000c 00000001 ffff 00 ff ff ff ff ff')],
    ['a frame shorter than a header', framed('0012')],
    ['a frame of no bytes', framed('')],
    ['a negative length', Buffer.from('ffffffff', 'hex')],
    ['an absurd length', Buffer.from('7fffffff', 'hex')],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
  ])('%s', async (_, bytes) => {
    using client = await WireClient.connect(broker.port);
    client.socket.write(bytes);
    await client.closed;
    await isStillServing();
  });

  test('half a frame waits for the rest, however it is cut', async () => {
    using client = await WireClient.connect(broker.port);
    const request = framed('0012 0000 00000007 0005 70726f6265');
    for (const byte of request) {
      client.socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.frame()).readInt32BE(0)).toBe(7);
  });

  test('half a frame and then the end leaves nothing behind', async () => {
    using client = await WireClient.connect(broker.port);
    client.socket.end(Buffer.from('00000064001200', 'hex'));
    await client.closed;
    await isStillServing();
  });
});

test('answers come in the order of the requests, also when a later one is done first', async () => {
  await broker.createTopic('ordered');
  using client = await WireClient.connect(broker.port);
  const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 };
  const fetch = {
    maxWaitMs: 200,
    minBytes: 1,
    maxBytes: 1000,
    topics: [{ topic: 'ordered', partitions: [partition] }],
  };
  const first = client.post('fetch', 4, fetch);
  const second = client.post('metadata', 9, { topics: null });
  await client.receive('fetch', 4, first);
  expect((await client.receive('metadata', 9, second)).topics).toHaveLength(1);
});

test('a listener without SASL knows no handshake, as in Kafka; throttle time is 0', async () => {
  using client = await WireClient.connect(broker.port);
  expect(await client.request('saslHandshake', 1, { mechanism: 'PLAIN' })).toEqual({
    errorCode: 34,
    mechanisms: [],
  });
  expect((await client.request('metadata', 9, { topics: null })).throttleTimeMs).toBe(0);
});

test('a thousand idle connections hinder nobody', async () => {
  const sockets = Array.from({ length: 1000 }, () => connect({ port: broker.port, host: '127.0.0.1' }));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await isStillServing();
  for (const socket of sockets) socket.destroy();
});
