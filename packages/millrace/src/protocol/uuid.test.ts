import { expect, it } from 'vitest';
import { isUuid, METADATA_TOPIC_UUID, randomUuid, ZERO_UUID } from './uuid.ts';

it('makes UUIDs of version 4 that can stand on a command line', () => {
  const made = Array.from({ length: 500 }, randomUuid);
  expect(new Set(made).size).toBe(500);
  for (const uuid of made) {
    expect(isUuid(uuid)).toBe(true);
    expect(uuid.startsWith('-')).toBe(false);
    const bytes = Buffer.from(uuid, 'base64url');
    expect(bytes).toHaveLength(16);
    expect(bytes[6]! >> 4).toBe(4);
    expect(bytes[8]! >> 6).toBe(2);
  }
});

it('knows a UUID when it sees one', () => {
  expect(Buffer.from(ZERO_UUID, 'base64url')).toEqual(Buffer.alloc(16));
  expect(isUuid(METADATA_TOPIC_UUID)).toBe(true);
  for (const text of ['', 'topic', `${ZERO_UUID}A`, 'AAAAAAAAAAAAAAAAAAAAA=', 'AAAAAAAAAAAAAAAAAAAAAB']) {
    expect(isUuid(text)).toBe(false);
  }
});
