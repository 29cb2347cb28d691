/** The mirror between two embedded brokers. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { MirrorSide } from '../../../testkit/src/kafka/mirror-cases.ts';
import { chanceOf } from '../../../testkit/src/oracle/seed.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { Broker } from '../broker/index.ts';
import { Producer } from '../clients/kafka/producer/producer.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { run } from './kafka-mirror.ts';
import { reportText } from './kafka-mirror-text.ts';

let source: Broker;
let target: Broker;
let from: MirrorSide;
let to: MirrorSide;
beforeAll(async () => {
  source = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  target = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
  from = new MirrorSide(source.bootstrapServers);
  to = new MirrorSide(target.bootstrapServers);
});
afterAll(async () => {
  await from.client.close();
  await to.client.close();
  await source.stop();
  await target.stop();
});

const mirror = (...argv: string[]) =>
  runCli(run, ['--from', source.bootstrapServers, '--to', target.bootstrapServers, ...argv]);

describe('kafka-mirror', () => {
  it('copies records with keys, headers, times and offsets, whatever their batches are', async () => {
    const chance = chanceOf('mirror');
    const topics = [
      { topic: 'drawn', partitions: 3, configs: new Map([['retention.ms', '86400000']]) },
      {
        topic: 'drawn-stamped',
        partitions: 1,
        configs: new Map([['message.timestamp.type', 'LogAppendTime']]),
      },
      { topic: 'drawn-compacted', partitions: 1, configs: new Map([['cleanup.policy', 'compact']]) },
    ];
    for (const topic of topics) {
      await from.create(topic);
      await from.fill(chance, topic, 25, topic.topic === 'drawn-compacted');
    }
    const first = await mirror('--topics', 'drawn.*');
    expect(first.code, first.stderr).toBe(0);
    for (const { topic, partitions } of topics) {
      expect(await to.records(topic, partitions), topic).toEqual(await from.records(topic, partitions));
    }
    expect(await to.admin.topicConfigs('drawn')).toEqual(new Map([['retention.ms', '86400000']]));
    expect(first.stdout).toContain('message.timestamp.type=LogAppendTime is not taken over');
    for (const topic of topics) await from.fill(chance, topic, 5, topic.topic === 'drawn-compacted');
    expect((await mirror('--topics', 'drawn.*')).code).toBe(0);
    expect((await mirror('--topics', 'drawn.*')).stdout).toContain('\n0 records');
    for (const { topic, partitions } of topics) {
      expect(await to.records(topic, partitions), topic).toEqual(await from.records(topic, partitions));
    }
  });

  it('keeps offsets where the source begins later', async () => {
    const topic = { topic: 'late', partitions: 2 };
    const chance = chanceOf('mirror of what begins late');
    await from.create(topic);
    await from.fill(chance, topic, 40);
    const cut = (await from.ends('late', 2)).map(({ end }, partition) => ({
      ...{ topic: 'late', partition },
      offset: Math.floor(end * (partition === 0 ? 0.5 : 1)),
    }));
    await from.admin.deleteRecordsBefore(cut);
    expect((await mirror('--topics', 'late')).code).toBe(0);
    expect(await to.ends('late', 2)).toEqual(await from.ends('late', 2));
    expect(await to.records('late', 2)).toEqual(await from.records('late', 2));
  });

  it('takes over where groups stand, once they are not in the target', async () => {
    const topic = { topic: 'grouped', partitions: 1 };
    await from.create(topic);
    await from.fill(chanceOf('mirror of groups'), topic, 10);
    await from.admin.alterGroupOffsets('readers', [{ topic: 'grouped', partition: 0, offset: 7 }]);
    const { stdout } = await mirror('--topics', 'grouped');
    expect(stdout).toContain('group readers: offsets of 1 partition');
    expect(await to.admin.groupOffsets('readers')).toMatchObject([
      { topic: 'grouped', partition: 0, offset: 7 },
    ]);
    await to.admin.alterGroupOffsets('readers', [{ topic: 'grouped', partition: 0, offset: 9 }]);
    await mirror('--topics', 'grouped');
    expect(await to.admin.groupOffsets('readers')).toMatchObject([{ offset: 9 }]);
  });

  it('writes nothing twice, also where two run at once', async () => {
    const topic = { topic: 'twice', partitions: 1 };
    const chance = chanceOf('two mirrors');
    await from.create(topic);
    await from.fill(chance, topic, 3);
    expect((await mirror('--topics', 'twice')).code).toBe(0);
    await from.fill(chance, topic, 30);
    // The one that is behind may be told that somebody else writes; what is missing then the next run brings.
    await Promise.all([mirror('--topics', 'twice'), mirror('--topics', 'twice')]);
    expect((await mirror('--topics', 'twice')).code).toBe(0);
    expect(await to.records('twice', 1)).toEqual(await from.records('twice', 1));
  });

  it('puts nothing behind records of others', async () => {
    const topic = { topic: 'other', partitions: 1 };
    await from.create(topic);
    await from.fill(chanceOf('mirror of others'), topic, 10);
    await to.create(topic);
    await to.fill(chanceOf('others'), topic, 1);
    const before = await to.records('other', 1);
    const { code, stdout } = await mirror('--topics', 'other');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /other-0 is not copied: the target has another record at offset \d+ than the source/,
    );
    expect(await to.records('other', 1)).toEqual(before);
  });

  it('tells of a topic that was deleted and made again in the source', async () => {
    const topic = { topic: 'remade', partitions: 1 };
    const chance = chanceOf('mirror of what was made again');
    await from.create(topic);
    await from.fill(chance, topic, 3);
    expect((await mirror('--topics', 'remade')).code).toBe(0);
    const before = await to.records('remade', 1);
    await from.admin.deleteTopics(['remade']);
    await from.create(topic);
    const shorter = await mirror('--topics', 'remade');
    expect(shorter).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/ends at offset \d+, the source at 0/),
    });
    expect(shorter.stdout).toContain('Delete it in the target, and run the command again.');
    await from.fill(chance, topic, 20);
    const longer = await mirror('--topics', 'remade');
    expect(longer).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^remade-0 is not copied: the target has another record at offset \d+/),
    });
    expect(await to.records('remade', 1)).toEqual(before);
  });

  it('tells of partitions that the target has beyond those of the source', async () => {
    await from.create({ topic: 'wider', partitions: 2 });
    await to.create({ topic: 'wider', partitions: 3 });
    const { code, stdout } = await mirror('--topics', 'wider');
    expect(code).toBe(0);
    expect(stdout).toContain('topic wider: the target has 3 partitions, the source 2');
  });

  it('says which records the target does not take, and what helps', async () => {
    const large = new Map([['max.message.bytes', '3000000']]);
    await from.create({ topic: 'large', partitions: 1, configs: large });
    await using producer = new Producer(from.client, { lingerMs: 0, maxRequestBytes: 3_000_000 });
    for (const body of ['small', 'x'.repeat(2_000_000), 'behind it']) {
      const builder = new BatchBuilder();
      builder.add(body);
      await producer.send('large', 0, builder.build());
    }
    // As where the broker's own message.max.bytes is larger: nothing of that stands on the topic.
    await from.admin.alterTopicConfigs('large', new Map(), ['max.message.bytes']);
    const refused = await mirror('--topics', 'large');
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(
      /large-0 is copied up to offset 1 only: large-0, offsets 1 to 1, 2000\d\d\d bytes: MESSAGE_TOO_LARGE/,
    );
    expect(refused.stdout).toContain("In the target: Raise the topic's max.message.bytes.");
    await to.admin.alterTopicConfigs('large', large, []);
    expect((await mirror('--topics', 'large')).code).toBe(0);
    expect(await to.records('large', 1)).toEqual(await from.records('large', 1));
  });

  it('changes nothing with --dry-run', async () => {
    const topic = { topic: 'dry', partitions: 1 };
    await from.create(topic);
    const count = await from.fill(chanceOf('dry run'), topic, 3);
    const { code, stdout } = await mirror('--topics', 'dry', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('topic dry: 1 partition, replication factor 1');
    expect(stdout).toContain(`${count} records of 1 topic to copy; nothing was changed`);
    expect((await to.admin.listTopics()).map((each) => each.topic)).not.toContain('dry');
  });

  it('draws how far it is on a terminal', async () => {
    const topic = { topic: 'shown', partitions: 1 };
    await from.create(topic);
    const count = await from.fill(chanceOf('progress'), topic, 3);
    const argv = ['--from', source.bootstrapServers, '--to', target.bootstrapServers, '--topics', 'shown'];
    const { code, stderr } = await runCli(run, argv, { changes: { errorIsTerminal: true, columns: 120 } });
    expect(code).toBe(0);
    expect(stderr).toContain(`${count} records copied`);
    expect(stderr).toContain(`100 % of ${count}`);
  });

  it('says how far each partition is where it was ended before the end', () => {
    const cut = { topic: 'cut', records: 3, bytes: 300, next: 3, sourceEnd: 10, whole: false } as const;
    const rest = {
      missed: 0,
      fillers: 0,
      mode: 'identical',
      failure: null,
      refused: false,
      remedy: null,
    } as const;
    const partitions = [
      { ...cut, partition: 0, ...rest },
      { ...cut, partition: 1, ...rest, next: 10, whole: true },
    ];
    expect(reportText({ topics: [], refusedSettings: [], groups: [], partitions }, 1)).toBe(
      'cut-0 is copied up to offset 3 of 10: the same command goes on from there\n' +
        '6 records, 0.0 MB in 1.0 s, 0.0 MB/s; 1 of 2 partitions whole\n',
    );
  });

  it('says which word or file is wrong', async () => {
    const misspelt = await mirror('--topic', 'x');
    expect(misspelt).toMatchObject({ code: 64, stderr: expect.stringContaining('Did you mean --topics?') });
    const noFile = await mirror('--to-config', '/nowhere/client.properties');
    expect(noFile).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('--to-config /nowhere/client.properties: there is no such file'),
    });
  });

  it('says where a pattern is wrong, and that no topic matches one', async () => {
    expect(await mirror('--topics', 'logs[a-')).toMatchObject({
      code: 64,
      stderr: expect.stringContaining(
        "--topics: 'logs[a-' is not a valid regular expression: the [ is never closed (character 5)",
      ),
    });
    const none = { code: 1, stderr: expect.stringContaining("matches --topics 'nowhere'") };
    expect(await mirror('--topics', 'nowhere')).toMatchObject(none);
    expect(await mirror('--topics', 'nowhere', '--dry-run')).toMatchObject(none);
  });

  it('says which of the two clusters does not answer, in one line and what to do', async () => {
    const nobody = '127.0.0.1:1';
    const noTarget = await runCli(run, ['--from', source.bootstrapServers, '--to', nobody]);
    expect(noTarget).toEqual({
      code: 69,
      stdout: '',
      stderr:
        'millrace kafka-mirror: --to: no broker answers: 127.0.0.1:1: nobody listens there\n' +
        '  Check --to and that the broker is up.\n',
    });
    const noSource = await runCli(run, ['--from', nobody, '--to', target.bootstrapServers]);
    expect(noSource).toMatchObject({
      code: 69,
      stderr: expect.stringContaining('--from: no broker answers'),
    });
  });

  it('says in which of the two properties files what is wrong stands', async () => {
    await using dir = tempDir('millrace-mirror-');
    const [wrong, unknown] = [dir.join('wrong.properties'), dir.join('unknown.properties')];
    writeFileSync(wrong, 'security.protocol=SSLX\n');
    writeFileSync(unknown, 'bogus.key=1\n');
    const { code, stderr } = await mirror('--from-config', unknown, '--to-config', wrong);
    expect(code).toBe(78);
    expect(stderr).toContain('warning: --from-config: bogus.key');
    expect(stderr).toContain("--to-config: security.protocol: 'sslx' is none of plaintext, ssl");
  });

  it('does not mirror a cluster into itself', async () => {
    const { code, stderr } = await runCli(run, [
      '--from',
      source.bootstrapServers,
      '--to',
      source.bootstrapServers,
    ]);
    expect(code).toBe(64);
    expect(stderr).toContain('the same cluster');
  });
});
