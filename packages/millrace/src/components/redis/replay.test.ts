import { expect, it } from 'vitest';
import type { Entry } from './entry.ts';
import { neverThere } from './replay.ts';
import type { RedisReply } from './server.ts';

/** As the client has what a server answers. */
class SimpleError extends Error {}

const entries: Entry[] = ['1-1', '2-1'].map((id) => ({ stream: 's', id, command: [] }));
const answering =
  (...answers: RedisReply[][]) =>
  async () =>
    answers.shift()!;

/** A right that is taken away, and a stream that is deleted, between two questions: what a real server does not do to order. */
it.each([
  ['an entry', [[[['1-1', []]], new SimpleError('NOPERM no permissions')]]],
  ['its stream', [[[], []], [new SimpleError('ERR no such key')]]],
])('no entry counts as there where the server does not say so: a question for %s', async (_what, answers) => {
  await expect(neverThere(entries, answering(...answers))).rejects.toMatchObject({ name: 'RedisFault' });
});

it('an entry that is missing from a stream that never lost one was never there', async () => {
  const info = ['length', 5, 'entries-added', 5, 'first-entry', ['1-1', []]];
  expect(await neverThere(entries, answering([[['1-1', []]], []], [info]))).toEqual([1]);
});
