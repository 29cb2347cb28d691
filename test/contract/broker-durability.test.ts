import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import type { FileLayer, LayerFile, OpenMode } from '../../packages/millrace/src/runtime/files.ts';
import { realFiles } from '../../packages/millrace/src/runtime/files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

async function produce(client: WireClient, name: string, records: Buffer, acks = -1) {
  const topicData = [{ name, partitionData: [{ index: 0, records }] }];
  const { responses } = await client.request('produce', 9, { acks, timeoutMs: 1000, topicData });
  return responses[0]!.partitionResponses[0]!;
}

async function fetchOne(client: WireClient, name: string, maxWaitMs = 0, fetchOffset = 0) {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }];
  const { responses } = await client.request('fetch', 11, {
    maxWaitMs,
    minBytes: 1,
    sessionEpoch: -1,
    topics: [{ topic: name, partitions }],
  });
  return responses[0]!.partitions[0]!;
}

async function commit(
  client: WireClient,
  groupId: string,
  name: string,
  committedOffset: number,
): Promise<void> {
  const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: '' }];
  await client.request('offsetCommit', 8, { groupId, topics: [{ name, partitions }] });
}

async function committed(client: WireClient, groupId: string, name: string): Promise<number> {
  const groups = [{ groupId, topics: [{ name, partitionIndexes: [0] }] }];
  const answer = await client.request('offsetFetch', 8, { groups });
  return answer.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
}

const sequenced = (baseSequence: number, producerEpoch = 0) =>
  producedBatch([`event ${baseSequence}`], { producerId: 5000, producerEpoch, baseSequence });

/** Real files whose syncs of `.log` files wait for the gate. */
class GatedFiles implements FileLayer {
  #gate: PromiseWithResolvers<void> | null = null;
  fails = false;
  isFull = false;

  close(): void {
    this.#gate = Promise.withResolvers();
  }
  open_(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }
  open(path: string, mode: OpenMode): LayerFile {
    const file = realFiles.open(path, mode);
    if (!path.endsWith('.log')) return file;
    const datasync = async () => {
      await this.#gate?.promise;
      if (this.fails) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
      await file.datasync();
    };
    return {
      path,
      size: () => file.size(),
      write: (buffers, position) => {
        if (this.isFull)
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        return file.write(buffers, position);
      },
      read: (into, position) => file.read(into, position),
      truncate: (size) => file.truncate(size),
      datasync,
      close: () => file.close(),
    };
  }
  list = (dir: string) => realFiles.list(dir);
  size = (path: string) => realFiles.size(path);
  makeDir = (dir: string) => realFiles.makeDir(dir);
  syncDir = (dir: string) => realFiles.syncDir(dir);
  rename = (from: string, to: string) => realFiles.rename(from, to);
  renameNew = (from: string, to: string) => realFiles.renameNew(from, to);
  remove = (path: string) => realFiles.remove(path);
  removeDir = (dir: string) => realFiles.removeDir(dir);
  freeBytes = (dir: string) => realFiles.freeBytes(dir);
}

