import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzRuns } from '../../../../testkit/src/fuzz/fuzz-runs.ts';
import {
  batchOf,
  type ClusterBench,
  clusterBench,
} from '../../../../testkit/src/kafka/fake-cluster/bench.ts';
import type { Fate, FateListener } from '../../component/lifetime.ts';
import type { PollableSource } from '../../component/source.ts';
import { contextFor } from '../../component/testing/context.ts';
import { javaMapText } from '../../java/hash-map.ts';
import { encodeAvroEvents } from '../../records/avro-event.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { kafkaSource } from './source.ts';

interface Put {
  readonly batch: EventBatch;
  readonly bodies: readonly string[];
  readonly onFate: FateListener;
}

/** A source on the fake cluster; its channels keep what comes, until `fail` says otherwise. */
function sourceOn(
  bootstrapServers: string,
  properties: Readonly<Record<string, string | number | boolean>> = {},
  fail: (batch: EventBatch) => void = () => {},
  hasPart = (_batch: EventBatch) => false,
) {
  const context = contextFor(kafkaSource, {
    'kafka.bootstrap.servers': bootstrapServers,
    'kafka.topics': 't',
    'kafka.consumer.auto.offset.reset': 'earliest',
    'kafka.consumer.heartbeat.interval.ms': 20,
    batchDurationMillis: 20,
    ...properties,
  });
  const puts: Put[] = [];
  const channels = {
    hasPart,
    put: async (batch: EventBatch, options: { onFate?: FateListener } = {}) => {
      fail(batch);
      const bodies = [...batch].map(({ body }) => body.toString());
      puts.push({ batch, bodies, onFate: options.onFate ?? (() => {}) });
    },
  };
  const source = kafkaSource.create({ ...context, channels }) as PollableSource;
  const signal = new AbortController().signal;
  return {
    source,
    context,
    puts,
    bodies: () => puts.flatMap((put) => put.bodies),
    turns: async (enough: () => boolean): Promise<void> => {
      for (let turns = 0; !enough(); turns++) {
        if (turns > 300) throw new Error(`not enough after 300 turns: ${context.log.lines.at(-1)}`);
        await source.process(signal);
      }
    },
    end: async () => {
      await source.stop({ deadline: Deadline.in(5000) });
      await source.settle?.({ deadline: Deadline.in(5000) });
    },
  };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `e${i}`);

async function filled(b: ClusterBench, bodies: readonly string[], partitions = 1): Promise<void> {
  b.cluster.addTopic('t', partitions);
  const producer = b.newProducer({ batchSizeBytes: 0 });
  await Promise.all(bodies.map((body, i) => producer.send('t', i % partitions, batchOf([body]))));
}

const committed = (b: ClusterBench): Record<string, number> =>
  Object.fromEntries(b.cluster.group('flume').offsets);

test('knows brokerList no more than Flume does: it is of the sink and the channel', () => {
  expect(kafkaSource.options['kafka.bootstrap.servers']).not.toHaveProperty('oldNames');
});

test('puts once more at its stop what only some channels have, and nothing else', async () => {
  for (const hasPart of [true, false]) {
    await using b = await clusterBench();
    await filled(b, ['a', 'b']);
    let failures = 1;
    const fail = () => {
      if (failures-- > 0) throw new Error('channel c2 is full');
    };
    const s = sourceOn(b.cluster.bootstrapServers, {}, fail, () => hasPart);
    await s.source.start();
    await s.turns(() => failures === 0);
    await s.end();
    expect([s.bodies(), committed(b)['t-0']]).toEqual(hasPart ? [['a', 'b'], 2] : [[], undefined]);
  }
});

