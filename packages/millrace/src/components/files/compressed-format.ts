import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { bzip2 } from './bzip2.ts';
import type { CodecWay } from './codecs.ts';
import type { FileFormat } from './file-format.ts';
import { lz4Blocks, snappyBlocks } from './hadoop-blocks.ts';

type Compress = (bytes: Buffer) => Promise<Buffer>;

/** Node's default of 16 KiB makes a copy and a call for each. */
const chunkSize = 256 * 1024;
const gzip = promisify(zlib.gzip) as (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;
const deflate = promisify(zlib.deflate) as (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;
const zstd = promisify(zlib.zstdCompress) as (bytes: Buffer, options: zlib.ZstdOptions) => Promise<Buffer>;

/** Whole streams of each codec, compressed in the thread pool or in a process of their own. */
export const compressions: Readonly<Record<CodecWay, Compress>> = {
  gzip: (bytes) => gzip(bytes, { chunkSize }),
  deflate: (bytes) => deflate(bytes, { chunkSize }),
  zstd: (bytes) => zstd(bytes, { chunkSize, pledgedSrcSize: bytes.length }),
  bzip2,
  snappy: snappyBlocks,
  lz4: lz4Blocks,
};

/** So much is compressed at once; more in one piece gains next to nothing. */
const pieceBytes = 1024 * 1024;

/**
 * Another format, compressed: one whole stream after the other (gzip's members, zstd's frames), which readers take for
 * one, as Flume's CompressedStream writes them. Each settle ends one, so what is acknowledged of a torn file can be read.
 */
export function compressedFormat(inner: FileFormat, way: CodecWay, extension: string): FileFormat {
  const compress = compressions[way];
  return {
    extension,
    open: () => {
      const encoder = inner.open();
      let kept: Buffer[] = [];
      let keptBytes = 0;
      let isEmpty = true;
      const keep = (buffers: readonly Buffer[]) => {
        for (const buffer of buffers) {
          if (buffer.length === 0) continue;
          kept.push(buffer);
          keptBytes += buffer.length;
        }
      };
      const release = async (evenEmpty = false): Promise<readonly Buffer[]> => {
        if (keptBytes === 0 && !evenEmpty) return [];
        const bytes = Buffer.concat(kept);
        kept = [];
        keptBytes = 0;
        isEmpty = false;
        return [await compress(bytes)];
      };
      return {
        begin: async () => {
          keep(await encoder.begin());
          return [];
        },
        encode: async (batch) => {
          keep(await encoder.encode(batch));
          return keptBytes >= pieceBytes ? await release() : [];
        },
        settle: async () => {
          keep(await encoder.settle());
          return await release();
        },
        end: async () => {
          keep(await encoder.end());
          return await release(isEmpty);
        },
      };
    },
  };
}
