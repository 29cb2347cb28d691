/** Everything that is read from disk beside the log itself: whatever stands there, a start goes on or refuses in words. */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import {
  decodeGroupValue,
  decodeKey,
  decodeOffsetValue,
  encodeGroupKey,
  encodeGroupValue,
  encodeOffsetKey,
  encodeOffsetValue,
} from '../../packages/millrace/src/broker/group/offset-records.ts';
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
} from '../../packages/millrace/src/broker/storage/producer-snapshot.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../packages/millrace/src/clients/kafka/consumer/group-protocol.ts';
import {
  formatPositions,
  loadPositions,
} from '../../packages/millrace/src/components/taildir/position-file.ts';
import { MemoryFiles } from '../../packages/millrace/src/log/memory-files.ts';
import { SlotFile } from '../../packages/millrace/src/log/slot-file.ts';
import { decodePreamble, encodePreamble } from '../../packages/millrace/src/queues/preamble.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { sealBatch } from '../../packages/millrace/src/records/seal.ts';
import { MillraceError } from '../../packages/millrace/src/runtime/errors.ts';
import { realFiles, writeFully } from '../../packages/millrace/src/runtime/files.ts';
import {
  type JournalEntry,
  PositionJournal,
  readJournal,
} from '../../packages/millrace/src/tracking/position-journal.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { eventBatch } from '../../packages/testkit/src/fuzz/event-batches.ts';
import { corpus, hostileBytes } from '../../packages/testkit/src/fuzz/fuzz-bytes.ts';
import { fuzzRuns } from '../../packages/testkit/src/fuzz/fuzz-runs.ts';

const dir = tempDir('millrace-fuzz-');
afterAll(() => dir[Symbol.dispose]());

const share = 1 / 12;
const mostMemory = 32 << 20;

/** Only our own errors may leave a decoder, and memory stays in proportion. */
function survives<T>(decode: () => T): T | null {
  const before = process.memoryUsage().arrayBuffers;
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    expect(error.message.length).toBeGreaterThan(0);
    return null;
  } finally {
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mostMemory);
  }
}

/** The corpus as it is, then variations of it and of `good`. */
function fuzz(name: string, good: readonly Buffer[], attempt: (bytes: Buffer) => void, runs = 4000): void {
  const seeds = [...good, ...corpus(name)];
  for (const bytes of seeds) attempt(bytes);
  fc.assert(fc.property(hostileBytes(seeds), attempt), fuzzRuns(runs, share));
}

describe('TAILDIR', () => {
  const text = formatPositions([
    { inode: 123456n, pos: 4096, file: '/var/log/app.log' },
    { inode: 7n, pos: 0, file: '/var/log/ümläut.log' },
  ]);

  test('a position file: good entries or none, never a throw', () => {
    const path = dir.join('position.json');
    fuzz(
      'position-file',
      [Buffer.from(text), Buffer.from('[]'), Buffer.from('')],
      (bytes) => {
        writeFileSync(path, bytes);
        const { entries } = loadPositions(realFiles, path);
        for (const { inode, pos, file } of entries) {
          expect(typeof inode === 'bigint' && Number.isSafeInteger(pos) && pos >= 0).toBe(true);
          expect(typeof file).toBe('string');
        }
      },
      1500,
    );
  });

  test('what was saved is what is loaded', () => {
    const path = dir.join('saved.json');
    const entry = fc.record({
      inode: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      pos: fc.maxSafeNat(),
      file: fc.string({ unit: 'binary', maxLength: 30 }).filter((name) => name.isWellFormed()),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        writeFileSync(path, formatPositions(entries));
        expect(loadPositions(realFiles, path)).toEqual({
          text: formatPositions(entries),
          entries,
          problem: null,
        });
      }),
      fuzzRuns(500, share),
    );
  });

  test('a position journal: whole slots or none', () => {
    const path = dir.join('journal');
    const mark = { headBytes: 100, headCrc: 1, tailBytes: 64, tailCrc: 2 };
    const entries = [1n, 2n, (1n << 64n) - 1n].map((ino) => ({
      ...{
        dev: ino === 2n ? null : 1n << 60n,
        ino,
        position: 1000 * Number(ino & 0xffn),
        mark,
        birthMs: 12.5,
      },
      ...{
        folderDev: ino === 1n ? null : 9n,
        awaited: ino === 1n,
        largestSize: 2000 * Number(ino & 0xffn),
        path: ino === 2n ? null : `/var/log/ümläut.${ino}`,
      },
    }));
    PositionJournal.replace(realFiles, path, text, entries).journal.close();
    const good = readJournal(realFiles, path, text);
    expect(good).toEqual({ valid: true, complete: true, entries });
    const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
    const placesOf = (it: JournalEntry) => JSON.stringify({ ...it, path: null }, exact);
    const known = new Set(entries.map(placesOf));
    const paths = new Set(entries.map((it) => it.path));
    fuzz(
      'position-journal',
      [readFileSync(path)],
      (bytes) => {
        writeFileSync(path, bytes);
        // A slot that fits its checksum was written by somebody: here by nobody but the lines above.
        for (const it of readJournal(realFiles, path, text).entries) {
          expect(known).toContain(placesOf(it));
          expect(it.path === null || paths.has(it.path)).toBe(true);
        }
      },
      1500,
    );
  });
});