describe('records that are no Avro events', () => {
  test('are set aside with their place, told, and everything else goes on in order', async () => {
    const shape = fc.record({
      kinds: fc.array(fc.constantFrom('event', 'event', 'text', 'empty', 'null', 'cut'), {
        minLength: 1,
        maxLength: 30,
      }),
      perBatch: fc.integer({ min: 1, max: 10 }),
      batchSize: fc.integer({ min: 1, max: 12 }),
      mapped: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ kinds, perBatch, batchSize, mapped }) => {
        await using b = await clusterBench();
        b.cluster.addTopic('t', 1);
        const producer = b.newProducer({ batchSizeBytes: 0 });
        for (let from = 0; from < kinds.length; from += perBatch) {
          const builder = new BatchBuilder();
          kinds.slice(from, from + perBatch).forEach((kind, i) => {
            const event = new BatchBuilder();
            event.add(`e${from + i}`, [['h', 'x']]);
            const datum = encodeAvroEvents(event.build()).event(0).body;
            const value = { event: datum, text: 'plain', empty: '', null: null, cut: datum.subarray(0, -1) }[
              kind
            ];
            builder.add(value, mapped ? [['r', `of ${from + i}`]] : undefined);
          });
          await producer.send('t', 0, builder.build());
        }
        const properties = { useFlumeEventFormat: true, batchSize, ...(mapped ? { 'header.m': 'r' } : {}) };
        const s = sourceOn(b.cluster.bootstrapServers, properties);
        await s.source.start();
        await s.turns(() => committed(b)['t-0'] === kinds.length);
        const sound = kinds.flatMap((kind, i) => (kind === 'event' ? [i] : []));
        expect(s.bodies()).toEqual(sound.map((i) => `e${i}`));
        const events = s.puts.flatMap(({ batch }) => [...batch]);
        expect(events.map((event) => event.header('m'))).toEqual(
          sound.map((i) => (mapped ? `of ${i}` : undefined)),
        );
        expect(events.map((event) => event.header('offset'))).toEqual(sound.map(String));
        const bad = kinds.flatMap((kind, i) => (kind === 'event' ? [] : [i]));
        expect(s.context.refused.bytes.map(({ position }) => position)).toEqual(bad);
        for (const { place, stage } of s.context.refused.bytes)
          expect([place, stage]).toEqual(['t-0', 'decode']);
        expect(s.context.log.lines.some((line) => line.includes('set aside'))).toBe(bad.length > 0);
        await s.end();
      }),
      fuzzRuns(20),
    );
  });

  test('hold everything up while they cannot be set aside, and nothing is committed', async () => {
    await using b = await clusterBench();
    await filled(b, ['text']);
    const s = sourceOn(b.cluster.bootstrapServers, { useFlumeEventFormat: true });
    s.context.refused.failure = new Error('no space left on the device');
    await s.source.start();
    await s.turns(() => s.context.log.lines.some((line) => line.includes('no space left')));
    expect(committed(b)).toEqual({});
    s.context.refused.failure = null;
    await s.turns(() => committed(b)['t-0'] === 1);
    expect(s.context.refused.bytes).toHaveLength(1);
    await s.end();
  });
});

test('events tell where they came from', async () => {
  await using b = await clusterBench();
  await filled(b, numbered(20), 2);
  const s = sourceOn(b.cluster.bootstrapServers, { batchSize: 7 });
  await s.source.start();
  await s.turns(() => s.bodies().length === 20);
  for (const { batch, bodies } of s.puts) {
    bodies.forEach((body, i) => {
      const n = Number(body.slice(1));
      const { provenance } = batch;
      expect(provenance?.source).toBe('x1');
      expect(provenance?.place?.split(', ')).toContain(`t-${n % 2}`);
      const offset = Number(batch.event(i).header('offset'));
      expect(offset).toBe(n >> 1);
      if (batch.origin?.offsetHeader === undefined) expect(provenance?.positionOf?.(i)).toBe(offset);
    });
  }
  await s.end();
});

