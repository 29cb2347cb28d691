import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import type { CompressionType } from '../../packages/millrace/src/records/compression.ts';
import { producedBatch, tampered } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const types: CompressionType[] = ['gzip', 'snappy', 'lz4', 'zstd'];
const configs = { 'max.message.bytes': String(16 << 20) };

function produceRequest(batches: readonly Buffer[]) {
  const partitionData = batches.map((records, index) => ({ index, records }));
  return { acks: 1, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] };
}

describe('a batch that grows large', () => {
  const large = types.flatMap((type) => [
    [type, 'one record', [Buffer.alloc(64 << 20)], {}] as const,
    [type, 'many records', Array.from({ length: 2_000_000 }, () => ''), {}] as const,
  ]);
  test.each([
    ...large,
    [
      'none',
      'another compression than the topic wants',
      [Buffer.alloc(12 << 20)],
      { 'compression.type': 'gzip' },
    ] as const,
  ])(
    'keeps nobody else from being served while it is opened: %s, %s',
    { timeout: 30_000 },
    async (compression, _what, bodies, more) => {
      await using broker = await Broker.start();
      await broker.createTopic('t', { configs: { ...configs, ...more } });
      const batch = producedBatch(bodies, { compression });
      using busy = await WireClient.connect(broker.port);
      using other = await WireClient.connect(broker.port);
      const bytes = Buffer.concat(busy.encode('produce', 9, produceRequest([batch])));
      busy.socket.write(bytes.subarray(0, -1));
      // All but the last byte is there, so that only the work on the request is counted.
      await waitFor('the bytes to be sent', () => busy.socket.writableLength === 0);
      for (let i = 0; i < 50; i++) await other.request('apiVersions', 3, {});
      busy.socket.write(bytes.subarray(-1));
      let isAnswered = false;
      const answer = busy.receive('produce', 9, 1).finally(() => {
        isAnswered = true;
      });
      let between = 0;
      while (!isAnswered) {
        await other.request('apiVersions', 3, {});
        if (!isAnswered) between++;
      }
      expect((await answer).responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
      expect(between).toBeGreaterThan(2);
    },
  );

  test.each(types)('of %s that is damaged is told as such; the next ones are taken', async (compression) => {
    await using broker = await Broker.start();
    await broker.createTopic('t', { configs });
    using client = await WireClient.connect(broker.port);
    const batch = producedBatch([Buffer.alloc(8 << 20)], { compression });
    const damage = (bytes: Buffer) => bytes.fill(0xa5, bytes.length - 24);
    const sent = [batch, tampered(batch, damage, true), tampered(batch, damage), batch];
    for (const each of sent) client.post('produce', 9, produceRequest([each]));
    const codes: number[] = [];
    for (let i = 1; i <= sent.length; i++) {
      const { responses } = await client.receive('produce', 9, i);
      codes.push(responses[0]!.partitionResponses[0]!.errorCode);
    }
    expect(codes).toEqual([0, 2, 87, 0]);
  });
});

describe('batches of one connection, large and small by turns', () => {
  test.each([1, 2, 3])(
    'are appended and answered in the order in which they came (seed %i)',
    async (seed) => {
      await using broker = await Broker.start();
      await broker.createTopic('t', { configs, partitions: 3 });
      using client = await WireClient.connect(broker.port);
      let state = seed;
      const draw = (n: number) => {
        state = (state * 48_271) % 0x7fff_ffff;
        return state % n;
      };
      const rounds = 20;
      const counts = [0, 0, 0];
      const expected: number[][] = [];
      for (let i = 0; i < rounds; i++) {
        const batches = counts.map(() => {
          const count = 1 + draw(5);
          const bodies = Array.from({ length: count }, () => Buffer.alloc(draw(3) === 0 ? 3 << 20 : 10));
          return { count, bytes: producedBatch(bodies, { compression: types[draw(4)]! }) };
        });
        expected.push([...counts]);
        batches.forEach(({ count }, index) => {
          counts[index]! += count;
        });
        client.post('produce', 9, produceRequest(batches.map(({ bytes }) => bytes)));
      }
      for (let i = 0; i < rounds; i++) {
        const { responses } = await client.receive('produce', 9, i + 1);
        expect(responses[0]!.partitionResponses.map(({ baseOffset }) => baseOffset)).toEqual(expected[i]);
      }
    },
  );
});
