/** A batch's bytes to events: `node bench/hot/open-batch.ts`. */
import { compressionTypes } from '../../packages/millrace/src/records/compression.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { openBatch, validateProducedBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { accessLog, measure } from './measure.ts';

const events = 10_000;
const log = accessLog(events);
const { batch } = encodeLines(log, 0, log.length, { maxEvents: events, timestampMs: Date.now() });

for (const compression of compressionTypes) {
  const { header, records } = sealBatch(batch!, { compression });
  const bytes = Buffer.concat([header, records]);
  measure(`open-batch ${compression}`, events, () => openBatch(bytes, 0));
  if (compression !== 'none') continue;
  measure('open-batch none, checksum', events, () => openBatch(bytes, 0, { verifyCrc: true }));
  measure('validate-produced-batch none', events, () => validateProducedBatch(bytes, 0));
}

const opened = batch!;
measure('read every event body', events, () => {
  let bytes = 0;
  for (const event of opened) bytes += event.body.length;
  return bytes;
});
