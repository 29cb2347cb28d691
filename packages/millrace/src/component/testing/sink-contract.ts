import assert from 'node:assert/strict';
import type { EventBatch } from '../../records/event-batch.ts';
import { concatBatches } from '../../records/transform.ts';
import {
  type Delivery,
  type DeliveryOutcome,
  deliveryOf,
  partOf,
  type RefusedInDelivery,
} from '../delivery.ts';
import type { Sink } from '../sink.ts';
import { batchOf, numbered, type TestApi } from './test-api.ts';

/** A sink under test and its destination. */
export interface SinkFixture {
  readonly sink: Sink;
  /** The bodies that the destination has acknowledged, in the order in which they came, doubles included. */
  delivered(): Promise<string[]>;
  /** Makes the destination fail what comes, until `heal`. Absent: the sink has nothing that can fail. */
  fail?(): Promise<void>;
  heal?(): Promise<void>;
  /** A batch of one event that the destination refuses for good. Absent: there is no such event. */
  refusable?(): EventBatch;
  dispose?(): Promise<void>;
}

export interface SinkContractSetup {
  /** Makes a sink; not started. */
  create(): Promise<SinkFixture>;
  /** Whether the destination keeps the order. Default true. */
  readonly ordered?: boolean;
  /** Whether the destination can be asked what it has. Default true. */
  readonly readable?: boolean;
}

/** Tests a sink against the contract in `sink.ts`. */
export function sinkContract(test: TestApi, name: string, setup: SinkContractSetup): void {
  const ordered = (bodies: readonly string[]) => (setup.ordered === false ? [...bodies].sort() : bodies);
  const hasExactly = async (fixture: SinkFixture, bodies: readonly string[]) => {
    if (setup.readable === false) return;
    assert.deepEqual(ordered(await fixture.delivered()), ordered(bodies));
  };

  test.describe(`sink contract: ${name}`, () => {
    test.it('says how much it takes at once', () =>
      use(setup, async ({ sink }) => {
        assert.ok(sink.batch.events >= 1);
        if (sink.window !== undefined) assert.ok(sink.window.deliveries >= 1 && sink.window.bytes >= 1);
      }),
    );

    test.it('delivers every event once, in order, however it is cut', () =>
      use(setup, async (fixture) => {
        const bodies = numbered('e', 60);
        const deliveries: Delivery[] = [];
        for (let at = 0, size = 1; at < bodies.length; at += size, size = (size % 7) + 1) {
          const part = bodies.slice(at, at + size);
          const cut = Math.ceil(part.length / 2);
          const batches = [part.slice(0, cut), part.slice(cut)].filter(({ length }) => length > 0);
          deliveries.push(deliveryOf(batches.map((texts) => batchOf(...texts))));
        }
        await acknowledged(fixture.sink, deliveries);
        await fixture.sink.stop();
        await hasExactly(fixture, bodies);
      }),
    );

    test.it('stops and starts again without losing anything', () =>
      use(setup, async (fixture) => {
        await acknowledged(fixture.sink, [deliveryOf([batchOf('a', 'b')])]);
        await fixture.sink.stop();
        await fixture.sink.start();
        await acknowledged(fixture.sink, [deliveryOf([batchOf('c')])]);
        await fixture.sink.stop();
        await hasExactly(fixture, ['a', 'b', 'c']);
      }),
    );

    test.it('ends what is under way when it is stopped, and says truly what became of it', () =>
      use(setup, async (fixture) => {
        const { sink } = fixture;
        await sink.prepare?.();
        const deliveries = Array.from({ length: mostAtOnce(sink) }, (_, i) =>
          deliveryOf([batchOf(...numbered(`${i}-`, 5))]),
        );
        const outcomes = deliveries.map((delivery) => outcomeOf(sink, delivery));
        await sink.stop();
        const promised: string[] = [];
        for (const [i, outcome] of (await Promise.all(outcomes)).entries()) {
          promised.push(...acknowledgedBodies(deliveries[i]!, outcome));
        }
        if (setup.readable === false) return;
        const has = new Set(await fixture.delivered());
        assert.deepEqual(
          promised.filter((body) => !has.has(body)),
          [],
        );
      }),
    );

    test.it('acknowledges nothing while the destination fails, and delivers it afterwards', () =>
      use(setup, async (fixture) => {
        const { sink, fail, heal } = fixture;
        if (fail === undefined || heal === undefined) return;
        await acknowledged(sink, [deliveryOf([batchOf('a', 'b')])]);
        await fail();
        let left = deliveryOf([batchOf(...numbered('c', 8)), batchOf(...numbered('d', 7))]);
        const failed = await outcomeOf(sink, left, true);
        assert.equal(failed.pending?.length, 15);
        assert.notEqual(failed.error ?? null, null, 'a failure has an error');
        await heal();
        for (let tries = 0; left.events > 0; tries++) {
          assert.ok(tries < 50, 'the destination works again, and the sink does not');
          left = pendingOf(left, await outcomeOf(sink, left, true));
        }
        await sink.stop();
        if (setup.readable === false) return;
        const once = [...new Set(await fixture.delivered())];
        assert.deepEqual(ordered(once), ordered(['a', 'b', ...numbered('c', 8), ...numbered('d', 7)]));
      }),
    );

    test.it(
      'refuses the events that the destination never takes, by their place, and delivers all others once',
      () =>
        use(setup, async (fixture) => {
          const { sink, refusable } = fixture;
          if (refusable === undefined) return;
          for (const [shape, batches] of refusedShapes(refusable()).entries()) {
            const delivery = deliveryOf(batches.map(({ batch }) => batch));
            const refused = batches.flatMap(({ bad }) => bad).flatMap((isBad, i) => (isBad ? [i] : []));
            let left = delivery;
            const seen: number[] = [];
            for (let tries = 0; left.events > 0; tries++) {
              assert.ok(tries < 50, `shape ${shape} does not end`);
              const outcome = await outcomeOf(sink, left, true);
              if (left === delivery) seen.push(...(outcome.refused ?? []).map(({ index }) => index));
              for (const { reason } of outcome.refused ?? []) assert.notEqual(reason, '');
              left = pendingOf(left, outcome);
            }
            assert.deepEqual(seen, refused, `shape ${shape}`);
          }
          await sink.stop();
          const good = refusedShapes(refusable()).flatMap((batches) =>
            batches.flatMap(({ bodies }) => bodies),
          );
          await hasExactly(fixture, good);
        }),
    );
  });
}

