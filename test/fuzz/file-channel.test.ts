import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../packages/millrace/src/component/channel.ts';
import { testSurroundings } from '../../packages/millrace/src/component/testing/context.ts';
import { FileChannel } from '../../packages/millrace/src/components/file-channel/channel.ts';
import { silentLogger } from '../../packages/millrace/src/runtime/logger.ts';
import { type FaultSettings, FaultyFiles } from '../../packages/testkit/src/files/faulty-files.ts';
import { fileChannelDefaults } from '../../packages/testkit/src/flume/file-channel-options.ts';
import { eventBatch } from '../../packages/testkit/src/fuzz/event-batches.ts';

const options = { ...fileChannelDefaults, capacity: 100_000, transactionCapacity: 1000, maxFileSize: 900 };

type Step =
  | { do: 'put'; counts: number[]; shared: boolean; wait: boolean }
  | { do: 'take'; most: number }
  | { do: 'commit' | 'rollback'; which: number }
  | { do: 'crash' | 'kill' | 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      shared: fc.boolean(),
      wait: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('take' as const), most: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'rollback' as const), which: fc.nat(5) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'kill' as const, 'restart' as const) }),
  },
);

/** What an outsider knows of the channel. */
class Model {
  serial = 0;
  /** Events of puts whose commit has resolved, and of those that were under way. */
  readonly promised = new Set<string>();
  readonly attempted = new Set<string>();
  /** Events of takes whose commit has resolved. */
  readonly delivered = new Set<string>();
}

async function run(seed: number, steps: readonly Step[], faults: FaultSettings): Promise<void> {
  const files = new FaultyFiles(seed, faults);
  const model = new Model();
  const open = async () => {
    const context = {
      ...testSurroundings(),
      ...{ agent: 'a1', name: 'c1', options, log: silentLogger, report: () => {} },
    };
    const channel = new FileChannel(context, { files: files.life(), lock: false });
    await channel.start();
    return channel;
  };
  let channel = await open();
  let takes: { transaction: Transaction; events: string[] }[] = [];

  const put = async (action: Extract<Step, { do: 'put' }>) => {
    const mine = channel;
    const batches = action.counts.map((count) => Array.from({ length: count }, () => `e${model.serial++}`));
    for (const body of batches.flat()) model.attempted.add(body);
    const transaction = mine.begin();
    for (const [i, bodies] of batches.entries()) {
      await transaction.put(
        eventBatch(bodies, 1000, action.shared ? new Map([['batch', `${i}`]]) : undefined),
      );
    }
    const committed = transaction.commit().then(() => {
      if (mine === channel) for (const body of batches.flat()) model.promised.add(body);
    });
    if (action.wait) await committed;
    else committed.catch(() => {});
  };

  for (const action of steps) {
    if (action.do === 'put') await put(action);
    else if (action.do === 'take') {
      const transaction = channel.begin();
      const batch = await transaction.take(action.most);
      takes.push({
        transaction,
        events: batch === null ? [] : [...batch].map((event) => event.body.toString()),
      });
      expect(batch?.count ?? 0).toBeLessThanOrEqual(action.most);
    } else if (action.do === 'commit' || action.do === 'rollback') {
      const [chosen] = takes.splice(action.which % Math.max(1, takes.length), 1);
      if (chosen === undefined) continue;
      await chosen.transaction[action.do]();
      if (action.do === 'commit') for (const body of chosen.events) model.delivered.add(body);
    } else {
      takes = [];
      if (action.do === 'restart') await channel.stop();
      else if (action.do === 'crash') files.crash();
      else files.kill();
      channel = await open();
    }
  }
  files.crash();
  channel = await open();
  const transaction = channel.begin();
  const rest: string[] = [];
  for (let batch = await transaction.take(1000); batch !== null; batch = await transaction.take(1000)) {
    rest.push(...[...batch].map((event) => event.body.toString()));
  }
  expect(channel.eventCount).toBe(rest.length);
  const found = new Set(rest);
  expect(rest.length, 'an event came twice').toBe(found.size);
  for (const body of rest) expect(model.attempted, `${body} came from nowhere`).toContain(body);
  for (const body of model.promised) {
    expect(model.delivered.has(body) || found.has(body), `${body} is lost`).toBe(true);
  }
  const numbers = rest.map((body) => Number(body.slice(1)));
  expect(numbers, 'order').toEqual(numbers.toSorted((a, b) => a - b));
}

const property = (faults: FaultSettings) =>
  fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 30 }), (seed, steps) =>
    run(seed, steps, faults),
  );

describe('a file channel on a disk that forgets what was not synced', () => {
  it('keeps every committed put until a take of it commits, in order', async () => {
    await fc.assert(property({}), { numRuns: 1000 });
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
