import { join } from 'node:path';
import type { Log } from '../../log/log.ts';
import { batchSizeBytes, iterateBatches } from '../../records/batch-header.ts';
import { errorText } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { readWhole, replaceFile } from './durable-file.ts';
import { readWithRepair } from './log-reader.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-state.ts';

const scanBytes = 4 << 20;
const keptSnapshots = 2;

/**
 * Brings the producers' state to the end of the log: the newest usable snapshot, then the batches after it. Resolves
 * with how many bytes were read behind the snapshot.
 */
export async function recoverProducers(
  producers: ProducerStates,
  log: Log,
  files: FileLayer,
  logger: Logger,
  now: number,
): Promise<number> {
  producers.clear();
  const from = Math.max(log.startOffset, restoreSnapshot(producers, log, files, logger));
  let readBytes = 0;
  for await (const bytes of readWithRepair(log, from, scanBytes, (error) => logger.warn(errorText(error)))) {
    for (const { header } of iterateBatches(bytes)) {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      if (header.baseOffset >= from) producers.record(header, header.baseOffset, lastOffset, now);
      readBytes += batchSizeBytes(header);
    }
  }
  return readBytes;
}

/** The offset up to which the producers are known afterwards; 0 without a snapshot. */
function restoreSnapshot(producers: ProducerStates, log: Log, files: FileLayer, logger: Logger): number {
  for (const offset of snapshotOffsets(files, log.dir)) {
    const path = join(log.dir, snapshotName(offset));
    if (offset > log.endOffset) {
      files.remove(path); // of records that a crash took
      continue;
    }
    try {
      for (const entry of decodeProducerSnapshot(readWhole(files, path)!)) producers.restore(entry);
      return offset;
    } catch (error) {
      logger.warn(`${path} is not used: ${errorText(error)}`);
      producers.clear();
    }
  }
  return 0;
}

/**
 * Writes what the producers have sent up to now; the next start reads the log only from here on. What it speaks of is
 * on the device first: else a power cut could leave a snapshot of records that are gone, and their repetition would
 * be taken for a duplicate.
 */
export async function saveProducers(producers: ProducerStates, log: Log, files: FileLayer): Promise<void> {
  const { dir, endOffset } = log;
  const bytes = encodeProducerSnapshot(producers.entries());
  await log.flush();
  await replaceFile(files, join(dir, snapshotName(endOffset)), bytes);
  for (const offset of snapshotOffsets(files, dir).slice(keptSnapshots))
    files.remove(join(dir, snapshotName(offset)));
}

function snapshotName(offset: number): string {
  return `${String(offset).padStart(20, '0')}.snapshot`;
}

/** Newest first. */
function snapshotOffsets(files: FileLayer, dir: string): number[] {
  return files
    .list(dir)
    .filter((name) => /^\d{20}\.snapshot$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => b - a);
}
