import type { Diagnostic } from '../runtime/diagnostics.ts';
import { type FileLayer, type LayerFile, readFully, writeFully } from '../runtime/files.ts';
import { Segment, segmentName } from './segment.ts';
import { type ScanResult, SegmentScan } from './segment-scan.ts';

export interface RecoveryOptions {
  readonly files: FileLayer;
  readonly dir: string;
  readonly intervalBytes: number;
  readonly report: (diagnostic: Diagnostic) => void;
}

export interface RecoveredSegment {
  /** The segment, cut at its damage, and behind it those that hold what was readable after each damage. */
  readonly segments: readonly Segment[];
  readonly nextOffset: number;
}

/**
 * Checks a segment and repairs it: a batch that a crash tore is cut off; damaged bytes are copied to a `.corrupt` file
 * beside it and the good batches behind them go on in a segment of their own, under their own offsets. A crash in
 * the middle leaves a state that the next call ends alike.
 */
export async function recoverSegment(
  first: Segment,
  trustedBytes: number,
  limitOffset: number,
  options: RecoveryOptions,
): Promise<RecoveredSegment> {
  const segments: Segment[] = [];
  let segment = first;
  let trusted = trustedBytes;
  for (;;) {
    const { baseOffset, sizeBytes, file } = segment;
    const { intervalBytes } = options;
    const scan = new SegmentScan(file, {
      baseOffset,
      sizeBytes,
      trustedBytes: trusted,
      limitOffset,
      intervalBytes,
    });
    const result = await scan.run();
    if (result.repairedOffsets > 0) {
      tell(
        options,
        segment,
        'log-offset-repaired',
        `${result.repairedOffsets} damaged base offsets put right`,
      );
    }
    const rest = await cutDamage(segment, scan, result, options);
    if (result.goodBytes > 0 || (rest === null && segments.length === 0)) segments.push(segment);
    else if (rest?.baseOffset === baseOffset)
      segment.release(); // what was behind the damage has taken its name
    else segment.remove();
    if (rest === null) return { segments, nextOffset: result.nextOffset };
    segment = rest;
    trusted = 0;
  }
}

/** Leaves the good bytes in the segment; returns the segment that the batches behind the damage were moved to. */
async function cutDamage(
  segment: Segment,
  scan: SegmentScan,
  result: ScanResult,
  options: RecoveryOptions,
): Promise<Segment | null> {
  const { goodBytes, nextOffset, resumeAt, resumeOffset } = result;
  const { sizeBytes } = segment;
  if (goodBytes === sizeBytes) {
    segment.adopt(goodBytes, result.indexes);
    return null;
  }
  const damageEnd = resumeAt ?? sizeBytes;
  const what = `${damageEnd - goodBytes} bytes at byte ${goodBytes}`;
  if (
    resumeAt === null &&
    (scan.isTorn(goodBytes, nextOffset) || isZero(segment.file, goodBytes, damageEnd))
  ) {
    tell(options, segment, 'log-torn-tail', `cut off ${what}: the last write was not finished`, 'info');
  } else {
    const corruptPath = `${segment.stem}.${goodBytes}.corrupt`;
    await copyBytes(options.files, segment.file, goodBytes, damageEnd, corruptPath);
    const lost =
      resumeAt === null ? `from offset ${nextOffset} on` : `offsets ${nextOffset} to ${resumeOffset - 1}`;
    tell(options, segment, 'log-damaged', `set aside ${what} (${lost}) in ${corruptPath}`);
  }
  let rest: Segment | null = null;
  if (resumeAt !== null) {
    const path = `${options.dir}/${segmentName(resumeOffset)}.log`;
    await copyBytes(options.files, segment.file, resumeAt, sizeBytes, `${path}.tmp`);
    options.files.rename(`${path}.tmp`, path);
    await options.files.syncDir(options.dir);
    rest = new Segment(options.files, options.dir, resumeOffset, sizeBytes - resumeAt, options.intervalBytes);
  }
  segment.file.truncate(goodBytes);
  segment.adopt(goodBytes, result.indexes);
  return rest;
}

async function copyBytes(
  files: FileLayer,
  from: LayerFile,
  start: number,
  end: number,
  to: string,
): Promise<void> {
  const target = files.open(to, 'create');
  try {
    target.truncate(0);
    const chunk = Buffer.allocUnsafeSlow(Math.min(1 << 20, end - start));
    for (let at = start; at < end; ) {
      const got = readFully(from, chunk.subarray(0, Math.min(chunk.length, end - at)), at);
      if (got === 0) break;
      writeFully(target, [chunk.subarray(0, got)], at - start);
      at += got;
    }
    await target.datasync();
  } finally {
    target.close();
  }
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
