import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { chanceOf } from '../../../../testkit/src/oracle/seed.ts';
import { eventsFrom } from '../../../../testkit/src/redis/numbered-events.ts';
import { RealRedis } from '../../../../testkit/src/redis/real-redis.ts';
import { type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';
import { redisSink } from './sink.ts';

let redis: RealRedis;
beforeAll(async () => {
  redis = await RealRedis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());
const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
let streams = 0;
const { signal } = new AbortController();

async function started(properties: Record<string, string | number | boolean> = {}) {
  const stream = `t${streams++}`;
  const context = contextFor(redisSink, { url: redis.url, stream, ...properties });
  const sink = redisSink.create(context);
  await sink.start();
  endings.push(() => sink.stop());
  const deliver = async (batch: EventBatch): Promise<DeliveryOutcome> =>
    (await sink.deliver(deliveryOf([batch]), { signal })) ?? {};
  return { sink, stream: String(properties.stream ?? stream), context, deliver };
}

const bodiesOf = async (stream: string) => (await redis.entries(stream)).map(({ fields }) => fields.body);
const upTo = (end: number) => [...Array(end).keys()].map(String);

describe('an entry of the redis sink', () => {
  it('has the body and the headers of its event', async () => {
    const { stream, deliver } = await started();
    const builder = new BatchBuilder();
    builder.add(
      'körper',
      new Map([
        ['body', 'x'],
        ['größe', '1 m'],
      ]),
    );
    await deliver(builder.build());
    expect((await redis.entries(stream))[0]!.fields).toEqual({
      body: 'körper',
      'headers.body': 'x',
      'headers.größe': '1 m',
    });
  });

  it('has the members of a JSON body, every digit of them', async () => {
    const { stream, deliver } = await started({ format: 'json', headers: false });
    const body = String.raw`{"n": 12345678901234567890.10, "t":"a\u00e9\n", "\"q":true, "none":null, "o":{"a":[1, 2]}, "":"" }`;
    const { refused } = await deliver(batchOf(body, '[1]', '{"a":null}', '{"a"', '{"b":2}'));
    expect((await redis.entries(stream)).map(({ fields }) => fields)).toEqual([
      { n: '12345678901234567890.10', t: 'aé\n', '"q': 'true', o: '{"a":[1, 2]}', '': '' },
      { b: '2' },
    ]);
    expect(refused).toEqual([
      { index: 1, reason: 'the body is no JSON object' },
      { index: 2, reason: 'the body is an object without fields' },
      { index: 3, reason: 'the body: it is no JSON at byte 4' },
    ]);
  });

  it('goes when the stream is as long as it may be', async () => {
    const { stream, deliver } = await started({ maxLength: 3, maxLengthExact: true });
    await deliver(batchOf('a', 'b', 'c', 'd', 'e'));
    expect(await bodiesOf(stream)).toEqual(['c', 'd', 'e']);
  });
});

describe('with ids = offset', () => {
  it('each event is there once, however deliveries are repeated and wherever the server dies', async () => {
    const chance = chanceOf('redis, ids = offset');
    const { sink, stream } = await started({ ids: 'offset' });
    const next = [0, 0, 0];
    let kills = 0;
    for (let round = 0; round < 40; round++) {
      const batches = Array.from({ length: 1 + chance.int(0, 2) }, () => {
        const partition = chance.int(0, 2);
        const first =
          chance.int(0, 2) === 0 ? Math.max(0, next[partition]! - chance.int(0, 29)) : next[partition]!;
        const count = 1 + chance.int(0, 19);
        next[partition] = Math.max(next[partition]!, first + count);
        return eventsFrom(first, count, partition);
      });
      const dies = round === 20 || chance.int(0, 7) === 0;
      const death = dies ? redis.kill().then(() => redis.restart()) : null;
      kills += dies ? 1 : 0;
      let left = deliveryOf(batches);
      while (left.events > 0) {
        try {
          const { pending = [], refused = [] } = (await sink.deliver(left, { signal })) ?? {};
          expect(refused).toEqual([]);
          left = partOf(left, pending);
        } catch (error) {
          expect(errorText(error)).toMatch(/Redis at 127\.0\.0\.1/);
          await death;
        }
      }
      await death;
    }
    expect(kills).toBeGreaterThan(0);
    for (const [partition, end] of next.entries()) {
      const entries = end === 0 ? [] : await redis.entries(`${stream}:load:${partition}`);
      expect(entries.map(({ fields }) => fields.body)).toEqual(upTo(end));
      expect(entries.map(({ id }) => id)).toEqual(upTo(end).map((offset) => `${offset}-1`));
    }
  });

  it('what comes behind greater entries and was never there is refused, not forgotten', async () => {
    const { stream, deliver } = await started({ ids: 'offset' });
    await deliver(eventsFrom(10, 5));
    const { refused } = await deliver(eventsFrom(8, 5));
    expect(refused).toEqual([
      {
        index: 0,
        reason: expect.stringMatching(/entry 8-1 of the stream t\d+:load:0 is not there, and greater/),
      },
      { index: 1, reason: expect.stringContaining('entry 9-1') },
    ]);
    expect(await bodiesOf(`${stream}:load:0`)).toEqual(['10', '11', '12', '13', '14']);
  });

  it('what was there and is trimmed or deleted by now counts as there', async () => {
    const { stream, deliver } = await started({ ids: 'offset' });
    await deliver(eventsFrom(0, 10));
    await redis.ask('XTRIM', `${stream}:load:0`, 'MAXLEN', '6');
    await redis.ask('XDEL', `${stream}:load:0`, '6-1', '7-1');
    expect((await deliver(eventsFrom(0, 12))).refused ?? []).toEqual([]);
    expect(await bodiesOf(`${stream}:load:0`)).toEqual(['4', '5', '8', '9', '10', '11']);
  });

  it('events from elsewhere go to the stream itself, and that is told once', async () => {
    const { stream, deliver, context } = await started({ ids: 'offset' });
    await deliver(batchOf('a'));
    await deliver(batchOf('b'));
    expect(await bodiesOf(stream)).toEqual(['a', 'b']);
    expect(context.log.lines.filter((line) => line.includes('come from no topic')).length).toBe(1);
  });
});

describe('a server that asks who comes', () => {
  const failure = async (sink: Sink) =>
    sink.deliver(deliveryOf([batchOf('a')]), { signal }).then(
      () => 'none',
      (error) => errorText(error),
    );

  it('gets the password, over TLS, from nobody who does not know it', async () => {
    await using secured = await RealRedis.start({
      tls: { certificate: certificates.certificate, key: certificates.pem },
    });
    await secured.ask('ACL', 'SETUSER', 'collector', 'on', '>secret-pass', '~*', '+@all');
    const url = secured.url.replace('//', '//collector@');
    const truststore = certificates.certificate;
    const good = await started({ url, password: 'secret-pass', truststore });
    await good.deliver(batchOf('a'));
    expect((await secured.entries(good.stream)).length).toBe(1);
    const wrong = await started({ url, password: 'wrong-pass', truststore });
    const why = await failure(wrong.sink);
    expect(why).toContain('WRONGPASS');
    expect(why).not.toContain('wrong-pass');
    const unknown = await started({ url, password: 'secret-pass' });
    expect(await failure(unknown.sink)).toMatch(/self.signed|certificate/);
    expect(
      await failure((await started({ url: url.replace('rediss', 'redis'), password: 'x' })).sink),
    ).not.toBe('none');
  });

  it('of a cluster of which nobody has the slots says so', async () => {
    await using node = await RealRedis.start({ settings: { 'cluster-enabled': 'yes' } });
    const { sink } = await started({ url: node.url });
    expect(await failure(sink)).toMatch(/no node of its cluster has the hash slot \d+$/);
  });
});
