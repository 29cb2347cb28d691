import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import type { BrokerOptions } from '../../packages/millrace/src/broker/settings/settings.ts';
import { kafkaErrorOf } from '../../packages/millrace/src/protocol/error-codes.ts';
import {
  type FileLayer,
  type LayerFile,
  type OpenMode,
  realFiles,
} from '../../packages/millrace/src/runtime/files.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { producedBatch } from '../../packages/testkit/src/kafka/produced-batch.ts';
import { WireClient } from '../../packages/testkit/src/kafka/wire-client.ts';

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-room-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** 120 files: a quarter for connections, 64 of its own, three for each of 8 partitions. */
const kinds: [string, number, RegExp, () => BrokerOptions][] = [
  [
    'the limit of open files',
    8,
    /120 files open.*ulimit -n/,
    () => ({ dataDir: dataDir(), maxOpenFiles: 120 }),
  ],
  ['the broker setting', 20, /allows 20 partitions.*millrace.max.partitions/, () => ({ maxPartitions: 20 })],
];

describe.each(kinds)('partitions beyond %s', (_kind, most, why, options) => {
  const asked = (name: string, numPartitions: number) => ({
    name,
    numPartitions,
    replicationFactor: 1,
    assignments: [],
    configs: [],
  });
  const nameOf = (code: number) => kafkaErrorOf(code).name;

  test.each([false, true])(
    'are not made by CreateTopics, also when several ask at once (validateOnly %s)',
    async (validateOnly) => {
      await using broker = await Broker.start(options());
      await broker.createTopic('first', { partitions: 2 });
      using client = await WireClient.connect(broker.port);
      const topics = [asked('a', most - 4), asked('b', 3), asked('c', 1)];
      const made = await client.request('createTopics', 7, { topics, timeoutMs: 1000, validateOnly });
      const names = made.topics.map(({ errorCode }) => nameOf(errorCode));
      // Nothing is made where it is only asked whether it could be.
      expect(names).toEqual(['NONE', validateOnly ? 'NONE' : 'POLICY_VIOLATION', 'NONE']);
      const alone = await client.request('createTopics', 7, {
        topics: [asked('d', most)],
        timeoutMs: 1000,
        validateOnly,
      });
      expect(nameOf(alone.topics[0]!.errorCode)).toBe('POLICY_VIOLATION');
      expect(alone.topics[0]!.errorMessage).toMatch(why);
    },
  );

  test('are not made by CreatePartitions; a deletion makes room', async () => {
    await using broker = await Broker.start(options());
    await broker.createTopic('t', { partitions: most - 5 });
    await broker.createTopic('other', { partitions: 4 });
    using client = await WireClient.connect(broker.port);
    const grow = async () => {
      const topics = [{ name: 't', count: most, assignments: null }];
      const { results } = await client.request('createPartitions', 3, {
        topics,
        timeoutMs: 1000,
        validateOnly: false,
      });
      return results[0]!;
    };
    const refused = await grow();
    expect(nameOf(refused.errorCode)).toBe('POLICY_VIOLATION');
    expect(refused.errorMessage).toMatch(why);
    await client.request('deleteTopics', 5, { topicNames: ['other'], timeoutMs: 1000 });
    expect((await grow()).errorCode).toBe(0);
  });

  test('are not made for a client that asks for the metadata of an unknown topic', async () => {
    const errors: string[] = [];
    const logger = { ...silentLogger, error: (text: string) => void errors.push(text) };
    await using broker = await Broker.start({ ...options(), logger });
    await broker.createTopic('full', { partitions: most });
    using client = await WireClient.connect(broker.port);
    const { topics } = await client.request('metadata', 9, {
      topics: [{ name: 'new' }],
      allowAutoTopicCreation: true,
    });
    expect(nameOf(topics[0]!.errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(errors.join()).toMatch(why);
    await expect(broker.createTopic('new')).rejects.toThrow(why);
  });
});

test('a broker whose partitions are more than its open files allow says so at its start, and how to mend it', async () => {
  const dir = dataDir();
  await (async () => {
    await using broker = await Broker.start({ dataDir: dir });
    await broker.createTopic('t', { partitions: 9 });
  })();
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  await using _broker = await Broker.start({ dataDir: dir, maxOpenFiles: 120, logger });
  expect(warnings.join()).toMatch(/9 partitions.*120 files open.*ulimit -n/);
});

test('connections leave the partitions their files: further ones are closed, and it is told how to mend it', async () => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  // 120 files, 64 of its own, three for each of 8 partitions: 32 are left.
  await using broker = await Broker.start({ dataDir: dataDir(), maxOpenFiles: 120, logger });
  await broker.createTopic('t', { partitions: 8 });
  const clients: WireClient[] = [];
  for (let i = 0; i < 32; i++) {
    const client = await WireClient.connect(broker.port);
    onTestFinished(() => client[Symbol.dispose]());
    await client.request('apiVersions', 3, {});
    clients.push(client);
  }
  using more = await WireClient.connect(broker.port);
  await more.closed;
  expect(warnings.join()).toMatch(/32 connections.*open files.*ulimit -n/);
  await clients[0]!.request('apiVersions', 3, {});
});

test.each([
  [
    'more connections than there are files',
    { maxConnections: 500, maxOpenFiles: 120 },
    /max.connections is 500.*120 files.*ulimit -n/,
  ],
  [
    'more files than the system allows',
    { maxOpenFiles: 2 ** 40 },
    /millrace.max.open.files is 1099511627776.*system allows.*ulimit -n/,
  ],
])('settings that want %s are told at the start', async (_what, options, expected) => {
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
  await using _broker = await Broker.start({ dataDir: dataDir(), ...options, logger });
  expect(warnings.join()).toMatch(expected);
});

test('a stop and a deletion of many partitions need few files at the same time', async () => {
  const files = new CountedFiles(realFiles);
  const broker = await Broker.start({ dataDir: dataDir(), files });
  await broker.createTopic('kept', { partitions: 60 });
  await broker.createTopic('deleted', { partitions: 60 });
  using client = await WireClient.connect(broker.port);
  for (const name of ['kept', 'deleted']) {
    const partitionData = Array.from({ length: 60 }, (_, index) => ({
      index,
      records: producedBatch(['x']),
    }));
    await client.request('produce', 9, { acks: -1, timeoutMs: 1000, topicData: [{ name, partitionData }] });
  }
  // Sixteen at a time, each with a file that is written anew and its folder.
  const spike = 16 * 3;
  const before = files.restart();
  await client.request('deleteTopics', 5, { topicNames: ['deleted'], timeoutMs: 1000 });
  expect(files.most - before).toBeLessThanOrEqual(spike);
  const atStop = files.restart();
  await broker.stop();
  expect(files.most - atStop).toBeLessThanOrEqual(spike);
  expect(files.restart()).toBe(0);
});

/** Files and folders that are open, and the most that were at the same time. */
class CountedFiles implements FileLayer {
  readonly #files: FileLayer;
  #open = 0;
  most = 0;

  constructor(files: FileLayer) {
    this.#files = files;
  }

  /** What is open now, from which the most is counted anew. */
  restart(): number {
    this.most = this.#open;
    return this.#open;
  }

  open(path: string, mode: OpenMode): LayerFile {
    const file = this.#files.open(path, mode);
    const closed = this.#opened();
    return new Proxy(file, {
      get: (target, name: keyof LayerFile) => {
        const value = target[name];
        if (typeof value !== 'function') return value;
        if (name === 'close') closed();
        return value.bind(target);
      },
    });
  }

  async syncDir(dir: string): Promise<void> {
    const closed = this.#opened();
    await this.#files.syncDir(dir).finally(closed);
  }

  #opened(): () => void {
    this.#open++;
    this.most = Math.max(this.most, this.#open);
    let isClosed = false;
    return () => {
      if (!isClosed) this.#open--;
      isClosed = true;
    };
  }

  list = (dir: string) => this.#files.list(dir);
  size = (path: string) => this.#files.size(path);
  makeDir = (dir: string) => this.#files.makeDir(dir);
  rename = (from: string, to: string) => this.#files.rename(from, to);
  renameNew = (from: string, to: string) => this.#files.renameNew(from, to);
  remove = (path: string) => this.#files.remove(path);
  removeDir = (dir: string) => this.#files.removeDir(dir);
  freeBytes = (dir: string) => this.#files.freeBytes(dir);
}
