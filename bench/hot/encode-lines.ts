/** A chunk of lines to a batch, in WebAssembly and in JavaScript: `node bench/hot/encode-lines.ts`. */
import { encodeLines, encodeLinesSlowly } from '../../packages/millrace/src/records/encode-lines.ts';
import { accessLog, measure } from './measure.ts';

/** As much as TAILDIR reads at a time. */
const lines = Math.floor((896 * 1024) / 206);
const log = accessLog(lines);
const timestampMs = Date.now();

for (const maxEvents of [100, 1000, 10_000]) {
  for (const [name, encode] of [
    ['wasm', encodeLines],
    ['js', encodeLinesSlowly],
  ] as const) {
    measure(`encode-lines ${maxEvents} ${name}`, lines, () => {
      for (let at = 0; ; ) {
        const options = { maxEvents, stripCarriageReturn: true, timestampMs };
        const { batch, consumed } = encode(log, at, log.length, options);
        if (batch === null) return;
        at += consumed;
      }
    });
  }
}
