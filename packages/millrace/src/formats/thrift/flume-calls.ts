/**
 * Flume's protocol between agents, as Thrift IDL:
 *
 * ```
 * struct ThriftFlumeEvent { 1: required map<string, string> headers, 2: required binary body }
 * enum Status { OK, FAILED, ERROR, UNKNOWN }
 * service ThriftSourceProtocol {
 *   Status append(1: ThriftFlumeEvent event),
 *   Status appendBatch(1: list<ThriftFlumeEvent> events)
 * }
 * ```
 */
import { framePrefixBytes } from './frame.ts';
import { NotThrift } from './not-thrift.ts';
import { type ThriftProtocol, thriftReader, thriftWriter } from './protocol.ts';
import { kinds, type MessageHead, types } from './types.ts';

export const statuses = ['OK', 'FAILED', 'ERROR', 'UNKNOWN'] as const;
export type RpcStatus = (typeof statuses)[number];

/** The numbers of fields. */
export const eventFields = { headers: 1, body: 2 } as const;
export const argumentField = 1;
const successField = 0;
const exceptionFields = { message: 1, type: 2 } as const;

/** Thrift's own exception, with which any call may be answered: why, by number. */
export const faults = { unknownMethod: 1, internal: 6, protocol: 7 } as const;

/** The frame that answers a call with a status. */
export function encodeStatus(protocol: ThriftProtocol, call: MessageHead, status: RpcStatus): Buffer {
  const writer = thriftWriter(protocol, undefined, framePrefixBytes);
  writer.message({ ...call, kind: kinds.reply });
  const begun = writer.structBegin();
  writer.field(types.i32, successField);
  writer.i32(statuses.indexOf(status));
  writer.structEnd(begun);
  return framed(writer.written());
}

/** The frame that answers a call with Thrift's exception. */
export function encodeFault(
  protocol: ThriftProtocol,
  call: MessageHead,
  type: (typeof faults)[keyof typeof faults],
  message: string,
): Buffer {
  const writer = thriftWriter(protocol, undefined, framePrefixBytes);
  writer.message({ ...call, kind: kinds.exception });
  const begun = writer.structBegin();
  writer.field(types.string, exceptionFields.message);
  writer.text(message);
  writer.field(types.i32, exceptionFields.type);
  writer.i32(type);
  writer.structEnd(begun);
  return framed(writer.written());
}

/** Fills in the length in front of a message. */
export function framed(frame: Buffer): Buffer {
  frame.writeInt32BE(frame.length - framePrefixBytes, 0);
  return frame;
}

export type RpcAnswer = { readonly status: RpcStatus } | { readonly error: string };

/** What a frame says to the call with this sequence number. Throws `NotThrift`. */
export function decodeAnswer(protocol: ThriftProtocol, frame: Buffer, sequence: number): RpcAnswer {
  const reader = thriftReader(protocol, frame);
  const head = reader.message();
  if (head.kind !== kinds.reply && head.kind !== kinds.exception)
    throw new NotThrift(`message kind ${head.kind} is no answer`);
  if (head.sequence !== sequence) throw new NotThrift(`it answers call ${head.sequence} and not ${sequence}`);
  let status: number | null = null;
  let error = '';
  const begun = reader.structBegin();
  while (reader.field()) {
    const { fieldId: id, fieldType: type } = reader;
    if (head.kind === kinds.reply && id === successField && type === types.i32) status = reader.i32();
    else if (head.kind === kinds.exception && id === exceptionFields.message && type === types.string)
      error = reader.text();
    else reader.skip(type);
  }
  reader.structEnd(begun);
  if (head.kind === kinds.exception) return { error: error === '' ? 'an exception without a text' : error };
  const known = status === null ? undefined : statuses[status];
  if (known === undefined) throw new NotThrift('it answers with no status that is known here');
  return { status: known };
}
