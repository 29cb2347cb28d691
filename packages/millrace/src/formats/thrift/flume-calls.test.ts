import { expect, test } from 'vitest';
import { decodeAnswer, encodeFault, encodeStatus, faults, statuses } from './flume-calls.ts';
import { type ThriftProtocol, thriftReader } from './protocol.ts';
import { kinds } from './types.ts';

const protocols: readonly ThriftProtocol[] = ['binary', 'compact'];
const call = { name: 'append', kind: kinds.call, sequence: 77 };
const message = (frame: Buffer): Buffer => frame.subarray(4);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

test.each(protocols)('every status comes back: %s', (protocol) => {
  for (const status of statuses) {
    const frame = encodeStatus(protocol, call, status);
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    expect(decodeAnswer(protocol, message(frame), 77)).toEqual({ status });
  }
});

// As libthrift 0.14.1 writes them.
test.each([
  ['binary', '80010002 00000006 617070656e64 0000004d 08 0000 00000001 00'],
  ['compact', '82 41 4d 06 617070656e64 05 00 02 00'],
] as const)('the bytes of FAILED: %s', (protocol, bytes) => {
  expect(message(encodeStatus(protocol, call, 'FAILED'))).toEqual(hex(bytes));
});

test.each(protocols)('an exception comes back with its text, to the same call: %s', (protocol) => {
  const frame = message(encodeFault(protocol, call, faults.unknownMethod, "Invalid method name: 'x'"));
  expect(thriftReader(protocol, frame).message()).toEqual({ ...call, kind: kinds.exception });
  expect(decodeAnswer(protocol, frame, 77)).toEqual({ error: "Invalid method name: 'x'" });
});

test.each(protocols)('answers that are none: %s', (protocol) => {
  const frame = message(encodeStatus(protocol, call, 'OK'));
  expect(() => decodeAnswer(protocol, frame, 78)).toThrow('it answers call 77 and not 78');
  expect(() => decodeAnswer(protocol, frame.subarray(0, -3), 77)).toThrow(/ends too early|of which/);
});

test('an answer with a status beyond those that are known, and a call in the place of an answer', () => {
  expect(() => decodeAnswer('compact', hex('82 41 4d 01 61 05 00 0a 00'), 77)).toThrow(
    'no status that is known',
  );
  expect(() => decodeAnswer('compact', hex('82 41 4d 01 61 00'), 77)).toThrow('no status that is known');
  expect(() => decodeAnswer('compact', hex('82 21 4d 01 61 00'), 77)).toThrow('message kind 1 is no answer');
});
