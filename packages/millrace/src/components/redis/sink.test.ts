import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { explained } from './server.ts';
import { redisSink } from './sink.ts';

describe('options of the redis sink', () => {
  const valuesOf = (properties: Record<string, string>) =>
    contextFor(redisSink, { url: 'redis://h', stream: 's', ...properties }).options;

  it.each<[properties: Record<string, string>, message: RegExp]>([
    [{ url: 'http://h' }, /url: it is no URL of a Redis server/],
    [{ url: 'redis://' }, /url: it is no URL/],
    [{ url: 'redis://h/x' }, /url: it is no URL/],
    [{ url: 'redis://h/0?x=1' }, /url: it is no URL/],
    [{ url: 'redis://u@h' }, /password: the user of url has none/],
    [{ stream: ' ' }, /stream/],
  ])('are refused: %j', (properties, message) => {
    expect(() => valuesOf(properties)).toThrow(message);
  });

  it('have a password that nobody sees', () => {
    const values = valuesOf({ url: 'redis://u:p%2Fw@[::1]:7000/2' });
    expect(JSON.stringify(values)).not.toContain('p%2Fw');
    expect(redisSink.promises!(values as never).does).toBe(
      'adds entries to the stream s of Redis at [::1]:7000/2',
    );
    expect(redisSink.notes!(valuesOf({ password: 'x', maxLengthExact: 'true' }) as never)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('in plain') }),
      expect.objectContaining({ message: expect.stringContaining('without maxLength') }),
    ]);
  });

  it('say what to do about what the server says', () => {
    expect(explained('MOVED 3999 127.0.0.1:6381')).toContain('part of a cluster');
    expect(explained('OOM command not allowed')).toContain('maxLength');
    expect(explained('LOADING Redis is loading')).toBe('LOADING Redis is loading');
  });
});
