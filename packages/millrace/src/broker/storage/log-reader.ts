import type { Log } from '../../log/log.ts';
import { iterateBatches } from '../../records/batch-header.ts';
import { MillraceError } from '../../runtime/errors.ts';

/** Whether an error says that bytes of a log are damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'LOG_CORRUPT';
}

/** The base offset of the segment that an error of a log speaks of; null when it speaks of none. */
export function damagedSegment(error: unknown): number | null {
  const file = error instanceof MillraceError ? error.details.file : undefined;
  const digits = typeof file === 'string' ? /(\d{20})\.log$/.exec(file)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

/** What the log holds from `offset` on, in pieces of whole batches; damage is reported and set aside on the way. */
export async function* readWithRepair(
  log: Log,
  from: number,
  pieceBytes: number,
  onDamage: (error: unknown) => void,
): AsyncGenerator<Buffer> {
  let offset = from;
  let repairedAt = -1;
  while (offset < log.endOffset) {
    let bytes: Buffer;
    try {
      bytes = log.read(offset, pieceBytes);
    } catch (error) {
      if (!isDamage(error) || repairedAt === offset) throw error;
      repairedAt = offset;
      onDamage(error);
      await log.repair(offset);
      continue;
    }
    if (bytes.length === 0) return;
    yield bytes;
    for (const { header } of iterateBatches(bytes)) offset = header.baseOffset + header.lastOffsetDelta + 1;
  }
}
