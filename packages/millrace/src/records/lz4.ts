import { MillraceError } from '../runtime/errors.ts';
import { onFirstUse } from '../runtime/on-first-use.ts';
import { finishSteps, finishStepsInTurns, joinSteps } from './steps.ts';

const native = onFirstUse<typeof import('lz4-napi')>('lz4-napi');

/**
 * LZ4 frames (magic 0x184D2204) as Kafka uses them: independent blocks, no checksums.
 *
 * Read block by block, so that the cap holds before anything is allocated. The header checksum is not looked at:
 * Kafka's clients before 0.10 computed it wrongly (KIP-57), and the batch has its own CRC32C.
 */
const frameMagic = 0x184d2204;
const flags = {
  version: 0xc0,
  independent: 0x20,
  blockChecksum: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
  dictionary: 0x01,
};
/** What a dependent block may refer back to. */
const windowBytes = 64 * 1024;
const noBytes = Buffer.alloc(0);

/** Version 1, independent blocks, no checksums; blocks of at most 64 KiB; the checksum of these two bytes. */
const frameHeader = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
const blockBytes = 64 * 1024;
/** The native functions put the size of the input in front, four bytes. */
const sizePrefixBytes = 4;
/** Set in a block's length where its bytes are stored as they are. */
const storedFlag = 0x8000_0000;

export function compressLz4Sync(bytes: Buffer): Buffer {
  const blocks = split(bytes);
  return frame(
    blocks,
    blocks.map((block) => native().compressSync(block)),
  );
}

export async function compressLz4(bytes: Buffer): Promise<Buffer> {
  const blocks = split(bytes);
  return frame(blocks, await Promise.all(blocks.map((block) => native().compress(block))));
}

function split(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) blocks.push(bytes.subarray(at, at + blockBytes));
  return blocks;
}

function frame(blocks: readonly Buffer[], compressed: readonly Buffer[]): Buffer {
  let size = frameHeader.length + 4;
  for (let i = 0; i < blocks.length; i++) {
    size += 4 + Math.min(blocks[i]!.length, compressed[i]!.length - sizePrefixBytes);
  }
  const framed = Buffer.allocUnsafeSlow(size);
  let at = frameHeader.copy(framed);
  for (let i = 0; i < blocks.length; i++) {
    const block = blocks[i]!;
    const small = compressed[i]!;
    const length = small.length - sizePrefixBytes;
    const stored = length >= block.length;
    at = framed.writeUInt32LE(stored ? storedFlag + block.length : length, at);
    at += stored ? block.copy(framed, at) : small.copy(framed, at, sizePrefixBytes);
  }
  framed.writeUInt32LE(0, at);
  return framed;
}

/** Throws `COMPRESSION` when damaged or larger than `maxBytes`. */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  return finishSteps(decompressSteps(bytes, maxBytes));
}

/** Like `decompressLz4`; the event loop goes on between the blocks (4 MiB at most, as the format says). */
export function decompressLz4InTurns(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  return finishStepsInTurns(decompressSteps(bytes, maxBytes));
}

/** Stops after every block. */
function* decompressSteps(bytes: Buffer, maxBytes: number): Generator<void, Buffer> {
  const parts: Buffer[] = [];
  let window: Buffer = noBytes;
  let total = 0;
  let at = 0;
  while (at < bytes.length) {
    const header = readFrameHeader(bytes, at);
    at = header.blocksAt;
    for (;;) {
      const blockSize = readUInt32(bytes, at);
      at += 4;
      if (blockSize === 0) break;
      const stored = blockSize >= storedFlag;
      const length = stored ? blockSize - storedFlag : blockSize;
      if (length > header.maxBlockBytes || length > bytes.length - at) {
        throw damaged(at, `a block of ${length} bytes, ${bytes.length - at} left`);
      }
      const block = bytes.subarray(at, at + length);
      const dictionary = header.independent || stored || window.length === 0 ? undefined : window;
      const part = stored
        ? block
        : decompressBlock(block, Math.min(header.maxBlockBytes, maxBytes - total), dictionary);
      total += part.length;
      if (total > maxBytes) throw tooLarge(maxBytes);
      parts.push(part);
      if (!header.independent) window = lastBytes(window, part);
      at += length + (header.blockChecksum ? 4 : 0);
      yield;
    }
    if (header.contentChecksum) at += 4;
    if (at > bytes.length) throw damaged(at, 'the frame is cut short');
  }
  return yield* joinSteps(parts, total);
}

interface FrameHeader {
  blocksAt: number;
  maxBlockBytes: number;
  independent: boolean;
  blockChecksum: boolean;
  contentChecksum: boolean;
}

function readFrameHeader(bytes: Buffer, at: number): FrameHeader {
  if (readUInt32(bytes, at) !== frameMagic) throw damaged(at, 'no LZ4 frame starts here');
  const flg = bytes[at + 4];
  const descriptor = bytes[at + 5];
  if (flg === undefined || descriptor === undefined) throw damaged(at, 'the frame header is cut short');
  if ((flg & flags.version) !== 0x40) throw damaged(at, `frame version ${flg >> 6}`);
  if ((flg & flags.dictionary) !== 0) throw damaged(at, 'a dictionary is needed');
  const sizeCode = (descriptor >> 4) & 7;
  if (sizeCode < 4) throw damaged(at, `block size code ${sizeCode}`);
  return {
    blocksAt: at + 7 + ((flg & flags.contentSize) !== 0 ? 8 : 0),
    maxBlockBytes: 1 << (8 + 2 * sizeCode),
    independent: (flg & flags.independent) !== 0,
    blockChecksum: (flg & flags.blockChecksum) !== 0,
    contentChecksum: (flg & flags.contentChecksum) !== 0,
  };
}

/** The native decoder wants the size of its output in front, and allocates that; less may come out. */
function decompressBlock(block: Buffer, room: number, dictionary: Buffer | undefined): Buffer {
  // A length byte of 255 stands for 255 bytes of output: no block holds more.
  const size = Math.min(room, block.length * 255);
  const input = Buffer.allocUnsafe(sizePrefixBytes + block.length);
  input.writeUInt32LE(size, 0);
  block.copy(input, sizePrefixBytes);
  return native().uncompressSync(input, dictionary);
}

function lastBytes(window: Buffer, part: Buffer): Buffer {
  if (part.length >= windowBytes) return part.subarray(part.length - windowBytes);
  const kept = window.subarray(Math.max(0, window.length + part.length - windowBytes));
  return kept.length === 0 ? part : Buffer.concat([kept, part]);
}

function readUInt32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw damaged(at, 'the frame is cut short');
  return bytes.readUInt32LE(at);
}

function tooLarge(maxBytes: number): MillraceError {
  return new MillraceError('COMPRESSION', `LZ4 blocks grow beyond the allowed ${maxBytes} bytes`);
}

function damaged(at: number, what: string): MillraceError {
  return new MillraceError('COMPRESSION', `Damaged LZ4 frame at byte ${at}: ${what}`);
}
