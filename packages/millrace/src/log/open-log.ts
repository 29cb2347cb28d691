import { MillraceError } from '../runtime/errors.ts';
import type { FileLayer } from '../runtime/files.ts';
import { type LogCheckpoint, readCheckpoint } from './checkpoint.ts';
import { type RecoveryOptions, recoverSegment } from './recovery.ts';
import { parseSegmentName, Segment } from './segment.ts';
import { SlotFile } from './slot-file.ts';

export interface OpenedLog {
  readonly segments: Segment[];
  readonly startOffset: number;
  readonly endOffset: number;
  readonly slots: SlotFile;
  /** False when the last stop was clean and nothing had to be read. */
  readonly recovered: boolean;
}

/**
 * Finds the segments of a folder and brings them into order. After a clean stop only names and sizes are read; else
 * everything from the recovery point on is checked.
 */
export async function openLogFolder(initialOffset: number, options: RecoveryOptions): Promise<OpenedLog> {
  const { files, dir } = options;
  files.makeDir(dir);
  const slots = new SlotFile(files, `${dir}/log.checkpoint`);
  const checkpoint = readCheckpoint(slots);
  let segments = findSegments(files, dir, options.intervalBytes);
  const last = segments.at(-1);
  if (last === undefined) {
    // The checkpoint of a log whose segments are gone still says which offsets were given out.
    const baseOffset =
      checkpoint === null ? initialOffset : Math.max(checkpoint.startOffset, checkpoint.endOffset);
    segments.push(Segment.create(files, dir, baseOffset, options.intervalBytes));
    return { segments, startOffset: baseOffset, endOffset: baseOffset, slots, recovered: true };
  }
  const wasClosed =
    checkpoint?.clean === true &&
    checkpoint.recoverySegment === last.baseOffset &&
    checkpoint.recoveryBytes === last.sizeBytes;
  const isClean = wasClosed && isSound(last, checkpoint.endOffset);
  let endOffset = isClean ? checkpoint.endOffset : 0;
  if (!isClean) {
    // A segment that was closed well and is damaged now deserves no trust.
    const from = wasClosed ? { ...checkpoint, recoveryBytes: 0 } : checkpoint;
    ({ segments, endOffset } = await recoverAll(segments, from, options));
  }
  let startOffset = Math.max(checkpoint?.startOffset ?? 0, segments[0]!.baseOffset);
  if (endOffset < startOffset) {
    // Records were deleted up to an offset that the device lost: all that is left had been deleted.
    for (const segment of segments) segment.remove();
    segments = [Segment.create(files, dir, startOffset, options.intervalBytes)];
    endOffset = startOffset;
  }
  startOffset = Math.min(startOffset, endOffset);
  return { segments, startOffset, endOffset, slots, recovered: !isClean };
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
    if (name.endsWith('.log.tmp')) files.remove(`${dir}/${name}`);
    const baseOffset = parseSegmentName(name);
    if (baseOffset === null) continue;
    found.push(new Segment(files, dir, baseOffset, files.size(`${dir}/${name}`) ?? 0, intervalBytes));
  }
  return found.sort((a, b) => a.baseOffset - b.baseOffset);
}

async function recoverAll(
  segments: readonly Segment[],
  checkpoint: LogCheckpoint | null,
  options: RecoveryOptions,
): Promise<{ segments: Segment[]; endOffset: number }> {
  const recovered: Segment[] = [];
  const ends: number[] = [];
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    if (checkpoint !== null && segment.baseOffset < checkpoint.recoverySegment && next !== undefined) {
      recovered.push(segment);
      ends.push(next.baseOffset);
      continue;
    }
    const isRecoverySegment = segment.baseOffset === checkpoint?.recoverySegment;
    const trusted = isRecoverySegment ? Math.min(checkpoint.recoveryBytes, segment.sizeBytes) : 0;
    const limitOffset = next?.baseOffset ?? Number.MAX_SAFE_INTEGER;
    const result = await recoverSegment(segment, trusted, limitOffset, options);
    for (const good of result.segments) {
      good.saveIndexes();
      await good.syncAll();
      recovered.push(good);
      ends.push(result.nextOffset);
    }
  }
  // A crash may leave the name of a new segment without its bytes, and take the end of the one before.
  while (recovered.length > 1 && recovered.at(-1)!.sizeBytes === 0) {
    recovered.pop()!.remove();
    ends.pop();
  }
  const endOffset = ends.at(-1)!;
  await options.files.syncDir(options.dir);
  return { segments: recovered, endOffset };
}
