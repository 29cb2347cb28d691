import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { onFirstUse } from '../../runtime/on-first-use.ts';
import { CompactWriter } from '../thrift/compact-writer.ts';
import { types } from '../thrift/types.ts';
import { type Leaf, physical } from './leaf.ts';
import { encodeLevels } from './levels.ts';
import { type ColumnStatistics, statisticsOf } from './statistics.ts';

export const parquetCodecs = ['zstd', 'snappy', 'gzip', 'none'] as const;
export type ParquetCodec = (typeof parquetCodecs)[number];
/** By their numbers in the file. */
export const codecNumbers: Readonly<Record<ParquetCodec, number>> = { none: 0, snappy: 1, gzip: 2, zstd: 6 };

const snappy = onFirstUse<typeof import('snappy')>('snappy');
const gzip = promisify(zlib.gzip) as (bytes: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>;
const zstd = promisify(zlib.zstdCompress) as (bytes: Buffer, options: zlib.ZstdOptions) => Promise<Buffer>;
/** Node's default of 16 KiB makes a copy and a call for each; so much is allocated for each page. */
const chunkSizeOf = ({ length }: Buffer) => Math.min(Math.max(length, 1024), 256 * 1024);

const compressions: Readonly<Record<ParquetCodec, (bytes: Buffer) => Promise<Buffer>>> = {
  none: async (bytes) => bytes,
  snappy: (bytes) => snappy().compress(bytes),
  gzip: (bytes) => gzip(bytes, { chunkSize: chunkSizeOf(bytes) }),
  zstd: (bytes) => zstd(bytes, { chunkSize: chunkSizeOf(bytes), pledgedSrcSize: bytes.length }),
};

/** Numbers of the format's encodings. */
export const encodings = { plain: 0, rle: 3 } as const;

/** A column of one row group, ready to be written. */
export interface ColumnChunk {
  readonly leaf: Leaf;
  readonly buffers: readonly Buffer[];
  readonly count: number;
  /** Headers of pages included. */
  readonly plainBytes: number;
  readonly sizeBytes: number;
  readonly statistics: ColumnStatistics;
}

/** Makes the pages of a leaf's values; they are compressed in the thread pool. The leaf is not changed. */
export async function chunkOf(leaf: Leaf, codec: ParquetCodec): Promise<ColumnChunk> {
  const statistics = statisticsOf(leaf);
  const ends = [...leaf.pages];
  if (ends.at(-1)?.levels !== leaf.count) ends.push({ levels: leaf.count, valueBytes: leaf.values.length });
  const pages = ends.map((end, i) => pageOf(leaf, ends[i - 1] ?? { levels: 0, valueBytes: 0 }, end));
  const compressed = await Promise.all(pages.map(({ bytes }) => compressions[codec](bytes)));
  const buffers: Buffer[] = [];
  let plainBytes = 0;
  let sizeBytes = 0;
  for (const [i, { bytes, count }] of pages.entries()) {
    const header = pageHeader(count, bytes.length, compressed[i]!.length);
    buffers.push(header, compressed[i]!);
    plainBytes += header.length + bytes.length;
    sizeBytes += header.length + compressed[i]!.length;
  }
  return { leaf, buffers, count: leaf.count, plainBytes, sizeBytes, statistics };
}

interface From {
  readonly levels: number;
  readonly valueBytes: number;
}

function pageOf(leaf: Leaf, from: From, to: From): { bytes: Buffer; count: number } {
  const { mostDefined, mostRepeated } = leaf.place;
  const parts: Buffer[] = [];
  if (mostRepeated > 0) parts.push(encodeLevels(leaf.repeated.view(from.levels, to.levels), mostRepeated));
  if (mostDefined > 0) parts.push(encodeLevels(leaf.defined.view(from.levels, to.levels), mostDefined));
  const values = leaf.values.view(from.valueBytes, to.valueBytes);
  parts.push(leaf.physical === physical.boolean ? packedBits(values) : values);
  return { bytes: Buffer.concat(parts), count: to.levels - from.levels };
}

function packedBits(values: Buffer): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) bits[i >> 3]! |= values[i]! << (i & 7);
  return bits;
}

/** `PageHeader` of a `DATA_PAGE`: https://github.com/apache/parquet-format, parquet.thrift. */
function pageHeader(count: number, plainBytes: number, sizeBytes: number): Buffer {
  const thrift = new CompactWriter(64);
  const begun = thrift.structBegin();
  thrift.field(types.i32, 1);
  thrift.i32(0);
  thrift.field(types.i32, 2);
  thrift.i32(plainBytes);
  thrift.field(types.i32, 3);
  thrift.i32(sizeBytes);
  thrift.field(types.struct, 5);
  const data = thrift.structBegin();
  thrift.field(types.i32, 1);
  thrift.i32(count);
  for (const [id, encoding] of [
    [2, encodings.plain],
    [3, encodings.rle],
    [4, encodings.rle],
  ] as const) {
    thrift.field(types.i32, id);
    thrift.i32(encoding);
  }
  thrift.structEnd(data);
  thrift.structEnd(begun);
  return Buffer.from(thrift.written());
}
