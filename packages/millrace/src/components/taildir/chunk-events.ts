/** The events that stand in a chunk of a file: a line each, or several lines. */
import { BatchBuilder } from '../../records/batch-builder.ts';
import { encodeLines } from '../../records/encode-lines.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import {
  encodeLineGroups,
  type GroupsEnd,
  groupStarts,
  type LineGroupRule,
} from '../../records/line-groups.ts';
import type { ChunkReader } from './chunk-reader.ts';

export interface EventOptions {
  readonly maxEvents: number;
  /** Header that shows where each event starts in its file, or undefined. */
  readonly byteOffsetHeader: string | undefined;
  /** Which lines are one event; null: each is one. */
  readonly lineGroups: LineGroupRule | null;
}

export interface ChunkEvents {
  readonly batch: EventBatch;
  /** Bytes of the chunk, from its first unread one on. */
  readonly consumed: number;
  /** Where each event begins in them; absent: lines are counted. */
  readonly starts?: Uint32Array;
}

/**
 * The whole events of the unread bytes up to `to`; null when there is none. `position`: of the first of them in the file.
 * Below the end of the chunk `to` is where an event ended when another channel took it.
 */
export function chunkEvents(
  chunk: ChunkReader,
  to: number,
  position: number,
  options: EventOptions,
): ChunkEvents | null {
  const isBound = to < chunk.to;
  if (options.lineGroups !== null)
    return groupedEvents(chunk, to, position, options, isBound ? 'all' : 'more');
  const found =
    options.byteOffsetHeader === undefined
      ? encodeLines(chunk.bytes, chunk.from, to, encodingOf(options))
      : linesWithOffsets(chunk, to, position, options);
  const { batch, consumed } = found;
  if (batch !== null) return { batch, consumed };
  return isBound ? oneEvent(chunk, to, position, options) : null;
}

/** The same where lines make one event. */
export function groupedEvents(
  chunk: ChunkReader,
  to: number,
  position: number,
  options: EventOptions,
  end: GroupsEnd,
): ChunkEvents | null {
  const { lineGroups, byteOffsetHeader } = options;
  const { bytes, from } = chunk;
  const { batch, consumed } = encodeLineGroups(bytes, from, to, lineGroups!, end, encodingOf(options));
  if (batch === null) return null;
  const starts = groupStarts(batch, from, bytes);
  if (byteOffsetHeader === undefined) return { batch, consumed, starts };
  const builder = new BatchBuilder();
  for (let i = 0; i < batch.count; i++)
    builder.add(batch.event(i).body, offsetHeader(byteOffsetHeader, position + starts[i]!));
  return { batch: builder.build(), consumed, starts };
}

/** The unread bytes up to `to` as one event, newline or not. */
export function oneEvent(
  chunk: ChunkReader,
  to: number,
  position: number,
  { byteOffsetHeader }: EventOptions,
): ChunkEvents {
  const builder = new BatchBuilder();
  const headers = byteOffsetHeader === undefined ? undefined : offsetHeader(byteOffsetHeader, position);
  builder.add(chunk.bytes.subarray(chunk.from, to), headers);
  return { batch: builder.build(), consumed: to - chunk.from };
}

function linesWithOffsets(
  { bytes, from }: ChunkReader,
  to: number,
  position: number,
  { maxEvents, byteOffsetHeader }: EventOptions,
): { batch: EventBatch | null; consumed: number } {
  const builder = new BatchBuilder();
  let at = from;
  while (builder.count < maxEvents) {
    const newline = bytes.indexOf(10, at);
    if (newline < 0 || newline >= to) break;
    const end = newline > at && bytes[newline - 1] === 13 ? newline - 1 : newline;
    builder.add(bytes.subarray(at, end), offsetHeader(byteOffsetHeader!, position + (at - from)));
    at = newline + 1;
  }
  return { batch: builder.count === 0 ? null : builder.build(), consumed: at - from };
}

const offsetHeader = (name: string, position: number) => new Map([[name, String(position)]]);

const encodingOf = ({ maxEvents }: EventOptions) => ({
  maxEvents,
  stripCarriageReturn: true,
  timestampMs: Date.now(),
});
