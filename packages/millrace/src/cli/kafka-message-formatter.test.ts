import { describe, expect, it } from 'vitest';
import type { FetchedBatch } from '../clients/kafka/consumer/fetched-batch.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { formatJson, MessageFormatter, messageFormat } from './kafka-message-formatter.ts';

function fetched(fill: (builder: BatchBuilder) => void, baseOffset = 40): FetchedBatch {
  const builder = new BatchBuilder();
  fill(builder);
  const batch = builder.build();
  return { topic: 't', partition: 3, baseOffset, nextOffset: baseOffset + batch.count, batch };
}

const print = (batch: FetchedBatch, properties: Record<string, string>, count = batch.batch.count): string =>
  new MessageFormatter(messageFormat(new Map(Object.entries(properties)))).format(batch, count).toString();

const three = fetched((builder) => {
  builder.add(
    'v1',
    [
      ['h1', 'a'],
      ['h2', ''],
    ],
    'k1',
    1000,
  );
  builder.add(null, [], null, 1001);
  builder.add('', [], '', 1002);
});

describe('MessageFormatter', () => {
  it('prints values alone; null is not empty', () => {
    expect(print(three, {})).toBe('v1\nnull\n\n');
    expect(print(three, { 'null.literal': 'NIL', 'line.separator': ';' })).toBe('v1;NIL;;');
  });

  it("prints everything in Kafka's order", () => {
    const all = Object.fromEntries(
      ['timestamp', 'key', 'offset', 'partition', 'headers'].map((what) => [`print.${what}`, 'true']),
    );
    expect(print(three, all)).toBe(
      'CreateTime:1000\tPartition:3\tOffset:40\th1:a,h2:\tk1\tv1\n' +
        'CreateTime:1001\tPartition:3\tOffset:41\tNO_HEADERS\tnull\tnull\n' +
        'CreateTime:1002\tPartition:3\tOffset:42\tNO_HEADERS\t\t\n',
    );
    expect(print(three, { 'print.key': 'true', 'print.value': 'false', 'key.separator': '|' })).toBe(
      'k1\nnull\n\n',
    );
    expect(print(three, { 'print.key': 'true', 'key.separator': '|' }, 1)).toBe('k1|v1\n');
  });

  it('prints as many as are asked for, from a slice at its own offsets', () => {
    const slice = { ...three, batch: three.batch.slice(1, 3) };
    expect(print(slice, { 'print.offset': 'true' }, 1)).toBe('Offset:41\tnull\n');
  });

  it('grows where the text is longer than the records', () => {
    const many = fetched((builder) => {
      for (let i = 0; i < 100; i++) builder.add('', [], null, 1);
    });
    expect(
      print(many, { 'print.partition': 'true', 'key.separator': '='.repeat(50) }).split('\n'),
    ).toHaveLength(101);
  });

  it("reads Kafka's numbers, and refuses other classes", () => {
    const numbers = fetched((builder) => {
      const value = Buffer.alloc(8);
      value.writeBigInt64BE(-5n);
      builder.add(value, [], 'word', 1);
    });
    const prefix = 'org.apache.kafka.common.serialization.';
    const long = { 'value.deserializer': `${prefix}LongDeserializer` };
    expect(
      print(numbers, { ...long, 'print.key': 'true', 'key.deserializer': `${prefix}StringDeserializer` }),
    ).toBe('word\t-5\n');
    expect(() => print(three, long)).toThrow('a number of 8 bytes was expected, these are 2');
    expect(() => print(three, { 'value.deserializer': 'com.example.Evil' })).toThrow('is not known here');
  });
});

describe('formatJson', () => {
  it('keeps null, and bytes that are no text', () => {
    const batch = fetched((builder) => builder.add(Buffer.of(0xff, 0x00), [['h', 'x']], null, 7));
    expect(JSON.parse(formatJson(batch, 1).toString())).toEqual({
      topic: 't',
      partition: 3,
      offset: 40,
      timestamp: 7,
      key: null,
      valueBase64: '/wA=',
      headers: [['h', 'x']],
    });
  });
});
