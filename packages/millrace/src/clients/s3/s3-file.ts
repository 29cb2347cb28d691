import { randomUUID } from 'node:crypto';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { after } from '../../runtime/timers.ts';
import type { StoreCall, StoreFile } from '../file-store/file-store.ts';
import { isStoreFault, StoreError } from '../file-store/store-error.ts';
import type { S3Connection } from './s3-connection.ts';

export interface S3FileOptions {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly partBytes: number;
  readonly connection: S3Connection;
  /** Memory of parts that the store has, for others. */
  readonly spare: Buffer[];
  /** It is closed or abandoned; the promise resolves when nothing more is asked of the store for it. */
  readonly onOver: (farewell: Promise<void>) => void;
}

/** Of one file that are on their way at once. */
const partsAtOnce = 4;
/** S3's limit. */
const mostParts = 10_000;
/** How long an abandoned file waits for what is on its way. */
const graceMs = 5000;
const firstRoomBytes = 64 * 1024;
/** Of parts that it has sent a store keeps so much memory: new memory costs as much as filling it. */
const mostSpareBytes = 32 * 1024 * 1024;
/** Tells an object that this file has made from one of somebody else's, when an answer was lost. */
const writerKey = 'millrace-writer';

interface Part {
  readonly number: number;
  /** Null once the store has it. */
  body: Buffer | null;
  stored: CompletedPart | null;
}

/** An object on its way: one request where it is small, parts of one size where it is not. */
export class S3File implements StoreFile {
  readonly name: string;
  sizeBytes = 0;
  readonly #options: S3FileOptions;
  readonly #writer = randomUUID();
  readonly #giveUp = new AbortController();
  /** What no part has yet; grows up to the size of a part. */
  #room: Buffer = Buffer.alloc(0);
  #inRoom = 0;
  #uploadId: Promise<string> | null = null;
  readonly #parts: Part[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: unknown = null;
  #isOver = false;

  constructor(options: S3FileOptions) {
    this.#options = options;
    this.name = options.name;
  }

