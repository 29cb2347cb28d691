import { afterAll, beforeAll, describe, it } from 'vitest';
import { RealRedis } from '../../../../testkit/src/redis/real-redis.ts';
import { type Delivery, deliveryOf } from '../../component/delivery.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { redisSink } from './sink.ts';

let redis: RealRedis;
beforeAll(async () => {
  redis = await RealRedis.start();
});
afterAll(() => redis[Symbol.asyncDispose]());
let streams = 0;

interface Way {
  fail(stream: string): Promise<unknown>;
  heal(stream: string): Promise<unknown>;
}

const ways: Readonly<Record<string, Way>> = {
  'a server that is away': { fail: () => redis.kill(), heal: () => redis.restart() },
  'memory that is full': {
    fail: () => redis.ask('CONFIG', 'SET', 'maxmemory', '1'),
    heal: () => redis.ask('CONFIG', 'SET', 'maxmemory', '0'),
  },
  'a replica': {
    fail: () => redis.ask('REPLICAOF', '127.0.0.1', '1'),
    heal: () => redis.ask('REPLICAOF', 'NO', 'ONE'),
  },
  'rights that are gone': {
    fail: () => redis.ask('ACL', 'SETUSER', 'default', '-xadd'),
    heal: () => redis.ask('ACL', 'SETUSER', 'default', '+xadd'),
  },
  'a key that is no stream': {
    fail: async (stream) => {
      await redis.ask('RENAME', stream, `${stream}-kept`);
      await redis.ask('SET', stream, 'text');
    },
    heal: (stream) => redis.ask('RENAME', `${stream}-kept`, stream),
  },
};

for (const [how, { fail, heal }] of Object.entries(ways)) {
  sinkContract({ describe, it }, `redis, failing by ${how}`, {
    create: async () => {
      const stream = `s${streams++}`;
      return {
        sink: redisSink.create(contextFor(redisSink, { url: redis.url, stream })),
        delivered: async () => (await redis.entries(stream)).map(({ fields }) => fields.body!),
        fail: async () => void (await fail(stream)),
        heal: async () => void (await heal(stream)),
      };
    },
  });
}

/** The suite's bodies are bare words. */
const asJson = ({ batches }: Delivery): Delivery =>
  deliveryOf(
    batches.map((batch) =>
      batchOf(...bodiesOf(batch).map((word) => (word === 'bad' ? word : JSON.stringify({ word })))),
    ),
  );

sinkContract({ describe, it }, 'redis, members of JSON as fields', {
  create: async () => {
    const stream = `s${streams++}`;
    const sink = redisSink.create(contextFor(redisSink, { url: redis.url, stream, format: 'json' }));
    return {
      sink: {
        batch: sink.batch,
        start: (signal) => sink.start(signal),
        stop: (options) => sink.stop(options),
        deliver: (delivery, options) => sink.deliver(asJson(delivery), options),
      },
      delivered: async () => (await redis.entries(stream)).map(({ fields }) => fields.word!),
      refusable: () => batchOf('bad'),
    };
  },
});
