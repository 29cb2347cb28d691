import { MillraceError } from '../runtime/errors.ts';
import { onFirstUse } from '../runtime/on-first-use.ts';
import { finishSteps, finishStepsInTurns, joinSteps } from './steps.ts';

const native = onFirstUse<typeof import('snappy')>('snappy');

/**
 * Snappy as Kafka's clients write it: the framing of xerial's snappy-java (`SnappyOutputStream`).
 *
 * ```
 * 82 'SNAPPY' 00, version int32 (1), lowest reader version int32 (1)
 * block*: length int32, raw snappy
 * ```
 *
 * Some clients (librdkafka, older Go and Python ones) write one raw snappy block instead; both are read, as
 * `SnappyInputStream` does, and a second frame header between blocks too (concatenated streams).
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const frameHeaderBytes = 16;
/** Kafka's own block size for the Java client. */
const blockBytes = 32 * 1024;
/** Output in memory of the runtime: handing native memory over costs ten times the compression itself. */
const ownMemory = { copyOutputData: true };
/** A three-byte copy element makes at most 64 bytes; nothing in the format does better. */
const maxRatio = 64 / 3;

export function compressSnappySync(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    parts.push(native().compressSync(bytes.subarray(at, at + blockBytes), ownMemory));
  }
  return frame(parts);
}

export async function compressSnappy(bytes: Buffer): Promise<Buffer> {
  const parts: Promise<Buffer>[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    parts.push(native().compress(bytes.subarray(at, at + blockBytes), ownMemory));
  }
  return frame(await Promise.all(parts));
}

/** Framed or raw. Throws `COMPRESSION` when damaged or larger than `maxBytes`. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  if (!startsFrame(bytes, 0)) return decompressBlock(bytes, maxBytes);
  return finishSteps(decompressSteps(bytes, maxBytes));
}

/** Like `decompressSnappy`; the event loop goes on between the blocks, one block alone is done in the thread pool. */
export async function decompressSnappyInTurns(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  if (startsFrame(bytes, 0)) return finishStepsInTurns(decompressSteps(bytes, maxBytes));
  checkBlock(bytes, maxBytes);
  return (await native().uncompress(bytes, { asBuffer: true, ...ownMemory })) as Buffer;
}

/** Stops after every block. */
function* decompressSteps(bytes: Buffer, maxBytes: number): Generator<void, Buffer> {
  const parts: Buffer[] = [];
  let total = 0;
  let at = frameHeaderBytes;
  while (at < bytes.length) {
    if (startsFrame(bytes, at)) {
      at += frameHeaderBytes;
      continue;
    }
    if (bytes.length - at < 4) throw damaged(at, 'a block length is cut short');
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length < 0 || length > bytes.length - at)
      throw damaged(at, `a block of ${length} bytes, ${bytes.length - at} left`);
    const part = decompressBlock(bytes.subarray(at, at + length), maxBytes - total);
    total += part.length;
    parts.push(part);
    at += length;
    yield;
  }
  return yield* joinSteps(parts, total);
}

function startsFrame(bytes: Buffer, at: number): boolean {
  return (
    bytes.length - at >= frameHeaderBytes &&
    bytes.compare(magic, 0, magic.length, at, at + magic.length) === 0
  );
}

function decompressBlock(block: Buffer, maxBytes: number): Buffer {
  checkBlock(block, maxBytes);
  return native().uncompressSync(block, { asBuffer: true, ...ownMemory }) as Buffer;
}

function checkBlock(block: Buffer, maxBytes: number): void {
  const length = uncompressedLength(block);
  if (length > maxBytes) {
    throw new MillraceError('COMPRESSION', `Snappy block announces ${length} bytes, ${maxBytes} are allowed`);
  }
  if (length > block.length * maxRatio) throw damaged(0, `${block.length} bytes announce ${length}`);
}

/** The length that a raw snappy block begins with: a varint of at most 32 bits. */
function uncompressedLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw damaged(0, 'no length');
}

function frame(parts: readonly Buffer[]): Buffer {
  let size = frameHeaderBytes;
  for (const part of parts) size += 4 + part.length;
  const framed = Buffer.allocUnsafeSlow(size);
  magic.copy(framed);
  framed.writeInt32BE(1, 8);
  framed.writeInt32BE(1, 12);
  let at = frameHeaderBytes;
  for (const part of parts) {
    at = framed.writeInt32BE(part.length, at);
    at += part.copy(framed, at);
  }
  return framed;
}

function damaged(at: number, what: string): MillraceError {
  return new MillraceError('COMPRESSION', `Damaged snappy at byte ${at}: ${what}`);
}
