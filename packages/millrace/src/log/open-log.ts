import { dirname } from 'node:path';
import { MillraceError } from '../runtime/errors.ts';
import type { FileLayer } from '../runtime/files.ts';
import { type LogCheckpoint, readCheckpoint } from './checkpoint.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import { rewriteFrom } from './rewrite.ts';
import { parseSegmentName, Segment } from './segment.ts';
import { startOf } from './segment-indexes.ts';
import type { Boundary } from './segment-scan.ts';
import { finishSwaps } from './segment-swap.ts';
import { SlotFile } from './slot-file.ts';

export interface OpenedLog {
  readonly segments: Segment[];
  readonly startOffset: number;
  readonly endOffset: number;
  readonly slots: SlotFile;
  /** False when the last stop was clean and nothing had to be read. */
  readonly recovered: boolean;
  /** Offsets from here on were given out, and no batch has them: a sync had failed, or they are damaged. Null: none. */
  readonly lostFrom: number | null;
}

export interface OpenOptions extends RecoveryOptions {
  /** See `LogOptions.durable`. */
  readonly isDurable: boolean;
}

/**
 * Finds the segments of a folder and brings them into order. After a clean stop only names and sizes are read; else
 * everything from the recovery point on is checked.
 */
export async function openLogFolder(initialOffset: number, options: OpenOptions): Promise<OpenedLog> {
  const { files, dir } = options;
  files.makeDir(dir);
  const slots = new SlotFile(files, `${dir}/log.checkpoint`);
  const found: Segment[] = [];
  try {
    return { ...(await bringIntoOrder(slots, initialOffset, found, options)), slots };
  } catch (error) {
    for (const segment of found) segment.release();
    slots.close();
    throw error;
  }
}

/** Segments are noted in `found`, for who must close them when it fails. */
async function bringIntoOrder(
  slots: SlotFile,
  initialOffset: number,
  found: Segment[],
  options: OpenOptions,
): Promise<Omit<OpenedLog, 'slots'>> {
  const { files, dir, intervalBytes } = options;
  const make = (baseOffset: number) => {
    const segment = Segment.create(files, dir, baseOffset, intervalBytes);
    found.push(segment);
    return [segment];
  };
  const checkpoint = readCheckpoint(slots);
  // The first thing that a log makes in its folder: without it, the folder's own name may not be on the device, also
  // where an earlier life has made it.
  if (checkpoint === null) await files.syncDir(dirname(dir));
  finishSwaps(files, dir);
  found.push(...findSegments(files, dir, intervalBytes));
  let segments = [...found];
  const last = segments.at(-1);
  if (last === undefined) {
    // The checkpoint of a log whose segments are gone still says which offsets were given out.
    const baseOffset =
      checkpoint === null ? initialOffset : Math.max(checkpoint.startOffset, checkpoint.durable.endOffset);
    const at = { startOffset: baseOffset, endOffset: baseOffset };
    return { segments: make(baseOffset), ...at, recovered: true, lostFrom: null };
  }
  const wasClosed =
    checkpoint?.state === 'clean' &&
    checkpoint.durable.segment === last.baseOffset &&
    checkpoint.durable.bytes === last.sizeBytes;
  const isClean = wasClosed && isSound(last, checkpoint.durable.endOffset);
  let endOffset = isClean ? checkpoint.durable.endOffset : 0;
  let lostFrom: number | null = null;
  if (!isClean) {
    // A segment that was closed well and is damaged now deserves no trust.
    const from = wasClosed ? { ...checkpoint, recoveryBytes: 0 } : checkpoint;
    const whole = await recoverAll(segments, from, options, make);
    segments = whole.segments;
    // Offsets that were given out are not given again, though their records are damaged or lost.
    const { durable, givenEnd = 0 } = checkpoint ?? {};
    endOffset = Math.max(whole.endOffset, whole.givenEnd, durable?.endOffset ?? 0, givenEnd);
    if (whole.endOffset < endOffset) lostFrom = whole.endOffset;
  }
  let startOffset = Math.max(checkpoint?.startOffset ?? 0, segments[0]!.baseOffset);
  if (endOffset < startOffset) {
    // Records were deleted up to an offset that the device lost: all that is left had been deleted.
    for (const segment of segments) segment.remove();
    segments = make(startOffset);
    endOffset = startOffset;
    lostFrom = null;
  }
  startOffset = Math.min(startOffset, endOffset);
  return { segments, startOffset, endOffset, recovered: !isClean, lostFrom };
}

