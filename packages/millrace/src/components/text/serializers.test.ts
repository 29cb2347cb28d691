import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { javaMapText } from '../../java/hash-map.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { headerAndTextSerializer } from './header-and-text-serializer.ts';
import { textSerializer } from './text-serializer.ts';

describe('TEXT', () => {
  const text = (appendNewline: boolean) =>
    textSerializer.create(contextFor(textSerializer, { appendNewline }));

  it('writes each body and a newline; nothing around', () => {
    const serializer = text(true);
    expect(serializer.encode(batchOf('one', '', 'three\r')).toString()).toBe('one\n\nthree\r\n');
    expect(serializer.begin()).toHaveLength(0);
    expect(serializer.end()).toHaveLength(0);
  });

  it('writes bodies alone with appendNewline=false', () => {
    expect(text(false).encode(batchOf('a', 'b')).toString()).toBe('ab');
  });

  it('writes of a slice what is in it, bytes as they are', () => {
    const builder = new BatchBuilder();
    builder.add('before', [['h', 'x']]);
    builder.add(Buffer.from([0xff, 0x00]), [['h', 'y']], 'key', 5);
    builder.add(null);
    builder.add('behind');
    expect(text(true).encode(builder.build().slice(1, 3)).toString('hex')).toBe('ff000a0a');
  });
});

describe('HEADER_AND_TEXT', () => {
  const encode = (builder: BatchBuilder, shared?: Map<string, string>) =>
    headerAndTextSerializer
      .create(contextFor(headerAndTextSerializer))
      .encode(builder.build(shared))
      .toString();

  it('E9: writes headers as Java prints a map, then the body', () => {
    const builder = new BatchBuilder();
    builder.add('one', [
      ['a', '1'],
      ['b', '2'],
    ]);
    builder.add('');
    expect(encode(builder)).toBe('{a=1, b=2} one\n{} \n');
  });

  it('writes shared headers with each event', () => {
    const builder = new BatchBuilder();
    builder.add('x');
    builder.add('y');
    expect(encode(builder, new Map([['s', '1']]))).toBe('{s=1} x\n{s=1} y\n');
  });

  it('E7: has Java’s order', () => {
    const names = ['timestamp', 'evtime', 'dc', 'key', 'ytmp', 'hh', 'num', 'word'];
    expect(javaMapText(new Map(names.map((name) => [name, '0'])))).toBe(
      '{evtime=0, hh=0, ytmp=0, num=0, word=0, key=0, timestamp=0, dc=0}',
    );
  });
});
