import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import { FaultyFiles, randomFrom } from '../../packages/testkit/src/files/faulty-files.ts';
import { errno, HookedFiles, slowDevice } from '../../packages/testkit/src/files/slow-files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

/** What clients were told: topics by id, with the records that were acknowledged. */
class Ledger {
  readonly created = new Map<string, { name: string; partitions: number }>();
  readonly askedToDelete = new Set<string>();
  readonly deleted = new Set<string>();
  readonly records: { topicId: string; index: number; offset: number; body: string }[] = [];
}

const codes = (answers: readonly { errorCode: number }[]) => answers.map(({ errorCode }) => errorCode);

/** One client that does `count` things, one after the other, to topics that others use at the same time. */
async function live(port: number, random: () => number, who: string, count: number, ledger: Ledger) {
  using client = await WireClient.connect(port);
  for (let step = 0; step < count; step++) {
    const name = `t${Math.floor(random() * 3)}`;
    const { topics } = await client.request('metadata', 12, {
      topics: [{ name }],
      allowAutoTopicCreation: random() < 0.5,
    });
    const { topicId, errorCode, partitions } = topics[0]!;
    if (errorCode !== 0) continue;
    const known = ledger.created.get(topicId)?.partitions ?? 0;
    ledger.created.set(topicId, { name, partitions: Math.max(known, partitions.length) });
    const what = random();
    if (what < 0.15) {
      ledger.askedToDelete.add(topicId);
      const { responses } = await client.request('deleteTopics', 6, {
        topics: [{ name: null, topicId }],
        timeoutMs: 1000,
      });
      if (responses[0]!.errorCode === 0) ledger.deleted.add(topicId);
    } else if (what < 0.35) {
      const wanted = partitions.length + 1 + Math.floor(random() * 3);
      const topic = { name, count: wanted, assignments: null };
      await client.request('createPartitions', 3, { topics: [topic], timeoutMs: 1000, validateOnly: false });
    } else {
      for (let i = 0; i < 3; i++) {
        const index = Math.floor(random() * partitions.length);
        const body = `${who}-${step}-${i}`;
        const partitionData = [{ index, records: producedBatch([body]) }];
        const { responses } = await client.request('produce', 13, {
          acks: -1,
          timeoutMs: 1000,
          topicData: [{ topicId, partitionData }],
        });
        const answer = responses[0]!.partitionResponses[0]!;
        if (answer.errorCode === 0) ledger.records.push({ topicId, index, offset: answer.baseOffset, body });
      }
    }
  }
}

/** What the ledger says and the broker does not have, or has and should not. */
async function broken(broker: Broker, ledger: Ledger): Promise<string[]> {
  using client = await WireClient.connect(broker.port);
  const found: string[] = [];
  const { topics } = await client.request('metadata', 12, { topics: null });
  const byId = new Map(topics.map((topic) => [topic.topicId, topic]));
  for (const [topicId, { name, partitions }] of ledger.created) {
    if (ledger.deleted.has(topicId)) {
      if (byId.has(topicId)) found.push(`${name} was deleted and is there`);
    } else if (!ledger.askedToDelete.has(topicId)) {
      const now = byId.get(topicId)?.partitions.length ?? 0;
      if (now < partitions) found.push(`${name}: ${now} partitions of ${partitions}`);
    }
  }
  for (const { topicId, index, offset, body } of ledger.records) {
    if (ledger.askedToDelete.has(topicId)) continue;
    const partitions = [{ partition: index, fetchOffset: offset, partitionMaxBytes: 1 << 20 }];
    const answer = await client.request('fetch', 13, {
      maxWaitMs: 0,
      minBytes: 1,
      sessionEpoch: -1,
      topics: [{ topicId, partitions }],
    });
    const got = answer.responses[0]?.partitions[0];
    const bytes = Buffer.from(got?.records ?? []);
    const first = bytes.length === 0 ? undefined : [...iterateBatches(bytes)][0]?.header.baseOffset;
    if (first !== offset || !bytes.includes(body))
      found.push(`${body} at ${index}@${offset}: ${got?.errorCode}`);
  }
  return found;
}

