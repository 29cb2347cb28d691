/**
 * The four requests of ZooKeeper's protocol that reading one node takes, in jute, its encoding: big-endian numbers,
 * buffers and strings behind an int32 length, one frame behind an int32 length per message.
 *
 *     connect  → int protocol, long last zxid, int timeout, long session, buffer password, bool read-only
 *              ← int protocol, int timeout, long session, buffer password [, bool read-only]
 *     request  → int xid, int type, body          ← int xid, long zxid, int error, body
 *     ping        xid -2, type 11, no body
 *     exists      type 3: string path, bool watch  ← stat
 *     getData     type 4: string path, bool watch  ← buffer data, stat
 *     event                                        ← xid -1: int type, int state, string path
 */
import { ZooKeeperError } from './zookeeper-error.ts';

export const requestTypes = { exists: 3, getData: 4, ping: 11, close: -11 } as const;
export const xids = { event: -1, ping: -2 } as const;
/** Error codes of an answer; all others are told by number. */
export const errorCodes = { ok: 0, noNode: -101, noAuth: -102 } as const;

/** A larger frame is no answer to what is asked here: servers take nodes of 1 MiB unless told otherwise. */
export const largestFrame = 16 * 1024 * 1024;

export function connectRequest(timeoutMs: number): Buffer {
  const frame = Buffer.alloc(4 + 4 + 8 + 4 + 8 + 4 + 16 + 1);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(timeoutMs, 16);
  frame.writeInt32BE(16, 28);
  return frame;
}

export function pathRequest(xid: number, type: number, path: string, watch: boolean): Buffer {
  const name = Buffer.from(path, 'utf8');
  const frame = Buffer.alloc(4 + 8 + 4 + name.length + 1);
  frame.writeInt32BE(frame.length - 4, 0);
  frame.writeInt32BE(xid, 4);
  frame.writeInt32BE(type, 8);
  frame.writeInt32BE(name.length, 12);
  name.copy(frame, 16);
  frame[frame.length - 1] = watch ? 1 : 0;
  return frame;
}

export function emptyRequest(xid: number, type: number): Buffer {
  const frame = Buffer.alloc(12);
  frame.writeInt32BE(8, 0);
  frame.writeInt32BE(xid, 4);
  frame.writeInt32BE(type, 8);
  return frame;
}

/** Cuts a stream into frames; at most one that is not whole is held. Throws for lengths that can be none. */
export class Frames {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #wantedBytes = 4;

  push(chunk: Buffer): Buffer[] {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wantedBytes) return [];
    const bytes = Buffer.concat(this.#held);
    const frames: Buffer[] = [];
    let at = 0;
    this.#wantedBytes = 4;
    while (bytes.length - at >= 4) {
      const length = bytes.readInt32BE(at);
      if (length < 0 || length > largestFrame)
        throw new ZooKeeperError('protocol', `it sent a frame of ${length} bytes: it is no ZooKeeper`);
      if (bytes.length - at - 4 < length) {
        this.#wantedBytes = 4 + length;
        break;
      }
      frames.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#held = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#heldBytes = bytes.length - at;
    return frames;
  }
}

/** Reads values one after another; what goes beyond the frame is a fault of the sender. */
export class JuteReader {
  readonly #frame: Buffer;
  #at = 0;

  constructor(frame: Buffer) {
    this.#frame = frame;
  }

  int(): number {
    return this.#frame.readInt32BE(this.#take(4));
  }

  /** Whether it is 0 is all that anybody asks of one. */
  skipLong(): void {
    this.#take(8);
  }

  /** Java's null is a length of -1; it is as good as none. */
  buffer(): Buffer {
    const length = this.int();
    if (length === -1) return Buffer.alloc(0);
    const at = this.#take(length);
    return this.#frame.subarray(at, at + length);
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || at + bytes > this.#frame.length)
      throw new ZooKeeperError('protocol', 'it sent a message that is cut short: it is no ZooKeeper');
    this.#at = at + bytes;
    return at;
  }
}
