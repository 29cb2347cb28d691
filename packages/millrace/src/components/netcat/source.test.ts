import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import type { SourceContext } from '../../component/define.ts';
import { contextFor } from '../../component/testing/context.ts';
import { bodiesOf } from '../../component/testing/test-api.ts';
import type { OptionSpec } from '../../config/options.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { netcatSource } from './source.ts';

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A source on a free port; `put` decides what becomes of the lines. */
async function listening(
  properties: Record<string, string | boolean> = {},
  put: (batch: EventBatch, signal?: AbortSignal) => Promise<unknown> = () => Promise.resolve(),
) {
  const bodies: string[] = [];
  const context = contextFor(netcatSource, { bind: '127.0.0.1', port: 0, ...properties });
  const channels: SourceContext<OptionSpec>['channels'] = {
    put: async (batch, options) => {
      const kept = await put(batch, options?.signal);
      if (kept !== 'not kept') bodies.push(...bodiesOf(batch));
    },
  };
  const source = netcatSource.create({ ...context, channels });
  await source.start();
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  return { source, port, bodies, lines: context.log.lines };
}

async function peer(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('text without a newline at the end', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n'), maxLength: 12 });

  it('is dropped and told, as Flume drops it', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        const { source, port, bodies, lines } = await listening();
        const socket = await peer(port);
        socket.resume().end(sent);
        await once(socket, 'close');
        const rest = sent.slice(sent.lastIndexOf('\n') + 1);
        expect(bodies).toEqual(sent.split('\n').slice(0, -1));
        const told = `${Buffer.byteLength(rest)} bytes of`;
        expect(lines.filter((line) => line.includes('are dropped')).length).toBe(rest === '' ? 0 : 1);
        if (rest !== '') expect(lines.join('\n')).toContain(told);
        await source.stop();
      }),
      { numRuns: 30 },
    );
  });

  it('is an event with keep-unfinished-line', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        const { source, port, bodies, lines } = await listening({ 'keep-unfinished-line': true });
        const socket = await peer(port);
        socket.resume().end(sent);
        await once(socket, 'close');
        const expected = sent.split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(bodies).toEqual(expected);
        expect(lines.join('\n')).not.toContain('are dropped');
        await source.stop();
      }),
      { numRuns: 30 },
    );
  });
});

describe('a stop', () => {
  it('is not held up by a peer that never reads its answers', async () => {
    let taken = 0;
    const { source, port } = await listening({}, async (batch) => {
      taken += batch.count;
      return 'not kept';
    });
    const socket = await peer(port);
    socket.pause();
    let count = 0;
    const line = Buffer.from('\n'.repeat(65_536)); // three bytes of answer for each
    const feed = () => {
      while (!socket.destroyed && socket.write(line)) count++;
    };
    socket.on('drain', feed);
    feed();
    // The source stands still once the peer's and its own buffers are full of answers.
    let last = -1;
    await waitFor(
      'the source to wait for its peer',
      () => {
        const still = taken > 0 && taken === last;
        last = taken;
        return still;
      },
      { everyMs: 300 },
    );
    await source.stop({ deadline: Deadline.never() });
    expect(count).toBeGreaterThan(0);
  });

  it('gives up a put that finds no room when its deadline comes', async () => {
    const { source, port, bodies } = await listening({}, (_, signal) =>
      once(signal!, 'abort').then(() => Promise.reject(new Error('no room'))),
    );
    const socket = await peer(port);
    socket.write('a\n');
    socket.resume();
    await waitFor('the line to arrive', () => socket.bytesWritten === 2);
    await source.stop({ deadline: Deadline.in(50) });
    expect(bodies).toEqual([]);
  });
});

it('says which charset is meant, at encoding', () => {
  const options = { ...contextFor(netcatSource, { bind: 'x', port: 1 }).options, encoding: 'ISO-8859-01' };
  expect(netcatSource.validate?.(options)).toMatchObject([
    { key: 'encoding', suggestion: 'did you mean ISO-8859-1?' },
  ]);
});
