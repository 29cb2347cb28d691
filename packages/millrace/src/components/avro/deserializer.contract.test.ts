import { deflateRawSync, zstdCompressSync } from 'node:zlib';
import { crc32 } from '@node-rs/crc32';
import avro from 'avsc';
import { compressSync } from 'snappy';
import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { deserializerContract } from '../../component/testing/deserializer-contract.ts';
import { encodeBlock, encodeHeader } from '../../formats/avro/container.ts';
import { avroDeserializer } from './deserializer.ts';

const schema = {
  type: 'record',
  name: 'Visit',
  namespace: 'test.visits',
  fields: [
    { name: 'user', type: 'string' },
    { name: 'at', type: ['null', 'long'], default: null },
    { name: 'tags', type: { type: 'map', values: 'double' } },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['VIEW', 'CLICK'] } },
    { name: 'parts', type: { type: 'array', items: { type: 'fixed', name: 'Two', size: 2 } } },
  ],
} as const;
const type = avro.Type.forSchema(schema as never);
const data = Array.from({ length: 24 }, (_, i) =>
  type.toBuffer({
    user: 'é'.repeat(i % 5),
    at: i % 3 === 0 ? null : i * 1e9,
    tags: { a: i, b: -i },
    kind: i % 2 ? 'VIEW' : 'CLICK',
    parts: Array.from({ length: i % 3 }, () => Buffer.from([i, 255])),
  }),
);
const sync = Buffer.from('0123456789abcdef');

function snappy(bytes: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([compressSync(bytes), checksum]);
}
const codecs: Record<string, (bytes: Buffer) => Buffer> = {
  null: (bytes) => bytes,
  deflate: (bytes) => deflateRawSync(bytes),
  snappy,
  zstandard: (bytes) => zstdCompressSync(bytes),
};

for (const [codec, compress] of Object.entries(codecs)) {
  const head = encodeHeader(
    new Map([
      ['avro.schema', Buffer.from(JSON.stringify(schema))],
      ['avro.codec', Buffer.from(codec)],
    ]),
    sync,
  );
  const block = (from: number, to: number): Buffer =>
    encodeBlock(to - from, compress(Buffer.concat(data.slice(from, to))), sync);
  const large = type.toBuffer({ user: 'x'.repeat(1000), at: 1, tags: {}, kind: 'VIEW', parts: [] });
  deserializerContract({ describe, it }, `AVRO, ${codec}`, {
    create: (input) => avroDeserializer.create(contextFor(avroDeserializer), input),
    sample: Buffer.concat([head, block(0, 3), block(3, 4), block(4, 4), block(4, 20), block(20, 24)]),
    events: data,
    empty: 'unreadable',
    huge: {
      head,
      unit: encodeBlock(50, compress(Buffer.concat(Array.from({ length: 50 }, () => large))), sync),
      times: 400,
      eventsPerUnit: 50,
    },
    mostBytes: 10 * 1024 * 1024,
  });
}
