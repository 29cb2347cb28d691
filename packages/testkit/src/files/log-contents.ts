import type { Log } from '../../../millrace/src/log/log.ts';
import { iterateBatches } from '../../../millrace/src/records/batch-header.ts';
import { openBatch } from '../../../millrace/src/records/open-batch.ts';

/** Everything in the log from an offset on, as `offset:body`. */
export function contents(log: Log, from = log.startOffset): string[] {
  const found: string[] = [];
  for (let offset = from; offset < log.endOffset; ) {
    const bytes = log.read(offset, 1 << 20);
    if (bytes.length === 0) break;
    for (const { at, header } of iterateBatches(bytes)) {
      const batch = openBatch(bytes, at, { verifyCrc: true });
      for (let i = 0; i < batch.count; i++) {
        if (header.baseOffset + i >= from) found.push(`${header.baseOffset + i}:${batch.event(i).body}`);
      }
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
  }
  return found;
}
