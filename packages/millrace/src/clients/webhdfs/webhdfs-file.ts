import type { StoreCall, StoreFile } from '../file-store/file-store.ts';
import { StoreError } from '../file-store/store-error.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import type { HttpUpload } from '../http/upload.ts';
import { remoteFaultOf, storeErrorOf } from './remote-fault.ts';
import { type Parameters, toStoreError, type WebHdfsClient } from './webhdfs-client.ts';

/** Which file of HDFS, and how it is spoken of. */
export interface HdfsPlace {
  readonly client: WebHdfsClient;
  /** Relative to the store. */
  readonly name: string;
  readonly path: string;
  readonly url: string;
}

/** Smaller pieces are put together before they are sent. */
const pieceBytes = 64 * 1024;
/** An append of more is sent before it is asked for. */
const mostKeptBytes = 16 * 1024 * 1024;

/** Sends a body whose size is known and waits for `status`. */
export async function sendWhole(
  { client, path }: HdfsPlace,
  what: string,
  method: 'PUT' | 'POST',
  parameters: Parameters,
  pieces: readonly Buffer[],
  status: number,
  signal?: AbortSignal,
): Promise<void> {
  const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  const upload = await client.upload(what, method, path, parameters, { sizeBytes, signal });
  try {
    const early = await upload.write(pieces, signal);
    expectStatus(what, early ?? (await upload.finish(signal)), status);
  } catch (error) {
    throw toStoreError(what, error);
  } finally {
    upload.destroy();
  }
}

function expectStatus(what: string, answer: HttpAnswer, status: number): void {
  if (answer.status !== status) throw storeErrorOf(what, remoteFaultOf(answer));
}

/** Bytes of small writes, put together in one buffer that goes out when it is full. */
class Gathered {
  #buffer: Buffer | null = null;
  #sizeBytes = 0;

