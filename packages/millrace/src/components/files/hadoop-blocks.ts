import { onFirstUse } from '../../runtime/on-first-use.ts';

const lz4 = onFirstUse<typeof import('lz4-napi')>('lz4-napi');
const snappy = onFirstUse<typeof import('snappy')>('snappy');

/**
 * A block of Hadoop's readers is at most `io.compression.codec.{snappy,lz4}.buffersize` (256 KiB) in both forms; what
 * can't be compressed grows by a sixth at most, as Hadoop's own writers reckon (SnappyCodec).
 */
const blockBytes = 192 * 1024;
/** lz4-napi puts the size of the input in front. */
const lz4PrefixBytes = 4;

/**
 * Hadoop's framing of codecs that have none of their own (BlockCompressorStream): of each block its length, the length
 * of what follows, and that; both int32, big endian. It is not the frame format of snappy or LZ4.
 */
async function inBlocks(bytes: Buffer, compress: (block: Buffer) => Promise<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    const small = await compress(block);
    const lengths = Buffer.allocUnsafe(8);
    lengths.writeInt32BE(block.length, 0);
    lengths.writeInt32BE(small.length, 4);
    pieces.push(lengths, small);
  }
  return Buffer.concat(pieces);
}

export const snappyBlocks = (bytes: Buffer): Promise<Buffer> =>
  inBlocks(bytes, async (block) => (await snappy().compress(block)) as Buffer);

export const lz4Blocks = (bytes: Buffer): Promise<Buffer> =>
  inBlocks(bytes, async (block) => (await lz4().compress(block)).subarray(lz4PrefixBytes));
