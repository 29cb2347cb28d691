/** A batch ready to leave, by compression: `node bench/hot/seal.ts`. */
import { compressionTypes } from '../../packages/millrace/src/records/compression.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { accessLog, measure } from './measure.ts';

const events = 10_000;
const log = accessLog(events);
const { batch } = encodeLines(log, 0, log.length, { maxEvents: events, timestampMs: Date.now() });

for (const compression of compressionTypes) {
  const { sizeBytes } = sealBatch(batch!, { compression });
  const ratio = (sizeBytes / batch!.sizeBytes).toFixed(2);
  measure(`seal ${compression} (size x ${ratio})`, events, () => sealBatch(batch!, { compression }), 7);
}