describe('a restart', () => {
  /** `clean`: stopped. `crash`: the folder as it was at one moment while the broker ran. */
  test.each(['clean', 'crash'] as const)(
    'after a %s end keeps topics, records, producers, offsets',
    async (how) => {
      await using dir = tempDir();
      let dataDir = dir.join('data');
      let clusterId: string;
      let topicId: string;
      {
        await using broker = await Broker.start({ dataDir });
        using client = await WireClient.connect(broker.port);
        ({ clusterId } = broker);
        await broker.createTopic('kept', { partitions: 2, configs: { 'retention.ms': '9000000' } });
        await broker.createTopic('dropped');
        topicId = (await client.request('metadata', 12, { topics: [{ name: 'kept' }] })).topics[0]!.topicId;
        for (let i = 0; i < 4; i++)
          expect(await produce(client, 'kept', sequenced(i))).toMatchObject({ errorCode: 0 });
        await commit(client, 'g', 'kept', 3);
        await client.request('findCoordinator', 3, { key: 'g' });
        await client.request('deleteTopics', 5, { topicNames: ['dropped'], timeoutMs: 1000 });
        const given = await client.request('initProducerId', 4, {
          transactionalId: null,
          transactionTimeoutMs: 1,
        });
        expect(given.producerId).toBe(0);
        if (how === 'crash') {
          cpSync(dataDir, dir.join('copy'), { recursive: true });
          dataDir = dir.join('copy');
        }
      }
      await using broker = await Broker.start({ dataDir });
      using client = await WireClient.connect(broker.port);
      expect(broker.clusterId).toBe(clusterId);
      const { topics } = await client.request('metadata', 12, { topics: null });
      expect(topics.map((topic) => [topic.name, topic.partitions.length]).sort()).toEqual([
        ['__consumer_offsets', 1],
        ['kept', 2],
      ]);
      expect(topics.find((topic) => topic.name === 'kept')!.topicId).toBe(topicId);
      expect((await fetchOne(client, 'kept')).highWatermark).toBe(4);
      expect(await committed(client, 'g', 'kept')).toBe(3);
      expect(await produce(client, 'kept', sequenced(3))).toMatchObject({ errorCode: 0, baseOffset: 3 });
      expect(await produce(client, 'kept', sequenced(6))).toMatchObject({ errorCode: 45 });
      expect(await produce(client, 'kept', sequenced(4))).toMatchObject({ errorCode: 0, baseOffset: 4 });
      const resources = [{ resourceType: 2, resourceName: 'kept', configurationKeys: ['retention.ms'] }];
      const { results } = await client.request('describeConfigs', 4, { resources });
      expect(results[0]!.configs[0]!.value).toBe('9000000');
      const given = await client.request('initProducerId', 4, {
        transactionalId: null,
        transactionTimeoutMs: 1,
      });
      expect(given.producerId).toBeGreaterThan(0);
    },
  );

  test('an unreadable producer snapshot is passed over: the log tells the same', async () => {
    await using dir = tempDir();
    const dataDir = dir.join('data');
    {
      await using broker = await Broker.start({ dataDir });
      await broker.createTopic('t');
      using client = await WireClient.connect(broker.port);
      for (let i = 0; i < 3; i++) await produce(client, 't', sequenced(i));
    }
    const folder = join(dataDir, 't-0');
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.snapshot'))) {
      writeFileSync(join(folder, name), 'garbage');
    }
    await using broker = await Broker.start({ dataDir });
    using client = await WireClient.connect(broker.port);
    expect(await produce(client, 't', sequenced(0))).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect(await produce(client, 't', sequenced(5))).toMatchObject({ errorCode: 45 });
  });

  test('a group goes on with its members', async () => {
    await using dir = tempDir();
    const options = { dataDir: dir.join('data'), groupInitialRebalanceDelayMs: 0 };
    let memberId: string;
    const protocols = [{ name: 'range', metadata: Buffer.from('m') }];
    {
      await using broker = await Broker.start(options);
      using client = await WireClient.connect(broker.port);
      const join_ = {
        groupId: 'g',
        sessionTimeoutMs: 20_000,
        memberId: '',
        protocolType: 'consumer',
        protocols,
      };
      ({ memberId } = await client.request('joinGroup', 3, join_));
      const assignments = [{ memberId, assignment: Buffer.from('mine') }];
      await client.request('syncGroup', 3, { groupId: 'g', generationId: 1, memberId, assignments });
    }
    await using broker = await Broker.start(options);
    using client = await WireClient.connect(broker.port);
    expect(
      (await client.request('heartbeat', 4, { groupId: 'g', generationId: 1, memberId })).errorCode,
    ).toBe(0);
    const { groups } = await client.request('describeGroups', 5, { groups: ['g'] });
    expect(groups[0]!.members[0]!.memberAssignment.toString()).toBe('mine');
  });

  test('damage in the middle of a partition is set aside; what stands behind it is served at its own offsets', async () => {
    await using dir = tempDir();
    await using broker = await Broker.start({ dataDir: dir.path });
    await broker.createTopic('t');
    await using client = await WireClient.connect(broker.port);
    for (const text of ['first', 'second', 'third']) await produce(client, 't', producedBatch([text]));
    const path = join(dir.path, 't-0', '00000000000000000000.log');
    const bytes = readFileSync(path);
    bytes.fill(0xee, bytes.indexOf('second') - 50, bytes.indexOf('second')); // its header, from behind its length on
    writeFileSync(path, bytes);

    const seen = new Map<number, Buffer>();
    for (let offset = 0, tries = 0; offset < 3 && tries < 200; tries++) {
      const { errorCode, records } = await fetchOne(client, 't', 0, offset);
      if (errorCode !== 0) {
        expect(errorCode).toBe(56); // told to come again while it is repaired
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      for (const { at, header } of iterateBatches(Buffer.from(records ?? []))) {
        seen.set(header.baseOffset, Buffer.from(records!.subarray(at)));
        offset = header.baseOffset + header.lastOffsetDelta + 1;
      }
    }
    expect([...seen.keys()]).toEqual([0, 2]);
    expect(seen.get(2)!.includes('third')).toBe(true);
    expect(readdirSync(join(dir.path, 't-0')).some((name) => name.includes('corrupt'))).toBe(true);
  });

  test('a folder without a topic is set aside, never read and never deleted', async () => {
    await using dir = tempDir();
    const dataDir = dir.join('data');
    {
      await using broker = await Broker.start({ dataDir });
      using client = await WireClient.connect(broker.port);
      await broker.createTopic('t');
      await produce(client, 't', producedBatch(['old']));
    }
    rmSync(join(dataDir, 'topics.json'));
    await using broker = await Broker.start({ dataDir });
    using client = await WireClient.connect(broker.port);
    expect(readdirSync(dataDir).filter((name) => /^t-0\..+-stray$/.test(name))).toHaveLength(1);
    await broker.createTopic('t');
    expect((await fetchOne(client, 't')).highWatermark).toBe(0);
  });

  test('the folder of another node and a folder in use are refused, a taken port too', async () => {
    await using dir = tempDir();
    const dataDir = dir.join('data');
    await using broker = await Broker.start({ dataDir });
    await expect(Broker.start({ port: broker.port })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await broker.stop();
    await expect(Broker.start({ dataDir, nodeId: 2 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    writeFileSync(join(dataDir, 'topics.json'), '{');
    await expect(Broker.start({ dataDir })).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });
});

describe('logFlush fsync', () => {
  test('acks=all is answered, and the record shown, only when the sync is done; acks=1 at once', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using producer = await WireClient.connect(broker.port);
    using consumer = await WireClient.connect(broker.port);
    files.close();
    let isAnswered = false;
    const waiting = produce(producer, 't', producedBatch(['a'])).finally(() => {
      isAnswered = true;
    });
    using other = await WireClient.connect(broker.port);
    expect(await produce(other, 't', producedBatch(['b']), 1)).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect(await fetchOne(consumer, 't')).toMatchObject({ errorCode: 0, highWatermark: 0 });
    expect(isAnswered).toBe(false);
    const fetching = fetchOne(consumer, 't', 50_000);
    files.open_();
    expect(await waiting).toMatchObject({ errorCode: 0, baseOffset: 0 });
    expect((await fetching).records!.length).toBeGreaterThan(0);
  });

  test('a repetition of a batch that is not on the device yet waits for it too', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    using other = await WireClient.connect(broker.port);
    files.close();
    const first = produce(client, 't', sequenced(0));
    let isAnswered = false;
    await other.request('metadata', 9, { topics: null });
    const second = produce(other, 't', sequenced(0)).finally(() => {
      isAnswered = true;
    });
    using third = await WireClient.connect(broker.port);
    await third.request('metadata', 9, { topics: null });
    expect(isAnswered).toBe(false);
    files.open_();
    expect([(await first).baseOffset, (await second).baseOffset]).toEqual([0, 0]);
  });

  test('a stop acknowledges what was appended before it closes the connections', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    files.close();
    const answers = [0, 1, 2].map((i) => produce(client, 't', sequenced(i)));
    using other = await WireClient.connect(broker.port);
    await other.request('metadata', 9, { topics: null });
    const stopping = broker.stop();
    files.open_();
    await stopping;
    expect((await Promise.all(answers)).map((each) => each.errorCode)).toEqual([0, 0, 0]);
  });

  test('a commit waits for its sync', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    await client.request('findCoordinator', 3, { key: 'g' });
    files.close();
    let isAnswered = false;
    const waiting = commit(client, 'g', 't', 1).finally(() => {
      isAnswered = true;
    });
    using other = await WireClient.connect(broker.port);
    await other.request('metadata', 9, { topics: null });
    expect(isAnswered).toBe(false);
    files.open_();
    await waiting;
  });

  test('a failed sync is error 56, never an acknowledgement', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    files.fails = true;
    expect(await produce(client, 't', producedBatch(['a']))).toMatchObject({ errorCode: 56 });
    files.fails = false;
    expect(await produce(client, 't', producedBatch(['a']))).toMatchObject({ errorCode: 56 });
  });

  test('a full disk is error 56, which producers try again; with space again it goes on where it was', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    expect(await produce(client, 't', sequenced(0))).toMatchObject({ errorCode: 0 });
    files.isFull = true;
    expect(await produce(client, 't', sequenced(1))).toMatchObject({ errorCode: 56 });
    files.isFull = false;
    expect(await produce(client, 't', sequenced(1))).toMatchObject({ errorCode: 0, baseOffset: 1 });
  });

  test('logFlush os answers without any sync', async () => {
    await using dir = tempDir();
    const files = new GatedFiles();
    await using broker = await Broker.start({ dataDir: dir.join('data'), files, logFlush: 'os' });
    await broker.createTopic('t');
    using client = await WireClient.connect(broker.port);
    files.close();
    expect(await produce(client, 't', producedBatch(['a']))).toMatchObject({ errorCode: 0 });
    expect(await fetchOne(client, 't')).toMatchObject({ highWatermark: 1 });
    files.open_();
  });
});
