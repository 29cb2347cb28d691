import type { IncomingMessage } from 'node:http';

/** Room for the bodies of all requests of a server at a time. */
export class BodyStore {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export interface BodyLimits {
  readonly store: BodyStore;
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
  const { store, maxBytes, keptBytes, stopping } = limits;
  const { promise, resolve } = Promise.withResolvers<ReadBody>();
  let chunks: Buffer[] = [];
  let held = 0;
  let came = 0;
  let over = false;
  const finish = (read: ReadBody): void => {
    if (over) return;
    over = true;
    stopping.removeEventListener('abort', onStop);
    chunks = [];
    if (read.kind !== 'read') store.giveBack(held);
    resolve(read);
  };
  const tooLong = (): void =>
    finish({ kind: 'refused', status: 413, reason: `The body is longer than ${maxBytes} bytes` });
  const onStop = (): void => finish({ kind: 'refused', status: 503, reason: 'The server is stopping' });
  request.on('data', (chunk: Buffer) => {
    if (over) return;
    came += chunk.length;
    if (keptBytes === undefined && came > maxBytes) return tooLong();
    const part = keptBytes === undefined ? chunk : chunk.subarray(0, Math.max(0, keptBytes - held));
    if (part.length === 0) return;
    if (!store.take(part.length))
      return finish({ kind: 'refused', status: 503, reason: 'Too many requests are under way' });
    held += part.length;
    chunks.push(part);
  });
  request.once('end', () => {
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, held);
    finish({ kind: 'read', body, isCut: came > held, release: () => store.giveBack(held) });
  });
  request.once('error', () => finish({ kind: 'gone' }));
  request.once('close', () => finish({ kind: 'gone' }));
  if (keptBytes === undefined && Number(request.headers['content-length'] ?? 0) > maxBytes) tooLong();
  else if (stopping.aborted) onStop();
  else stopping.addEventListener('abort', onStop, { once: true });
  return promise;
}
