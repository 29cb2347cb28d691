import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../../testkit/src/files/memory-store.ts';
import { Chance, chanceOf, roundsOr } from '../../../../testkit/src/oracle/seed.ts';
import { type Delivery, type DeliveryOutcome, deliveryOf, partOf } from '../../component/delivery.ts';
import { machineZone } from '../../java/time-zone.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { BucketPath } from './bucket-path.ts';
import { BucketedFiles } from './bucketed-files.ts';
import { plainFormat } from './file-format.ts';
import { bucketFault, type FileNaming } from './file-names.ts';
import { LeftFiles } from './left-files.ts';

const never = new AbortController().signal;
const naming: FileNaming = { inUsePrefix: '', inUseSuffix: '.tmp', suffix: '.txt' };
const context = { options: { appendNewline: true } } as unknown as Parameters<
  typeof textSerializer.create
>[0];

interface Logged {
  readonly offset: number;
  readonly body: string;
  readonly bucket: string;
}

function filesOver(
  store: MemoryStore,
  rollEvents: number,
  { maxOpenFiles = 100, mostHeldBytes = Number.POSITIVE_INFINITY } = {},
) {
  const left = new LeftFiles({
    ...{ store, note: null, tries: 1, retryMs: 1000, label: 'sink k1' },
    report: () => {},
  });
  const files = new BucketedFiles({
    ...{ store, left, naming, mode: 'stream', maxOpenFiles, namesByOffset: true, mostHeldBytes },
    format: plainFormat(() => textSerializer.create(context)),
    path: new BucketPath({
      ...{ folder: '%{bucket}', prefix: 'f', zone: machineZone, rounding: null, useLocalTime: false },
      faultOf: (bucket) => bucketFault(naming, bucket),
    }),
    rules: { intervalMs: 0, events: rollEvents, bodyBytes: 0, idleMs: 0 },
    now: () => 0,
    ...{ onOpened: () => {}, onOpenFailed: () => {}, onFinished: () => {} },
  });
  return { files, left };
}

/** Events as a Kafka channel gives them, or as they come from KafkaSource by another channel. */
function batchOf(
  events: readonly Logged[],
  partition: number,
  way: 'channel' | 'source' | 'headers',
): EventBatch {
  const builder = new BatchBuilder();
  for (const { body, bucket, offset } of events) {
    const headers =
      way === 'headers' ? { topic: 't', partition: String(partition), offset: String(offset) } : {};
    builder.add(Buffer.from(body), new Map(Object.entries({ bucket, ...headers })));
  }
  const batch = builder.build();
  if (way === 'headers') return batch;
  const offsets = events.map(({ offset }) => offset);
  if (way === 'channel') {
    const positionOf = (delta: number) => offsets[delta]!;
    return batch.withProvenance({ place: `t-${partition}`, log: { topic: 't', partition }, positionOf });
  }
  return batch.withSharedHeaders(
    new Map([
      ['topic', 't'],
      ['partition', String(partition)],
    ]),
  );
}

/** A partition's log with gaps, as compaction and markers leave them. */
function logOf(chance: Chance, partition: number, count: number): Logged[] {
  let offset = chance.int(0, 5);
  return Array.from({ length: count }, () => {
    offset += chance.bool(0.1) ? chance.int(2, 9) : 1;
    return { offset, body: `${partition}:${offset}`, bucket: chance.pick(['a', 'b']) };
  });
}