describe('the log and the broker', () => {
  test('a slot file gives whole values or none', () => {
    const files = new MemoryFiles();
    files.makeDir('/d');
    const slots = new SlotFile(files, '/d/good');
    for (const values of [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
      slots.write(values);
    const bytes = Buffer.alloc(256);
    files.open('/d/good', 'read').read(bytes, 0);
    fuzz('slot-file', [bytes], (hostile) => {
      files.remove('/d/bad');
      const file = files.open('/d/bad', 'create');
      if (hostile.length > 0) writeFully(file, [hostile], 0);
      const values = survives(() => new SlotFile(files, '/d/bad').read());
      if (values !== null)
        expect([
          [4, 5, 6],
          [7, 8, 9],
        ]).toContainEqual(values);
    });
  });

  test('a producer snapshot', () => {
    const batch = { firstSequence: 0, lastSequence: 4, baseOffset: 10, lastOffset: 14, timestamp: 1 };
    const entry = { producerId: 5, epoch: 0, batches: [batch], lastTimestamp: 1 };
    const good = encodeProducerSnapshot([entry, { ...entry, producerId: 6 }]);
    fuzz('producer-snapshot', [good], (bytes) => void survives(() => decodeProducerSnapshot(bytes)));
  });

  test('records of committed offsets and groups', () => {
    const member = {
      memberId: 'm',
      groupInstanceId: null,
      clientId: 'c',
      clientHost: '/127.0.0.1',
      rebalanceTimeoutMs: 1,
      sessionTimeoutMs: 1,
      subscription: Buffer.from('abc'),
      assignment: Buffer.from('def'),
    };
    const protocols = [
      encodeOffsetKey('group', 'topic', 3),
      encodeGroupKey('group'),
      encodeOffsetValue({ offset: 5, leaderEpoch: 0, metadata: 'note', commitTimestamp: 1 }),
      encodeGroupValue({
        protocolType: 'consumer',
        generationId: 2,
        protocolName: 'range',
        leaderId: 'm',
        stateSince: 1,
        members: [member],
      }),
    ];
    fuzz('offset-records', protocols, (bytes) => {
      for (const decode of [decodeKey, decodeOffsetValue, decodeGroupValue]) survives(() => decode(bytes));
    });
  });
});

test('subscriptions and assignments of other members', () => {
  const good = [
    encodeSubscription('cooperative-sticky', ['a', 'b'], [{ topic: 'a', partition: 0 }], 3),
    encodeAssignment([{ topic: 'a', partition: 1 }]),
  ];
  fuzz('group-protocol', good, (bytes) => {
    survives(() => decodeSubscription('m', null, bytes));
    survives(() => decodeAssignment(bytes));
  });
});

test('the preamble of a file channel transaction', () => {
  const batches = [eventBatch(['a', 'b'], 1, new Map([['host', 'h']])), eventBatch(['c'], 1)];
  const { header, records } = sealBatch(encodePreamble(batches), {});
  const good = Buffer.concat([header, records]);
  fuzz('preamble', [good], (bytes) => {
    survives(() => {
      if (bytes.length < 61) return;
      decodePreamble(openBatch(bytes, 0, { verifyCrc: false, maxBytes: 1 << 20 }));
    });
  });
});