describe('administration beside producing', () => {
  test.each(Array.from({ length: 8 }, (_, i) => ({ seed: 100 + i, how: i % 2 === 0 ? 'clean' : 'kill' })))(
    'loses nothing acknowledged, brings nothing back: seed $seed, $how',
    async ({ seed, how }) => {
      await using dir = tempDir();
      const random = randomFrom(seed);
      const ledger = new Ledger();
      let dataDir = dir.join('data');
      const found: string[] = [];
      {
        const files = new HookedFiles(slowDevice(random, 4));
        await using broker = await Broker.start({ dataDir, files, defaultPartitions: 4 });
        const clients = Array.from({ length: 6 }, (_, i) => live(broker.port, random, `c${i}`, 25, ledger));
        if (how === 'kill') {
          await Promise.race(clients);
          const before = structuredClone(ledger);
          cpSync(dataDir, dir.join('killed'), { recursive: true });
          await Promise.all(clients);
          found.push(...(await broken(broker, ledger)));
          // What was asked for after the copy may or may not have begun before it.
          for (const id of ledger.askedToDelete) before.askedToDelete.add(id);
          Object.assign(ledger, before);
          dataDir = dir.join('killed');
        } else {
          await Promise.all(clients);
          found.push(...(await broken(broker, ledger)));
        }
      }
      await using broker = await Broker.start({ dataDir, autoCreateTopics: false });
      found.push(...(await broken(broker, ledger)));
      expect(ledger.records.length).toBeGreaterThan(20);
      expect(found).toEqual([]);
    },
  );

  test('a topic is not there for anybody before the registry that names it is on the device', async () => {
    await using dir = tempDir();
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    const datasync = async (path: string) => {
      if (!path.includes('topics.json')) return;
      asked++;
      await gate.promise;
    };
    await using broker = await Broker.start({ dataDir: dir.path, files: new HookedFiles({ datasync }) });
    using maker = await WireClient.connect(broker.port);
    using other = await WireClient.connect(broker.port);
    const making = maker.request('metadata', 9, { topics: [{ name: 't' }], allowAutoTopicCreation: true });
    while (asked === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const seen = await other.request('metadata', 9, {
      topics: [{ name: 't' }],
      allowAutoTopicCreation: false,
    });
    expect(codes(seen.topics)).toEqual([3]);
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: producedBatch(['early']) }] }];
    const refused = await other.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData });
    expect(refused.responses[0]!.partitionResponses[0]!.errorCode).toBe(3);
    gate.resolve();
    expect(codes((await making).topics)).toEqual([0]);
  });

  test('many topics share the writes of the registry', async () => {
    await using dir = tempDir();
    let writes = 0;
    const open = (path: string) => {
      if (path.endsWith('topics.json.tmp')) writes++;
    };
    await using broker = await Broker.start({ dataDir: dir.path, files: new HookedFiles({ open }) });
    using client = await WireClient.connect(broker.port);
    const topics = Array.from({ length: 64 }, (_, i) => ({
      name: `t${i}`,
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [],
      configs: [],
    }));
    const answer = await client.request('createTopics', 7, { topics, timeoutMs: 1000, validateOnly: false });
    expect(codes(answer.topics)).toEqual(topics.map(() => 0));
    expect(writes).toBeLessThan(32);
  });
});

describe('a creation that fails', () => {
  /** The n-th file that the creation opens is refused. */
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'leaves no file open and no folder, and the next one succeeds: file %i',
    async (n) => {
      await using dir = tempDir();
      const files = new HookedFiles();
      await using broker = await Broker.start({ dataDir: dir.path, files });
      using client = await WireClient.connect(broker.port);
      const before = files.openPaths.length;
      let left = n;
      files.hooks.open = (path) => {
        if (path.includes('/t-') && --left === 0) throw errno('EMFILE', 'open');
      };
      const topics = [{ name: 't', numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }];
      const create = () =>
        client.request('createTopics', 7, { topics, timeoutMs: 1000, validateOnly: false });
      expect((await create()).topics[0]!.errorCode).toBe(56);
      expect(files.openPaths.slice(before)).toEqual([]);
      expect(readdirSync(dir.path).filter((name) => name.startsWith('t-'))).toEqual([]);
      expect((await create()).topics[0]!.errorCode).toBe(0);
    },
  );
});

