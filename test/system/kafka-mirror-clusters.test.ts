/**
 * `millrace kafka-mirror` from Apache Kafka to Apache Kafka: topics in which offsets are missing (transactions, cleaned by
 * compaction), over TLS and logins, and what goes wrong on the way.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { run } from '../../packages/millrace/src/cli/kafka-mirror.ts';
import { Producer } from '../../packages/millrace/src/clients/kafka/producer/producer.ts';
import { TransactionalProducer } from '../../packages/millrace/src/clients/kafka/producer/transactional-producer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { killMirror, MirrorSide } from '../../packages/testkit/src/kafka/mirror-cases.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import { certificates, keystorePassword } from '../../packages/testkit/src/net/certificates.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const password = 'S3CRET-"quoted"';
const quoted = password.replaceAll('"', '\\"');
const loginModule = 'org.apache.kafka.common.security';

let source: RealKafka;
let target: RealKafka;
let from: MirrorSide;
let to: MirrorSide;
const dir = tempDir('millrace-mirror-');

beforeAll(async () => {
  const tls = {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.pem,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.certificate,
  };
  [source, target] = await Promise.all([
    RealKafka.start({
      // What is dirty is cleaned at once.
      settings: { 'log.cleaner.backoff.ms': 100 },
      scramUsers: [`SCRAM-SHA-512=[name=reader,password=${password}]`],
      listeners: [
        {
          name: 'BOTH',
          protocol: 'SASL_SSL',
          settings: {
            ...tls,
            'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
            'scram-sha-512.sasl.jaas.config': `${loginModule}.scram.ScramLoginModule required;`,
          },
        },
      ],
    }),
    RealKafka.start({
      clusterId: Buffer.alloc(16, 2).toString('base64url'),
      listeners: [
        {
          name: 'BOTH',
          protocol: 'SASL_SSL',
          settings: {
            ...tls,
            'ssl.client.auth': 'required',
            'sasl.enabled.mechanisms': 'PLAIN',
            'plain.sasl.jaas.config': `${loginModule}.plain.PlainLoginModule required user_writer="${quoted.replaceAll('\\', '\\\\')}";`,
          },
        },
      ],
    }),
  ]);
  from = new MirrorSide(source.bootstrap);
  to = new MirrorSide(target.bootstrap);
});
afterAll(async () => {
  await from?.client.close();
  await to?.client.close();
  await source?.[Symbol.asyncDispose]();
  await target?.[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

const mirror = (...argv: string[]) =>
  runCli(run, ['--from', source.bootstrap, '--to', target.bootstrap, ...argv]);

interface SeenRecord {
  readonly offset: number;
  readonly value: string | null;
}
const parsed = (lists: readonly string[][]): SeenRecord[][] =>
  lists.map((records) => records.map((text) => JSON.parse(text)));
const withoutOffsets = (lists: readonly SeenRecord[][]) =>
  lists.map((list) => list.map(({ offset: _, ...rest }) => rest));

/** Groups at drawn places of a topic, also right before and behind what is missing. */
class PlacedGroups {
  readonly #topic: string;
  readonly #expected: readonly SeenRecord[][];
  readonly #places: { readonly group: string; readonly partition: number; readonly offset: number }[] = [];

  private constructor(topic: string, expected: readonly SeenRecord[][]) {
    this.#topic = topic;
    this.#expected = expected;
  }

  static async commit(
    chance: Chance,
    topic: string,
    expected: readonly SeenRecord[][],
  ): Promise<PlacedGroups> {
    const groups = new PlacedGroups(topic, expected);
    for (let i = 0; i < 3 * expected.length; i++) {
      const partition = i % expected.length;
      const list = expected[partition]!;
      const offset = list[chance.int(0, list.length - 1)]!.offset + chance.int(0, 2);
      groups.#places.push({ group: `readers-of-${topic}-${i}`, partition, offset });
      await from.admin.alterGroupOffsets(`readers-of-${topic}-${i}`, [{ topic, partition, offset }]);
    }
    return groups;
  }

