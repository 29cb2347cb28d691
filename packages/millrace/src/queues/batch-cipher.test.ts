import { describe, expect, it } from 'vitest';
import { batchOf, bodiesOf } from '../component/testing/test-api.ts';
import { readBatchHeader } from '../records/batch-header.ts';
import { batchChecksum } from '../records/checksum.ts';
import { eventsOf, openBatch, verifyChecksum } from '../records/open-batch.ts';
import { sealBatch } from '../records/seal.ts';
import { BatchCipher, isEncrypted } from './batch-cipher.ts';

const [k1, k2] = [Buffer.alloc(32, 1), Buffer.alloc(16, 2)];
const keys = new Map([
  ['k1', k1],
  ['k2', k2],
]);
const bodies = ['one', 'two, a little longer', 'three'];

/** A batch as it stands in the log at an offset. */
function stored(cipher: BatchCipher, offset = 7): Buffer {
  const { header, records } = cipher.seal(sealBatch(batchOf(...bodies)), offset);
  header.writeBigInt64BE(BigInt(offset));
  return Buffer.concat([header, records]);
}

function opened(cipher: BatchCipher, bytes: Buffer): string[] {
  const header = readBatchHeader(bytes, 0);
  verifyChecksum(bytes, 0, header);
  return bodiesOf(eventsOf(header, cipher.open(bytes, 0, header)));
}

/** Whoever changes a batch can make its checksum right. */
function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(batchChecksum(bytes, 0, bytes.subarray(61)), 17);
  return bytes;
}

describe('an encrypted batch', () => {
  it('gives its events back, and shows none of them', () => {
    const cipher = new BatchCipher(keys, 'k1');
    const bytes = stored(cipher);
    expect(opened(cipher, bytes)).toEqual(bodies);
    for (const body of bodies) expect(bytes.includes(body)).toBe(false);
    const header = readBatchHeader(bytes, 0);
    expect([isEncrypted(header), header.recordCount, header.lastOffsetDelta]).toEqual([true, 3, 2]);
    expect(() => openBatch(bytes, 0, { verifyCrc: true })).toThrow('compression type 7');
  });

  it('is opened by whoever has its key, with others that write', () => {
    const bytes = stored(new BatchCipher(keys, 'k1'));
    expect(opened(new BatchCipher(keys, 'k2'), bytes)).toEqual(bodies);
    const cipher = new BatchCipher(new Map([['k2', k2]]), 'k2');
    expect(() => opened(cipher, bytes)).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }));
    const other = new BatchCipher(new Map([['k1', Buffer.alloc(32, 9)]]), 'k1');
    expect(() => opened(other, bytes)).toThrow(expect.objectContaining({ code: 'KEY_WRONG' }));
    expect(() => new BatchCipher(keys, 'k3')).toThrow('there is no key k3');
  });

  it('is found out wherever a bit of it is changed, with a right checksum', () => {
    const cipher = new BatchCipher(keys, 'k1');
    const whole = stored(cipher);
    for (let at = 0; at < whole.length; at++) {
      // Length, epoch of the leader, magic and checksum are the log's.
      if (at >= 8 && at < 21) continue;
      for (const bit of [1, 0x80]) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= bit;
        const open = () => opened(cipher, resealed(bytes));
        // What makes it another header is no longer an encrypted batch of three.
        expect(open, `byte ${at}`).toThrow();
      }
    }
  });

  it('is found out at another offset', () => {
    const cipher = new BatchCipher(keys, 'k1');
    const bytes = stored(cipher);
    bytes.writeBigInt64BE(8n);
    expect(() => opened(cipher, bytes)).toThrow(expect.objectContaining({ code: 'EVENTS_TAMPERED' }));
  });

  it('is another each time, of one cipher and of several with one key', () => {
    const ciphers = [new BatchCipher(keys, 'k1'), new BatchCipher(keys, 'k1')];
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) for (const cipher of ciphers) seen.add(stored(cipher).toString('hex', 61));
    expect(seen.size).toBe(100);
    // Salt and number: a nonce never comes twice under one key.
    const nonces = [...seen].map((hex) => hex.slice(2 * (4 + 4), 2 * (4 + 4 + 24)));
    expect(new Set(nonces).size).toBe(100);
  });

  it('opens what is no envelope with an error, whatever its length', () => {
    const cipher = new BatchCipher(keys, 'k1');
    const whole = cipher.sealBytes(Buffer.from('x'), 'here');
    for (let length = 0; length < whole.length; length++)
      expect(() => cipher.openBytes(whole.subarray(0, length), 'here')).toThrow(
        expect.objectContaining({ code: 'EVENTS_TAMPERED' }),
      );
    expect(cipher.openBytes(whole, 'here').toString()).toBe('x');
    expect(() => cipher.openBytes(whole, 'there')).toThrow();
  });
});