describe('a deletion', () => {
  test.each([1, 3])(
    'of %i partitions holds on a full disk, makes room, and holds after a restart',
    async (count) => {
      await using dir = tempDir();
      const files = new FaultyFiles(1);
      const options = { dataDir: dir.path, files, autoCreateTopics: false };
      {
        await using broker = await Broker.start(options);
        await broker.createTopic('old', { partitions: count });
        await broker.createTopic('t');
        using client = await WireClient.connect(broker.port);
        const produce = async (name: string) => {
          const topicData = [
            { name, partitionData: [{ index: 0, records: producedBatch(['x'.repeat(100_000)]) }] },
          ];
          const answer = await client.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData });
          return answer.responses[0]!.partitionResponses[0]!.errorCode;
        };
        for (let i = 0; i < 3; i++) expect(await produce('old')).toBe(0);
        files.faults.diskBytes = 0;
        expect(await produce('t')).toBe(56);
        const answer = await client.request('deleteTopics', 5, { topicNames: ['old'], timeoutMs: 1000 });
        expect(codes(answer.responses)).toEqual([0]);
        const left = files.list(dir.path).filter((name) => name.startsWith('old-'));
        for (const name of left) expect(files.list(join(dir.path, name))).toEqual(['partition.metadata']);
      }
      files.crash();
      delete files.faults.diskBytes;
      await using broker = await Broker.start(options);
      using client = await WireClient.connect(broker.port);
      const { topics } = await client.request('metadata', 9, { topics: null });
      expect(topics.map(({ name }) => name)).toEqual(['t']);
      expect(files.list(dir.path).filter((name) => name.startsWith('old-'))).toEqual([]);
    },
  );

  test.each([0, 1, 2, 3])(
    'that a crash interrupts is finished by the start: after %i folders',
    async (renamed) => {
      await using dir = tempDir();
      const dataDir = dir.join('data');
      const copy = dir.join('copy');
      {
        let seen = 0;
        const files = new HookedFiles();
        await using broker = await Broker.start({ dataDir, files });
        await broker.createTopic('t', { partitions: 3 });
        await broker.createTopic('kept');
        using client = await WireClient.connect(broker.port);
        files.hooks.rename = (_from, to) => {
          if (!to.endsWith('-delete') || seen++ !== renamed) return;
          cpSync(dataDir, copy, { recursive: true });
        };
        files.hooks.syncDir = async (at) => {
          if (at === dataDir && seen === renamed && renamed === 3) cpSync(dataDir, copy, { recursive: true });
        };
        await client.request('deleteTopics', 5, { topicNames: ['t'], timeoutMs: 1000 });
      }
      await using broker = await Broker.start({ dataDir: copy, autoCreateTopics: false });
      using client = await WireClient.connect(broker.port);
      const { topics } = await client.request('metadata', 9, { topics: null });
      const begun = renamed > 0;
      expect(topics.map(({ name }) => name).sort()).toEqual(begun ? ['kept'] : ['kept', 't']);
      const folders = readdirSync(copy).filter((name) => /^(t|kept)-/.test(name));
      expect(folders.sort()).toEqual(begun ? ['kept-0'] : ['kept-0', 't-0', 't-1', 't-2']);
    },
  );
});

describe('folders', () => {
  test.each([1, 150, 210, 249])(
    'of names of %i bytes are deleted, and set aside when they belong to nobody',
    async (length) => {
      await using dir = tempDir();
      const name = 'n'.repeat(length);
      {
        await using broker = await Broker.start({ dataDir: dir.path });
        await broker.createTopic(name, { partitions: 12 });
        using client = await WireClient.connect(broker.port);
        const answer = await client.request('deleteTopics', 5, { topicNames: [name], timeoutMs: 1000 });
        expect(codes(answer.responses)).toEqual([0]);
        expect(
          readdirSync(dir.path).filter((each) => each.startsWith('nn') || each.startsWith('n-')),
        ).toEqual([]);
      }
      mkdirSync(join(dir.path, `${name}-11`));
      writeFileSync(join(dir.path, `${name}-11`, '00000000000000000000.log'), 'kept');
      await using broker = await Broker.start({ dataDir: dir.path });
      const aside = readdirSync(dir.path).find((each) => each.endsWith('-stray'))!;
      expect(readFileSync(join(dir.path, aside, '00000000000000000000.log'), 'utf8')).toBe('kept');
      await broker.createTopic(name, { partitions: 12 });
    },
  );
});