  /** Each goes on with the very record that it would have got in the source. */
  async judge(found: readonly SeenRecord[][]): Promise<void> {
    const next = (list: readonly SeenRecord[], offset: number) =>
      list.find((each) => each.offset >= offset)?.value;
    for (const { group, partition, offset } of this.#places) {
      const [there] = await to.admin.groupOffsets(group);
      expect(there, group).toMatchObject({ topic: this.#topic, partition });
      expect(next(found[partition]!, there!.offset), group).toBe(next(this.#expected[partition]!, offset));
    }
  }
}

/** Runs the mirror and kills it, first before anything counts, then when so much is in the target; then to its end. */
async function underKills(
  chance: Chance,
  topic: string,
  partitions: number,
  mostUntil: number,
): Promise<string> {
  const args = ['kafka-mirror', '--from', source.bootstrap, '--to', target.bootstrap, '--topics', topic];
  const copied = async (): Promise<number> => {
    const { topics } = await to.client.metadata([topic]);
    if ((topics.get(topic)?.partitions.length ?? 0) < partitions) return 0;
    return (await to.ends(topic, partitions)).reduce((sum, { end }) => sum + end, 0);
  };
  const until = (round: number) => (round === 0 ? 0 : chance.int(100, mostUntil));
  const kills = await killMirror({ args, rounds: roundsOr(2), copied, until });
  expect(kills).toBeGreaterThan(0);
  await using last = await startMillrace(args);
  const { code } = await last.exited;
  expect(code, last.tail(20)).toBe(0);
  return last.stdout;
}

test('a topic with transactions, under kill -9: what counts comes once, and groups stand right', async () => {
  const chance = chanceOf('mirror of transactions');
  const topic = 'transactions';
  await from.create({ topic, partitions: 2 });
  const transactions = 60;
  {
    await using producer = new TransactionalProducer(from.client, { transactionalId: 'filler', lingerMs: 0 });
    for (let n = 0; n < transactions; n++) {
      await producer.ready();
      producer.begin();
      for (let partition = 0; partition < 2; partition++) {
        const builder = new BatchBuilder();
        const size = chance.int(1, 200);
        for (let i = 0; i < size; i++)
          builder.add(`${n}-${partition}-${i} ${'x'.repeat(300)}`, [['n', `${n}`]], `k${i}`);
        await producer.send(topic, partition, builder.build());
      }
      if (chance.bool(0.3)) await producer.abort();
      else await producer.commit();
    }
  }
  const expected = parsed(await from.records(topic, 2));
  const groups = await PlacedGroups.commit(chance, topic, expected);
  await underKills(chance, topic, 2, 3000);
  const found = parsed(await to.records(topic, 2));
  expect(withoutOffsets(found)).toEqual(withoutOffsets(expected));
  await groups.judge(found);
});

/** The marker of each takes an offset: from there on a mirror goes in transactions. */
async function inTransactions(topic: string, count: number): Promise<void> {
  await using producer = new TransactionalProducer(from.client, { transactionalId: topic, lingerMs: 0 });
  for (let n = 0; n < count; n++) {
    await producer.ready();
    producer.begin();
    const builder = new BatchBuilder();
    builder.add(`${topic} in transaction ${n} of ${count}`);
    await producer.send(topic, 0, builder.build());
    await producer.commit();
  }
}

test('a topic with transactions that was deleted and made again in the source is told, and nothing is put behind', async () => {
  const topic = 'made-again';
  await from.create({ topic, partitions: 1 });
  await inTransactions(topic, 3);
  expect((await mirror('--topics', topic)).code).toBe(0);
  const copied = await to.records(topic, 1);
  expect(copied[0]).toHaveLength(3);
  const cases: [count: number, text: RegExp][] = [
    [1, /is not copied: the source ends at offset 2, and was copied up to 5/],
    [9, /is not copied: the target has another record at offset \d than the source at 4/],
  ];
  for (const [count, text] of cases) {
    await from.admin.deleteTopics([topic]);
    await from.create({ topic, partitions: 1 });
    await inTransactions(topic, count);
    const { code, stdout } = await mirror('--topics', topic);
    expect(code, stdout).toBe(1);
    expect(stdout).toMatch(text);
    expect(await to.records(topic, 1)).toEqual(copied);
  }
});

describe('a compacted topic that was cleaned', () => {
  const topic = 'cleaned';
  const keys = 6000;
  const ofBatch = 200;
  let beganMs = Date.now() - 86_400_000;
  let serial = 0;

  /** Keys that come again and again, deletions, headers; a second between batches, so that segments are rolled. */
  async function fill(chance: Chance, batches: number): Promise<void> {
    await using producer = new Producer(from.client, { acks: -1, compression: 'zstd', lingerMs: 0 });
    for (let n = 0; n < batches; n++) {
      const builder = new BatchBuilder();
      beganMs += 1000;
      for (let i = 0; i < ofBatch; i++) {
        const value = chance.bool(0.05) ? null : `${serial++} ${'x'.repeat(chance.int(0, 300))}`;
        builder.add(value, [['n', `${n} ž`]], `k${chance.int(0, keys)}`, beganMs + chance.int(0, 900));
      }
      await producer.send(topic, n % 2, builder.build());
    }
  }

  /** A copy of offsets that are missing in the middle, and before the first record. */
  const gapsOf = (list: readonly SeenRecord[]): number =>
    list.filter(({ offset }, i) => offset !== (list[i - 1]?.offset ?? -1) + 1).length;

  test('every record that is left comes once, under kill -9, and groups stand right', async () => {
    const chance = chanceOf('mirror of what was cleaned');
    await from.create({
      topic,
      partitions: 2,
      configs: new Map([
        ['cleanup.policy', 'compact'],
        ['min.cleanable.dirty.ratio', '0.01'],
        ['segment.ms', '20000'],
      ]),
    });
    await fill(chance, 150);
    const seen = async () => parsed(await from.records(topic, 2));
    await waitFor('a cleaned log', async () => (await seen()).every((list) => gapsOf(list) > 500), {
      timeoutMs: 120_000,
      everyMs: 500,
    });
    // From here on nothing is cleaned any more, on neither side, so that what is there can be compared.
    await from.admin.alterTopicConfigs(topic, new Map([['min.compaction.lag.ms', '9000000000000']]), []);
    await fill(chance, 20);
    const expected = await stillRecords(seen);
    expect(expected.some((list) => list[0]!.offset > 0)).toBe(true);
    const groups = await PlacedGroups.commit(chance, topic, expected);
    const stdout = await underKills(chance, topic, 2, 5000);
    expect(stdout).toContain(`${topic}-0: its offsets are others from a place on`);
    const found = parsed(await to.records(topic, 2));
    expect(withoutOffsets(found)).toEqual(withoutOffsets(expected));
    expect(gapsOf(found[0]!)).toBeLessThan(gapsOf(expected[0]!));
    await groups.judge(found);

    await fill(chance, 10);
    const again = await mirror('--topics', topic, '--json');
    expect(again.code, again.stdout).toBe(0);
    const report = JSON.parse(again.stdout);
    const ends = await from.ends(topic, 2);
    expect(report.partitions).toMatchObject(
      ends.map(({ end }, partition) => ({
        partition,
        mode: 'translated',
        whole: true,
        next: end,
        records: 1000,
        failure: null,
      })),
    );
    expect(withoutOffsets(parsed(await to.records(topic, 2)))).toEqual(withoutOffsets(await seen()));
    expect(await mirror('--topics', topic)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('\n0 records'),
    });
  });

  test('the embedded broker takes it as well, in transactions', async () => {
    await using embedded = await Broker.start();
    await using there = new MirrorSide(embedded.bootstrapServers);
    const args = ['--from', source.bootstrap, '--to', embedded.bootstrapServers, '--topics', topic];
    const { code, stdout } = await runCli(run, args);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain(`${topic}-0: its offsets are others from a place on`);
    const seen = parsed(await from.records(topic, 2));
    expect(withoutOffsets(parsed(await there.records(topic, 2)))).toEqual(withoutOffsets(seen));
    expect(await runCli(run, args)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('\n0 records'),
    });
  });

  /** Until two looks see the same: a cleaning may have been under way. */
  async function stillRecords(seen: () => Promise<SeenRecord[][]>): Promise<SeenRecord[][]> {
    let before = await seen();
    return await waitFor(
      'a log that stands still',
      async () => {
        const now = await seen();
        const isStill = JSON.stringify(now) === JSON.stringify(before);
        before = now;
        return isStill ? now : null;
      },
      { timeoutMs: 60_000, everyMs: 1000 },
    );
  }
});

describe('TLS and logins, from properties files', () => {
  const written = (name: string, properties: Record<string, string>): string => {
    const file = dir.join(name);
    const lines = Object.entries(properties).map(
      ([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`,
    );
    writeFileSync(file, lines.join(''));
    return file;
  };
  const trust = { 'ssl.truststore.location': certificates.certificate, 'ssl.truststore.type': 'PEM' };
  const reader = (word = quoted) => ({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': `${loginModule}.scram.ScramLoginModule required username="reader" password="${word}";`,
    ...trust,
  });
  const writer = (word = quoted) => ({
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${loginModule}.plain.PlainLoginModule required username="writer" password="${word}";`,
    ...trust,
    'ssl.keystore.location': certificates.pkcs12,
    'ssl.keystore.password': keystorePassword,
    'ssl.keystore.type': 'PKCS12',
  });
  const secured = (fromFile: string, toFile: string, ...argv: string[]) =>
    runCli(run, [
      ...['--from', `127.0.0.1:${source.listenerPort('BOTH')}`, '--from-config', fromFile],
      ...['--to', `127.0.0.1:${target.listenerPort('BOTH')}`, '--to-config', toFile, ...argv],
    ]);

  test('records and groups come over, whole batches as well as in transactions', async () => {
    const chance = chanceOf('mirror over TLS');
    const topic = { topic: 'secured', partitions: 2 };
    await from.create(topic);
    await from.fill(chance, topic, 20);
    const at = { topic: 'secured', partition: 0, offset: 3 };
    await from.admin.alterGroupOffsets('secured-readers', [at]);
    const files = [written('from.properties', reader()), written('to.properties', writer())] as const;
    const first = await secured(...files, '--topics', 'secured');
    expect(first.code, first.stdout + first.stderr).toBe(0);
    expect(await to.records('secured', 2)).toEqual(await from.records('secured', 2));
    expect(await to.admin.groupOffsets('secured-readers')).toMatchObject([at]);
    await inTransactions('secured', 2);
    const second = await secured(...files, '--topics', 'secured');
    expect(second.code, second.stdout + second.stderr).toBe(0);
    expect(second.stdout).toContain('secured-0: its offsets are others from a place on');
    expect(withoutOffsets(parsed(await to.records('secured', 2)))).toEqual(
      withoutOffsets(parsed(await from.records('secured', 2))),
    );
  });

  test.each([
    ['--from', 'wrong-one', quoted, /SCRAM-SHA-512: the broker refuses/],
    ['--to', quoted, 'wrong-one', /PLAIN: the broker refuses/],
  ])('a wrong password of %s is told in one line, and is not in it', async (_, ofReader, ofWriter, text) => {
    const files = [
      written('from-tried.properties', reader(ofReader)),
      written('to-tried.properties', writer(ofWriter)),
    ] as const;
    const { code, stdout, stderr } = await secured(...files, '--topics', 'secured');
    expect(code, stderr).toBe(69);
    expect(stdout).toBe('');
    expect(stderr).toMatch(text);
    for (const secret of ['wrong-one', 'S3CRET', keystorePassword]) expect(stderr).not.toContain(secret);
  });
});
