import assert from 'node:assert/strict';
import { pause } from '../../runtime/timers.ts';
import type { ChannelProcessor, PollableSource, Source } from '../source.ts';
import { DrivenSource, TestPuts } from './driven-source.ts';
import { numbered, type TestApi } from './test-api.ts';
import { until } from './until.ts';

/** A source under test and what it reads. */
export interface SourceFixture {
  /** A source like the first, of the same place: what a restarted process would have. Absent: it remembers nothing. */
  again?(channels: ChannelProcessor): Source | PollableSource;
  readonly source: Source | PollableSource;
  /**
   * Gives the source events to read; it runs. Resolves when they are out of the giver's hands: in the file, in the
   * topic, answered by the source. Absent: the source makes its events itself, and their bodies are `made`.
   */
  feed?(bodies: readonly string[]): Promise<void>;
  dispose?(): Promise<void>;
}

export interface SourceContractSetup {
  /** Makes a source that puts into `channels`; not started. */
  create(channels: ChannelProcessor): Promise<SourceFixture>;
  /**
   * What becomes of events whose put was rejected: `again`, the source puts them again by itself; `told`, their sender
   * is told, and sends them again if he likes.
   */
  readonly rejected: 'again' | 'told';
  /** Bodies of a source that makes its events itself, from the first one on. */
  made?(count: number): string[];
  /** Whether positions of lost events are taken back (`acknowledge = delivered`). Default false. */
  readonly takesBack?: boolean;
}

interface Run {
  readonly fixture: SourceFixture;
  readonly puts: TestPuts;
  readonly driven: DrivenSource;
  /** Feeds `count` more events, and gives all bodies since the start. */
  feed(count: number): Promise<string[]>;
}

