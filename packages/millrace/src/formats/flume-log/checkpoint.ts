import { createHash } from 'node:crypto';
import { logVersion } from './log-meta.ts';
import { NotFlumeLog } from './not-flume-log.ts';
import { ProtoFields } from './proto-fields.ts';

/** An event by where its put lies: `log-<fileId>`, at the byte `offset`. */
export interface EventPointer {
  readonly fileId: number;
  readonly offset: number;
}

/** The events that were in the channel at a checkpoint: a ring of pointers in the file `checkpoint`. */
export interface CheckpointMeta {
  /** Order of the write at which it was made: what is older is in it. */
  readonly order: number;
  readonly size: number;
  /** Index of the oldest in the ring. */
  readonly head: number;
}

/** 8-byte numbers in front of the ring. */
const headerSlots = 1029;
export const checkpointHeaderBytes = headerSlots * 8;
const completeSlot = 4;

/** Throws `NotFlumeLog`. */
export function decodeCheckpointMeta(bytes: Buffer): CheckpointMeta {
  const fields = new ProtoFields();
  fields.openDelimited(bytes, 0, bytes.length);
  let [version, order, size, head] = [-1, -1, -1, -1];
  while (fields.next()) {
    if (fields.field === 1) version = fields.value;
    else if (fields.field === 2) order = fields.value;
    else if (fields.field === 3) size = fields.value;
    else if (fields.field === 4) head = fields.value;
  }
  if (version !== logVersion) throw new NotFlumeLog(`version ${version}`);
  if (order < 0 || size < 0 || head < 0) throw new NotFlumeLog('it is not whole');
  return { order, size, head };
}

/**
 * Whether the file `checkpoint`, of which `head` is the beginning, is what its meta file speaks of: Flume marks it as
 * incomplete while it writes. The capacity of its ring. Throws `NotFlumeLog` with the reason.
 */
export function checkpointCapacity(head: Buffer, sizeBytes: number, meta: CheckpointMeta): number {
  const capacity = sizeBytes / 8 - headerSlots;
  if (!Number.isInteger(capacity) || capacity <= 0 || head.length < checkpointHeaderBytes)
    throw new NotFlumeLog(`a file of ${sizeBytes} bytes`);
  if (longAt(head, 0) !== logVersion) throw new NotFlumeLog(`version ${longAt(head, 0)}`);
  if (longAt(head, completeSlot * 8) !== 0) throw new NotFlumeLog('Flume ended while it was written');
  if (longAt(head, 8) !== meta.order) throw new NotFlumeLog('it and checkpoint.meta are not of one time');
  if (meta.size > capacity || meta.head >= capacity) throw new NotFlumeLog('its size is above its capacity');
  return capacity;
}

/** The byte of the file at which entry `i` of the queue lies, counted from its oldest. */
export function checkpointEntryAt(meta: CheckpointMeta, capacity: number, i: number): number {
  return (headerSlots + ((meta.head + i) % capacity)) * 8;
}

export function pointerAt(bytes: Buffer, at: number): EventPointer {
  return { fileId: bytes.readInt32BE(at), offset: bytes.readInt32BE(at + 4) };
}

/** `inflightputs`, `inflighttakes`: what open transactions had put and taken at the checkpoint. Throws `NotFlumeLog`. */
export function decodeInflight(bytes: Buffer): ReadonlyMap<number, readonly EventPointer[]> {
  const inflight = new Map<number, readonly EventPointer[]>();
  if (bytes.length === 0) return inflight;
  const content = bytes.subarray(16);
  if (bytes.length < 16 || !createHash('md5').update(content).digest().equals(bytes.subarray(0, 16)))
    throw new NotFlumeLog('its checksum is wrong');
  // Behind the last transaction stand zeros: a transaction 0 of no events.
  for (let at = 0; at + 16 <= content.length; ) {
    const [transaction, count] = [longAt(content, at), longAt(content, at + 8)];
    at += 16;
    if (count < 0 || count * 8 > content.length - at)
      throw new NotFlumeLog(`a transaction of ${count} events`);
    const pointers: EventPointer[] = [];
    for (let i = 0; i < count; i++, at += 8) pointers.push(pointerAt(content, at));
    if (count > 0) inflight.set(transaction, pointers);
  }
  return inflight;
}

function longAt(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
