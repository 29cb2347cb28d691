import { connect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { optionsOf } from '../../packages/millrace/src/broker/settings/setting-table.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { certificates } from '../../packages/testkit/src/net/certificates.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

function produceRequest(name: string, records: Buffer, acks: number) {
  return { acks, timeoutMs: 1000, topicData: [{ name, partitionData: [{ index: 0, records }] }] };
}

function fetchRequest(topic: string, maxBytes: number) {
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: maxBytes }];
  return { maxWaitMs: 0, minBytes: 1, maxBytes, sessionEpoch: -1, topics: [{ topic, partitions }] };
}

describe('arrays of a request', () => {
  /** Requests whose elements are as small as elements can be. */
  const kinds: [string, (client: WireClient, count: number) => void][] = [
    [
      'Metadata',
      (client, count) => {
        const topics = Array.from({ length: count }, () => ({ name: '' }));
        client.post('metadata', 1, { topics });
      },
    ],
    [
      'DescribeGroups',
      (client, count) =>
        client.post('describeGroups', 1, { groups: Array.from({ length: count }, () => '') }),
    ],
    [
      'many small arrays in one',
      (client, count) => {
        const topics = Array.from({ length: count / 2 }, () => ({
          name: '',
          partitions: [{ partitionIndex: 0, timestamp: 0 }],
        }));
        client.post('listOffsets', 1, { replicaId: -1, topics });
      },
    ],
  ];
  test.each(kinds)(
    'of more elements than are taken close the connection before they are made: %s',
    async (_kind, post) => {
      const warnings: string[] = [];
      const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
      await using broker = await Broker.start({ maxRequestElements: 1000, logger, autoCreateTopics: false });
      using modest = await WireClient.connect(broker.port);
      post(modest, 1000);
      expect((await modest.frame()).length).toBeGreaterThan(0);
      using greedy = await WireClient.connect(broker.port);
      post(greedy, 1002);
      await greedy.closed;
      expect(warnings.join()).toContain('more elements in arrays than are taken');
    },
  );
});

describe('clients that pipeline and never read', () => {
  test.each([8, 20])('%i of them hold up nobody else', { timeout: 25_000 }, async (count) => {
    const options = { maxPendingAnswerBytes: 4 << 20, slowClientTimeoutMs: 300_000 };
    await using broker = await Broker.start(options);
    await broker.createTopic('big');
    await broker.createTopic('small');
    using producer = await WireClient.connect(broker.port);
    for (let i = 0; i < 8; i++)
      await producer.request('produce', 9, produceRequest('big', producedBatch(['x'.repeat(900_000)]), 1));
    await producer.request('produce', 9, produceRequest('small', producedBatch(['x']), 1));
    const stuck = await Promise.all(Array.from({ length: count }, () => WireClient.connect(broker.port)));
    for (const client of stuck) {
      client.socket.pause();
      for (let i = 0; i < 6; i++) client.post('fetch', 11, fetchRequest('big', 8 << 20));
    }
    using other = await WireClient.connect(broker.port);
    for (let i = 0; i < 20; i++) {
      const { responses } = await other.request('fetch', 11, fetchRequest('small', 1000));
      expect(responses[0]!.partitions[0]!.records!.length).toBeGreaterThan(0);
    }
    for (const client of stuck) client[Symbol.dispose]();
  });
});

describe('one connection with much work', () => {
  test('does not keep the loop from the others: they are served in between', async () => {
    await using broker = await Broker.start();
    await broker.createTopic('t');
    const batch = producedBatch([Buffer.alloc(16 << 20)], { compression: 'zstd' });
    using busy = await WireClient.connect(broker.port);
    using other = await WireClient.connect(broker.port);
    let answered = 0;
    const posts = 24;
    for (let i = 0; i < posts; i++) busy.post('produce', 9, produceRequest('t', batch, 1));
    const all = (async () => {
      for (; answered < posts; answered++) await busy.frame();
    })();
    await waitFor('the first answer', () => answered > 0);
    await other.request('heartbeat', 3, { groupId: 'g', generationId: 1, memberId: 'm' });
    expect(answered).toBeLessThan(posts);
    await all;
  });
});

describe('acks=0', () => {
  const faults: [string, (client: WireClient) => void][] = [
    [
      'an unknown topic',
      (client) => client.post('produce', 9, produceRequest('none', producedBatch(['x']), 0)),
    ],
    [
      'a batch that is none',
      (client) => client.post('produce', 9, produceRequest('t', Buffer.from('xx'), 0)),
    ],
    [
      'a batch that is too large',
      (client) => client.post('produce', 9, produceRequest('t', producedBatch(['x'.repeat(3000)]), 0)),
    ],
  ];
  test.each(faults)(
    'and %s: the connection is closed, as Kafka does, and it is told why',
    async (_what, post) => {
      const warnings: string[] = [];
      const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
      await using broker = await Broker.start({ logger });
      await broker.createTopic('t', { configs: { 'max.message.bytes': '2000' } });
      using client = await WireClient.connect(broker.port);
      client.post('produce', 9, produceRequest('t', producedBatch(['fine']), 0));
      expect((await client.request('metadata', 9, { topics: [{ name: 't' }] })).topics).toHaveLength(1);
      post(client);
      await client.closed;
      expect(warnings.join()).toMatch(/produce with acks=0 to (none|t)-0: [A-Z_]+/);
    },
  );
});

describe('connections', () => {
  test.each([
    ['max.connections', { maxConnections: 2 }],
    ['max.connections.per.ip', { maxConnectionsPerIp: 2 }],
  ])('beyond %s are closed at once; one that ends makes room', async (_name, options) => {
    await using broker = await Broker.start(options);
    using first = await WireClient.connect(broker.port);
    using second = await WireClient.connect(broker.port);
    await first.request('metadata', 9, { topics: null });
    await second.request('metadata', 9, { topics: null });
    using third = await WireClient.connect(broker.port);
    await third.closed;
    second[Symbol.dispose]();
    await waitFor('room', async () => {
      using again = await WireClient.connect(broker.port);
      return await again.request('metadata', 9, { topics: null }).then(
        () => true,
        () => false,
      );
    });
  });

  test('whose TLS handshake is not over count by their address, too', async () => {
    await using broker = await Broker.start({
      ...optionsOf([
        ['listeners', 'SSL://127.0.0.1:0'],
        ['ssl.keystore.location', certificates.pem],
      ]),
      maxConnectionsPerIp: 2,
    });
    using first = await WireClient.connect(broker.port);
    using second = await WireClient.connect(broker.port);
    using third = await WireClient.connect(broker.port);
    const open = [first, second].map(({ closed }) => closed.then(() => 'closed'));
    expect(await Promise.race([third.closed, ...open])).toBeUndefined();
    second[Symbol.dispose]();
    await waitFor('room', async () => {
      const again = connect({ port: broker.port, rejectUnauthorized: false });
      const isIn = await new Promise<boolean>((resolve) => {
        again.on('secureConnect', () => resolve(true)).on('error', () => resolve(false));
        again.on('close', () => resolve(false));
      });
      again.destroy();
      return isIn;
    });
  });
});
