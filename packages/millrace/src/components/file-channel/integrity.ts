import { lockFolder } from '../../log/folder-lock.ts';
import { Log } from '../../log/log.ts';
import { isDamage, isPreamble } from '../../queues/event-log.ts';
import { iterateBatches } from '../../records/batch-header.ts';
import { openBatch } from '../../records/open-batch.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { type FileLayer, realFiles } from '../../runtime/files.ts';

export interface IntegrityReport {
  /** Events that could be read, and whose batch has the right checksum. */
  readonly validEvents: number;
  /** Those that lay in what was damaged. */
  readonly corruptEvents: number;
  /** Damaged places that were set aside. */
  readonly repairs: number;
}

const readBytes = 1 << 20;

/**
 * Reads every batch of a file channel's data folder and compares its checksum. Damage is set aside, as a running channel
 * does when it meets it: what is whole behind it can be read then. The folder is locked meanwhile. Throws
 * `DIRECTORY_LOCKED` where an agent runs on it.
 */
export async function checkEvents(
  dataDir: string,
  report: (diagnostic: Diagnostic) => void,
  { files = realFiles, lock = true }: { readonly files?: FileLayer; readonly lock?: boolean } = {},
): Promise<IntegrityReport> {
  const held = lock ? lockFolder(dataDir, 'in_use.lock') : null;
  try {
    const log = await Log.open(`${dataDir}/events-0`, { files, segmentMs: Infinity, report });
    try {
      return await walk(log);
    } finally {
      await log.close();
    }
  } finally {
    held?.release();
  }
}

async function walk(log: Log): Promise<IntegrityReport> {
  let [validEvents, corruptEvents, repairs] = [0, 0, 0];
  let repairedAt = -1;
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    try {
      const bytes = log.read(offset, readBytes, true);
      if (bytes.length === 0) break;
      for (const { at, header } of iterateBatches(bytes)) {
        openBatch(bytes, at, { verifyCrc: true });
        if (offset === repairedAt) corruptEvents += header.baseOffset - offset;
        if (!isPreamble(header)) validEvents += header.recordCount;
        offset = header.baseOffset + header.lastOffsetDelta + 1;
      }
    } catch (error) {
      if (!isDamage(error) || repairedAt === offset) throw error;
      repairedAt = offset;
      repairs++;
      await log.repair(offset);
    }
  }
  if (repairedAt >= 0 && corruptEvents === 0) corruptEvents = log.endOffset - repairedAt;
  return { validEvents, corruptEvents, repairs };
}