/** Plays lives of a process over one store until all is delivered; gives what is in the store then. */
async function play(seed: number, kind: 'disk' | 'objects'): Promise<Map<string, Buffer>> {
  const chance = new Chance(seed);
  const way = chance.pick(['channel', 'headers'] as const);
  const logs = [0, 1].map((partition) => logOf(chance, partition, chance.int(20, 80)));
  const committed = [0, 0]; // places in the logs
  const objects = new Map<string, Buffer>();
  for (let life = 0; ; life++) {
    const isLast = life === 6;
    let callsLeft = isLast ? Number.POSITIVE_INFINITY : chance.int(1, 150);
    const isDead = () => callsLeft <= 0;
    const store = new MemoryStore(kind, objects, () => {
      callsLeft--;
      if (isDead()) return callsLeft === 0 ? chance.pick(['fails', 'unanswered'] as const) : 'fails';
      if (isLast || !chance.bool(0.04)) return 'works';
      return chance.pick(['fails', 'unanswered'] as const);
    });
    const { files, left } = filesOver(store, chance.int(2, 9), {
      maxOpenFiles: chance.pick([1, 2, 100]),
      mostHeldBytes: chance.pick([10, 50, 1_000_000]),
    });
    const at = [...committed];
    /** In the order of the takes. */
    const flights: {
      delivery: Delivery;
      partition: number;
      to: number;
      outcome: Promise<DeliveryOutcome>;
    }[] = [];
    const land = async () => {
      await files.closeAll();
      for (const flight of flights.splice(0)) {
        let { pending = [] } = await flight.outcome;
        let rest = partOf(flight.delivery, pending);
        while (pending.length > 0 && !isDead()) {
          const again = files.deliver(rest, never);
          await files.closeAll();
          pending = (await again).pending ?? [];
          rest = partOf(rest, pending);
        }
        if (pending.length > 0) return; // dead: nothing behind it is committed either
        committed[flight.partition] = Math.max(committed[flight.partition]!, flight.to);
      }
    };
    while (!isDead() && at.some((place, p) => place < logs[p]!.length)) {
      const partition = chance.int(0, 1);
      const log = logs[partition]!;
      let from = at[partition]!;
      // What a file channel got twice before its source could say that it has it.
      if (way === 'headers' && chance.bool(0.1)) from = Math.max(0, from - chance.int(1, 12));
      const to = Math.min(log.length, Math.max(at[partition]!, from) + chance.int(1, 15));
      if (from === to) continue;
      const delivery = deliveryOf([batchOf(log.slice(from, to), partition, way)]);
      flights.push({ delivery, partition, to, outcome: files.deliver(delivery, never) });
      at[partition] = to;
      if (chance.bool(0.3)) await new Promise(setImmediate);
      if (flights.length >= 5) await land();
    }
    await land();
    left.stop();
    if (isLast) {
      expect(committed).toEqual(logs.map(({ length }) => length));
      const expected = logs.flat().map(({ body }) => body);
      const found = [...objects]
        .filter(([name]) => !name.endsWith('.tmp'))
        .flatMap(([, bytes]) => bytes.toString().split('\n').slice(0, -1));
      expect(found.sort(), `seed ${seed}, ${kind}, ${way}`).toEqual(expected.sort());
      return objects;
    }
  }
}

/** Plays a sink's window over a store whose calls take their time: what comes again does not wait for what is under way. */
async function playWindow(seed: number, kind: 'disk' | 'objects'): Promise<void> {
  const chance = new Chance(seed);
  const log = logOf(chance, 0, chance.int(30, 100));
  const objects = new Map<string, Buffer>();
  let calls = 0;
  const memory = new MemoryStore(kind, objects, () => {
    if (++calls > 2000 || !chance.bool(0.15)) return 'works';
    return chance.pick(['fails', 'unanswered'] as const);
  });
  const create = memory.create.bind(memory);
  memory.create = async (name) => {
    const file = await create(name);
    const close = file.close.bind(file);
    file.close = async () => {
      for (let turns = chance.int(0, 40); turns > 0; turns--) await new Promise(setImmediate);
      await close();
    };
    return file;
  };
  const { files, left } = filesOver(memory, chance.pick([0, 3, 9]));
  const again: { delivery: Delivery; order: number }[] = [];
  const flights = new Set<Promise<void>>();
  let at = 0;
  let order = 0;
  while (at < log.length || again.length > 0 || flights.size > 0) {
    const mayTake = flights.size < 6 && (again.length > 0 || at < log.length);
    if (mayTake) {
      const isNew = again.length === 0;
      const to = Math.min(log.length, at + chance.int(1, 8));
      const next = again.shift() ?? {
        delivery: deliveryOf([batchOf(log.slice(at, to), 0, 'channel')]),
        order: order++,
      };
      if (isNew) at = to;
      const flight = files.deliver(next.delivery, never).then(({ pending = [] }) => {
        flights.delete(flight);
        if (pending.length === 0) return;
        again.push({ ...next, delivery: partOf(next.delivery, pending) });
        again.sort((a, b) => a.order - b.order);
      });
      flights.add(flight);
    }
    if (chance.bool(0.3) || !mayTake) void files.closeAll();
    if (chance.bool(0.5) || !mayTake) await new Promise(setImmediate);
  }
  await files.closeAll();
  left.stop();
  const found = [...objects]
    .filter(([name]) => !name.endsWith('.tmp'))
    .flatMap(([, bytes]) => bytes.toString().split('\n').slice(0, -1));
  expect(found.sort(), `seed ${seed}, ${kind}`).toEqual(log.map(({ body }) => body).sort());
}