interface Shape {
  readonly batch: EventBatch;
  readonly bodies: readonly string[];
  /** Of each event, whether it is to be refused. */
  readonly bad: readonly boolean[];
}

/** Deliveries with refused events alone, at the begin, in the middle, at the end, and all of them. */
function refusedShapes(refusable: EventBatch): Shape[][] {
  const good = (...bodies: string[]): Shape => ({
    batch: batchOf(...bodies),
    bodies,
    bad: bodies.map(() => false),
  });
  const bad: Shape = { batch: refusable, bodies: [], bad: [true] };
  const mixed = (...shapes: Shape[]): Shape => ({
    batch: concatBatches(shapes.map(({ batch }) => batch)),
    bodies: shapes.flatMap(({ bodies }) => bodies),
    bad: shapes.flatMap((shape) => shape.bad),
  });
  return [
    [bad],
    [good('s1a', 's1b'), bad, good('s1c')],
    [mixed(bad, good('s2a'), bad)],
    [good('s3a'), mixed(good('s3b'), bad, good('s3c', 's3d')), good('s3e')],
    [bad, mixed(bad, bad)],
  ];
}

async function use(setup: SinkContractSetup, body: (fixture: SinkFixture) => Promise<void>): Promise<void> {
  const fixture = await setup.create();
  await fixture.sink.start();
  try {
    await body(fixture);
  } finally {
    await fixture.sink.stop();
    await fixture.dispose?.();
  }
}

const never = new AbortController().signal;

const mostAtOnce = (sink: Sink): number =>
  sink.transactional === true ? 1 : Math.min(8, sink.window?.deliveries ?? 1);

/** What a delivery came to; a rejection is as all of it pending. `flushes`: as the driver does when it waits. */
async function outcomeOf(sink: Sink, delivery: Delivery, flushes = false): Promise<DeliveryOutcome> {
  try {
    if (flushes) await sink.prepare?.();
    // Where deliveries are whole, who is refused is told before the rest is committed.
    const aside: RefusedInDelivery[] = [];
    const setAside = async (refused: readonly RefusedInDelivery[]) => {
      aside.push(...refused);
    };
    const whole = sink.transactional === true ? { setAside } : {};
    const delivering = sink.deliver(delivery, { signal: never, ...whole });
    if (flushes) void sink.flush?.().catch(() => {});
    const outcome = (await delivering) ?? {};
    return aside.length === 0 ? outcome : { ...outcome, refused: aside };
  } catch (error) {
    return { pending: Array.from({ length: delivery.events }, (_, i) => i), error };
  }
}

function pendingOf(delivery: Delivery, { pending = [] }: DeliveryOutcome): Delivery {
  return pending.length === 0 ? deliveryOf([]) : partOf(delivery, pending);
}

function acknowledgedBodies(delivery: Delivery, { refused = [], pending = [] }: DeliveryOutcome): string[] {
  const not = new Set([...pending, ...refused.map(({ index }) => index)]);
  return delivery.batches
    .flatMap((batch) => [...batch].map((event) => event.body.toString()))
    .filter((_, i) => !not.has(i));
}

/** Delivers all, as many at once as the sink's window has, and sees that each is acknowledged. */
async function acknowledged(sink: Sink, deliveries: readonly Delivery[]): Promise<void> {
  const most = mostAtOnce(sink);
  for (let at = 0; at < deliveries.length; at += most) {
    await sink.prepare?.();
    const outcomes = deliveries.slice(at, at + most).map((delivery) => outcomeOf(sink, delivery));
    void sink.flush?.().catch(() => {});
    for (const { pending = [], refused = [], error } of await Promise.all(outcomes)) {
      if (error !== undefined && error !== null) throw error;
      assert.deepEqual([pending, refused], [[], []]);
    }
  }
}
