import { expect, test } from 'vitest';
import { Deadline } from '../runtime/deadline.ts';
import { Thread } from './thread.ts';

/** A thread that runs the given code; `port` is there. */
const entry = (code: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import { parentPort as port } from 'node:worker_threads'; ${code}`)}`,
  );
const ready = `port.postMessage({ kind: 'ready', info: { port: 7 } });`;
const end = { metrics: [], channels: [], broker: null, problems: [], known: true };
const quiet = { told: () => {}, shown: () => {}, ended: () => {} };

test('a thread that is ready is stopped in its own words, and is given what is left of the deadline', async () => {
  const heard = `port.on('message', (m) => { port.postMessage({ kind: 'stopped', end: { ...${JSON.stringify(end)}, problems: [String(m.leftMs <= 60000 && m.leftMs > 0)] } }); port.close(); });`;
  const thread = new Thread('a', entry(ready + heard), null, quiet);
  await thread.start();
  expect(thread.info).toEqual({ port: 7 });
  expect(await thread.stop({ deadline: Deadline.in(60_000) })).toEqual({ ...end, problems: ['true'] });
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
