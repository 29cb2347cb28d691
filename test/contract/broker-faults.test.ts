import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { errno, HookedFiles } from '../../packages/testkit/src/files/slow-files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const storageError = 56;

async function produce(client: WireClient, name: string, sizeBytes = 10, timestampMs = Date.now()) {
  const records = producedBatch(['x'.repeat(sizeBytes)], { timestampMs });
  const topicData = [{ name, partitionData: [{ index: 0, records }] }];
  const { responses } = await client.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData });
  return responses[0]!.partitionResponses[0]!.errorCode;
}

async function fetchAll(client: WireClient, names: readonly string[]) {
  const { responses } = await client.request('fetch', 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 10 << 20,
    sessionEpoch: -1,
    topics: names.map((topic) => ({
      topic,
      partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }],
    })),
  });
  return responses.map(({ topic, partitions }) => [
    topic,
    partitions[0]!.errorCode,
    (partitions[0]!.records?.length ?? 0) > 0,
  ]);
}

/** Makes the header of the first batch of a partition's first segment senseless. */
function damage(folder: string): void {
  const path = join(folder, '00000000000000000000.log');
  const bytes = readFileSync(path);
  bytes[16] = 9;
  writeFileSync(path, bytes);
}

describe('what the system is short of for a while', () => {
  const roll = { configs: { 'segment.bytes': '1048576' } };
  test.each(['EMFILE', 'ENFILE', 'ENOSPC', 'EIO'])(
    '%s when a segment is made: the partition goes on by itself',
    async (code) => {
      await using dir = tempDir();
      const files = new HookedFiles();
      await using broker = await Broker.start({ dataDir: dir.path, files });
      await broker.createTopic('t', roll);
      using client = await WireClient.connect(broker.port);
      expect(await produce(client, 't', 700_000)).toBe(0);
      files.hooks.open = (path, mode) => {
        if (mode === 'create' && path.endsWith('.log')) throw errno(code, 'open');
      };
      expect(await produce(client, 't', 700_000)).toBe(storageError);
      delete files.hooks.open;
      await waitFor(
        'the partition to take records again',
        async () => (await produce(client, 't', 700_000)) === 0,
      );
      const partitions = [{ partitionIndex: 0, timestamp: -1 }];
      const { topics } = await client.request('listOffsets', 5, {
        replicaId: -1,
        topics: [{ name: 't', partitions }],
      });
      expect(topics[0]!.partitions[0]!.offset).toBe(2);
    },
  );

  test.each(['EIO', 'ENOSPC'])(
    '%s of a sync: nothing is acknowledged meanwhile, and what is afterwards is there after a restart',
    async (code) => {
      await using dir = tempDir();
      const files = new HookedFiles();
      let acknowledged = 0;
      {
        await using broker = await Broker.start({ dataDir: dir.path, files });
        await broker.createTopic('t');
        using client = await WireClient.connect(broker.port);
        if ((await produce(client, 't')) === 0) acknowledged++;
        files.hooks.datasync = async (path) => {
          if (path.endsWith('.log')) throw errno(code, 'fdatasync');
        };
        expect(await produce(client, 't')).toBe(storageError);
        delete files.hooks.datasync;
        await waitFor('the partition to take records again', async () => (await produce(client, 't')) === 0);
        acknowledged++;
      }
      await using broker = await Broker.start({ dataDir: dir.path });
      using client = await WireClient.connect(broker.port);
      const partitions = [{ partitionIndex: 0, timestamp: -1 }];
      const { topics } = await client.request('listOffsets', 5, {
        replicaId: -1,
        topics: [{ name: 't', partitions }],
      });
      expect(topics[0]!.partitions[0]!.offset).toBeGreaterThanOrEqual(acknowledged);
    },
  );
});

