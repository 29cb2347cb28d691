import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import type { BrokerOptions } from '../../packages/millrace/src/broker/settings.ts';
import { kafkaErrorOf } from '../../packages/millrace/src/protocol/error-codes.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { WireClient } from '../support/wire-client.ts';

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
  ['the broker setting', 20, /allows 20 partitions/, () => ({ maxPartitions: 20 })],
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
