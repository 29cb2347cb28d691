import assert from 'node:assert/strict';
import type { Channel, Progress } from '../channel.ts';
import { type ChannelContractSetup, drain, inTransaction, use, wide } from './channel-fixture.ts';
import { batchOf, type TestApi } from './test-api.ts';

const at = (key: string, place: string | number): Progress => ({ key, place: String(place) });
const putAt = (channel: Channel, progress: Progress, ...bodies: string[]) =>
  inTransaction(channel, (transaction) => transaction.put(batchOf(...bodies), undefined, progress));
const placeOf = (channel: Channel, key: string) => channel.progress!.placeOf(key);

/** Progress that is stored with the events. */
export function progress(test: TestApi, setup: ChannelContractSetup): void {
  if (setup.supports.progress !== true) {
    test.it('takes puts with progress, and claims to keep none', () =>
      use(setup, wide, async ({ channel }) => {
        await putAt(channel, at('f', 1), 'a');
        assert.equal(channel.progress, undefined);
        assert.deepEqual(await drain(channel), ['a']);
      }),
    );
    return;
  }

  test.it('knows the newest place of each key', () =>
    use(setup, wide, async ({ channel }) => {
      await putAt(channel, at('f', 1), 'a');
      await putAt(channel, at('g', 1), 'b');
      await putAt(channel, at('f', 2), 'c');
      assert.deepEqual(
        [placeOf(channel, 'f'), placeOf(channel, 'g'), placeOf(channel, 'h')],
        ['2', '1', undefined],
      );
      assert.deepEqual(await drain(channel), ['a', 'b', 'c']);
    }),
  );

  test.it('counts progress from the commit of its put on, and never that of one rolled back', () =>
    use(setup, wide, async ({ channel }) => {
      const transaction = channel.begin();
      await transaction.put(batchOf('a'), undefined, at('f', 1));
      await transaction.put(batchOf('b'), undefined, at('f', 2));
      assert.equal(placeOf(channel, 'f'), undefined);
      await transaction.commit();
      assert.equal(placeOf(channel, 'f'), '2');
      const given = channel.begin();
      await given.put(batchOf('c'), undefined, at('f', 3));
      await given.rollback();
      assert.equal(placeOf(channel, 'f'), '2');
    }),
  );

  test.it('counts progress without events', () =>
    use(setup, wide, async ({ channel }) => {
      const nothing = batchOf('dropped').slice(0, 0);
      await inTransaction(channel, (transaction) => transaction.put(nothing, undefined, at('f', 1)));
      assert.equal(placeOf(channel, 'f'), '1');
      assert.deepEqual(await drain(channel), []);
    }),
  );

  test.it('refuses progress that is longer than it may be', () =>
    use(setup, wide, async ({ channel }) => {
      const transaction = channel.begin();
      await assert.rejects(
        () => transaction.put(batchOf('a'), undefined, at('f', 'x'.repeat(1024))),
        RangeError,
      );
      await transaction.rollback();
    }),
  );

  test.it('has after the end of the process the progress of just what it holds', () =>
    use(setup, wide, async (fixture) => {
      for (let i = 1; i <= 50; i++) await putAt(fixture.channel, at(`f${i % 3}`, i), `e${i}`);
      await drain(fixture.channel);
      await putAt(fixture.channel, at('last', 'é "1"'), 'z');
      const again = await fixture.reopen!();
      await again.start();
      try {
        assert.deepEqual(
          ['f0', 'f1', 'f2', 'last'].map((key) => placeOf(again, key)),
          ['48', '49', '50', 'é "1"'],
        );
        assert.equal((await drain(again)).at(-1), 'z');
      } finally {
        await again.stop();
      }
    }),
  );
}
