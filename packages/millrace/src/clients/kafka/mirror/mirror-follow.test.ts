/** A mirror that goes on, between two embedded brokers. */
import { expect, it } from 'vitest';
import { MirrorSide } from '../../../../../testkit/src/kafka/mirror-cases.ts';
import { chanceOf } from '../../../../../testkit/src/oracle/seed.ts';
import { waitFor } from '../../../../../testkit/src/process/wait.ts';
import { Broker } from '../../../broker/index.ts';
import { Mirror } from './mirror.ts';

it('follows what comes in and where groups stand, until it is told to stop', async () => {
  const chance = chanceOf('mirror that follows');
  const [source, target] = await Promise.all([Broker.start(), Broker.start()]);
  await using from = new MirrorSide(source.bootstrapServers);
  await using to = new MirrorSide(target.bootstrapServers);
  const stop = new AbortController();
  try {
    const topic = { topic: 'followed', partitions: 2 };
    await from.create(topic);
    await from.fill(chance, topic, 5);
    await from.client.metadata([]);
    const options = {
      topics: null,
      replicationFactor: null,
      follow: true,
      groups: true,
      signal: stop.signal,
    };
    const running = new Mirror(from.client, to.client, options).run();
    const isLevel = async (): Promise<boolean> => {
      const { topics } = await to.client.metadata(['followed']);
      if (topics.get('followed')?.errorCode !== 0) return false;
      return JSON.stringify(await to.ends('followed', 2)) === JSON.stringify(await from.ends('followed', 2));
    };
    await waitFor('the first records', isLevel, { timeoutMs: 50_000 });
    await from.fill(chance, topic, 10);
    await waitFor('what came later', isLevel, { timeoutMs: 50_000 });
    await from.admin.alterGroupOffsets('followers', [{ topic: 'followed', partition: 0, offset: 1 }]);
    stop.abort();
    const report = await running;
    expect(await to.records('followed', 2)).toEqual(await from.records('followed', 2));
    expect(report.partitions.map(({ failure }) => failure)).toEqual([null, null]);
    expect(await to.admin.groupOffsets('followers')).toMatchObject([{ partition: 0, offset: 1 }]);
  } finally {
    stop.abort();
    await source.stop();
    await target.stop();
  }
});
