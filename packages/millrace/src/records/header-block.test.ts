import { expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { encodeHeader, encodeHeaderName, HeaderBlock } from './header-block.ts';

it('headers put together from bytes are those that were meant, event by event', () => {
  const integers = [0, 9, 10, 99, 100, 1795342272123, Number.MAX_SAFE_INTEGER, -1, -1795342272123];
  const builder = new BatchBuilder(() => 1);
  const headers = new HeaderBlock();
  const source = Buffer.from('..héllo..');
  for (const value of integers) {
    headers.clear();
    headers.add(encodeHeader('Facility', 'é'));
    headers.addInteger(encodeHeaderName('timestamp'), value);
    headers.addBytes(encodeHeaderName('host'), source, 2, source.length - 2);
    headers.addBytes(encodeHeaderName('long'), Buffer.alloc(5000, 'x'), 0, 5000);
    builder.addWithBlock(source, 2, 3, headers);
  }
  headers.clear();
  builder.addWithBlock(source, 0, 0, headers);
  const events = [...builder.build()];
  expect(
    events.map((event) => [event.body.toString(), event.headers().get('timestamp'), event.headers().size]),
  ).toEqual([...integers.map((value) => ['h', String(value), 4]), ['', undefined, 0]]);
  expect(events[0]!.headers().get('host')).toBe('héllo');
  expect(events[0]!.headers().get('Facility')).toBe('é');
});
