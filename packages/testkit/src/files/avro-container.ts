/** A container file, taken apart: its metadata in their order, and the data of its blocks. */
import { decompressBlock, isContainerCodec } from '../../../millrace/src/formats/avro/codecs.ts';
import { readBlockHead, readHeader, syncBytes } from '../../../millrace/src/formats/avro/container.ts';

export interface ContainerContents {
  readonly metadata: [string, string][];
  /** How many data are in each block. */
  readonly counts: number[];
  /** The data of all blocks one after the other, not compressed. */
  readonly data: Buffer;
}

/** Throws where the bytes are no whole container file. */
export function containerContents(file: Buffer): ContainerContents {
  const header = readHeader(file);
  if (header === null) throw new Error('it ends within its header');
  const metadata = [...header.metadata].map(([key, value]): [string, string] => [key, value.toString()]);
  const codec = header.metadata.get('avro.codec')?.toString() ?? 'null';
  if (!isContainerCodec(codec)) throw new Error(`codec ${codec}`);
  const counts: number[] = [];
  const data: Buffer[] = [];
  for (let at = header.sizeBytes; at < file.length; ) {
    const head = readBlockHead(file, at);
    if (head === null) throw new Error('it ends within a block');
    const end = head.dataAt + head.sizeBytes;
    if (!file.subarray(end, end + syncBytes).equals(header.sync)) throw new Error('no sync marker');
    counts.push(head.count);
    data.push(decompressBlock(codec, file.subarray(head.dataAt, end), 1 << 28));
    at = end + syncBytes;
  }
  return { metadata, counts, data: Buffer.concat(data) };
}