describe('an internal topic', () => {
  const topic = { replicationFactor: 1, assignments: [] };
  const configs = [{ name: 'retention.ms', value: '1000' }];
  type Maker = (client: WireClient, name: string) => Promise<unknown>;
  const ways: [string, Maker][] = [
    [
      'Metadata',
      (client, name) => client.request('metadata', 9, { topics: [{ name }], allowAutoTopicCreation: true }),
    ],
    [
      'CreateTopics',
      (client, name) =>
        client.request('createTopics', 7, {
          topics: [{ ...topic, name, numPartitions: 5, configs }],
          timeoutMs: 1000,
          validateOnly: false,
        }),
    ],
  ];
  const names = ['__consumer_offsets', '__transaction_state'];
  test.each(ways.flatMap(([way, make]) => names.map((name) => ({ way, make, name }))))(
    'is one by its name, however it is made: $name by $way',
    async ({ make, name }) => {
      await using broker = await Broker.start({ defaultPartitions: 3 });
      using client = await WireClient.connect(broker.port);
      await make(client, name);
      const { topics } = await client.request('metadata', 9, { topics: [{ name }] });
      expect(topics[0]).toMatchObject({ errorCode: 0, isInternal: true });
      expect(topics[0]!.partitions).toHaveLength(1);
      const topicData = [
        { name, partitionData: [{ index: 0, records: producedBatch(['x'], { key: 'k' }) }] },
      ];
      const produced = await client.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData });
      expect(produced.responses[0]!.partitionResponses[0]!.errorCode).toBe(17);
      const deleted = await client.request('deleteTopics', 5, { topicNames: [name], timeoutMs: 1000 });
      expect(codes(deleted.responses)).toEqual([42]);
      const grown = await client.request('createPartitions', 3, {
        topics: [{ name, count: 9, assignments: null }],
        timeoutMs: 1000,
        validateOnly: false,
      });
      expect(codes(grown.results)).toEqual([42]);
      const partitions = [{ partitionIndex: 0, offset: 0 }];
      const trimmed = await client.request('deleteRecords', 2, {
        topics: [{ name, partitions }],
        timeoutMs: 1000,
      });
      expect(codes(trimmed.topics[0]!.partitions)).toEqual([17]);
      const resources = [{ resourceType: 2, resourceName: name, configurationKeys: ['cleanup.policy'] }];
      const described = await client.request('describeConfigs', 4, { resources });
      expect(described.results[0]!.configs[0]!.value).toBe('compact');
      await client.request('findCoordinator', 3, { key: 'g' });
      await broker.createTopic('t');
      const commits = [
        { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 3, committedMetadata: '' }] },
      ];
      const committed = await client.request('offsetCommit', 8, { groupId: 'g', topics: commits });
      expect(codes(committed.topics[0]!.partitions)).toEqual([0]);
    },
  );
});

describe('a deletion of which nothing could be written', () => {
  test.each([1, 3])(
    'of %i partitions: a new topic of the name keeps its records, the old one is gone',
    async (count) => {
      await using dir = tempDir();
      const files = new HookedFiles();
      const kept = join(dir.path, 'at-the-kill');
      {
        await using broker = await Broker.start({ dataDir: join(dir.path, 'data'), files });
        await broker.createTopic('t', { partitions: count });
        using client = await WireClient.connect(broker.port);
        const refused = () => {
          throw errno('ENOSPC', 'rename');
        };
        files.hooks.rename = refused;
        const deleted = await client.request('deleteTopics', 5, { topicNames: ['t'], timeoutMs: 1000 });
        expect(codes(deleted.responses)).not.toEqual([0]);
        // The disk takes everything but the registry: the name is not free yet.
        files.hooks.rename = (from) => {
          if (from.includes('topics.json')) refused();
        };
        await expect(broker.createTopic('t', { partitions: count })).rejects.toThrow();
        const folders = files.list(join(dir.path, 'data')).filter((name) => name.startsWith('t-'));
        expect(folders.filter((name) => name.includes('stray'))).toEqual([]);
        delete files.hooks.rename;
        await broker.createTopic('t', { partitions: count });
        const topicData = [{ name: 't', partitionData: [{ index: 0, records: producedBatch(['new']) }] }];
        const answer = await client.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData });
        expect(answer.responses[0]!.partitionResponses[0]!.errorCode).toBe(0);
        cpSync(join(dir.path, 'data'), kept, { recursive: true });
      }
      expect(files.list(kept).filter((name) => /stray|delete/.test(name))).toEqual([]);
      await using broker = await Broker.start({ dataDir: kept });
      using client = await WireClient.connect(broker.port);
      const partitions = [{ partitionIndex: 0, timestamp: -1 }];
      const { topics } = await client.request('listOffsets', 5, {
        replicaId: -1,
        topics: [{ name: 't', partitions }],
      });
      expect(topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, offset: 1 });
    },
  );
});
