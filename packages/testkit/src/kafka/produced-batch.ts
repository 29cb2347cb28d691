/** Record batches as producers send them, whole or broken on purpose. */
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';
import { contiguousBatchChecksum } from '../../../millrace/src/records/checksum.ts';
import type { SealOptions } from '../../../millrace/src/records/seal.ts';
import { sealBatch } from '../../../millrace/src/records/seal.ts';

export interface ProducedOptions extends SealOptions {
  readonly timestampMs?: number;
  readonly key?: string;
}

export function producedBatch(bodies: readonly (string | Buffer)[], options: ProducedOptions = {}): Buffer {
  const { timestampMs = Date.now(), key, ...seal } = options;
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body, [], key ?? null, timestampMs);
  const { header, records } = sealBatch(builder.build(), seal);
  return Buffer.concat([header, records]);
}

/** The batch with some bytes changed; the checksum is made right again unless `keepCrc`. */
export function tampered(batch: Buffer, change: (bytes: Buffer) => void, keepCrc = false): Buffer {
  const bytes = Buffer.from(batch);
  change(bytes);
  if (!keepCrc) bytes.writeUInt32BE(contiguousBatchChecksum(bytes, 0, bytes.length), 17);
  return bytes;
}
