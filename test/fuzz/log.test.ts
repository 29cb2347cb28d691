import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Log } from '../../packages/millrace/src/log/log.ts';
import { iterateBatches } from '../../packages/millrace/src/records/batch-header.ts';
import { openBatch } from '../../packages/millrace/src/records/open-batch.ts';
import { type FaultSettings, FaultyFiles } from '../../packages/testkit/src/files/faulty-files.ts';
import { batchBytes } from '../../packages/testkit/src/fuzz/event-batches.ts';

const dir = '/logs/t-0';

type Step =
  | { do: 'append'; counts: number[] }
  | { do: 'flush' | 'flushLater' | 'roll' | 'crash' | 'kill' | 'close' }
  | { do: 'deleteBefore'; part: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('flushLater' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('roll' as const, 'kill' as const, 'close' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('deleteBefore' as const),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

/** What was appended in the present life of the log, by offset; and how far it was promised to be on the disk. */
interface Model {
  bodies: Map<number, string>;
  promised: number;
  start: number;
}

/** Everything that the log holds, by offset. */
function contents(log: Log): Map<number, string> {
  const found = new Map<number, string>();
  for (let offset = log.startOffset; offset < log.endOffset; ) {
    const bytes = log.read(offset, 700);
    expect(bytes.length, `nothing at ${offset} of ${log.endOffset}`).toBeGreaterThan(0);
    for (const { at, header } of iterateBatches(bytes)) {
      const batch = openBatch(bytes, at, { verifyCrc: true });
      for (let i = 0; i < batch.count; i++) found.set(header.baseOffset + i, batch.event(i).body.toString());
      offset = header.baseOffset + header.lastOffsetDelta + 1;
    }
  }
  return found;
}

/** Returns what is there: of what was not promised, a crash may leave any part. */
function check(log: Log, model: Model): Map<number, string> {
  expect(log.endOffset).toBeGreaterThanOrEqual(model.promised);
  const found = contents(log);
  for (const [offset, body] of model.bodies) {
    if (offset >= model.start && offset < model.promised)
      expect(found.get(offset), `offset ${offset}`).toBe(body);
  }
  for (const [offset, body] of found) {
    if (offset >= model.start)
      expect(body, `offset ${offset} came from nowhere`).toBe(model.bodies.get(offset));
  }
  return found;
}

async function run(seed: number, steps: readonly Step[], faults: FaultSettings): Promise<void> {
  const files = new FaultyFiles(seed, faults);
  const options = { segmentBytes: 900, indexIntervalBytes: 120 };
  let log = await Log.open(dir, { ...options, files: files.life() });
  const model: Model = { bodies: new Map(), promised: 0, start: 0 };
  let serial = 0;
  const reopen = async () => {
    log = await Log.open(dir, { ...options, files: files.life() });
    model.bodies = check(log, model);
    model.promised = log.endOffset;
    model.start = log.startOffset;
  };
  for (const action of [...steps, { do: 'crash' } as const]) {
    if (action.do === 'append') {
      const batches = action.counts.map((count) => Array.from({ length: count }, () => `body ${serial++}`));
      const { baseOffset } = log.appendMany(Buffer.concat(batches.map((bodies) => batchBytes(bodies))));
      for (const [i, body] of batches.flat().entries()) model.bodies.set(baseOffset + i, body);
    } else if (action.do === 'flush') {
      await log.flush();
      model.promised = log.endOffset;
      expect(log.durableEndOffset).toBe(log.endOffset);
    } else if (action.do === 'flushLater') {
      const end = log.endOffset;
      const mine = log;
      mine.flush().then(
        () => {
          if (mine === log) model.promised = Math.max(model.promised, end);
        },
        () => {},
      );
    } else if (action.do === 'roll') log.roll();
    else if (action.do === 'deleteBefore') {
      log.deleteRecordsBefore(Math.floor(action.part * (model.promised - log.startOffset)) + log.startOffset);
      model.start = log.startOffset;
    } else if (action.do === 'kill') {
      files.kill();
      model.promised = log.endOffset; // the page cache outlives the process
      await reopen();
    } else if (action.do === 'close') {
      await log.close();
      model.promised = log.endOffset;
      await reopen();
    } else {
      files.crash();
      await reopen();
    }
  }
}

const property = (faults: FaultSettings) =>
  fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 40 }), (seed, steps) =>
    run(seed, steps, faults),
  );

describe('a log on a disk that forgets what was not synced', () => {
  it('keeps every flushed batch at its offset, and invents none', async () => {
    // An empty segment behind one whose records the power cut took, and that was the recovery point.
    const gap: Step[] = [
      { do: 'append', counts: [1] },
      { do: 'roll' },
      { do: 'flush' },
      { do: 'append', counts: [1] },
      { do: 'roll' },
    ];
    await fc.assert(property({}), { numRuns: 1500, examples: [[820263808, gap]] });
  });

  it('does so with short writes', async () => {
    await fc.assert(property({ shortWrites: true }), { numRuns: 300 });
  });

  it('is caught when the disk acknowledges before it syncs', async () => {
    const { failed } = await fc.check(property({ acknowledgeBeforeSync: true }), {
      numRuns: 300,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });

  it('is caught when the folder is not synced', async () => {
    const { failed } = await fc.check(property({ skipDirectorySync: true }), {
      numRuns: 300,
      endOnFailure: true,
    });
    expect(failed).toBe(true);
  });
});
