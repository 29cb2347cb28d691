import { batchSizeBytes, readBatchHeader } from '../records/batch-header.ts';
import { MillraceError } from '../runtime/errors.ts';

/** One batch as `sealBatch` makes it: the 61 bytes of its header, CRC set, and its records. */
export interface BatchPieces {
  readonly header: Buffer;
  readonly records: Buffer;
}

/** What the log needs to know of a batch, and where its header is. */
export interface BatchPlace {
  readonly bytes: Buffer;
  readonly at: number;
  readonly sizeBytes: number;
  readonly lastOffsetDelta: number;
  readonly maxTimestamp: number;
}

function placeOf(bytes: Buffer, at: number): BatchPlace {
  const header = readBatchHeader(bytes, at);
  const { lastOffsetDelta, maxTimestamp } = header;
  return { bytes, at, sizeBytes: batchSizeBytes(header), lastOffsetDelta, maxTimestamp };
}

/** The batches of pieces. Throws `BATCH_CORRUPT` where a header's length is not that of its pieces. */
export function placesOfPieces(batches: readonly BatchPieces[]): BatchPlace[] {
  return batches.map(({ header, records }) => {
    const place = placeOf(header, 0);
    const sizeBytes = header.length + records.length;
    if (place.sizeBytes === sizeBytes) return place;
    throw new MillraceError(
      'BATCH_CORRUPT',
      `batch length says ${place.sizeBytes} bytes, there are ${sizeBytes}`,
    );
  });
}

/** The batches that lie one after another in `bytes`. Throws `BATCH_CORRUPT` unless they fill it exactly. */
export function placesIn(bytes: Buffer): BatchPlace[] {
  const places: BatchPlace[] = [];
  for (let at = 0; at < bytes.length; ) {
    const place = placeOf(bytes, at);
    at += place.sizeBytes;
    if (at > bytes.length)
      throw new MillraceError('BATCH_CORRUPT', `the bytes end within the batch at ${place.at}`);
    places.push(place);
  }
  return places;
}
