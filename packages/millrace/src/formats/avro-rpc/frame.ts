import { NotAvro } from '../avro/not-avro.ts';
import { KeptBytes } from '../kept-bytes.ts';

/**
 * Avro's framing of calls and answers over a stream, as its Netty transport has it:
 *
 * ```
 * serial int32        carried back by the answer
 * count int32
 *   length int32, bytes          * count: one after the other they are the call
 * ```
 *
 * Java cuts at 8 KiB, so calls come in many pieces; here a frame has one.
 */
export interface AvroFrame {
  readonly serial: number;
  /** All its pieces in one. Good until the next call of `next` or `push`. */
  readonly bytes: Buffer;
}

const headBytes = 8;
const lengthBytes = 4;
/** What a frame has in front of its one piece. */
export const framePrefixBytes = headBytes + lengthBytes;
const none: Buffer = Buffer.alloc(0);

/** Writes what stands in front of a frame's one piece of `length` bytes; gives the place behind. */
export function writeFramePrefix(target: Buffer, at: number, serial: number, length: number): number {
  target.writeInt32BE(serial, at);
  target.writeInt32BE(1, at + 4);
  return target.writeInt32BE(length, at + headBytes);
}

/** A whole frame of small parts. */
export function encodeFrame(serial: number, ...parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const frame = Buffer.allocUnsafe(framePrefixBytes + length);
  let at = writeFramePrefix(frame, 0, serial, length);
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

/**
 * Cuts a stream into frames. What is announced is held against the limit before anything is made for it, and room is
 * made as bytes come: a peer has here what it has sent, no more.
 */
export class FrameCutter {
  readonly #maxBytes: number;
  #chunk: Buffer = none;
  #at = 0;
  /** Whether serial and count of a frame are known. */
  #isOpen = false;
  #serial = 0;
  /** Pieces whose end has not come. */
  #piecesLeft = 0;
  /** Bytes of the piece that have not come; -1: its length is not known. */
  #pieceLeft = -1;
  /** What the frame takes on the wire, as far as it is announced. */
  #announced = 0;
  /** Numbers that a chunk ended in. */
  readonly #split = Buffer.alloc(headBytes);
  #splitBytes = 0;
  /** Pieces that have come. */
  readonly #kept = new KeptBytes();
  #cameBytes = 0;

  /** `maxBytes`: of one frame, with its lengths. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of a frame whose rest has not come, once `next` has given null. */
  get unfinishedBytes(): number {
    return this.#cameBytes + this.#splitBytes;
  }

  /** More bytes; all frames of those before must have been asked for. */
  push(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** The next frame; null: its rest has not come. Throws `NotAvro` for what none can begin with, or one too long. */
  next(): AvroFrame | null {
    for (;;) {
      if (!this.#isOpen) {
        if (!this.#open()) return null;
      } else if (this.#piecesLeft === 0) return this.#finish(this.#kept.take());
      else if (this.#pieceLeft === -1) {
        if (!this.#openPiece()) return null;
      } else {
        const { length } = this.#chunk;
        const end = this.#at + this.#pieceLeft;
        if (this.#piecesLeft === 1 && this.#kept.length === 0 && end <= length) {
          const whole = this.#chunk.subarray(this.#at, end);
          this.#at = end;
          return this.#finish(whole);
        }
        this.#keep(Math.min(end, length));
        if (this.#pieceLeft > 0) return null;
        this.#pieceLeft = -1;
        this.#piecesLeft--;
      }
    }
  }

  #open(): boolean {
    const numbers = this.#numbers(headBytes);
    if (numbers === null) return false;
    const count = numbers.readInt32BE(4);
    if (count < 0) throw new NotAvro(`it announces ${count} pieces`);
    this.#announced = headBytes + count * lengthBytes;
    this.#hold();
    this.#serial = numbers.readInt32BE(0);
    this.#piecesLeft = count;
    this.#cameBytes = headBytes;
    this.#isOpen = true;
    return true;
  }

  #openPiece(): boolean {
    const numbers = this.#numbers(lengthBytes);
    if (numbers === null) return false;
    const length = numbers.readInt32BE(0);
    if (length < 0) throw new NotAvro(`it announces a piece of ${length} bytes`);
    this.#announced += length;
    this.#hold();
    this.#cameBytes += lengthBytes;
    this.#pieceLeft = length;
    return true;
  }

  #hold(): void {
    if (this.#announced > this.#maxBytes)
      throw new NotAvro(`it announces ${this.#announced} bytes; at most ${this.#maxBytes} are taken`);
  }

  /** The next so many bytes; null: they have not come, and what has is kept. */
  #numbers(bytes: number): Buffer | null {
    const chunk = this.#chunk;
    if (this.#splitBytes === 0 && this.#at + bytes <= chunk.length) {
      this.#at += bytes;
      return chunk.subarray(this.#at - bytes, this.#at);
    }
    const to = Math.min(chunk.length, this.#at + bytes - this.#splitBytes);
    this.#splitBytes += chunk.copy(this.#split, this.#splitBytes, this.#at, to);
    this.#at = to;
    if (this.#splitBytes < bytes) return null;
    this.#splitBytes = 0;
    return this.#split;
  }

  #keep(to: number): void {
    const came = to - this.#at;
    this.#kept.add(this.#chunk, this.#at, to, this.#kept.length + this.#pieceLeft);
    this.#pieceLeft -= came;
    this.#cameBytes += came;
    this.#at = to;
  }

  #finish(bytes: Buffer): AvroFrame {
    this.#cameBytes = 0;
    this.#pieceLeft = -1;
    this.#isOpen = false;
    return { serial: this.#serial, bytes };
  }
}