test('headers are printed in the order of Flume 1.11, alone and joined', async () => {
  await using b = await clusterBench();
  b.cluster.addTopic('t', 1);
  const producer = b.newProducer({ batchSizeBytes: 0 });
  const value = new BatchBuilder();
  value.add('value1', [['h1', 'a']], 'k1', 1700000000000);
  const plain = new BatchBuilder();
  plain.add('nokey', undefined, null, 1700000000001);
  for (const builder of [value, plain]) await producer.send('t', 0, builder.build());
  for (const batchSize of [1, 10]) {
    const group = { 'kafka.consumer.group.id': `g${batchSize}` };
    const s = sourceOn(b.cluster.bootstrapServers, { batchSize, 'header.myh': 'h1', ...group });
    await s.source.start();
    await s.turns(() => s.bodies().length === 2);
    const printed = s.puts.flatMap(({ batch }) =>
      [...batch].map((event) => javaMapText(event.headers(), batch.origin?.isCopiedMap)),
    );
    // As real Flume printed them.
    expect(printed).toEqual([
      '{partition=0, offset=0, topic=t, myh=a, key=k1, timestamp=1700000000000}',
      '{topic=t, partition=0, offset=1, timestamp=1700000000001}',
    ]);
    await s.end();
  }
});

describe('offsets and what becomes of events', () => {
  test('a put that fails is tried again with the same batch', async () => {
    await using b = await clusterBench();
    await filled(b, numbered(30), 3);
    const tried = new Map<EventBatch, number>();
    const s = sourceOn(b.cluster.bootstrapServers, { batchSize: 10 }, (batch) => {
      const times = (tried.get(batch) ?? 0) + 1;
      tried.set(batch, times);
      if (times < 3) throw new Error('full');
    });
    await s.source.start();
    await s.turns(() => s.bodies().length === 30);
    expect([...tried.values()].every((times) => times === 3)).toBe(true);
    expect(s.bodies().toSorted()).toEqual(numbered(30).toSorted());
    await s.end();
  });

  const shape = fc.record({
    partitions: fc.integer({ min: 1, max: 3 }),
    fates: fc.array(fc.constantFrom<Fate>('delivered', 'delivered', 'held', 'lost'), {
      minLength: 30,
      maxLength: 30,
    }),
    order: fc.array(fc.nat(1000), { minLength: 30, maxLength: 30 }),
    batchSize: fc.integer({ min: 1, max: 8 }),
  });

  test.each(['channel', 'delivered'] as const)(
    'acknowledge=%s: after the end everything from the first lost event on is read again, and nothing before it',
    async (acknowledge) => {
      await fc.assert(
        fc.asyncProperty(shape, async ({ partitions, fates, order, batchSize }) => {
          await using b = await clusterBench();
          await filled(b, numbered(24), partitions);
          const s = sourceOn(b.cluster.bootstrapServers, { acknowledge, batchSize });
          await s.source.start();
          await s.turns(() => s.bodies().length === 24);
          const fateOf = s.puts.map((_, i) => fates[i % fates.length]!);
          // Some fates are known while it runs, in any order; the rest when it has stopped.
          const all = s.puts.map((put, i) => ({ put, fate: fateOf[i]!, at: order[i % order.length]! }));
          const sorted = all.toSorted((x, y) => x.at - y.at);
          const early = sorted.filter(({ fate, at }) => fate !== 'lost' && at % 2 === 0);
          for (const { put, fate } of early) put.onFate(fate);
          const deadline = Deadline.in(5000);
          await s.source.stop({ deadline });
          if (acknowledge === 'channel') {
            const ends = Object.fromEntries(
              b.cluster.topics.get('t')!.partitions.map(({ endOffset }, p) => [`t-${p}`, endOffset]),
            );
            expect(committed(b)).toEqual(ends);
          }
          for (const each of sorted) if (!early.includes(each)) each.put.onFate(each.fate);
          await s.source.settle?.({ deadline });
          for (let p = 0; p < partitions; p++) {
            const mine = s.puts.flatMap(({ batch }, i) =>
              [...batch].flatMap((event) =>
                event.header('partition') === String(p)
                  ? [{ offset: Number(event.header('offset')), fate: fateOf[i]! }]
                  : [],
              ),
            );
            const firstLost = mine.find(({ fate }) => fate === 'lost')?.offset;
            expect(committed(b)[`t-${p}`] ?? 0).toBe(firstLost ?? mine.length);
          }
          expect(b.cluster.group('flume').memberIds).toEqual([]);
          expect(b.cluster.group('flume').commits.every(({ generationId }) => generationId > 0)).toBe(true);
        }),
        fuzzRuns(12),
      );
    },
  );

  test('acknowledge=delivered commits nothing before the destination has it', async () => {
    await using b = await clusterBench();
    await filled(b, numbered(9));
    const s = sourceOn(b.cluster.bootstrapServers, { acknowledge: 'delivered', batchSize: 3 });
    await s.source.start();
    await s.turns(() => s.bodies().length === 9);
    expect(committed(b)).toEqual({});
    s.puts[1]!.onFate('delivered');
    await s.source.process(new AbortController().signal);
    expect(committed(b)).toEqual({});
    s.puts[0]!.onFate('held');
    await s.source.process(new AbortController().signal);
    expect(committed(b)).toEqual({ 't-0': s.puts[0]!.bodies.length + s.puts[1]!.bodies.length });
    await s.end();
  });

  test('what a channel loses while the source goes on is read again', async () => {
    await using b = await clusterBench();
    await filled(b, numbered(9));
    const s = sourceOn(b.cluster.bootstrapServers, { batchSize: 3 });
    await s.source.start();
    await s.turns(() => s.bodies().length === 9);
    s.puts[0]!.onFate('delivered');
    s.puts[1]!.onFate('lost');
    const from = s.puts[0]!.bodies.length;
    await s.turns(() => s.bodies().length === 9 + 9 - from);
    expect(s.bodies().slice(9)).toEqual(numbered(9).slice(from));
    expect(s.context.log.lines.join()).toContain(`events of t-0 from offset ${from} on were lost`);
    await s.end();
  });
});

