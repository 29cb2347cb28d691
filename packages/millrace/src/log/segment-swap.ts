import { type FileLayer, type LayerFile, readFully, writeFully } from '../runtime/files.ts';
import { BatchWalker } from './batch-walker.ts';
import { parseSegmentName, type Segment } from './segment.ts';
import type { SegmentIndexes } from './segment-indexes.ts';

/** Bytes of a file, from `start` up to `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What the new segment is made of, in order. */
export interface SwapSource {
  readonly file: LayerFile;
  readonly ranges: readonly ByteRange[];
}

const copyBytesAtOnce = 1 << 20;

/**
 * Puts one new segment in the place of one or several, as Kafka does (LogCleaner, LocalLog.replaceSegments): its bytes
 * are written to `BASE.log.cleaned`, made durable, named `BASE.log.swap`, and take the old name in one turn of the
 * event loop, so that no reader ever sees a half state. `BASE` is the base offset of the first segment replaced, also
 * where its first batches are gone: offsets in a segment may have gaps.
 *
 * A crash leaves the old segments (a `.cleaned` file is removed by the next start) or the new one (a `.swap` file is
 * put in place by it: see `finishSwaps`).
 */
export class SegmentSwap {
  readonly #files: FileLayer;
  readonly #dir: string;
  readonly #target: Segment;

  private constructor(files: FileLayer, dir: string, target: Segment) {
    this.#files = files;
    this.#dir = dir;
    this.#target = target;
  }

  /** Writes the new bytes and names them `.swap`. Readers still see the old ones. Rejects with the system's error. */
  static async prepare(
    files: FileLayer,
    dir: string,
    target: Segment,
    sources: readonly SwapSource[],
  ): Promise<SegmentSwap> {
    const cleaned = `${target.logPath}.cleaned`;
    try {
      await writeSources(files, cleaned, sources);
    } catch (error) {
      files.remove(cleaned);
      throw error;
    }
    files.rename(cleaned, `${target.logPath}.swap`);
    await files.syncDir(dir);
    return new SegmentSwap(files, dir, target);
  }

  /** In this turn: the new bytes are the target's, `replaced`, the other segments that they stand for, are gone. */
  commit(
    sizeBytes: number,
    indexes: SegmentIndexes,
    endOffset: number,
    replaced: readonly Segment[] = [],
  ): void {
    const target = this.#target;
    for (const segment of replaced) segment.remove();
    putInPlace(this.#files, target.stem);
    target.release();
    target.adopt(sizeBytes, indexes, endOffset);
  }

  /** Resolves when the new name is on the device. Until then a crash ends in the same state by `finishSwaps`. */
  async settle(): Promise<void> {
    await this.#files.syncDir(this.#dir);
  }
}

/**
 * Ends or undoes what a crash interrupted: call before the segments of a folder are looked at. As Kafka
 * (LogLoader.completeSwapOperations): segments that begin within a swapped one are what it was made of.
 */
export function finishSwaps(files: FileLayer, dir: string): void {
  const names = files.list(dir);
  for (const name of names) {
    if (/^\d{20}\.(log\.cleaned|(log|index|timeindex)\.tmp)$/.test(name)) files.remove(`${dir}/${name}`);
  }
  for (const name of names) {
    if (!name.endsWith('.log.swap')) continue;
    const logName = name.slice(0, -'.swap'.length);
    const baseOffset = parseSegmentName(logName);
    if (baseOffset === null) continue;
    const nextOffset = nextOffsetOf(files, `${dir}/${name}`);
    for (const other of names) {
      const base = parseSegmentName(other);
      if (base !== null && base > baseOffset && base < nextOffset) removeSegment(files, `${dir}/${other}`);
    }
    putInPlace(files, `${dir}/${logName.slice(0, -'.log'.length)}`);
  }
}

/** The indexes first: they do not fit the new bytes. */
function putInPlace(files: FileLayer, stem: string): void {
  for (const extension of ['.index', '.timeindex']) files.remove(stem + extension);
  files.rename(`${stem}.log.swap`, `${stem}.log`);
}

function removeSegment(files: FileLayer, logPath: string): void {
  const stem = logPath.slice(0, -'.log'.length);
  for (const extension of ['.index', '.timeindex', '.log']) files.remove(stem + extension);
}

/** The offset after the last batch of a segment that was synced before it got its name. */
function nextOffsetOf(files: FileLayer, path: string): number {
  const file = files.open(path, 'read');
  try {
    let next = 0;
    const walker = new BatchWalker(file, 0, file.size());
    for (let header = walker.peek(); header !== null; header = walker.peek()) {
      next = header.baseOffset + header.lastOffsetDelta + 1;
      walker.advance();
    }
    return next;
  } finally {
    file.close();
  }
}

async function writeSources(files: FileLayer, path: string, sources: readonly SwapSource[]): Promise<void> {
  const target = files.open(path, 'create');
  try {
    target.truncate(0);
    let position = 0;
    for (const { file, ranges } of sources) {
      for (const range of ranges) position += await copyRange(file, range, target, position);
    }
    await target.datasync();
  } finally {
    target.close();
  }
}

/** Copies bytes of one file into another; gives the event loop a turn after each portion. Returns how many. */
export async function copyRange(
  from: LayerFile,
  { start, end }: ByteRange,
  to: LayerFile,
  position: number,
): Promise<number> {
  const chunk = Buffer.allocUnsafeSlow(Math.min(copyBytesAtOnce, end - start));
  let at = start;
  while (at < end) {
    const got = readFully(from, chunk.subarray(0, Math.min(chunk.length, end - at)), at);
    if (got === 0) break;
    writeFully(to, [chunk.subarray(0, got)], position + at - start);
    at += got;
    if (at < end) await new Promise((resolve) => setImmediate(resolve));
  }
  return at - start;
}
