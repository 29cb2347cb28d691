import { describe, expect, it } from 'vitest';
import { fileChannelDefaults } from '../../../../../testkit/src/flume/file-channel-options.ts';
import { addFlumeLog, FlumeLogBytes } from '../../../../../testkit/src/flume/flume-log-files.ts';
import { openDurableQueue } from '../../../component/options/durable-queue.ts';
import { MemoryFiles } from '../../../log/memory-files.ts';
import type { DurableQueue } from '../../../queues/durable-queue.ts';
import { type ImportReport, importFlumeChannel } from './import-events.ts';

const dataDirs = fileChannelDefaults.dataDirs;
const dir = dataDirs[0]!;

function openQueue(files: MemoryFiles, importing = true): Promise<DurableQueue> {
  const context = { name: 'c1', options: fileChannelDefaults, report: () => {} };
  return openDurableQueue(
    context,
    { files, lock: false, ...(importing ? { flumeDirs: [] as const } : {}) },
    () => {},
  );
}

async function imported(
  files: MemoryFiles,
  options: Partial<Parameters<typeof importFlumeChannel>[0]> = {},
): Promise<ImportReport> {
  const queue = await openQueue(files);
  try {
    return await importFlumeChannel({ dataDirs, queue, files, batchEvents: 3, ...options });
  } finally {
    await queue.close();
  }
}

/** What an agent would take from the channel. */
async function held(files: MemoryFiles): Promise<string[]> {
  const queue = await openQueue(files, false);
  const bodies: string[] = [];
  for (let run = await queue.take(1000); run !== null; run = await queue.take(1000)) {
    for (let i = 0; i < run.batch.count; i++) {
      const event = run.batch.event(i);
      bodies.push(`${event.body}${event.headers().get('h') ?? ''}`);
    }
  }
  await queue.close();
  return bodies;
}

let order = 1_700_000_000_000;
/** A log with these events, each of its own transaction; where each begins. */
function logOf(bodies: readonly string[]): { log: FlumeLogBytes; at: number[] } {
  const log = new FlumeLogBytes();
  const at = bodies.map((body) => {
    const offset = log.put(++order, order, body, { h: '!' });
    log.commit(order, ++order, 'put');
    return offset;
  });
  return { log, at };
}

const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `e${from + i}`);
const marked = (bodies: readonly string[]) => bodies.map((body) => `${body}!`);

function flumeWith(bodies: readonly string[]): MemoryFiles {
  const files = new MemoryFiles();
  addFlumeLog(files, dir, 1, logOf(bodies).log.bytes(50));
  return files;
}

describe('an import', () => {
  it('brings over each event once, with its headers, in order; a second one nothing', async () => {
    const files = flumeWith(names(0, 10));
    const report = await imported(files);
    expect(report).toMatchObject({ undelivered: 10, imported: 10, alreadyImported: 0, complete: true });
    expect(await imported(files)).toMatchObject({ imported: 0, alreadyImported: 10, complete: true });
    expect(await held(files)).toEqual(marked(names(0, 10)));
  });

  it('that is cut off goes on where it was, wherever that is', async () => {
    for (let cut = 1; cut <= 4; cut++) {
      const files = flumeWith(names(0, 10));
      let told = 0;
      const cutOff = imported(files, {
        onProgress: () => {
          if (++told === cut) throw new Error('cut off');
        },
      });
      await expect(cutOff).rejects.toThrow('cut off');
      const isDone = cut === 4; // what was cut off then was the telling
      if (!isDone) await expect(openQueue(files, false)).rejects.toThrow('was cut off');
      const rest = await imported(files);
      expect(rest.imported).toBe(10 - Math.min(10, cut * 3));
      expect(await held(files)).toEqual(marked(names(0, 10)));
    }
  });

  it('after Flume has run on brings over what it has put since, and the channel waits for that', async () => {
    const files = flumeWith(names(0, 4));
    await imported(files);
    const { log, at } = logOf(names(4, 7));
    log.take(++order, order, 2, at[0]!);
    log.commit(order, ++order, 'take');
    addFlumeLog(files, dir, 2, log.bytes());
    await expect(openQueue(files, false)).rejects.toThrow('has run on since it was imported');
    expect(await imported(files)).toMatchObject({ imported: 2, alreadyImported: 4 });
    expect(await held(files)).toEqual(marked([...names(0, 4), 'e5', 'e6']));
  });

  it('that was cut off refuses to go on over other files', async () => {
    const files = flumeWith(names(0, 10));
    const cutOff = imported(files, {
      onProgress: () => {
        throw new Error('cut off');
      },
    });
    await expect(cutOff).rejects.toThrow('cut off');
    addFlumeLog(files, dir, 2, logOf(['new']).log.bytes());
    await expect(imported(files)).rejects.toThrow('the files have changed since');
  });

  it('of some folders does not count as one of others', async () => {
    const files = flumeWith(names(0, 2));
    await imported(files);
    addFlumeLog(files, '/other', 9, logOf(['x']).log.bytes());
    const both = imported(files, { dataDirs: [dir, '/other'] });
    await expect(both).rejects.toThrow('was imported together with other folders');
  });

  it('of nothing is told: the folder may be a wrong one', async () => {
    const files = new MemoryFiles();
    files.makeDir(dir);
    await expect(imported(files)).rejects.toThrow("there is no file of Flume's file channel");
  });
});

describe('damage', () => {
  function damaged(): MemoryFiles {
    const files = new MemoryFiles();
    const { log, at } = logOf(names(0, 6));
    const bytes = log.bytes();
    bytes[at[2]! + 50]! ^= 1; // its body or a header: the record is whole, its event is not
    bytes.fill(0xaa, at[4]!, at[4]! + 8);
    addFlumeLog(files, dir, 1, bytes);
    return files;
  }

  it('stops an import before anything is in, and is told with its place', async () => {
    const files = damaged();
    const report = await imported(files);
    expect(report).toMatchObject({ imported: 0, complete: false });
    expect(report.damage).toMatchObject([
      { file: `${dir}/log-1`, isTail: false, reason: 'no record begins with the byte 170' },
      { file: `${dir}/log-1`, isTail: false, reason: expect.any(String) },
    ]);
    await expect(openQueue(files, false)).rejects.toThrow("belongs to Flume's own file channel");
  });

  it('is left out where that is wanted, and told all the same', async () => {
    const files = damaged();
    const report = await imported(files, { skipDamaged: true });
    expect(report).toMatchObject({ imported: 4, complete: true });
    expect(report.damage).toHaveLength(2);
    expect(await held(files)).toEqual(marked(['e0', 'e1', 'e3', 'e5']));
  });
});

it('a queue with more sources than it keeps progress of keeps that of an import', async () => {
  const files = flumeWith(names(0, 2));
  await imported(files);
  const queue = await openQueue(files, false);
  queue.note(Array.from({ length: 10_100 }, (_, i) => ({ key: `k${i}`, place: '1' })));
  await queue.close();
  expect(await held(files)).toEqual(marked(names(0, 2)));
});