test('a broker that takes the connection and is silent holds up no stop beyond its deadline', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const s = sourceOn(`127.0.0.1:${port}`);
  await s.source.start();
  await s.source.process(new AbortController().signal);
  expect(sockets.size).toBeGreaterThan(0);
  const deadline = Deadline.in(100);
  await s.source.stop({ deadline });
  await s.source.settle?.({ deadline });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
}, 4000);

test('a coordinator that falls silent holds up no stop beyond its deadline', async () => {
  await using b = await clusterBench();
  await filled(b, numbered(4));
  const s = sourceOn(b.cluster.bootstrapServers, { acknowledge: 'delivered' });
  await s.source.start();
  await s.turns(() => s.bodies().length === 4);
  b.cluster.requestFault = () => 'silence';
  for (const { onFate } of s.puts) onFate('delivered');
  const deadline = Deadline.in(150);
  await s.source.stop({ deadline });
  await s.source.settle?.({ deadline });
  expect(s.context.log.lines.join('\n')).toMatch(/Error committing offsets/);
}, 5000);

test.each(['channel', 'delivered'])(
  'a topic that is made again with fewer records is committed from its start on: acknowledge = %s',
  async (acknowledge) => {
    await using b = await clusterBench();
    await filled(b, numbered(6));
    const s = sourceOn(b.cluster.bootstrapServers, { acknowledge, 'kafka.consumer.metadata.max.age.ms': 20 });
    await s.source.start();
    const isCommitted = (offset: number) => () => {
      for (const { onFate } of s.puts) onFate('delivered');
      return committed(b)['t-0'] === offset;
    };
    await s.turns(isCommitted(6));
    const producer = b.newProducer({ batchSizeBytes: 0, idempotence: false });
    b.cluster.group('flume').offsets.clear();
    b.cluster.addTopic('t', 1);
    await b.client.refreshTopics(['t']);
    for (let i = 0; i < 2; i++) await producer.send('t', 0, batchOf([`new ${i}`]));
    await s.turns(isCommitted(2));
    expect(s.bodies()).toEqual([...numbered(6), 'new 0', 'new 1']);
    await s.end();
  },
);
