import {
  batchChecksumStart,
  iterateBatches,
  type readBatchHeader,
} from '../../../millrace/src/records/batch-header.ts';
import { batchBytes } from '../fuzz/event-batches.ts';
import { tampered } from '../kafka/produced-batch.ts';
import type { FaultPlan, FileCall } from './sim-files.ts';

const hourMs = 3_600_000;
/** Written into values that hold a whole batch; no reader may ever be given it as a record of the log. */
const forgedBody = 'forged';

/** A batch that is about to be appended. */
export interface DrawnBatch {
  readonly bodies: readonly string[];
  readonly timestamp: number;
}

/** One to three batches, some with a timestamp that no clock shows. */
export function drawBatches(
  random: () => number,
  nowMs: number,
  endOffset: number,
  nextSerial: () => number,
): DrawnBatch[] {
  const count = 1 + Math.floor(random() * 3);
  return Array.from({ length: count }, () => {
    const records = 1 + Math.floor(random() * 3);
    const bodies = Array.from({ length: records }, () => drawBody(random, endOffset, nextSerial()));
    const extreme = random();
    const timestamp =
      extreme < 0.03 ? 2 ** 63 : extreme < 0.05 ? -(2 ** 62) : nowMs - Math.floor(random() * 60 * hourMs);
    return { bodies, timestamp };
  });
}

/** Some hold a whole batch, as a mirrored segment does, at an offset that could be the log's. */
function drawBody(random: () => number, endOffset: number, serial: number): string {
  const body = `${serial} ${'x'.repeat(Math.floor(random() ** 3 * 1200))}`;
  if (random() > 0.25) return body;
  const inner = batchBytes([forgedBody]);
  inner.writeBigInt64BE(BigInt(endOffset + Math.floor(random() * 5)), 0);
  return `${body}${inner.toString('latin1')}${inner.toString('latin1')}`;
}

export function bytesOf({ bodies, timestamp }: DrawnBatch): Buffer {
  const buffers = bodies.map((body) => Buffer.from(body, 'latin1'));
  const isExtreme = Math.abs(timestamp) > 2 ** 53;
  const bytes = batchBytes(buffers as never, isExtreme ? 1000 : timestamp);
  if (!isExtreme) return bytes;
  const extreme = timestamp > 0 ? 0x7fff_ffff_ffff_ffffn : BigInt(timestamp);
  return tampered(bytes, (copy) => copy.writeBigInt64BE(extreme, 35));
}

/** The ways in which a device fails, and the calls that do. */
const faults: readonly (readonly [code: string, calls: readonly FileCall[]])[] = [
  ['EMFILE', ['open', 'syncDir']],
  ['ENOSPC', ['open', 'write', 'rename', 'makeDir']],
  ['EIO', ['datasync', 'syncDir']],
  ['EIO', ['write']],
  ['EIO', ['read']],
  ['EIO', ['truncate', 'remove']],
];

/** From now on every call of a kind fails, or some do. */
export function drawFault(random: () => number): { readonly what: string; readonly plan: FaultPlan } {
  const [code, calls] = faults[Math.floor(random() * faults.length)]!;
  const rate = random() < 0.5 ? 1 : 0.3;
  return {
    what: `${code} ${rate}: ${calls.join(' ')}`,
    plan: (call) => (calls.includes(call) && random() <= rate ? code : null),
  };
}

/** Bytes of one batch that change on the device. */
export interface DrawnDamage {
  readonly position: number;
  readonly bytes: Buffer;
  readonly fromOffset: number;
  readonly toOffset: number;
}

/**
 * Damage to one batch of a segment; null where none is drawn. Left out is what nobody can tell from something sound: a
 * length that leads to where another batch begins, or to the end, is that of a batch that holds what is in between; and
 * right behind a gap a base offset proves nothing (known-gaps).
 */
export function drawDamage(
  random: () => number,
  segment: Buffer,
  baseOffset: number,
  startOffset: number,
): DrawnDamage | null {
  const batches = [...iterateBatchesSafely(segment)];
  if (batches.length === 0) return null;
  const { at, header } = batches[Math.floor(random() * batches.length)]!;
  if (header.baseOffset < startOffset) return null;
  const inHeader = random() < 0.5 || header.recordCount === 0;
  const position = inHeader
    ? at + 8 + Math.floor(random() * 13)
    : at + batchChecksumStart + 40 + Math.floor(random() * 4);
  const bytes = Buffer.from([segment[position]! ^ (1 + Math.floor(random() * 255))]);
  const length = Buffer.from(segment.subarray(at + 8, at + 12));
  if (position < at + 12) bytes.copy(length, position - at - 8);
  const end = at + 12 + length.readInt32BE(0);
  const before = batches.findLast((other) => other.at < at)?.header;
  const due = before ? before.baseOffset + before.lastOffsetDelta + 1 : baseOffset;
  if (header.baseOffset !== due) return null;
  const isTrue = end === at + 12 + header.batchLength;
  if (!isTrue && (end === segment.length || batches.some((other) => other.at === end))) return null;
  return { position, bytes, fromOffset: header.baseOffset, toOffset: due + header.lastOffsetDelta + 1 };
}

function* iterateBatchesSafely(
  bytes: Buffer,
): Generator<{ at: number; header: ReturnType<typeof readBatchHeader> }> {
  try {
    yield* iterateBatches(bytes);
  } catch {
    // damaged already
  }
}
