import { BinaryReader } from './binary-reader.ts';
import { BinaryWriter } from './binary-writer.ts';
import { CompactReader } from './compact-reader.ts';
import { CompactWriter } from './compact-writer.ts';
import type { ThriftReader } from './reader.ts';
import type { ThriftWriter } from './writer.ts';

/** The two ways in which Flume writes Thrift. */
export type ThriftProtocol = 'binary' | 'compact';

export function thriftReader(protocol: ThriftProtocol, bytes: Buffer): ThriftReader {
  return protocol === 'binary' ? new BinaryReader(bytes) : new CompactReader(bytes);
}

/** `startAt`: so many bytes stay in front. */
export function thriftWriter(protocol: ThriftProtocol, roomBytes?: number, startAt?: number): ThriftWriter {
  return protocol === 'binary' ? new BinaryWriter(roomBytes, startAt) : new CompactWriter(roomBytes, startAt);
}