describe('one partition that cannot be read', () => {
  test.each(['EIO', 'EMFILE', 'EACCES'])(
    '%s: it says so, the others of the same fetch are served',
    async (code) => {
      await using dir = tempDir();
      const files = new HookedFiles();
      await using broker = await Broker.start({ dataDir: dir.path, files });
      using client = await WireClient.connect(broker.port);
      for (const name of ['a', 'b', 'c']) {
        await broker.createTopic(name);
        expect(await produce(client, name)).toBe(0);
      }
      files.hooks.read = (path) => {
        if (path.includes('/b-0/')) throw errno(code, 'read');
      };
      expect(await fetchAll(client, ['a', 'b', 'c'])).toEqual([
        ['a', 0, true],
        ['b', storageError, false],
        ['c', 0, true],
      ]);
      const topics = ['a', 'b'].map((name) => ({ name, partitions: [{ partitionIndex: 0, timestamp: 1 }] }));
      const listed = await client.request('listOffsets', 5, { replicaId: -1, topics });
      expect(listed.topics.map(({ partitions }) => partitions[0]!.errorCode)).toEqual([0, storageError]);
      delete files.hooks.read;
      expect(await fetchAll(client, ['b'])).toEqual([['b', 0, true]]);
    },
  );

  test('damage that a look-up by time meets is set aside, as that which a fetch meets', async () => {
    await using dir = tempDir();
    await using broker = await Broker.start({ dataDir: dir.path });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    for (let i = 0; i < 3; i++) await produce(client, 't', 10, 1_700_000_000_000 + i);
    damage(join(dir.path, 't-0'));
    const lookUp = async () => {
      const partitions = [{ partitionIndex: 0, timestamp: 1_700_000_000_000 }];
      const { topics } = await client.request('listOffsets', 5, {
        replicaId: -1,
        topics: [{ name: 't', partitions }],
      });
      return topics[0]!.partitions[0]!;
    };
    expect((await lookUp()).errorCode).toBe(storageError);
    await waitFor('the repair', async () => (await lookUp()).errorCode === 0);
    expect((await lookUp()).offset).toBe(1);
    expect(readdirSync(join(dir.path, 't-0')).some((name) => name.includes('corrupt'))).toBe(true);
  });

  test('its folder cannot be opened: the broker starts, it is offline, and comes back by itself', async () => {
    await using dir = tempDir();
    {
      await using broker = await Broker.start({ dataDir: dir.path });
      using client = await WireClient.connect(broker.port);
      for (const name of ['a', 'b']) {
        await broker.createTopic(name);
        expect(await produce(client, name)).toBe(0);
      }
    }
    const files = new HookedFiles({
      open: (path) => {
        if (path.includes('/b-0/')) throw errno('EIO', 'open');
      },
    });
    await using broker = await Broker.start({ dataDir: dir.path, files });
    using client = await WireClient.connect(broker.port);
    expect(await fetchAll(client, ['a', 'b'])).toEqual([
      ['a', 0, true],
      ['b', storageError, false],
    ]);
    expect(await produce(client, 'b')).toBe(storageError);
    expect((await client.request('describeLogDirs', 4, { topics: null })).results[0]!.errorCode).toBe(0);
    delete files.hooks.open;
    await waitFor('the partition to come back', async () => (await produce(client, 'b')) === 0);
    expect(await fetchAll(client, ['b'])).toEqual([['b', 0, true]]);
  });
});

describe('housekeeping', () => {
  test.each(['damage', 'EIO'])('of all other partitions goes on beside one with %s', async (how) => {
    await using dir = tempDir();
    const configs = { 'retention.ms': '1000', 'segment.bytes': '1048576' };
    const names = ['a', 'b', 'c'];
    {
      await using broker = await Broker.start({ dataDir: dir.path });
      using client = await WireClient.connect(broker.port);
      for (const name of names) {
        await broker.createTopic(name, { configs });
        for (let i = 0; i < 4; i++) await produce(client, name, 600_000, Date.now() - 100_000);
      }
    }
    const sick = join(dir.path, 'b-0');
    for (const name of readdirSync(sick).filter((each) => /^0{20}\.(time)?index$/.test(each)))
      unlinkSync(join(sick, name));
    const files = new HookedFiles();
    if (how === 'damage') damage(sick);
    else {
      files.hooks.read = (path) => {
        if (path.startsWith(sick) && path.endsWith(`${'0'.repeat(20)}.log`)) throw errno('EIO', 'read');
      };
    }
    await using broker = await Broker.start({ dataDir: dir.path, files, retentionCheckIntervalMs: 100 });
    const segments = (name: string) =>
      readdirSync(join(dir.path, `${name}-0`)).filter((each) => each.endsWith('.log')).length;
    await waitFor('retention of the others', () => segments('a') < 4 && segments('c') < 4);
    expect(broker.port).toBeGreaterThan(0);
  });

  test.each([
    ['in memory', 1],
    ['in memory', 3],
    ['fsync', 1],
    ['os', 1],
    ['os', 3],
  ] as const)('removes the active segment, too: %s, %i records', async (how, records) => {
    await using dir = tempDir();
    const kept = how === 'in memory' ? {} : { dataDir: dir.path, logFlush: how };
    await using broker = await Broker.start({ ...kept, retentionCheckIntervalMs: 50 });
    using client = await WireClient.connect(broker.port);
    await broker.createTopic('t', { configs: { 'retention.ms': '1000', 'segment.bytes': '1048576' } });
    const sizes = [10, 600_000, 600_000].slice(0, records);
    for (const size of sizes) await produce(client, 't', size, Date.now() - 100_000);
    const start = async () => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -2 }] }];
      const answer = await client.request('listOffsets', 5, { replicaId: -1, topics });
      return answer.topics[0]!.partitions[0]!.offset;
    };
    await waitFor('the log to start behind its old records', async () => (await start()) === records);
    expect(await produce(client, 't')).toBe(0);
    expect(await start()).toBe(records);
  });
});
