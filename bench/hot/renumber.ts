/** A slice's offset deltas from 0: `node bench/hot/renumber.ts`. */
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { concatBatches, renumber } from '../../packages/millrace/src/records/transform.ts';
import { accessLog, measure } from './measure.ts';

const events = 10_000;
const log = accessLog(events + 1);
const { batch } = encodeLines(log, 0, log.length, { maxEvents: events + 1, timestampMs: Date.now() });
const slice = batch!.slice(1, events + 1);
const parts = Array.from({ length: 100 }, (_, i) => batch!.slice(i * 100, (i + 1) * 100));

measure('renumber a slice', events, () => renumber(slice));
measure('concat 100 batches of 100', events, () => concatBatches(parts));
