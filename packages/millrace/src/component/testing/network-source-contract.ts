import assert from 'node:assert/strict';
import { nextTurn, pause } from '../../runtime/timers.ts';
import { type Chance, withChance } from './chance.ts';
import { crowdContract } from './network-contract-crowd.ts';
import { strangeContract } from './network-contract-strange.ts';
import { type NetworkRun, type NetworkSourceSetup, withNetworkSource } from './network-fixture.ts';
import type { TestApi } from './test-api.ts';
import { until } from './until.ts';

/**
 * Tests a source that takes messages over connections: what peers that are broken, slow, hostile or too many may do to
 * it, and what it owes to those that are not. `sourceContract` has what every source owes.
 */
export function networkSourceContract(test: TestApi, name: string, setup: NetworkSourceSetup): void {
  test.describe(`network source contract: ${name}`, () => {
    wholeMessages(test, setup);
    backPressure(test, setup);
    strangeContract(test, setup);
    crowdContract(test, setup);
  });
}

function wholeMessages(test: TestApi, setup: NetworkSourceSetup): void {
  test.it('takes nothing of a message that is cut in the middle, wherever it is cut', () =>
    withChance((chance) =>
      withNetworkSource(setup, {}, async ({ peer, taken, isServed }) => {
        const message = setup.language.message(['half']);
        // The last byte alone may be more than the end needs: of two that end a line, say.
        for (let round = 0; round < 30; round++) {
          const one = await peer();
          await one.write(message.subarray(0, chance.int(1, message.length - 2)));
          if (chance.int(0, 1) === 0) one.reset();
          else one.end();
        }
        await isServed('whole');
        assert.deepEqual(taken(), ['whole']);
      }),
    ),
  );

  test.it('takes a message however its bytes are cut, one byte at a time too', () =>
    withChance((chance) =>
      withNetworkSource(setup, {}, async ({ peer, taken }) => {
        const bodies = Array.from({ length: 40 }, (_, i) => `${i}`.padEnd(chance.int(2, 300), 'x'));
        const one = await peer();
        const bytes = Buffer.concat(bodies.map((body) => setup.language.message([body])));
        for (const piece of chance.pieces(bytes, 200)) {
          await one.write(piece);
          await nextTurn();
        }
        await until('all', () => taken().length >= bodies.length);
        for (const byte of setup.language.message(['by bytes'])) {
          await one.write(Buffer.of(byte));
          await nextTurn();
        }
        await until('the last', () => taken().length > bodies.length);
        assert.deepEqual(taken(), [...bodies, 'by bytes']);
      }),
    ),
  );

  test.it('has everything that it said it took, once, whatever peers and channels do', () =>
    withChance((chance) =>
      withNetworkSource(setup, {}, async (run) => {
        const ledgers = await Promise.all(Array.from({ length: 6 }, (_, i) => talk(run, chance, `p${i}`)));
        await until('all that is owed', () => {
          const there = new Set(run.taken());
          return ledgers.every(({ owed }) => owed.every((body) => there.has(body)));
        });
        await run.driven.stop();
        const bodies = run.taken();
        assert.equal(new Set(bodies).size, bodies.length, 'nothing comes twice');
        const refused = ledgers.flatMap((ledger) => ledger.refused);
        assert.deepEqual(
          bodies.filter((body) => refused.includes(body)),
          [],
          'what was refused is not there',
        );
        assert.ok(ledgers.some(({ owed }) => owed.length > 0));
      }),
    ),
  );
}

interface Ledger {
  /** The source has said that it has them; or, where it answers nothing, has them all and an orderly end. */
  readonly owed: string[];
  readonly refused: string[];
}

/** What one peer does: messages cut into pieces, some of them broken off, some refused by channels that are full. */
async function talk({ setup, peer, puts }: NetworkRun, chance: Chance, who: string): Promise<Ledger> {
  const { language, full } = setup;
  const ledger: Ledger = { owed: [], refused: [] };
  for (let turn = 0; turn < 5; turn++) {
    const one = await peer();
    const sent: string[] = [];
    for (let i = 0; i < chance.int(1, 6); i++) {
      if (chance.int(0, full === 'told' ? 2 : 12) === 0) puts.rejectNext++;
      const body = `${who} ${turn} ${i}`;
      const before = one.answers.length;
      for (const piece of chance.pieces(language.message([body]), 4)) {
        await one.write(piece);
        await nextTurn();
      }
      sent.push(body);
      for (const answer of await one.answered(before, 1)) {
        assert.notEqual(answer, 'bad');
        ledger[answer === 'taken' ? 'owed' : 'refused'].push(body);
      }
    }
    if (chance.int(0, 2) === 0) {
      const broken = language.message([`${who} ${turn} broken`]);
      await one.write(broken.subarray(0, chance.int(1, broken.length - 2)));
      ledger.refused.push(`${who} ${turn} broken`);
    }
    if (language.answers === undefined) ledger.owed.push(...sent);
    if (language.answers !== undefined && chance.int(0, 1) === 0) one.reset();
    else one.end();
  }
  return ledger;
}

function backPressure(test: TestApi, setup: NetworkSourceSetup): void {
  if (setup.full === 'told') {
    test.it(
      'says that the channels are full, keeps nothing of it, and takes the same when it comes again',
      () =>
        withNetworkSource(setup, {}, async ({ puts, peer, taken }) => {
          const one = await peer();
          puts.rejectNext = 1;
          assert.deepEqual(await one.send(['again']), ['full']);
          assert.deepEqual(taken(), []);
          assert.deepEqual(await one.send(['again']), ['taken']);
          assert.deepEqual(taken(), ['again']);
        }),
    );
  }

  test.it('reads no more of a peer whose events wait for room, and loses none of them', () =>
    withNetworkSource(setup, {}, async ({ puts, peer, taken, source, setup: { language } }) => {
      const one = await peer();
      puts.holdUp();
      const bodies = Array.from({ length: 3000 }, (_, i) => `${i}`.padEnd(500, 'x'));
      for (const body of bodies) one.push(language.message([body]));
      await until('a put', () => puts.open > 0);
      await pause(100);
      assert.equal(puts.open, 1);
      const { counter } = source;
      // One read of 64 KiB, or what TLS or a layer gives at once.
      if (counter !== undefined) assert.ok(counter.eventReceived * 500 <= 128 * 1024, 'no more than a read');
      puts.resume();
      await until('all', () => taken().length >= bodies.length);
      assert.deepEqual(taken(), bodies);
      if (language.answers !== undefined) {
        await until('the answers', () => one.answers.length >= bodies.length);
        assert.ok(one.answers.every((answer) => answer === 'taken'));
      }
    }),
  );
}
