import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { type DeserializedEvents, InputUnreadable } from '../../component/deserializer.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestInput } from '../../component/testing/test-input.ts';
import { encodeBlock, encodeHeader } from '../../formats/avro/container.ts';
import { fingerprintOf } from '../../formats/avro/schema.ts';
import { avroDeserializer } from './deserializer.ts';

const schema = '{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}';
const type = avro.Type.forSchema(JSON.parse(schema));
const sync = Buffer.from('0123456789abcdef');

const head = (codec = 'null', text = schema): Buffer =>
  encodeHeader(
    new Map([
      ['avro.schema', Buffer.from(text)],
      ['avro.codec', Buffer.from(codec)],
    ]),
    sync,
  );
const block = (...numbers: number[]): Buffer =>
  encodeBlock(numbers.length, Buffer.concat(numbers.map((n) => type.toBuffer({ n }))), sync);

function open(bytes: Buffer, properties = {}) {
  return avroDeserializer.create(contextFor(avroDeserializer, properties), new TestInput(bytes));
}
const numbersOf = (found: DeserializedEvents | null): number[] =>
  [...(found?.batch ?? [])].map((event) => (type.fromBuffer(event.body) as { n: number }).n);

async function readAll(bytes: Buffer, properties = {}) {
  const deserializer = open(bytes, properties);
  const numbers: number[] = [];
  const unreadable: { bytes: number; position: number; reason: string }[] = [];
  for (;;) {
    const found = await deserializer.read(3);
    if (found === null) return { numbers, unreadable };
    numbers.push(...numbersOf(found));
    for (const { bytes, position, reason } of found.unreadable)
      unreadable.push({ bytes: bytes.length, position, reason });
  }
}

describe('AVRO', () => {
  it('shows the schema by its fingerprint, or as it is', async () => {
    const hash = (await open(Buffer.concat([head(), block(1)])).read(1))!.batch!.event(0).headers();
    expect([...hash]).toEqual([
      [
        'flume.avro.schema.hash',
        fingerprintOf('{"name":"R","type":"record","fields":[{"name":"n","type":"int"}]}'),
      ],
    ]);
    const literal = (await open(Buffer.concat([head(), block(1)]), { schemaType: 'literal' }).read(1))!;
    expect([...literal.batch!.event(0).headers()]).toEqual([['flume.avro.schema.literal', schema]]);
  });

  it('has the fingerprints of the specification', () => {
    // Of Avro's own test data (share/test/data/schema-tests.txt): "null" and "int", as signed numbers there.
    const asLong = (hex: string): bigint => Buffer.from(hex, 'hex').readBigInt64LE();
    expect(asLong(fingerprintOf('"null"'))).toBe(7195948357588979594n);
    expect(asLong(fingerprintOf('"int"'))).toBe(8247732601305521295n);
  });

  it('marks the sync marker before a block, where Flume goes on, and what is done of the block', async () => {
    const first = head();
    const bytes = Buffer.concat([first, block(1, 2, 3), block(4)]);
    const deserializer = open(bytes);
    await deserializer.read(2);
    expect(deserializer.mark()).toEqual({ offset: first.length - 16, events: 2 });
    await deserializer.read(1);
    const second = first.length + block(1, 2, 3).length;
    expect(deserializer.mark()).toEqual({ offset: second - 16, events: 0 });
    // As Flume goes on: with the whole block.
    const flume = open(bytes);
    flume.reset({ offset: first.length - 16, events: 0 });
    expect(numbersOf(await flume.read(10))).toEqual([1, 2, 3, 4]);
  });

  it('sets a damaged block aside, and reads the next one', async () => {
    const bytes = Buffer.concat([head(), block(1, 2), block(3, 4), block(5)]);
    const second = head().length + block(1, 2).length;
    bytes[second + 1]! += 2; // its length
    const { numbers, unreadable } = await readAll(bytes);
    expect(numbers).toEqual([1, 2, 5]);
    expect(unreadable).toEqual([
      { bytes: block(3, 4).length, position: second, reason: 'no sync marker follows a block' },
    ]);
  });

  it('sets aside what is left of a block behind its last datum that is one', async () => {
    const bad = encodeBlock(3, Buffer.from([2, 4, 0x80]), sync);
    const { numbers, unreadable } = await readAll(Buffer.concat([head(), bad, block(5)]));
    expect(numbers).toEqual([1, 2, 5]);
    expect(unreadable).toMatchObject([{ bytes: 1, position: head().length }]);
  });

  it('sets aside what a writer has not finished', async () => {
    const bytes = Buffer.concat([head(), block(1, 2), block(3, 4)]);
    const { numbers, unreadable } = await readAll(bytes.subarray(0, -3));
    expect(numbers).toEqual([1, 2]);
    expect(unreadable).toMatchObject([
      { bytes: block(3, 4).length - 3, reason: 'the file ends within a block' },
    ]);
  });

  it('passes over megabytes of damage in pieces', async () => {
    const damage = Buffer.alloc(3_000_000, 0xff);
    const { numbers, unreadable } = await readAll(
      Buffer.concat([head(), block(1), damage, block(2), block(3)]),
    );
    // The block behind the damage has no sync marker in front of it.
    expect(numbers).toEqual([1, 3]);
    expect(unreadable.length).toBeGreaterThan(2);
    expect(unreadable.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(damage.length + block(2).length);
  });

  it.each([
    ['bytes of another kind', Buffer.from('hello, world'), 'no Avro container file'],
    ['a codec that there isn’t', head('bzip2'), 'codec is bzip2'],
    ['a schema that is none', head('null', '{"type":"recor"}'), "schema can't be read"],
    ['half a header', head().subarray(0, 30), 'ends within its header'],
  ])('says why %s can’t be read', async (_, bytes, says) => {
    const read = open(bytes).read(1);
    await expect(read).rejects.toThrow(InputUnreadable);
    await expect(read).rejects.toThrow(says);
  });
});