/** Tests a source against the contract in `source.ts`. */
export function sourceContract(test: TestApi, name: string, setup: SourceContractSetup): void {
  const { rejected, takesBack = false } = setup;
  test.describe(`source contract: ${name}`, () => {
    test.it('puts every event once, in order, one put at a time', () =>
      use(setup, async ({ driven, puts, feed }) => {
        await driven.start();
        await feed(30);
        await until('the first events', () => puts.taken.length >= 30);
        const bodies = await feed(30);
        await until('all events', () => puts.taken.length >= bodies.length);
        await driven.stop();
        assertBegins(puts.taken, bodies, setup);
        // Interceptors are never called twice at once for one source.
        assert.equal(puts.mostOpen, 1);
      }),
    );

    test.it('starts and stops again and again, and goes on where it was', () =>
      use(setup, async ({ driven, puts, feed }) => {
        for (let round = 1; round <= 3; round++) {
          await driven.start();
          const bodies = await feed(5);
          await until(`round ${round}`, () => puts.taken.length >= bodies.length);
          puts.tellFates('delivered');
          await driven.stop();
          await driven.stop();
          assertBegins(puts.taken, bodies, setup);
        }
      }),
    );

    test.it('may be stopped before any start has worked', () =>
      use(setup, async ({ fixture: { source } }) => {
        await source.stop();
      }),
    );

    if (rejected === 'again') {
      test.it('forgets nothing when puts are rejected', () =>
        use(setup, async ({ driven, puts, feed }) => {
          await driven.start();
          puts.rejectNext = 3;
          const bodies = await feed(20);
          await until('the events', () => puts.taken.length >= bodies.length);
          await driven.stop();
          assert.equal(puts.rejected, 3);
          assertBegins(puts.taken, bodies, setup);
        }),
      );
    }

    test.it('counts an event as accepted only when its put has resolved', () =>
      use(setup, async ({ driven, puts, feed, fixture: { source } }) => {
        await driven.start();
        puts.rejectNext = 2;
        await feed(10).catch(() => {});
        await until('rejections', () => puts.rejected >= 1);
        puts.rejectNext = 0;
        await feed(10);
        await until('events', () => puts.taken.length >= 10);
        await driven.stop();
        const { counter } = source;
        if (counter === undefined) return;
        assert.equal(counter.eventAccepted, puts.taken.length);
        // As in Flume, one that makes its events itself receives none.
        if (setup.made === undefined) assert.ok(counter.eventReceived >= counter.eventAccepted);
      }),
    );

    test.it('waits while the channels have no room, with one put under way', () =>
      use(setup, async ({ driven, puts, feed }) => {
        await driven.start();
        puts.holdUp();
        const fed = feed(40);
        await until('a put', () => puts.open > 0);
        await pause(50);
        assert.equal(puts.open, 1);
        assert.deepEqual(puts.taken, []);
        puts.resume();
        const bodies = await fed;
        await until('the events', () => puts.taken.length >= bodies.length);
        await driven.stop();
        assertBegins(puts.taken, bodies, setup);
      }),
    );

    test.it('ends the put in hand when it is stopped in the middle', () =>
      use(setup, async ({ driven, puts, feed }) => {
        await driven.start();
        puts.holdUp();
        void feed(10).catch(() => {});
        await until('a put', () => puts.open > 0);
        const stopped = driven.stop();
        puts.resume();
        await stopped;
        assert.equal(puts.open, 0);
        const { length } = puts.taken;
        await pause(20);
        assert.equal(puts.taken.length, length, 'nothing comes after the stop');
      }),
    );

    test.it('reads again after a restart what was not taken, and nothing else', () =>
      use(setup, async ({ fixture, driven, puts, feed }) => {
        if (fixture.again === undefined) return;
        await driven.start();
        const first = await feed(10);
        await until('the first events', () => puts.taken.length >= first.length);
        puts.rejectNext = Number.POSITIVE_INFINITY;
        await feed(10);
        await until('a rejection', () => puts.rejected > 0);
        puts.tellFates('delivered');
        await driven.stop();
        await fixture.source.settle?.();
        const later = new TestPuts();
        const again = new DrivenSource(fixture.again(later));
        await again.start();
        const bodies = await feed(5);
        await until('the rest', () => later.taken.length >= bodies.length - first.length);
        await again.stop();
        await again.source.settle?.();
        assert.deepEqual(later.taken, bodies.slice(first.length));
      }),
    );

    if (takesBack) {
      test.it('takes back the positions of what was lost behind the channel', () =>
        use(setup, async ({ fixture, driven, puts, feed }) => {
          assert.ok(fixture.again !== undefined);
          await driven.start();
          const first = await feed(10);
          await until('the first events', () => puts.taken.length >= first.length);
          puts.tellFates('delivered');
          const bodies = await feed(10);
          await until('the others', () => puts.taken.length >= bodies.length);
          await driven.stop();
          puts.tellFates('lost');
          await fixture.source.settle?.();
          const later = new TestPuts();
          const again = new DrivenSource(fixture.again(later));
          await again.start();
          await until('what was lost', () => later.taken.length >= 10);
          await again.stop();
          await again.source.settle?.();
          assert.deepEqual(later.taken, bodies.slice(first.length));
        }),
      );
    }
  });
}

/** What was taken is what was fed, once and in order; a source that makes its events may be ahead. */
function assertBegins(
  taken: readonly string[],
  bodies: readonly string[],
  { made }: SourceContractSetup,
): void {
  assert.deepEqual(taken, made === undefined ? bodies : made(taken.length));
}

async function use(setup: SourceContractSetup, body: (run: Run) => Promise<void>): Promise<void> {
  const puts = new TestPuts();
  const fixture = await setup.create(puts);
  const driven = new DrivenSource(fixture.source);
  let fed = 0;
  const feed = async (count: number): Promise<string[]> => {
    const bodies = numbered('line ', count, fed);
    fed += count;
    if (setup.made !== undefined) return setup.made(fed);
    await fixture.feed?.(bodies);
    return numbered('line ', fed);
  };
  try {
    await body({ fixture, puts, driven, feed });
  } finally {
    puts.rejectNext = 0;
    puts.resume();
    await driven.stop();
    await fixture.source.settle?.();
    await fixture.dispose?.();
  }
}
