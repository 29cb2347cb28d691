import { expect, test } from 'vitest';
import { BatchBuilder } from '../../../records/batch-builder.ts';
import { assignOffsets, batchAttributes, batchHeaderBytes } from '../../../records/batch-header.ts';
import { sealBatch } from '../../../records/seal.ts';
import { openFrom, visibleBatches } from './fetched-records.ts';

interface Made {
  readonly baseOffset: number;
  readonly bodies: readonly string[];
  readonly producerId?: number;
  /** A transaction's marker. */
  readonly marker?: 'commit' | 'abort';
}

/** A partition's records as a broker sends them. */
function records(...made: Made[]): Buffer {
  const chunks = made.flatMap(({ baseOffset, bodies, producerId, marker }) => {
    const builder = new BatchBuilder();
    for (const body of bodies) builder.add(body);
    if (marker !== undefined) builder.add('', undefined, Buffer.from([0, 0, 0, marker === 'commit' ? 1 : 0]));
    const transactional = producerId !== undefined;
    const sealed = sealBatch(
      builder.build(),
      transactional ? { producerId, producerEpoch: 0, transactional } : {},
    );
    const header = Buffer.from(sealed.header);
    if (marker !== undefined) header.writeInt16BE(header.readInt16BE(21) | batchAttributes.control, 21);
    assignOffsets(header, 0, baseOffset, 0);
    return [header, sealed.records];
  });
  return Buffer.concat(chunks);
}

const shown = (
  bytes: Buffer,
  from: number,
  aborted: { producerId: number; firstOffset: number }[] | null,
) => {
  const { batches, nextOffset } = visibleBatches(bytes, from, aborted);
  const bodies = batches.flatMap((raw) =>
    [...(openFrom(raw, from, false) ?? [])].map((event) => event.body.toString()),
  );
  return { bodies, nextOffset };
};

test('whole batches before the position are left out, and records before it within a batch', () => {
  const bytes = records({ baseOffset: 0, bodies: ['a', 'b'] }, { baseOffset: 2, bodies: ['c', 'd', 'e'] });
  expect(shown(bytes, 3, null)).toEqual({ bodies: ['d', 'e'], nextOffset: 5 });
});

test('an incomplete batch at the end is fetched again', () => {
  const bytes = records({ baseOffset: 0, bodies: ['a'] }, { baseOffset: 1, bodies: ['b'.repeat(100)] });
  expect(shown(bytes.subarray(0, bytes.length - 1), 0, null)).toEqual({ bodies: ['a'], nextOffset: 1 });
  expect(shown(bytes.subarray(0, batchHeaderBytes - 1), 0, null)).toEqual({ bodies: [], nextOffset: 0 });
});

test('markers are never shown, and the position moves over them', () => {
  const bytes = records(
    { baseOffset: 0, bodies: ['a'], producerId: 5 },
    { baseOffset: 1, bodies: [], producerId: 5, marker: 'commit' },
  );
  expect(shown(bytes, 0, null)).toEqual({ bodies: ['a'], nextOffset: 2 });
});

test('read_committed leaves out what was aborted, up to its marker', () => {
  const bytes = records(
    { baseOffset: 0, bodies: ['plain'] },
    { baseOffset: 1, bodies: ['aborted 1'], producerId: 5 },
    { baseOffset: 2, bodies: ['kept by another'], producerId: 6 },
    { baseOffset: 3, bodies: ['aborted 2'], producerId: 5 },
    { baseOffset: 4, bodies: [], producerId: 5, marker: 'abort' },
    { baseOffset: 5, bodies: ['kept: a new transaction'], producerId: 5 },
    { baseOffset: 6, bodies: [], producerId: 5, marker: 'commit' },
  );
  const aborted = [{ producerId: 5, firstOffset: 1 }];
  expect(shown(bytes, 0, aborted)).toEqual({
    bodies: ['plain', 'kept by another', 'kept: a new transaction'],
    nextOffset: 7,
  });
  expect(shown(bytes, 0, null).bodies).toHaveLength(5);
});