  /** What is to be sent now, in order; may be the caller's own buffers. */
  add(buffers: readonly Buffer[]): readonly Buffer[] {
    let total = 0;
    for (const { length } of buffers) total += length;
    if (this.#sizeBytes + total >= pieceBytes)
      return [...this.take(), ...buffers.filter(({ length }) => length > 0)];
    this.#buffer ??= Buffer.allocUnsafeSlow(pieceBytes);
    for (const buffer of buffers) this.#sizeBytes += buffer.copy(this.#buffer, this.#sizeBytes);
    return [];
  }

  /** The buffer is used again as soon as these bytes have left. */
  take(): readonly Buffer[] {
    if (this.#sizeBytes === 0) return [];
    const bytes = this.#buffer!.subarray(0, this.#sizeBytes);
    this.#sizeBytes = 0;
    return [bytes];
  }
}

/** More than that at once is not worth keeping memory for. */
const mostRoomBytes = 4 * 1024 * 1024;

/** Memory of a store in which the bytes of large writes are made, for one file at a time. */
export class SharedRoom {
  #buffer: Buffer = Buffer.alloc(0);
  #isBusy = false;

  /** Null: another file's bytes are on their way out of it. */
  of(sizeBytes: number): Buffer | null {
    if (this.#isBusy || sizeBytes > mostRoomBytes) return null;
    if (this.#buffer.length < sizeBytes)
      this.#buffer = Buffer.allocUnsafeSlow(Math.min(mostRoomBytes, sizeBytes * 2));
    return this.#buffer;
  }

  /** Its first bytes are sent; it is not to be had meanwhile. */
  async send(sizeBytes: number, send: (bytes: Buffer) => Promise<void>): Promise<void> {
    this.#isBusy = true;
    try {
      await send(this.#buffer.subarray(0, sizeBytes));
    } catch (error) {
      this.#buffer = Buffer.alloc(0); // a connection that is given up may still be reading it
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }
}

/** One request from the first byte to the last; nothing of it is acknowledged before its answer. */
export class StreamedFile implements StoreFile {
  readonly name: string;
  sizeBytes = 0;
  readonly #place: HdfsPlace;
  readonly #onClosed: (file: StoreFile) => void;
  readonly #gathered = new Gathered();
  readonly #room: SharedRoom;
  #upload: HttpUpload | null = null;
  /** Nothing more can come of it. */
  #failure: StoreError | null = null;
  #isClosed = false;

  constructor(place: HdfsPlace, onClosed: (file: StoreFile) => void, room: SharedRoom) {
    this.name = place.name;
    this.#place = place;
    this.#onClosed = onClosed;
    this.#room = room;
  }

  async write(buffers: readonly Buffer[], { signal }: StoreCall = {}): Promise<void> {
    await this.#send(this.#gathered.add(buffers), signal);
    for (const { length } of buffers) this.sizeBytes += length;
  }

  /** Small writes are better gathered. */
  room(sizeBytes: number): Buffer | null {
    return sizeBytes < pieceBytes ? null : this.#room.of(sizeBytes);
  }

  async wrote(sizeBytes: number, { signal }: StoreCall = {}): Promise<void> {
    if (sizeBytes === 0) return;
    await this.#room.send(sizeBytes, (bytes) => this.#send([...this.#gathered.take(), bytes], signal));
    this.sizeBytes += sizeBytes;
  }

  async sync(): Promise<void> {
    throw new StoreError('denied', `${this.#place.url}: a streamed file is durable when it is closed`);
  }

  async cut(): Promise<void> {
    throw new StoreError('denied', `${this.#place.url}: a streamed file can't be cut`);
  }

  async close({ signal }: StoreCall = {}): Promise<void> {
    if (this.#isClosed) return;
    await this.#send(this.#gathered.take(), signal);
    const what = `can't close ${this.#place.url}`;
    try {
      // The empty file that is there is the whole of it.
      if (this.#upload !== null) expectStatus(what, await this.#upload.finish(signal), 200);
    } catch (error) {
      throw this.#fail(what, error);
    }
    await this.abandon();
  }

  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed(this);
    this.#upload?.destroy();
  }

  async #send(pieces: readonly Buffer[], signal?: AbortSignal): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (pieces.length === 0) return;
    const { client, path, url } = this.#place;
    const what = `can't write ${url}`;
    try {
      // Onto the empty file, not over it: a request that comes late makes no file that was removed meanwhile.
      this.#upload ??= await client.upload(what, 'POST', path, { op: 'APPEND' }, { signal });
      const early = await this.#upload.write(pieces, signal);
      if (early !== null) throw storeErrorOf(what, remoteFaultOf(early));
    } catch (error) {
      throw this.#fail(what, error);
    }
  }

  #fail(what: string, error: unknown): StoreError {
    this.#failure ??= toStoreError(what, error);
    this.#upload?.destroy();
    return this.#failure;
  }
}

/** One APPEND for each `sync`: its answer says that all replicas have the bytes. */
export class AppendedFile implements StoreFile {
  readonly name: string;
  sizeBytes = 0;
  readonly #place: HdfsPlace;
  readonly #onClosed: (file: StoreFile) => void;
  readonly #cut: (sizeBytes: number) => Promise<void>;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isClosed = false;

  constructor(
    place: HdfsPlace,
    onClosed: (file: StoreFile) => void,
    cut: (sizeBytes: number) => Promise<void>,
  ) {
    this.name = place.name;
    this.#place = place;
    this.#onClosed = onClosed;
    this.#cut = cut;
  }

  async write(buffers: readonly Buffer[], { signal }: StoreCall = {}): Promise<void> {
    const piece = Buffer.concat(buffers);
    if (piece.length === 0) return;
    if (this.#keptBytes > 0 && this.#keptBytes + piece.length > mostKeptBytes) await this.#flush(signal);
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
    this.sizeBytes += piece.length;
  }

  sync({ signal }: StoreCall = {}): Promise<void> {
    return this.#flush(signal);
  }

  async #flush(signal: AbortSignal | undefined): Promise<void> {
    if (this.#keptBytes === 0) return;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    await sendWhole(
      this.#place,
      `can't append to ${this.#place.url}`,
      'POST',
      { op: 'APPEND' },
      kept,
      200,
      signal,
    );
  }

  async cut(sizeBytes: number): Promise<void> {
    const keptFrom = this.sizeBytes - this.#keptBytes;
    if (sizeBytes >= keptFrom && this.#keptBytes > 0) {
      const kept = Buffer.concat(this.#kept).subarray(0, sizeBytes - keptFrom);
      this.#kept = [kept];
      this.#keptBytes = kept.length;
    } else {
      this.#kept = [];
      this.#keptBytes = 0;
      await this.#cut(sizeBytes);
    }
    this.sizeBytes = sizeBytes;
  }

  async close({ signal }: StoreCall = {}): Promise<void> {
    if (this.#isClosed) return;
    await this.#flush(signal);
    await this.abandon();
  }

  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClosed(this);
  }
}
