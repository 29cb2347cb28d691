import { join } from 'node:path';
import type { Log } from '../../log/log.ts';
import { batchSizeBytes, isControlBatch, iterateBatches } from '../../records/batch-header.ts';
import { readMarker } from '../../records/transaction-marker.ts';
import { errorText } from '../../runtime/errors.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import { type AbortedTransaction, decodeAborted, encodeAborted } from './aborted-transactions.ts';
import { readWhole, replaceFile } from './durable-file.ts';
import { readWithRepair } from './log-reader.ts';
import type { PartitionTransactions } from './partition-transactions.ts';
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-state.ts';

const scanBytes = 4 << 20;
const keptSnapshots = 2;

/** What a partition knows of producers and their transactions. */
export interface ProducerKnowledge {
  readonly producers: ProducerStates;
  readonly transactions: PartitionTransactions;
}

/**
 * Brings what is known of the producers to the end of the log: the newest usable snapshot with the index of aborted
 * transactions, then the batches after it. Resolves with how many bytes were read behind the snapshot.
 */
export async function recoverProducers(
  { producers, transactions }: ProducerKnowledge,
  log: Log,
  files: FileLayer,
  logger: Logger,
  now: number,
): Promise<number> {
  producers.clear();
  transactions.clear();
  let from = Math.max(log.startOffset, restoreSnapshot(producers, log, files, logger));
  try {
    for (const entry of storedAborted(log, files, from)) transactions.aborted.add(entry);
  } catch (error) {
    logger.warn(`${log.dir}: ${errorText(error)}; it is made anew from the log`);
    producers.clear();
    transactions.clear();
    from = log.startOffset;
  }
  let readBytes = 0;
  for await (const bytes of readWithRepair(log, from, scanBytes, (error) => logger.warn(errorText(error)))) {
    for (const { at, header } of iterateBatches(bytes)) {
      const lastOffset = header.baseOffset + header.lastOffsetDelta;
      readBytes += batchSizeBytes(header);
      if (header.baseOffset < from) continue;
      const marker = isControlBatch(header) ? readMarker(bytes, at) : null;
      if (marker !== null) {
        const ended = producers.recordMarker(marker, header.baseOffset, now);
        if (ended !== null) transactions.replayed(ended);
      } else if (!isControlBatch(header)) producers.record(header, header.baseOffset, lastOffset, now);
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
      producers.restore(decodeProducerSnapshot(readWhole(files, path)!));
      return offset;
    } catch (error) {
      logger.warn(`${path} is not used: ${errorText(error)}`);
      producers.clear();
    }
  }
  return 0;
}

/** What the indexes of the log's segments have of markers before `before`, in the order of the markers. */
function storedAborted(log: Log, files: FileLayer, before: number): AbortedTransaction[] {
  return log.segmentBases().flatMap((base) => {
    const bytes = readWhole(files, join(log.dir, indexName(base)));
    const entries = bytes === null ? [] : decodeAborted(bytes, base);
    return entries.filter(({ lastOffset }) => lastOffset >= log.startOffset && lastOffset < before);
  });
}

/**
 * Writes what the producers have sent up to now; the next start reads the log only from here on. What it speaks of is
 * on the device first: else a power cut could leave a snapshot of records that are gone, and their repetition would
 * be taken for a duplicate. `savedUpTo`: markers before it are in the indexes already. Resolves with where it stands.
 */
export async function saveProducers(
  { producers, transactions }: ProducerKnowledge,
  log: Log,
  files: FileLayer,
  savedUpTo: number,
): Promise<number> {
  const { dir, endOffset } = log;
  const bytes = encodeProducerSnapshot(producers.entries());
  const indexes = indexFiles(transactions, log, savedUpTo);
  await log.flush();
  for (const { base, content } of indexes) await replaceFile(files, join(dir, indexName(base)), content);
  await replaceFile(files, join(dir, snapshotName(endOffset)), bytes);
  for (const offset of snapshotOffsets(files, dir).slice(keptSnapshots))
    files.remove(join(dir, snapshotName(offset)));
  return endOffset;
}

/** The indexes of segments that got markers of aborted transactions from `savedUpTo` on. */
function indexFiles({ aborted }: PartitionTransactions, log: Log, savedUpTo: number) {
  if (aborted.lastOffset < savedUpTo) return [];
  const bases = log.segmentBases();
  return bases.flatMap((base, i) => {
    const entries = [...aborted.markedWithin(base, bases[i + 1] ?? Number.POSITIVE_INFINITY)];
    if (entries.length === 0 || entries.at(-1)!.lastOffset < savedUpTo) return [];
    return [{ base, content: encodeAborted(entries) }];
  });
}

function indexName(baseOffset: number): string {
  return `${String(baseOffset).padStart(20, '0')}.txnindex`;
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
