import { describe, expect, test } from 'vitest';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { collisionKey } from '../storage/topic-name.ts';
import { effectiveConfig, topicConfigFault, topicConfigs } from './topic-configs.ts';

describe('topic settings', () => {
  test('every default is valid by its own rule', () => {
    for (const [name, config] of Object.entries(topicConfigs)) {
      expect([name, topicConfigFault(name, config.default)]).toEqual([name, null]);
    }
  });

  test.each([
    ['retention.ms', '-1', true],
    ['retention.ms', '-2', false],
    ['retention.ms', ' 5 ', true],
    ['retention.ms', '5s', false],
    ['retention.ms', '9223372036854775807', true],
    ['retention.ms', '9223372036854775808', false],
    ['segment.bytes', '1048576', true],
    ['segment.bytes', '1048575', false],
    ['segment.bytes', '2147483648', false],
    ['cleanup.policy', 'compact, delete', true],
    ['cleanup.policy', 'compress', false],
    ['compression.type', 'zstd', true],
    ['compression.type', 'zip', false],
    ['preallocate', 'TRUE', true],
    ['preallocate', 'yes', false],
    ['min.cleanable.dirty.ratio', '0.25', true],
    ['min.cleanable.dirty.ratio', '1.25', false],
    ['toString', '1', false],
    ['segment.byte', '1048576', false],
  ])('%s=%s: valid %s', (name, value, isValid) => {
    expect(topicConfigFault(name, value) === null).toBe(isValid);
  });

  test("the topic's own value wins over the broker's, that over Kafka's; only cleanup by delete retains by time", () => {
    const broker = new Map([
      ['retention.ms', '1000'],
      ['max.message.bytes', '2000'],
    ]);
    const plain = effectiveConfig(new Map([['max.message.bytes', '3000']]), broker);
    expect([plain.maxMessageBytes, plain.log.retentionMs, plain.log.segmentBytes]).toEqual([
      3000,
      1000,
      1 << 30,
    ]);
    const compacted = effectiveConfig(new Map([['cleanup.policy', 'compact']]), broker);
    expect([compacted.compacted, compacted.log.retentionMs]).toEqual([true, -1]);
    const both = effectiveConfig(new Map([['cleanup.policy', 'compact,delete']]), broker);
    expect([both.compacted, both.log.retentionMs]).toEqual([true, 1000]);
  });
});

describe('topic names', () => {
  test.each(['a', 'A-b_c.9', 'x'.repeat(249), '...'])('%s is fine', (name) =>
    expect(topicNameFault(name)).toBeNull(),
  );

  test.each(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(250), 'a\0', 'a\n'])('%j is not', (name) => {
    expect(topicNameFault(name)).not.toBeNull();
  });

  test('names that differ in dot and underscore collide', () => {
    expect(collisionKey('a.b_c')).toBe(collisionKey('a_b.c'));
    expect(collisionKey('a.b')).not.toBe(collisionKey('ab'));
  });
});