describe('names by offsets', () => {
  it.each(['disk', 'objects'] as const)(
    '%s: whatever fails, ends or comes twice, each event is in one file, whose name says where it stood',
    async (kind) => {
      const chance = chanceOf(`names by offsets, ${kind}`);
      for (let round = 0; round < roundsOr(60); round++) {
        for (const [name, bytes] of await play(chance.int(1, 2 ** 31 - 1), kind)) {
          if (name.endsWith('.tmp')) continue;
          const [, partition, first, last] = /^[ab]\/f\.t\+(\d)\+(\d{10})\+(\d{10})\.txt$/.exec(name)!;
          const lines = bytes.toString().split('\n').slice(0, -1);
          expect(lines[0]).toBe(`${partition}:${Number(first)}`);
          expect(lines.at(-1)).toBe(`${partition}:${Number(last)}`);
        }
      }
    },
  );

  it.each(['disk', 'objects'] as const)(
    '%s: what comes again beside what is under way, and new behind it, is in one file each',
    async (kind) => {
      const chance = chanceOf(`names by offsets in a window, ${kind}`);
      for (let round = 0; round < roundsOr(60); round++) await playWindow(chance.int(1, 2 ** 31 - 1), kind);
    },
  );

  it('ends files that wait for their names when they hold enough, and fills others meanwhile', async () => {
    const objects = new Map<string, Buffer>();
    const { files } = filesOver(new MemoryStore('objects', objects, () => 'works'), 0, { mostHeldBytes: 40 });
    const deliver = (partition: number, offset: number) => {
      const event = { offset, body: 'x'.repeat(19), bucket: 'a' };
      return files.deliver(deliveryOf([batchOf([event], partition, 'channel')]), never);
    };
    // Nobody flushes: the second has 40 bytes together, the fourth again.
    await Promise.all([deliver(0, 1), deliver(1, 1), deliver(0, 2), deliver(1, 2)]);
    const pending = deliver(0, 3);
    const ended = ['0+0000000001', '0+0000000002', '1+0000000001', '1+0000000002'];
    expect([...objects.keys()].sort()).toEqual(ended.map((name) => `a/f.t+${name}+${name.slice(2)}.txt`));
    await files.closeAll();
    await pending;
  });

  it('goes over no place whose file has failed while what came before it comes again', async () => {
    const objects = new Map<string, Buffer>();
    const memory = new MemoryStore('objects', objects, () => 'works');
    /** Names of files whose end is held up, and how it fails. */
    const held = new Map<string, (error: Error) => void>();
    let holds = true;
    const create = memory.create.bind(memory);
    memory.create = async (name) => {
      const file = await create(name);
      const close = file.close.bind(file);
      file.close = () => (holds ? new Promise((_, reject) => held.set(name, reject)) : close());
      return file;
    };
    const { files } = filesOver(memory, 0);
    const deliver = (...offsets: number[]) => {
      const events = offsets.map((offset) => ({ offset, body: `0:${offset}`, bucket: 'a' }));
      return files.deliver(deliveryOf([batchOf(events, 0, 'channel')]), never);
    };
    const ends = async (name: string) => {
      void files.closeAll();
      await expect.poll(() => held.has(name)).toBe(true);
    };
    const [early, late] = ['0000000001+0000000002', '0000000003+0000000004'].map(
      (span) => `a/f.t+0+${span}.txt`,
    );
    const first = deliver(1, 2);
    await ends(early!);
    const second = deliver(3, 4);
    await ends(late!);
    held.get(early!)!(new Error('cut'));
    expect((await first).pending).toEqual([0, 1]);
    holds = false;
    // Behind what comes again there is new already when the next file fails.
    const again = deliver(1, 2);
    const fresh = deliver(5, 6);
    held.get(late!)!(new Error('cut'));
    expect((await second).pending).toEqual([0, 1]);
    const secondAgain = deliver(3, 4);
    await files.closeAll();
    for (const outcome of await Promise.all([again, fresh, secondAgain]))
      expect(outcome.pending ?? []).toEqual([]);
    const found = [...objects.values()].flatMap((bytes) => bytes.toString().split('\n').slice(0, -1));
    expect(found.sort()).toEqual([1, 2, 3, 4, 5, 6].map((offset) => `0:${offset}`));
  });

  it('goes on behind a delivery whose places are not to be had', async () => {
    const objects = new Map<string, Buffer>();
    const { files } = filesOver(new MemoryStore('objects', objects, () => 'works'), 0);
    const batch = batchOf([{ offset: 1, body: '0:1', bucket: 'a' }], 0, 'channel');
    const positionOf = () => {
      throw new Error('not now');
    };
    const outcomes = await Promise.allSettled([
      files.deliver(deliveryOf([batch.withProvenance({ ...batch.provenance!, positionOf })]), never),
      files.closeAll(),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    const again = files.deliver(deliveryOf([batch]), never);
    await files.closeAll();
    expect((await again).pending ?? []).toEqual([]);
    expect([...objects.values()].map(String)).toEqual(['0:1\n']);
  });

  it('sets aside what says not where it stood, or names no topic', async () => {
    const { files } = filesOver(new MemoryStore('objects', new Map(), () => 'works'), 0);
    const builder = new BatchBuilder();
    const position = { topic: 't', partition: '0', offset: '1' };
    for (const headers of [{}, position, { ...position, topic: '../t' }, { ...position, offset: '-1' }])
      builder.add(Buffer.from('x'), new Map(Object.entries({ bucket: 'a', ...headers })));
    const outcome = files.deliver(deliveryOf([builder.build()]), never);
    await files.closeAll();
    expect((await outcome).refused?.map(({ index }) => index)).toEqual([0, 2, 3]);
  });
});
