import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { batchOf } from '../component/testing/test-api.ts';
import type { EventBatch } from '../records/event-batch.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import { EventLog } from './event-log.ts';
import { mostProgressKeys, type Progress } from './progress.ts';

const [dataDir, checkpointDir] = ['/fc/data', '/fc/checkpoint'];
const at = (key: string, place: number): Progress => ({ key, place: String(place) });

function open(files: FaultyFiles, told: Diagnostic[] = [], segmentBytes = 1 << 20): Promise<EventLog> {
  const report = (diagnostic: Diagnostic) => told.push(diagnostic);
  return EventLog.open({ dataDir, checkpointDir, segmentBytes, takeUnsynced: false, files, report });
}

async function put(log: EventLog, batch: EventBatch, ...progress: Progress[]): Promise<void> {
  const [stored] = log.append([batch], progress);
  await log.sync(stored!.transactionStart, progress);
}

/** All events that are there, and what is read of them is consumed. */
function consumeAll(log: EventLog): number {
  let events = 0;
  for (let next = log.read(log.consumed); next !== null; next = log.read(next.to)) {
    events += next.batch.count;
    log.saveConsumed(next.to, next.transactionStart);
  }
  return events;
}

describe('progress in the log of events', () => {
  it('outlives the files of the transactions that said it', async () => {
    const files = new FaultyFiles(1);
    const log = await open(files, [], 2000);
    for (let i = 0; i < 60; i++) await put(log, batchOf('x'.repeat(100)), at(i < 3 ? `early${i}` : 'f', i));
    expect(log.log.segmentCount).toBeGreaterThan(3);
    expect(consumeAll(log)).toBe(60);
    await log.checkpoint();
    expect(log.log.startOffset).toBeGreaterThan(50);
    files.crash();
    const again = await open(files);
    expect(['early0', 'early2', 'f'].map((key) => again.progress.placeOf(key))).toEqual(['0', '2', '59']);
  });

  it('is saved before a file that said it is removed, also between two checkpoints', async () => {
    const files = new FaultyFiles(2);
    const log = await open(files, [], 2000);
    for (let i = 0; i < 60; i++) await put(log, batchOf('x'.repeat(100)), at(i === 0 ? 'early' : 'f', i));
    consumeAll(log);
    while (log.log.startOffset === 0) await new Promise(setImmediate);
    files.kill();
    const again = await open(files, [], 2000);
    expect(['early', 'f'].map((key) => again.progress.placeOf(key))).toEqual(['0', '59']);
  });

  it('of a transaction that was torn is as little there as its events', async () => {
    const path = `${dataDir}/events-0/00000000000000000000.log`;
    let notWhole = 0;
    for (let fromEnd = 1; fromEnd < 220; fromEnd += 7) {
      const files = new FaultyFiles(3);
      const log = await open(files);
      await put(log, batchOf('a'), at('f', 1));
      await put(log, batchOf('b', 'c'), at('f', 2));
      files.kill();
      const file = files.open(path, 'write');
      file.truncate(files.size(path)! - fromEnd);
      file.close();
      const told: Diagnostic[] = [];
      const again = await open(files, told);
      expect([again.progress.placeOf('f'), again.storedEvents]).toEqual(['1', 1]);
      notWhole += told.filter(({ code }) => code === 'channel-transaction-torn').length;
    }
    expect(notWhole).toBeGreaterThan(5); // what said the progress was whole, the events were not
  });

  it('counts only once the device has it', async () => {
    const files = new FaultyFiles(4);
    const log = await open(files);
    await put(log, batchOf('a'), at('f', 1));
    files.faults.failSync = true;
    await expect(put(log, batchOf('b'), at('f', 2))).rejects.toThrow();
    expect(log.progress.placeOf('f')).toBe('1');
  });

  it('is none of a data folder that was emptied', async () => {
    const files = new FaultyFiles(5);
    const log = await open(files);
    for (let i = 0; i < 5; i++) await put(log, batchOf('a'), at('f', i));
    await log.close();
    for (const name of files.list(`${dataDir}/events-0`)) files.remove(`${dataDir}/events-0/${name}`);
    const again = await open(files);
    expect(again.progress.placeOf('f')).toBeUndefined();
  });

  it('is read from the log again where what was saved is damaged, and that is told', async () => {
    const files = new FaultyFiles(6);
    const log = await open(files);
    await put(log, batchOf('a'), at('f', 7));
    await log.close();
    const file = files.open(`${checkpointDir}/progress`, 'write');
    file.write([Buffer.from('x')], 30);
    file.close();
    const told: Diagnostic[] = [];
    const again = await open(files, told);
    expect(told.map(({ code }) => code)).toEqual(['channel-progress-damaged']);
    expect([again.progress.placeOf('f'), again.storedEvents]).toEqual(['7', 1]);
  });

  it('is bounded: the keys that moved longest ago are let go', async () => {
    const files = new FaultyFiles(7);
    const log = await open(files);
    const keys = Array.from({ length: mostProgressKeys }, (_, i) => at(`k${i}`, i));
    await put(log, batchOf('a'), ...keys);
    await put(log, batchOf('a'), at('k0', 1));
    await put(log, batchOf('a'), at('new', 1));
    const known = (of: EventLog) => ['k0', 'k1', 'k2', 'new'].map((key) => of.progress.placeOf(key));
    expect(known(log)).toEqual(['1', undefined, '2', '1']);
    await log.close();
    expect(known(await open(files))).toEqual(['1', undefined, '2', '1']);
  });
});
