import { expect, test, vi } from 'vitest';
import { Deadline } from '../runtime/deadline.ts';
import { KeptThread } from './kept-thread.ts';
import { Thread } from './thread.ts';

/** A thread that runs the given code; `port` is there. */
const entry = (code: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort as port } from 'node:worker_threads'; ${code}`)}`,
  );
const ready = `port.postMessage({ kind: 'ready', info: { port: 7 } });`;
const end = { metrics: [], channels: [], broker: null, problems: [], known: true };
const stops = `port.on('message', (m) => { if (m.kind === 'stop') { port.postMessage({ kind: 'stopped', end: ${JSON.stringify(end)} }); port.close(); } });`;
const quiet = { told: () => {}, shown: () => {}, ended: () => {} };

test('a thread that is ready is stopped in its own words, and is given what is left of the deadline', async () => {
  const heard = `port.on('message', (m) => { port.postMessage({ kind: 'stopped', end: { ...${JSON.stringify(end)}, problems: [String(m.leftMs <= 5000 && m.leftMs > 0)] } }); port.close(); });`;
  const thread = new Thread('a', entry(ready + heard), null, quiet);
  await thread.start();
  expect(thread.info).toEqual({ port: 7 });
  expect(await thread.stop({ deadline: Deadline.in(5000) })).toEqual({ ...end, problems: ['true'] });
});

test.each([
  ['goes round for ever once it is ready', `${ready} port.once('message', () => { for (;;); });`, false],
  ['never answers', `${ready} setInterval(() => {}, 1000);`, false],
  ['goes round for ever in its start', 'for (;;);', true],
  ['waits for ever in its start', 'setInterval(() => {}, 1000);', true],
])('a thread that %s is ended after the deadline, and told', async (_, code, known) => {
  const thread = new Thread('agent a', entry(code), null, quiet);
  const starting = thread.start();
  starting.catch(() => {});
  if (!known) await starting;
  const stopped = await thread.stop({ deadline: Deadline.in(100) });
  expect(stopped.problems).toEqual(['agent a did not stop by the deadline and was ended']);
  expect(stopped.known).toBe(known);
});

test('what a start says of its failure is what the caller gets', async () => {
  const failure = {
    code: 'ADDRESS_IN_USE',
    message: 'port 1 is taken',
    remedy: 'another',
    details: { port: 1 },
  };
  const thread = new Thread(
    'a',
    entry(`port.postMessage({ kind: 'failed', failure: ${JSON.stringify(failure)} });`),
    null,
    quiet,
  );
  await expect(thread.start()).rejects.toMatchObject(failure);
  await thread.stop({ deadline: Deadline.in(1000) });
});

/** How a thread may end by itself: thrown, a rejection nobody heard, its own exit, no memory left. */
const faults = [
  ['an error nobody caught', `setTimeout(() => { throw new Error('boom'); })`, 'boom'],
  ['a rejection nobody heard', `Promise.reject(new Error('boom'))`, 'boom'],
  ['an exit', 'process.exit(5)', 'ended with code 5'],
] as const;
test.each(faults)('%s: told, started again, and what was in memory counts as lost', async (_, fault, why) => {
  const told: string[] = [];
  let life = 0;
  const kept = new KeptThread(
    'agent a',
    (listener) =>
      new Thread('agent a', entry(life++ === 0 ? `${ready} ${fault}` : ready + stops), null, listener),
    { told: (text) => told.push(text), shown: () => {} },
  );
  await kept.start();
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 });
  expect((await kept.state()).notReady).toEqual([
    { component: 'agent a', reason: expect.stringContaining(why) },
  ]);
  await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 10_000 });
  expect(told[0]).toContain(why);
  expect(told[1]).toBe('agent a runs again');
  const stopped = await kept.stop({ deadline: Deadline.in(5000) });
  expect(stopped.known).toBe(false);
  expect(stopped.problems).toEqual([expect.stringContaining('agent a ended by itself once')]);
});

test('a stop between two lives starts none', async () => {
  let lives = 0;
  const told: string[] = [];
  const kept = new KeptThread(
    'a',
    (listener) => {
      lives++;
      return new Thread('a', entry(`${ready} process.exit(1)`), null, listener);
    },
    { told: (text) => told.push(text), shown: () => {} },
  );
  await kept.start();
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 });
  vi.useFakeTimers();
  try {
    await kept.stop({ deadline: Deadline.in(1000) });
    await vi.advanceTimersByTimeAsync(120_000);
  } finally {
    vi.useRealTimers();
  }
  expect(lives).toBe(1);
});
