import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DeflateStream, type NetStream } from './deflate-stream.ts';

/** A socket by hand: `sent` is what was written to it. */
function socketOf(): { socket: NetStream; sent: Buffer[] } {
  const sent: Buffer[] = [];
  const socket = new Duplex({
    allowHalfOpen: true,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      done();
    },
  });
  return { socket: Object.assign(socket, { destroySoon: () => socket.destroy() }), sent };
}

/** All that can be read, up to the end. */
async function read(stream: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(chunks).toString();
}

it('costs nothing before a byte has come or gone', () => {
  const before = process.memoryUsage().arrayBuffers;
  const streams = Array.from({ length: 500 }, () => new DeflateStream(socketOf().socket, 6));
  for (const stream of streams) stream.resume();
  // With both directions there it would be 64 MB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4_000_000);
  for (const stream of streams) stream.destroy();
});

it('unpacks what comes in whatever pieces, and packs what goes', async () => {
  const { socket, sent } = socketOf();
  const stream = new DeflateStream(socket, 6);
  for (const byte of deflateSync('what came')) socket.push(Buffer.of(byte));
  socket.push(null);
  expect(await read(stream)).toBe('what came');
  stream.write('what ');
  stream.end('goes');
  await once(stream, 'finish');
  expect(inflateSync(Buffer.concat(sent), { finishFlush: constants.Z_SYNC_FLUSH }).toString()).toBe(
    'what goes',
  );
});

it('ends where its peer ends without a byte, and ends its peer without one', async () => {
  const { socket, sent } = socketOf();
  const stream = new DeflateStream(socket, 6);
  socket.push(null);
  expect(await read(stream)).toBe('');
  stream.end();
  await once(stream, 'finish');
  expect([socket.writableEnded, sent]).toEqual([true, []]);
});
