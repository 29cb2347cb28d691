import type { RefusedInDelivery } from '../../component/delivery.ts';
import { type EventSerializer, NotWritable, type RoomFor } from '../../component/serializer.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { errorText } from '../../runtime/errors.ts';

/** What files look like inside, whatever store they are in. */
export interface FileFormat {
  /** Of the name, with its dot; empty: none. */
  readonly extension: string;
  /** Reads what files need, before the first one; absent: nothing. */
  prepare?(): Promise<void>;
  /** One for each file. */
  open(): FileEncoder;
}

/** Turns events into the bytes of one file. Calls come one after the other. */
export interface FileEncoder {
  /** Batches of several events with more bytes are given in pieces; absent: any goes at once. */
  readonly mostBatchBytes?: number;
  /** What a new file begins with. */
  begin(): Promise<readonly Buffer[]>;
  /** Takes the events of a batch, or rejects and has taken none of them; may keep bytes back. `FormatBroken`: it takes no more. */
  encode(batch: EventBatch): Promise<readonly Buffer[]>;
  /** As the serializer's `encodeInto`; absent: `encode` it is. */
  encodeInto?(batch: EventBatch, room: RoomFor): number | null;
  /** What was kept back: all events so far can be read of the file as it is then, should nothing follow. */
  settle(): Promise<readonly Buffer[]>;
  /** What a file ends with, and what was kept back. */
  end(): Promise<readonly Buffer[]>;
}

/** A file that can't be gone on with; no event of it is at fault. */
export class FormatBroken extends Error {
  override readonly name = 'FormatBroken';
}

/** A serializer's bytes as they are. */
export function plainFormat(newSerializer: () => EventSerializer): FileFormat {
  return {
    extension: '',
    open: () => {
      const serializer = newSerializer();
      return {
        begin: async () => [serializer.begin()],
        encode: async (batch) => [await orBroken(serializer.encode(batch))],
        ...(serializer.encodeInto === undefined
          ? {}
          : { encodeInto: (batch, room) => serializer.encodeInto!(batch, room) }),
        settle: async () => (serializer.flush === undefined ? [] : [await orBroken(serializer.flush())]),
        end: async () => [await orBroken(serializer.end())],
      };
    },
  };
}

/** Bytes that a serializer has promised and can't give: no event is at fault, unless it says so. */
async function orBroken(bytes: Buffer | Promise<Buffer>): Promise<Buffer> {
  try {
    return await bytes;
  } catch (error) {
    if (error instanceof NotWritable) throw error;
    throw new FormatBroken(errorText(error), { cause: error });
  }
}

/** The bytes of a batch's events, but for those that can't be written, which are named by their place in it. */
export async function encodeEvents(
  encoder: FileEncoder,
  batch: EventBatch,
): Promise<{ bytes: readonly Buffer[]; refused: RefusedInDelivery[] }> {
  const { mostBatchBytes = Number.POSITIVE_INFINITY } = encoder;
  if (batch.count > 1 && batch.sizeBytes > mostBatchBytes) {
    const half = batch.count >> 1;
    const first = await encodeEvents(encoder, batch.slice(0, half));
    const second = await encodeEvents(encoder, batch.slice(half, batch.count));
    const later = second.refused.map(({ index, reason }) => ({ index: half + index, reason }));
    return { bytes: [...first.bytes, ...second.bytes], refused: [...first.refused, ...later] };
  }
  try {
    return { bytes: await encoder.encode(batch), refused: [] };
  } catch (error) {
    if (error instanceof FormatBroken) throw error;
    if (batch.count === 1)
      return { bytes: [], refused: [{ index: 0, reason: `it can't be written: ${errorText(error)}` }] };
  }
  const bytes: Buffer[] = [];
  const refused: RefusedInDelivery[] = [];
  for (let index = 0; index < batch.count; index++) {
    const one = await encodeEvents(encoder, batch.slice(index, index + 1));
    bytes.push(...one.bytes);
    for (const { reason } of one.refused) refused.push({ index, reason });
  }
  return { bytes, refused };
}
