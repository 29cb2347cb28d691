/** A chunk of lines to a batch: `node bench/hot/encode-lines.ts`. */
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { accessLog, measure } from './measure.ts';

const log = accessLog(2_000_000 / 10);
const timestampMs = Date.now();

for (const maxEvents of [100, 1000, 10_000]) {
  for (const stripCarriageReturn of [false, true]) {
    measure(`encode-lines ${maxEvents}${stripCarriageReturn ? ' strip' : ''}`, log.length / 206, () => {
      for (let at = 0; ; ) {
        const { batch, consumed } = encodeLines(log, at, log.length, {
          maxEvents,
          stripCarriageReturn,
          timestampMs,
        });
        if (batch === null) return;
        at += consumed;
      }
    });
  }
}
