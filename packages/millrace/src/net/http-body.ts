import type { IncomingMessage } from 'node:http';
import { BodyParts } from './body-parts.ts';
import type { ByteRoom } from './byte-room.ts';

const none: Buffer = Buffer.alloc(0);

export interface BodyLimits {
  /** Of the bodies of all requests. */
  readonly room: ByteRoom;
  readonly maxBytes: number;
  /** What is kept; the rest is thrown away, and `maxBytes` does not count. */
  readonly keptBytes?: number | undefined;
  /** Aborts when nothing more is waited for. */
  readonly stopping: AbortSignal;
}

export type ReadBody =
  | { readonly kind: 'read'; readonly body: Buffer; readonly isCut: boolean; release(): void }
  | { readonly kind: 'refused'; readonly status: 413 | 503; readonly reason: string }
  /** The peer went before the end. */
  | { readonly kind: 'gone' };

/** Reads a body to its end, or until it is refused; what is refused is read on by nobody. Never rejects. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<ReadBody> {
  const { room, maxBytes, keptBytes, stopping } = limits;
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  const parts = new BodyParts();
  let came = 0;
  let over = false;
  const finish = (read: ReadBody): void => {
    if (over) return;
    over = true;
    stopping.removeEventListener('abort', onStop);
    if (read.kind !== 'read') room.giveBack(parts.bytes);
    parts.clear();
    resolve(read);
  };
  const tooLong = (): void =>
    finish({ kind: 'refused', status: 413, reason: `The body is longer than ${maxBytes} bytes` });
  const onStop = (): void => finish({ kind: 'refused', status: 503, reason: 'The server is stopping' });
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    came += chunk.length;
    if (keptBytes === undefined && came > maxBytes) return tooLong();
    const part = keptBytes === undefined ? chunk : chunk.subarray(0, Math.max(0, keptBytes - parts.bytes));
    if (part.length === 0) return;
    if (!room.take(part.length))
      return finish({ kind: 'refused', status: 503, reason: 'Too many requests are under way' });
    parts.add(part);
  });
  request.once('end', () => {
    const held = parts.bytes;
    const body = over ? none : parts.take();
    finish({ kind: 'read', body, isCut: came > held, release: () => room.giveBack(held) });
  });
  request.once('error', () => finish({ kind: 'gone' }));
  request.once('close', () => finish({ kind: 'gone' }));
  if (keptBytes === undefined && Number(request.headers['content-length'] ?? 0) > maxBytes) tooLong();
  else if (stopping.aborted) onStop();
  else stopping.addEventListener('abort', onStop, { once: true });
  return promise;
}