  async write(buffers: readonly Buffer[]): Promise<void> {
    for (const buffer of buffers) {
      for (let at = 0; at < buffer.length; ) {
        at += this.#copy(buffer, at);
        if (this.#inRoom === this.#options.partBytes) await this.#sendPart();
      }
    }
  }

  room(sizeBytes: number): Buffer | null {
    if (this.#inRoom + sizeBytes > this.#options.partBytes) return null;
    this.#grow(this.#inRoom + sizeBytes);
    return this.#room.subarray(this.#inRoom);
  }

  async wrote(sizeBytes: number): Promise<void> {
    this.#inRoom += sizeBytes;
    this.sizeBytes += sizeBytes;
    if (this.#inRoom === this.#options.partBytes) await this.#sendPart();
  }

  async sync(): Promise<void> {
    throw new StoreError(
      'denied',
      `${this.#options.key}: nothing of an object is durable before it is closed`,
    );
  }

  async cut(): Promise<void> {
    throw new StoreError('denied', `${this.#options.key}: an object can't be cut`);
  }

  async close(call: StoreCall = {}): Promise<void> {
    if (this.#isOver) return;
    this.#failure = null;
    try {
      if (this.#parts.length === 0) await this.#put(call);
      else await this.#complete(call);
    } catch (error) {
      if (!(await this.#isMine(error, call))) throw error;
    }
    this.#end(Promise.resolve());
  }

  async abandon(): Promise<void> {
    if (this.#isOver) return;
    // What is cut off on its way may still come in after the parts were taken back, and stay.
    const timer = after(graceMs, () => this.#giveUp.abort(), { background: true });
    this.#end(this.#takeBack().finally(() => timer.cancel()));
  }

  #end(farewell: Promise<void>): void {
    this.#isOver = true;
    this.#room = Buffer.alloc(0);
    this.#parts.length = 0;
    this.#options.onOver(farewell);
  }

  /** How many bytes of the buffer, from `at` on, found room. */
  #copy(buffer: Buffer, at: number): number {
    const { partBytes } = this.#options;
    const count = Math.min(buffer.length - at, partBytes - this.#inRoom);
    this.#grow(this.#inRoom + count);
    buffer.copy(this.#room, this.#inRoom, at, at + count);
    this.#inRoom += count;
    this.sizeBytes += count;
    return count;
  }

  /** A small object has little memory, and one that has become large that of a whole part. */
  #grow(neededBytes: number): void {
    if (neededBytes <= this.#room.length) return;
    const { partBytes, spare } = this.#options;
    const isLarge = this.#parts.length > 0 || 2 * neededBytes >= partBytes;
    const grown: Buffer =
      (isLarge ? spare.pop() : undefined) ??
      Buffer.allocUnsafeSlow(isLarge ? partBytes : Math.max(firstRoomBytes, 2 * neededBytes));
    this.#room.copy(grown, 0, 0, this.#inRoom);
    this.#room = grown;
  }

  /** Sends what is in the room as a part, and waits while too many are on their way. Rejects when an earlier one failed. */
  async #sendPart(): Promise<void> {
    if (this.#parts.length === mostParts)
      throw new StoreError('full', `${this.#options.key}: an object has at most ${mostParts} parts`);
    const part: Part = {
      number: this.#parts.length + 1,
      body: this.#room.subarray(0, this.#inRoom),
      stored: null,
    };
    this.#room = Buffer.alloc(0);
    this.#inRoom = 0;
    this.#parts.push(part);
    this.#start(part);
    while (this.#underWay.size >= partsAtOnce) await Promise.race(this.#underWay);
    if (this.#failure !== null) throw this.#failure;
  }

  #start(part: Part): void {
    const sending = this.#upload(part)
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #upload(part: Part): Promise<void> {
    this.#uploadId ??= this.#begin();
    const UploadId = await this.#uploadId;
    const { bucket: Bucket, key: Key, connection } = this.#options;
    const Body = part.body!;
    const { ETag, ChecksumCRC32, $metadata } = await connection.ask(
      `can't write part ${part.number} of ${this.#place}`,
      (sdk, client, options) =>
        client.send(
          new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: part.number, Body }),
          options,
        ),
      { signal: this.#giveUp.signal },
    );
    part.body = null;
    // Of an attempt that failed, and was repeated, something may still be reading it.
    if ($metadata.attempts === 1) this.#spare(Body);
    part.stored = {
      PartNumber: part.number,
      ...(ETag === undefined ? {} : { ETag }),
      ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
    };
  }

  #spare(part: Buffer): void {
    const { partBytes, spare } = this.#options;
    const isWhole =
      part.length === partBytes && part.byteOffset === 0 && part.buffer.byteLength === partBytes;
    if (isWhole && (spare.length + 1) * partBytes <= mostSpareBytes) spare.push(part);
  }

  async #begin(): Promise<string> {
    const { bucket: Bucket, key: Key, connection } = this.#options;
    try {
      const checksum = (await connection.addsChecksums()) ? { ChecksumAlgorithm: 'CRC32' as const } : {};
      const { UploadId } = await connection.ask(
        `can't begin ${this.#place}`,
        (sdk, client, options) =>
          client.send(
            new sdk.CreateMultipartUploadCommand({
              Bucket,
              Key,
              ...checksum,
              Metadata: { [writerKey]: this.#writer },
            }),
            options,
          ),
        { signal: this.#giveUp.signal },
      );
      return UploadId!;
    } catch (error) {
      this.#uploadId = null;
      throw error;
    }
  }

  async #put(call: StoreCall): Promise<void> {
    const { bucket: Bucket, key: Key, connection } = this.#options;
    const Body = this.#room.subarray(0, this.#inRoom);
    const Metadata = { [writerKey]: this.#writer };
    await connection.ask(
      `can't write ${this.#place}`,
      (sdk, client, options) =>
        client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, Metadata, IfNoneMatch: '*' }), options),
      call,
    );
  }

  async #complete(call: StoreCall): Promise<void> {
    if (this.#inRoom > 0) await this.#sendPart();
    await Promise.all(this.#underWay);
    // Of an earlier close that failed.
    for (const part of this.#parts) if (part.stored === null && this.#failure === null) this.#start(part);
    await Promise.all(this.#underWay);
    if (this.#failure !== null) throw this.#failure;
    const { bucket: Bucket, key: Key, connection } = this.#options;
    const UploadId = await this.#uploadId!;
    const Parts = this.#parts.map(({ stored }) => stored!);
    await connection.ask(
      `can't complete ${this.#place}`,
      (sdk, client, options) =>
        client.send(
          new sdk.CompleteMultipartUploadCommand({
            ...{ Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch: '*' },
          }),
          options,
        ),
      call,
    );
  }

  /** The object is there, and this file has made it: the answer to an earlier attempt was lost. */
  async #isMine(error: unknown, call: StoreCall): Promise<boolean> {
    if (!isStoreFault(error, 'exists', 'lost')) return false;
    const { bucket: Bucket, key: Key, connection } = this.#options;
    try {
      const { Metadata = {} } = await connection.ask(
        `can't look at ${this.#place}`,
        (sdk, client, options) => client.send(new sdk.HeadObjectCommand({ Bucket, Key }), options),
        call,
      );
      return Metadata[writerKey] === this.#writer;
    } catch {
      return false;
    }
  }

  /** Has the store forget the parts that it has. Never rejects: what is left then is for a rule of the bucket. */
  async #takeBack(): Promise<void> {
    if (this.#uploadId === null) return;
    const { bucket: Bucket, key: Key, connection } = this.#options;
    try {
      const UploadId = await this.#uploadId;
      await Promise.all(this.#underWay);
      await connection.ask(`can't take back ${this.#place}`, (sdk, client, options) =>
        client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }), options),
      );
    } catch {
      // The store is away: the next start ends it, or the bucket's rule for unfinished uploads.
    }
  }

  get #place(): string {
    return `s3://${this.#options.bucket}/${this.#options.key}`;
  }
}
