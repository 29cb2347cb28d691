import { describe, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { deserializerContract } from '../../component/testing/deserializer-contract.ts';
import { blobDeserializer } from './deserializer.ts';

const blobs = Array.from({ length: 25 }, (_, i) => Buffer.alloc(i === 24 ? 3 : 10, i + 200));
deserializerContract({ describe, it }, 'BLOB', {
  create: (input) => blobDeserializer.create(contextFor(blobDeserializer, { maxBlobLength: 10 }), input),
  sample: Buffer.concat(blobs),
  events: blobs,
  empty: 'no events',
  huge: { head: Buffer.alloc(0), unit: Buffer.alloc(10, 7), times: 1_000_000, eventsPerUnit: 1 },
  mostBytes: 16 * 1024 * 1024,
});

const large = 1_000_000;
deserializerContract({ describe, it }, 'BLOB of a megabyte', {
  create: (input) => blobDeserializer.create(contextFor(blobDeserializer, { maxBlobLength: large }), input),
  sample: Buffer.alloc(20, 1),
  events: [Buffer.alloc(20, 1)],
  empty: 'no events',
  huge: { head: Buffer.alloc(0), unit: Buffer.alloc(large, 7), times: 60, eventsPerUnit: 1 },
  mostBytes: 16 * 1024 * 1024,
});