/** Whether the segment that will be written to has indexes that fit it and a whole first batch. */
function isSound(active: Segment, endOffset: number): boolean {
  try {
    const { indexes } = active;
    active.read(0, 0, true, Infinity, endOffset);
    return indexes.baseOffset === active.baseOffset;
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'LOG_CORRUPT') return false;
    throw error;
  }
}

function findSegments(files: FileLayer, dir: string, intervalBytes: number): Segment[] {
  const found: Segment[] = [];
  for (const name of files.list(dir)) {
    const baseOffset = parseSegmentName(name);
    if (baseOffset === null) continue;
    found.push(new Segment(files, dir, baseOffset, files.size(`${dir}/${name}`) ?? 0, intervalBytes));
  }
  return found.sort((a, b) => a.baseOffset - b.baseOffset);
}

async function recoverAll(
  segments: readonly Segment[],
  checkpoint: LogCheckpoint | null,
  options: OpenOptions,
  make: (baseOffset: number) => Segment[],
): Promise<{ segments: Segment[]; endOffset: number; givenEnd: number }> {
  const recovered: Segment[] = [];
  let endOffset = 0;
  let givenEnd = 0;
  let wasChecked = false;
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    if (checkpoint !== null && segment.baseOffset < checkpoint.recoverySegment && next !== undefined) {
      recovered.push(segment);
      endOffset = next.baseOffset;
      continue;
    }
    const end = await recoverSegment(segment, knowledgeOf(segment, next, checkpoint), options);
    // Also after a kill: the process may have ended between a sync that failed and the note of it. Where nothing was
    // promised of the device, nothing is written twice for that.
    if (checkpoint !== null && (options.isDurable || checkpoint.state === 'failed'))
      await rewriteUnsynced(segment, checkpoint);
    // A crash may leave the name of a new segment without its bytes, and take the end of the one before. That one is
    // written to again, but for one that was only trusted: it may be damaged.
    if (segment.sizeBytes === 0 && (next !== undefined || wasChecked)) {
      segment.remove();
      continue;
    }
    if (segment.sizeBytes === 0 && recovered.length > 0 && segment.baseOffset > endOffset) {
      // What stood in front of it is lost: its name says what was given out, and one without a gap takes its place.
      givenEnd = segment.baseOffset;
      segment.remove();
      recovered.push(...make(endOffset));
      continue;
    }
    wasChecked = true;
    segment.saveIndexes();
    await segment.syncAll();
    recovered.push(segment);
    endOffset = end;
  }
  await options.files.syncDir(options.dir);
  return { segments: recovered, endOffset, givenEnd };
}

function knowledgeOf(segment: Segment, next: Segment | undefined, checkpoint: LogCheckpoint | null) {
  const { baseOffset, sizeBytes } = segment;
  const isRecoverySegment = checkpoint?.recoverySegment === baseOffset;
  return {
    trustedBytes: isRecoverySegment ? Math.min(checkpoint.recoveryBytes, sizeBytes) : 0,
    limitOffset: next?.baseOffset ?? Number.MAX_SAFE_INTEGER,
    durable: checkpoint === null ? null : durableIn(segment, checkpoint),
  };
}

function durableIn({ baseOffset, sizeBytes }: Segment, { durable }: LogCheckpoint): Boundary | null {
  if (baseOffset > durable.segment) return null;
  if (baseOffset < durable.segment) return { position: sizeBytes, endOffset: null };
  return { position: durable.bytes, endOffset: durable.endOffset };
}

/** After a failed sync, what the page cache has need not be on the device, though that counts it as written. */
async function rewriteUnsynced(segment: Segment, { durable }: LogCheckpoint): Promise<void> {
  if (segment.baseOffset < durable.segment) return;
  const from = segment.baseOffset === durable.segment ? Math.min(durable.bytes, segment.sizeBytes) : 0;
  // The start of a batch: the durable end is one, unless damage in front of it was taken out.
  const place = { ...startOf(segment.baseOffset), bytes: segment.startAtOrBefore(from) };
  await rewriteFrom(segment, place, Number.POSITIVE_INFINITY);
}
