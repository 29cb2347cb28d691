import assert from 'node:assert/strict';
import type { Channel } from '../channel.ts';
import type { Sink } from '../sink.ts';
import { batchOf, numbered, type TestApi } from './test-api.ts';
import { TestChannel } from './test-channel.ts';

/** A sink under test and its destination. */
export interface SinkFixture {
  readonly sink: Sink;
  /** The bodies that the destination has acknowledged, in the order in which they came, doubles included. */
  delivered(): Promise<string[]>;
  /** Makes the destination refuse what comes, until `heal`. Absent: the sink has nothing that can fail. */
  fail?(): Promise<void>;
  heal?(): Promise<void>;
  dispose?(): Promise<void>;
}

export interface SinkContractSetup {
  /** Makes a sink that takes at most 10 events a batch from the channel; not started. */
  create(channel: Channel): Promise<SinkFixture>;
  /** Whether the destination keeps the order. Default true. */
  readonly ordered?: boolean;
  /** Whether the destination can be asked what it has. Default true. */
  readonly readable?: boolean;
}

/** More turns than any test needs; a sink that never gets done fails instead of hanging. */
const manyTurns = 200;

/** Tests a sink against the contract in `sink.ts`. */
export function sinkContract(test: TestApi, name: string, setup: SinkContractSetup): void {
  const ordered = (bodies: string[]) => (setup.ordered === false ? [...bodies].sort() : bodies);
  const seen = async (fixture: SinkFixture) => ordered(await fixture.delivered());

  test.describe(`sink contract: ${name}`, () => {
    test.it('delivers every event once, in order, and leaves no transaction open', () =>
      use(setup, async (fixture, channel) => {
        channel.add(batchOf(...numbered('a', 25)));
        channel.add(batchOf('b'));
        channel.add(batchOf(...numbered('c', 7)));
        await drain(fixture.sink, channel);
        await fixture.sink.stop();
        if (setup.readable !== false) {
          assert.deepEqual(await seen(fixture), ordered([...numbered('a', 25), 'b', ...numbered('c', 7)]));
        }
        assert.equal(channel.openTransactions, 0);
      }),
    );

    test.it('says backoff when there is nothing', () =>
      use(setup, async ({ sink }, channel) => {
        assert.equal(await turn(sink), 'backoff');
        channel.add(batchOf('a'));
        await drain(sink, channel);
      }),
    );

    test.it('stops and starts again without losing anything', () =>
      use(setup, async (fixture, channel) => {
        channel.add(batchOf('a', 'b'));
        await drain(fixture.sink, channel);
        await fixture.sink.stop();
        channel.add(batchOf('c'));
        await fixture.sink.start();
        await drain(fixture.sink, channel);
        await fixture.sink.stop();
        if (setup.readable !== false) assert.deepEqual(await seen(fixture), ordered(['a', 'b', 'c']));
      }),
    );

    test.it('gives back what it holds when it is stopped', () =>
      use(setup, async (fixture, channel) => {
        channel.add(batchOf(...numbered('a', 50)));
        await turn(fixture.sink);
        await fixture.sink.stop();
        assert.equal(channel.openTransactions, 0);
        if (setup.readable === false) return;
        const delivered = await fixture.delivered();
        assert.deepEqual(
          ordered([...new Set([...delivered, ...channel.bodies()])]),
          ordered(numbered('a', 50)),
        );
      }),
    );

    test.it(
      'keeps events in the channel while the destination refuses them, and delivers them afterwards',
      () =>
        use(setup, async (fixture, channel) => {
          if (fixture.fail === undefined || fixture.heal === undefined) return;
          channel.add(batchOf('a', 'b'));
          await drain(fixture.sink, channel);
          await fixture.fail();
          channel.add(batchOf(...numbered('c', 15)));
          await refused(fixture.sink);
          assert.equal(channel.eventCount, 15);
          await fixture.heal();
          await drain(fixture.sink, channel);
          await fixture.sink.stop();
          const once = [...new Set(await fixture.delivered())];
          assert.deepEqual(ordered(once), ordered(['a', 'b', ...numbered('c', 15)]));
          assert.equal(channel.openTransactions, 0);
        }),
    );
  });
}

async function use(
  setup: SinkContractSetup,
  body: (fixture: SinkFixture, channel: TestChannel) => Promise<void>,
): Promise<void> {
  const channel = new TestChannel();
  const fixture = await setup.create(channel);
  await fixture.sink.start();
  try {
    await body(fixture, channel);
  } finally {
    await fixture.sink.stop();
    await fixture.dispose?.();
  }
}

function turn(sink: Sink): Promise<string> {
  return sink.process(new AbortController().signal);
}

/** Turns until all is committed. */
async function drain(sink: Sink, channel: TestChannel): Promise<void> {
  for (let i = 0; channel.eventCount > 0; i++) {
    assert.ok(
      i < manyTurns,
      `${channel.eventCount} events are still in the channel after ${manyTurns} turns`,
    );
    await turn(sink);
    await new Promise(setImmediate);
  }
}

/** Turns until the sink tells of the failure; one that pipelines needs more than one. */
async function refused(sink: Sink): Promise<void> {
  for (let i = 0; i < manyTurns; i++) {
    try {
      await turn(sink);
    } catch {
      return;
    }
    await new Promise(setImmediate);
  }
  assert.fail('the destination refuses, and the sink says nothing');
}
