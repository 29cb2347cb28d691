import { describe, expect, it } from 'vitest';
import { FlumeLogBytes, flumeLogMeta } from '../../../../testkit/src/flume/flume-log-files.ts';
import { decodeLogMeta } from './log-meta.ts';
import { NotFlumeLog } from './not-flume-log.ts';
import { frameFault, LogRecord, recordPrefixBytes, recordTypes } from './record.ts';

/** What a real Flume 1.11 wrote for one event of a spooldir source. */
const fromFlume = Buffer.from(
  '7f0000003d170d0100000011ace81d24a201000019ace81d24a2010000230a180a0d0a08626173656e616d65' +
    '120161120765' +
    '76656e742030116ffe17f30000000000',
  'hex',
);

function opened(bytes: Buffer): LogRecord {
  const record = new LogRecord();
  record.open(bytes, recordPrefixBytes, bytes.length);
  return record;
}

describe('a record of log-N', () => {
  it('is read as a real Flume wrote it', () => {
    const record = opened(fromFlume);
    expect(record.type).toBe(recordTypes.put);
    expect([record.transaction, record.writeOrder]).toEqual([1795902269612, 1795902269612]);
    const { headers, body } = record.event();
    expect(headers).toEqual([['basename', 'a']]);
    expect(body.toString()).toBe('event 0');
  });

  it('is what the tests write', () => {
    const log = new FlumeLogBytes();
    log.put(1795902269612, 1795902269612, 'event 0', { basename: 'a' });
    expect(log.bytes().toString('hex')).toBe(fromFlume.toString('hex'));
  });

  it('of a take says which put it takes, of a commit what it commits', () => {
    const log = new FlumeLogBytes();
    log.take(7, 8, 3, 1 << 30);
    const take = opened(log.bytes());
    expect([take.type, take.transaction, take.writeOrder]).toEqual([recordTypes.take, 7, 8]);
    expect([take.fileId, take.offset]).toEqual([3, 1 << 30]);
    for (const of of ['put', 'take'] as const) {
      const commits = new FlumeLogBytes();
      commits.commit(9, 10, of);
      const commit = opened(commits.bytes());
      expect([commit.type, commit.committed]).toEqual([recordTypes.commit, recordTypes[of]]);
    }
    const rollbacks = new FlumeLogBytes();
    rollbacks.rollback(11, 12);
    expect(opened(rollbacks.bytes()).type).toBe(recordTypes.rollback);
  });

  it('is not taken with one bit changed in its body, nor with any byte missing', () => {
    const damaged = Buffer.from(fromFlume);
    damaged[0x35]! ^= 1;
    expect(() => opened(damaged).event()).toThrow('checksum');
    for (let length = recordPrefixBytes; length < fromFlume.length; length++) {
      expect(() => opened(fromFlume.subarray(0, length)).event(), `${length} bytes`).toThrow(NotFlumeLog);
    }
  });

  it('with any one byte changed gives the event, or says why not, and reads nothing else', () => {
    const record = new LogRecord();
    for (let at = recordPrefixBytes; at < fromFlume.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.concat([fromFlume, Buffer.alloc(64, 0x0a)]);
        bytes[at] = value;
        try {
          record.open(bytes, recordPrefixBytes, fromFlume.length);
          if (record.type === recordTypes.put) record.event();
        } catch (error) {
          expect(error).toBeInstanceOf(NotFlumeLog);
        }
      }
    }
  });

  it('has an absurd length found by its first bytes', () => {
    const length = fromFlume.length - recordPrefixBytes;
    expect(frameFault(fromFlume, recordPrefixBytes, length)).toBeNull();
    expect(frameFault(fromFlume, recordPrefixBytes, length + 1)).toContain('a record of 62 bytes');
    expect(frameFault(fromFlume, recordPrefixBytes, 2 ** 31 - 1)).toContain('a record of');
    expect(frameFault(fromFlume, 0, length)).toBe('no header of a record');
  });
});

describe('log-N.meta', () => {
  it('says where the checkpoint ends, and whether the log is encrypted', () => {
    const meta = decodeLogMeta(flumeLogMeta(4, { position: 6182, order: 1795902269729 }));
    expect(meta).toEqual({
      fileId: 4,
      checkpointPosition: 6182,
      checkpointOrder: 1795902269729,
      keyAlias: null,
    });
    expect(decodeLogMeta(flumeLogMeta(4, { keyAlias: 'key-0' })).keyAlias).toBe('key-0');
  });

  it('of another version is refused', () => {
    expect(() => decodeLogMeta(flumeLogMeta(1, { version: 2 }))).toThrow('version 2');
    expect(() => decodeLogMeta(Buffer.from('nonsense'))).toThrow(NotFlumeLog);
  });
});
