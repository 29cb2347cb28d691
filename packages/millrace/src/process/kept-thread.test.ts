import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../runtime/deadline.ts';
import { MillraceError } from '../runtime/errors.ts';
import { KeptThread, type Life } from './kept-thread.ts';
import { Thread, type ThreadListener } from './thread.ts';
import { nothingEnded } from './threads.ts';

/** A thread that runs the given code; `port` is there. */
const entry = (code: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort as port } from 'node:worker_threads'; ${code}`)}`,
  );
const ready = `port.postMessage({ kind: 'ready', info: { port: 7 } });`;
const end = { metrics: [], channels: [], broker: null, problems: [], known: true };
const stops = `port.on('message', (m) => { if (m.kind === 'stop') { port.postMessage({ kind: 'stopped', end: ${JSON.stringify(end)} }); port.close(); } });`;

/** What was told, one after the other, for whoever waits. */
class Told {
  readonly all: string[] = [];
  #heard = Promise.withResolvers<void>();

  readonly told = (text: string): void => {
    this.all.push(text);
    this.#heard.resolve();
  };

  async first(count: number): Promise<readonly string[]> {
    while (this.all.length < count) {
      this.#heard = Promise.withResolvers();
      await this.#heard.promise;
    }
    return this.all;
  }
}

/** The waits between two lives pass only when a test says so. */
const longestWaitMs = 60_000;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** How a thread may end by itself: thrown, a rejection nobody heard, its own exit. */
const faults = [
  ['an error nobody caught', `setTimeout(() => { throw new Error('boom'); })`, 'boom'],
  ['a rejection nobody heard', `Promise.reject(new Error('boom'))`, 'boom'],
  ['an exit', 'process.exit(5)', 'ended with code 5'],
] as const;
test.each(faults)('%s: told, started again, and what was in memory counts as lost', async (_, fault, why) => {
  const heard = new Told();
  let life = 0;
  const kept = new KeptThread(
    'agent a',
    (listener) =>
      new Thread('agent a', entry(life++ === 0 ? `${ready} ${fault}` : ready + stops), null, listener),
    { told: heard.told, shown: () => {} },
  );
  await kept.start();
  expect((await heard.first(1))[0]).toContain(why);
  expect((await kept.state()).notReady).toEqual([
    { component: 'agent a', reason: expect.stringContaining(why) },
  ]);
  vi.advanceTimersByTime(longestWaitMs);
  expect((await heard.first(2))[1]).toBe('agent a runs again');
  const stopped = await kept.stop({ deadline: Deadline.in(5000) });
  expect(stopped.known).toBe(false);
  expect(stopped.problems).toEqual([expect.stringContaining('agent a ended by itself once')]);
});

test.each([1, 2, 5])(
  '%i lives that end in the turn in which they are ready: each told in its order, the last one runs',
  async (deaths) => {
    const heard = new Told();
    let life = 0;
    const make = (listener: ThreadListener): Life => ({
      info: {},
      start: () => {
        if (life++ < deaths) listener.ended(new MillraceError('INTERNAL', `fault ${life}`));
        return Promise.resolve();
      },
      stop: async () => nothingEnded,
      state: async () => null,
      post: () => {},
    });
    const kept = new KeptThread('a', make, { told: heard.told, shown: () => {} });
    await kept.start();
    for (let death = 1; death <= deaths; death++) {
      const told = await heard.first(2 * death - 1);
      expect(told.at(-1)).toContain(`a ended by itself (fault ${death})`);
      expect((await kept.state()).notReady[0]!.reason).toContain(`fault ${death}`);
      vi.advanceTimersByTime(longestWaitMs);
      expect((await heard.first(2 * death))[2 * death - 1]).toBe('a runs again');
    }
    expect((await kept.state()).notReady[0]!.reason).toBe('it does not answer');
    const { known, problems } = await kept.stop({ deadline: Deadline.in(1000) });
    expect({ known, problems: problems.length }).toEqual({ known: false, problems: 1 });
  },
);

test('a stop between two lives starts none', async () => {
  let lives = 0;
  const heard = new Told();
  const kept = new KeptThread(
    'a',
    (listener) => {
      lives++;
      return new Thread('a', entry(`${ready} process.exit(1)`), null, listener);
    },
    { told: heard.told, shown: () => {} },
  );
  await kept.start();
  await heard.first(1);
  await kept.stop({ deadline: Deadline.in(1000) });
  await vi.advanceTimersByTimeAsync(2 * longestWaitMs);
  expect(lives).toBe(1);
});

test.each([true, false])(
  'a life that loses nothing is told and is no loss (loses its memory: %s)',
  async (losesMemory) => {
    const heard = new Told();
    const make = (listener: ThreadListener) =>
      new Thread('broker', entry(`${ready} process.exit(1)`), null, listener);
    const kept = new KeptThread('broker', make, { told: heard.told, shown: () => {} }, { losesMemory });
    await kept.start();
    await heard.first(1);
    const { known, problems } = await kept.stop({ deadline: Deadline.in(1000) });
    expect(known).toBe(!losesMemory);
    expect(problems).toEqual([
      expect.stringMatching(losesMemory ? /once: .* is lost$/ : /^broker ended by itself once$/),
    ]);
  },
);
