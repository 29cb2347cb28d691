import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAvroEvents } from '../../packages/millrace/src/records/avro-event.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { batchHeaderBytes, iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import {
  compressionTypes,
  compressSync,
  decompressSync,
} from '../../packages/millrace/src/records/compression.ts';
import { openBatch, validateProducedBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';

/** What a hostile batch may grow to here; the real default is larger. */
const maxBytes = 1 << 20;
/** For one attempt: what the cap allows twice over (parts, then the whole), and what the runtime itself takes. */
const mostMemory = 32 << 20;

const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 3000) };

/** A change of some bytes, anywhere: a bit, a byte, an extreme length, a piece cut out or doubled. */
const mutation = fc.record({
  kind: fc.constantFrom('flip', 'set', 'varint', 'int32', 'cut', 'double', 'truncate'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  value: fc.integer(),
});

function mutate(bytes: Buffer, { kind, at, value }: { kind: string; at: number; value: number }): Buffer {
  const changed = Buffer.from(bytes);
  const i = Math.floor(at * bytes.length);
  switch (kind) {
    case 'flip':
      changed[i] = changed[i]! ^ (1 << (value & 7));
      break;
    case 'set':
      changed[i] = value & 0xff;
      break;
    case 'varint':
      changed.set(Buffer.from('feffffff0f', 'hex').subarray(0, bytes.length - i), i);
      break;
    case 'int32':
      if (i + 4 <= bytes.length) changed.writeInt32BE(value, i);
      break;
    case 'cut':
      return Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + (value & 15))]);
    case 'double':
      return Buffer.concat([bytes.subarray(0, i), bytes.subarray(Math.max(0, i - (value & 63)))]);
    case 'truncate':
      return changed.subarray(0, i);
  }
  return changed;
}

const builder = new BatchBuilder(() => 1_700_000_000_000);

function sample(compression: (typeof compressionTypes)[number]): Buffer {
  for (let i = 0; i < 200; i++) {
    const headers: [string, string][] = i % 3 === 0 ? [['host', `h${i}`]] : [];
    builder.add(
      `event ${i} `.repeat(i % 7),
      headers,
      i % 5 === 0 ? `k${i}` : null,
      1_700_000_000_000 + (i % 4),
    );
  }
  const { header, records } = sealBatch(builder.build(), { compression });
  return Buffer.concat([header, records]);
}

/** Runs `attempt`; only our own error may leave it, and memory stays below what the cap allows. */
function survives(attempt: () => void): void {
  const before = process.memoryUsage().arrayBuffers;
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    expect(['BATCH_CORRUPT', 'COMPRESSION']).toContain(error.code);
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mostMemory);
}

test.each(compressionTypes)('changed batches (%s) are read or refused, never more', (compression) => {
  const good = sample(compression);
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const bytes = mutations.reduce(
        (changed, one) => (changed.length === 0 ? changed : mutate(changed, one)),
        good,
      );
      survives(() => {
        const batch = openBatch(bytes, 0, { maxBytes });
        // What was opened can be read to the end: every length in it has been checked.
        for (const event of batch) event.headers();
        if (batch.count > 0) openBatch(joined(sealBatch(batch)), 0, { verifyCrc: true });
      });
      survives(() => void validateProducedBatch(bytes, 0, maxBytes));
      survives(() => void [...iterateBatches(bytes)]);
    }),
    runs,
  );
});

test.each(compressionTypes.filter((type) => type !== 'none'))('changed %s stays below the cap', (type) => {
  const good = compressSync(type, Buffer.from('some text that repeats, '.repeat(5000)));
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const bytes = mutations.reduce(
        (changed, one) => (changed.length === 0 ? changed : mutate(changed, one)),
        good,
      );
      survives(() => expect(decompressSync(type, bytes, maxBytes).length).toBeLessThanOrEqual(maxBytes));
    }),
    runs,
  );
});

test('any bytes behind a right header are read or refused', () => {
  const header = sample('none').subarray(0, batchHeaderBytes);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 0, max: 40 }),
      fc.nat(7),
      (random, count, compression) => {
        const bytes = Buffer.concat([header, random]);
        bytes.writeInt32BE(bytes.length - 12, 8);
        bytes.writeInt16BE(compression, 21);
        bytes.writeInt32BE(Math.max(count - 1, 0), 23);
        bytes.writeInt32BE(count, 57);
        survives(() => {
          for (const event of openBatch(bytes, 0, { maxBytes })) event.headers();
        });
      },
    ),
    runs,
  );
});

test('any bytes as Avro events are read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (datum) => {
      builder.add(datum);
      const batch = builder.build();
      survives(() => {
        for (const event of decodeAvroEvents(batch)) event.headers();
      });
    }),
    runs,
  );
});

function joined({ header, records }: { header: Buffer; records: Buffer }): Buffer {
  return Buffer.concat([header, records]);
}
