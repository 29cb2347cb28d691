import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chanceOf } from '../../../../testkit/src/oracle/seed.ts';
import { eventsFrom } from '../../../../testkit/src/redis/numbered-events.ts';
import { RealRedisCluster } from '../../../../testkit/src/redis/real-redis-cluster.ts';
import { type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { errorText } from '../../runtime/errors.ts';
import { redisSink } from './sink.ts';
import { slotOf } from './slots.ts';

let cluster: RealRedisCluster;
beforeAll(async () => {
  cluster = await RealRedisCluster.start();
});
afterAll(() => cluster?.[Symbol.asyncDispose]());
const { signal } = new AbortController();
const url = () => cluster.nodes[0]!.url;

it('hash slots are those that Redis has', async () => {
  const keys = ['123456789', '{user}.x', '{}.x', '{{a}}b', 'foo{bar}{zap}', 'größe', '{', '}{a}', ''];
  for (const key of keys)
    expect([key, slotOf(key)]).toEqual([key, await cluster.nodes[0]!.ask('CLUSTER', 'KEYSLOT', key)]);
});

let streams = 0;
for (const [how, away] of [
  ['the node of the stream is away', true],
  ['the stream is a text', false],
] as const) {
  sinkContract({ describe, it }, `redis cluster, failing because ${how}`, {
    create: async () => {
      const stream = `s${streams++}`;
      // The sink is told of a node that need not have the stream.
      const node = () => cluster.nodeOf(stream);
      let down: Awaited<ReturnType<typeof node>>;
      return {
        sink: redisSink.create(contextFor(redisSink, { url: url(), stream })),
        delivered: async () => (await cluster.entries(stream)).map(({ fields }) => fields.body!),
        fail: async () => {
          down = await node();
          if (away) await down.kill();
          else {
            await down.ask('RENAME', stream, `{${stream}}-kept`);
            await down.ask('SET', stream, 'text');
          }
        },
        heal: async () => {
          if (away) {
            await down.restart();
            await cluster.waitUntilWhole();
          } else await down.ask('RENAME', `{${stream}}-kept`, stream);
        },
      };
    },
  });
}

it('has each event of many partitions once, over nodes that are killed and slots that move', async () => {
  const chance = chanceOf('redis cluster, ids = offset');
  const stream = `t${streams++}`;
  const context = contextFor(redisSink, { url: url(), stream, ids: 'offset' });
  const sink = redisSink.create(context);
  await sink.start();
  const partitions = 7;
  const next: number[] = Array.from({ length: partitions }, () => 0);
  const nameOf = (partition: number) => `${stream}:load:${partition}`;
  const errors = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const batches = Array.from({ length: 4 }, () => {
      const partition = chance.int(0, partitions - 1);
      const first = chance.bool(0.3) ? Math.max(0, next[partition]! - chance.int(0, 20)) : next[partition]!;
      const count = chance.int(1, 20);
      next[partition] = Math.max(next[partition]!, first + count);
      return eventsFrom(first, count, partition);
    });
    if (round % 6 === 2) await cluster.moveSlotOf(nameOf(chance.int(0, partitions - 1)));
    const dying = round % 10 === 5 ? chance.pick(cluster.nodes) : null;
    const death = dying
      ?.kill()
      .then(() => dying.restart())
      .then(() => cluster.waitUntilWhole());
    let left = deliveryOf(batches);
    while (left.events > 0) {
      try {
        const outcome: DeliveryOutcome = (await sink.deliver(left, { signal })) ?? {};
        expect(outcome.refused ?? []).toEqual([]);
        left = partOf(left, outcome.pending ?? []);
      } catch (error) {
        errors.add(errorText(error));
        await death;
      }
    }
    await death;
  }
  await sink.stop();
  for (const error of errors) expect(error).toMatch(/^sink x1: Redis at 127\.0\.0\.1:\d+: [^\n]+$/);
  const servers = new Set<number>();
  for (const [partition, end] of next.entries()) {
    if (end === 0) continue;
    const entries = await cluster.entries(nameOf(partition));
    expect(entries.map(({ fields }) => Number(fields.body))).toEqual([...Array(end).keys()]);
    servers.add((await cluster.nodeOf(nameOf(partition))).port);
  }
  expect(servers.size).toBeGreaterThan(1);
});

it('follows a stream to another node', async () => {
  const stream = `t${streams++}`;
  const sink = redisSink.create(contextFor(redisSink, { url: url(), stream }));
  await sink.start();
  const seen: string[] = [];
  for (let i = 0; i < 4; i++) {
    expect((await sink.deliver(deliveryOf([batchOf(`${i}`)]), { signal })) ?? {}).toMatchObject({
      pending: [],
    });
    seen.push(`${i}`);
    await cluster.moveSlotOf(stream);
  }
  await sink.stop();
  expect((await cluster.entries(stream)).map(({ fields }) => fields.body)).toEqual(seen);
});

it('is asked by nobody who may not ask: the log says what to grant', async () => {
  for (const node of cluster.nodes)
    await node.ask(
      'ACL',
      'SETUSER',
      'narrow',
      'on',
      '>secret-pass',
      '~*',
      '+xadd',
      '+multi',
      '+exec',
      '+hello',
      '+auth',
      '+select',
      '+client',
    );
  const stream = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find((name) => slotOf(name) > 6000)!;
  const narrow = url().replace('//', '//narrow@');
  const sink = redisSink.create(contextFor(redisSink, { url: narrow, password: 'secret-pass', stream }));
  await sink.start();
  const told = await Promise.resolve(sink.deliver(deliveryOf([batchOf('a')]), { signal })).then(
    (outcome) => errorText((outcome as DeliveryOutcome | undefined)?.error),
    (error) => errorText(error),
  );
  await sink.stop();
  expect(told).toMatch(/MOVED .*grant INFO and CLUSTER/);
});
