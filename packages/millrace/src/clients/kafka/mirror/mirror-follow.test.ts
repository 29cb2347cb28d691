/** A mirror that goes on, between two embedded brokers. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MirrorSide } from '../../../../../testkit/src/kafka/mirror-cases.ts';
import { chanceOf } from '../../../../../testkit/src/oracle/seed.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import { Broker } from '../../../broker/index.ts';
import { Mirror } from './mirror.ts';
import type { MirrorReport } from './mirror-report.ts';

let source: Broker;
let target: Broker;
let from: MirrorSide;
let to: MirrorSide;
let stop: AbortController;
let running: Promise<MirrorReport>;
const told: string[] = [];
beforeEach(async () => {
  [source, target] = await Promise.all([Broker.start(), Broker.start()]);
  from = new MirrorSide(source.bootstrapServers);
  to = new MirrorSide(target.bootstrapServers);
  await from.client.metadata([]);
  stop = new AbortController();
  told.length = 0;
});
afterEach(async () => {
  stop.abort();
  await running.catch(() => {});
  await from.client.close();
  await to.client.close();
  await source.stop();
  await target.stop();
});

function follow(topics: RegExp | null = null): void {
  running = new Mirror(from.client, to.client, {
    ...{ topics, replicationFactor: null, follow: true, groups: true, lookEveryMs: 50 },
    signal: stop.signal,
    tell: (line) => told.push(line),
  }).run();
}

/** The target has all that there is in the source. */
const level = (topic: string, partitions: number) =>
  waitFor(
    `all of ${topic}`,
    async () => {
      const { topics } = await to.client.metadata([topic]);
      if (topics.get(topic)?.partitions.length !== partitions) return false;
      return (
        JSON.stringify(await to.ends(topic, partitions)) ===
        JSON.stringify(await from.ends(topic, partitions))
      );
    },
    { timeoutMs: 50_000 },
  );

it('follows what comes in and where groups stand, until it is told to stop', async () => {
  const chance = chanceOf('mirror that follows');
  const topic = { topic: 'followed', partitions: 2 };
  await from.create(topic);
  await from.fill(chance, topic, 5);
  follow();
  await level('followed', 2);
  await from.fill(chance, topic, 10);
  await level('followed', 2);
  await from.admin.alterGroupOffsets('followers', [{ topic: 'followed', partition: 0, offset: 1 }]);
  stop.abort();
  const report = await running;
  expect(await to.records('followed', 2)).toEqual(await from.records('followed', 2));
  expect(report.partitions.map(({ failure }) => failure)).toEqual([null, null]);
  expect(await to.admin.groupOffsets('followers')).toMatchObject([{ partition: 0, offset: 1 }]);
});

it('takes on topics that are made later, and partitions that are added', async () => {
  const chance = chanceOf('mirror that takes on more');
  follow(/^(late|grown)$/);
  await waitFor('a word', () => told.includes('the source has no such topic yet; what comes is followed'));
  await from.create({ topic: 'grown', partitions: 1, configs: new Map([['retention.ms', '86400000']]) });
  await from.fill(chance, { topic: 'grown', partitions: 1 }, 5);
  await level('grown', 1);
  await from.create({ topic: 'other', partitions: 1 });
  await from.create({ topic: 'late', partitions: 2 });
  await from.fill(chance, { topic: 'late', partitions: 2 }, 10);
  await from.admin.createPartitions('grown', 3);
  await from.client.refreshTopics(['grown']);
  await from.fill(chance, { topic: 'grown', partitions: 3 }, 10);
  await level('late', 2);
  await level('grown', 3);
  stop.abort();
  const report = await running;
  expect(report.partitions.map(({ topic, failure }) => [topic, failure])).toHaveLength(5);
  expect(told.slice(1).sort()).toEqual([
    'topic grown has grown from 1 to 3 partitions',
    'topic grown is new in the source: 1 partition',
    'topic late is new in the source: 2 partitions',
  ]);
  expect(await to.records('grown', 3)).toEqual(await from.records('grown', 3));
  expect(await to.records('late', 2)).toEqual(await from.records('late', 2));
  expect(await to.admin.topicConfigs('grown')).toEqual(new Map([['retention.ms', '86400000']]));
  expect((await to.admin.listTopics()).map(({ topic }) => topic)).not.toContain('other');
});

it('tells at once of a topic that is deleted, and goes on with the others', async () => {
  const chance = chanceOf('mirror of what is deleted');
  for (const topic of ['deleted', 'kept']) await from.create({ topic, partitions: 1 });
  await from.fill(chance, { topic: 'deleted', partitions: 1 }, 5);
  follow();
  await level('deleted', 1);
  await from.admin.deleteTopics(['deleted']);
  const gone =
    /^deleted-0 is copied up to offset \d+ only: topic deleted was deleted in the source while it was copied$/;
  await waitFor('a word', () => told.some((line) => gone.test(line)));
  await from.fill(chance, { topic: 'kept', partitions: 1 }, 5);
  await level('kept', 1);
  stop.abort();
  const report = await running;
  expect(report.partitions.filter(({ failure }) => failure !== null)).toMatchObject([{ topic: 'deleted' }]);
  expect(told.filter((line) => gone.test(line))).toHaveLength(1);
});

it.each([false, true])('tells of a topic that is deleted in the target, made again: %s', async (again) => {
  const topic = { topic: 'deleted', partitions: 1 };
  await from.create(topic);
  await from.fill(chanceOf('mirror into what is deleted'), topic, 5);
  follow();
  await level('deleted', 1);
  await to.admin.deleteTopics(['deleted']);
  if (again) await to.create(topic);
  const word = `topic deleted was deleted ${again ? 'and made again ' : ''}in the target while it was copied`;
  await waitFor('a word', () => told.some((line) => line.endsWith(word)));
  stop.abort();
  expect((await running).partitions).toMatchObject([{ failure: word, whole: false }]);
});
