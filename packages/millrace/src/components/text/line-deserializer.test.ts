import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { TestInput, type TestInputOptions } from '../../component/testing/test-input.ts';
import { findCharset } from '../../java/charsets.ts';
import { lineDeserializer } from './line-deserializer.ts';

async function read(
  bytes: Buffer | string,
  properties: Record<string, string | number> = {},
  text: TestInputOptions = {},
) {
  const context = contextFor(lineDeserializer, properties);
  const line = lineDeserializer.create(context, new TestInput(Buffer.from(bytes), text));
  const bodies: string[] = [];
  const unreadable: unknown[] = [];
  const batches: number[] = [];
  for (;;) {
    const found = await line.read(1000);
    if (found === null) return { bodies, unreadable, batches, lines: context.log.lines };
    batches.push(found.batch?.count ?? 0);
    bodies.push(...[...(found.batch ?? [])].map((event) => event.body.toString()));
    unreadable.push(...found.unreadable);
  }
}

describe('LINE', () => {
  it('keeps \\r, and takes a last line without newline', async () => {
    expect((await read('one\ntwo\r\n\n\nlast-no-nl')).bodies).toEqual(['one', 'two\r', '', '', 'last-no-nl']);
  });

  it('cuts as Flume does, and says so once', async () => {
    const { bodies, lines } = await read(`${'L'.repeat(2048)}\n${'M'.repeat(5000)}\nend\n`);
    expect(bodies.map(({ length }) => length)).toEqual([2048, 0, 2048, 2048, 904, 3]);
    expect(lines).toEqual([
      'warn Line length exceeds max (2048), truncating line! At byte 0, and maybe further on',
    ]);
  });

  it('makes one batch of short lines, whatever stands behind them', async () => {
    const { bodies, batches } = await read(`a\nb\n${'x'.repeat(50)}\nc\nd\n`, { maxLineLength: 20 });
    expect(bodies).toEqual(['a', 'b', 'x'.repeat(20), 'x'.repeat(20), 'x'.repeat(10), 'c', 'd']);
    expect(batches).toEqual([2, 5]);
  });

  it('sets a line aside that is no text, with its place, and reads the others', async () => {
    const bytes = Buffer.concat([
      Buffer.from('good\nbad '),
      Buffer.from([0xff]),
      Buffer.from(' bad\nrest\n'),
    ]);
    const { bodies, unreadable } = await read(bytes);
    expect(bodies).toEqual(['good', 'rest']);
    expect(unreadable).toEqual([
      {
        bytes: bytes.subarray(5, 15),
        position: 5,
        reason: 'the bytes at 9 are no UTF-8 (decodeErrorPolicy is FAIL)',
      },
    ]);
  });

  it('replaces or ignores what is no text', async () => {
    const bytes = Buffer.from('6162fffe63640a', 'hex');
    expect((await read(bytes, {}, { policy: 'REPLACE' })).bodies).toEqual(['ab\ufffd\ufffdcd']);
    expect((await read(bytes, {}, { policy: 'IGNORE' })).bodies).toEqual(['abcd']);
  });

  it('sets aside what the end leaves of a character; the text before it is an event, as in Flume', async () => {
    const bytes = Buffer.from('6162e282', 'hex');
    expect(await read(bytes)).toMatchObject({
      bodies: ['ab'],
      unreadable: [{ bytes: Buffer.from('e282', 'hex'), position: 2 }],
    });
    expect(await read(bytes, {}, { policy: 'REPLACE' })).toMatchObject({ bodies: ['ab'], unreadable: [] });
  });

  it('ignores any amount of bytes that are no text', async () => {
    const bytes = Buffer.concat([Buffer.alloc(3_000_000, 0xff), Buffer.from('a\n')]);
    expect((await read(bytes, {}, { policy: 'IGNORE' })).bodies).toEqual(['a']);
  });

  it('refuses a charset that there isn’t', () => {
    expect(() => contextFor(lineDeserializer, { outputCharset: 'nope' })).toThrow(
      'charset nope is not known',
    );
  });

  it.each(['UTF-8', 'UTF-16LE'])('makes one event of several lines of %s', async (charset) => {
    const bytes = findCharset(charset)!.encoder()('a\n b\r\n c\r\nd\n e\n f\n g\nh');
    const properties = { 'multiline.continuationPattern': '^\\s', 'multiline.maxLines': 3, maxLineLength: 1 };
    const { bodies } = await read(bytes, properties, { charset });
    expect(bodies).toEqual(['a\n b\r\n c\r', 'd\n e\n f', ' g', 'h']);
    const long = await read(bytes, { ...properties, 'multiline.maxBytes': 3 }, { charset: 'UTF-8' });
    expect(long.bodies.length).toBeGreaterThan(bodies.length);
  });

  it('ends an event at bytes that are no text, and sets those aside', async () => {
    const bytes = Buffer.concat([Buffer.from('a\n b\n c'), Buffer.from([0xff]), Buffer.from('\n d\ne\n')]);
    const { bodies, unreadable } = await read(bytes, { 'multiline.startPattern': '^\\S' });
    expect(bodies).toEqual(['a\n b', ' d', 'e']);
    expect(unreadable).toMatchObject([{ position: 5, bytes: bytes.subarray(5, 9) }]);
  });

  it('says what has no effect, and what is no pattern', () => {
    const notes = (values: Record<string, string | number>) =>
      lineDeserializer.notes!(contextFor(lineDeserializer, values).options).map(({ key }) => key);
    expect(notes({ 'multiline.startPattern': 'x', maxLineLength: 5 })).toEqual(['maxLineLength']);
    expect(notes({ 'multiline.startPattern': 'x' })).toEqual([]);
    expect(() => contextFor(lineDeserializer, { 'multiline.startPattern': '(' })).toThrow(
      'multiline.startPattern',
    );
  });
});
