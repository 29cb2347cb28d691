import type { Diagnostic } from '../runtime/diagnostics.ts';
import { type FileLayer, type LayerFile, readFully } from '../runtime/files.ts';
import type { Segment } from './segment.ts';
import { type Boundary, type Damage, type ScanResult, SegmentScan } from './segment-scan.ts';
import { copyRange, SegmentSwap } from './segment-swap.ts';

export interface RecoveryOptions {
  readonly files: FileLayer;
  readonly dir: string;
  readonly intervalBytes: number;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Told in the turn in which a segment's bytes have changed their places. */
  readonly onMoved?: () => void;
}

/** What is known of a segment before its bytes are looked at. */
export interface SegmentKnowledge {
  /** Up to here only headers are looked at. */
  readonly trustedBytes: number;
  /** Base offset of the next segment. */
  readonly limitOffset: number;
  /** How far the checkpoint says that the device has it. */
  readonly durable: Boundary | null;
}

/**
 * Checks a segment and repairs it: a batch that a crash tore is cut off; damaged bytes are copied to a `.corrupt` file
 * beside it and taken out, and the good batches behind them stay under their own offsets (`SegmentSwap`). A crash in the
 * middle leaves a state that the next call ends alike. Returns the offset after the last good batch.
 */
export async function recoverSegment(
  segment: Segment,
  known: SegmentKnowledge,
  options: RecoveryOptions,
): Promise<number> {
  const { baseOffset, sizeBytes, file } = segment;
  const scan = new SegmentScan(file, {
    ...known,
    saved: segment.savedOffsets(),
    baseOffset,
    sizeBytes,
    intervalBytes: options.intervalBytes,
  });
  const result = await scan.run();
  if (result.repairedOffsets > 0) {
    const count = result.repairedOffsets;
    tell(options, segment, 'log-offset-repaired', `${count} damaged base offsets put right`);
  }
  for (const damage of result.damage) await setAside(segment, damage, scan, options);
  if (result.damage.length === 0) segment.adopt(sizeBytes, result.indexes, result.nextOffset);
  else await takeOut(segment, result, options);
  return result.nextOffset;
}

/** Leaves the good batches in the segment, and nothing else. */
async function takeOut(segment: Segment, result: ScanResult, options: RecoveryOptions): Promise<void> {
  const { good, goodBytes, indexes, nextOffset } = result;
  const isTail = good.length === 0 || (good.length === 1 && good[0]!.start === 0);
  if (isTail) {
    segment.file.truncate(goodBytes);
    segment.adopt(goodBytes, indexes, nextOffset);
    options.onMoved?.();
    return;
  }
  const sources = [{ file: segment.file, ranges: good }];
  const swap = await SegmentSwap.prepare(options.files, options.dir, segment, sources);
  swap.commit(goodBytes, indexes, nextOffset);
  options.onMoved?.();
  await swap.settle();
}

/** Keeps a copy of damaged bytes, unless they are what a crash leaves of a write that was not finished. */
async function setAside(
  segment: Segment,
  damage: Damage,
  scan: SegmentScan,
  options: RecoveryOptions,
): Promise<void> {
  const { start, end, fromOffset, toOffset } = damage;
  const what = `${end - start} bytes at byte ${start}`;
  const isTorn = toOffset === null && (scan.isTorn(start, fromOffset) || isZero(segment.file, start, end));
  if (isTorn) {
    tell(options, segment, 'log-torn-tail', `cut off ${what}: the last write was not finished`, 'info');
    return;
  }
  const corruptPath = `${segment.stem}.${start}.corrupt`;
  const target = options.files.open(corruptPath, 'create');
  try {
    target.truncate(0);
    await copyRange(segment.file, damage, target, 0);
    await target.datasync();
  } finally {
    target.close();
  }
  const lost =
    toOffset === null ? `from offset ${fromOffset} on` : `offsets ${fromOffset} to ${toOffset - 1}`;
  tell(options, segment, 'log-damaged', `set aside ${what} (${lost}) in ${corruptPath}`);
}

function isZero(file: LayerFile, start: number, end: number): boolean {
  const chunk = Buffer.allocUnsafeSlow(Math.min(1 << 16, end - start));
  for (let at = start; at < end; ) {
    const got = readFully(file, chunk.subarray(0, Math.min(chunk.length, end - at)), at);
    if (got === 0) return true;
    if (chunk.subarray(0, got).some((byte) => byte !== 0)) return false;
    at += got;
  }
  return true;
}

function tell(
  options: RecoveryOptions,
  segment: Segment,
  code: string,
  message: string,
  severity: Diagnostic['severity'] = 'warning',
): void {
  options.report({ file: segment.logPath, line: 0, column: 0, severity, code, message });
}
