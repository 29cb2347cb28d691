import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { credentialsInEnvironment, ObjectStore } from '../../../../testkit/src/s3/object-store.ts';
import { readTables } from '../../../../testkit/src/tables/read-tables.ts';
import { type DeliveryOutcome, deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { defaultPathManager } from './default-path-manager.ts';
import { fileRollSink } from './file-roll-sink.ts';
import { hdfsSink } from './hdfs-sink.ts';
import { s3Sink } from './s3-sink.ts';
import type { TableType } from './table-options.ts';

const { signal } = new AbortController();

/** Events `from` to `to` (exclusive) of a partition; every tenth is no JSON. */
function eventsOf(from: number, to: number): EventBatch {
  const builder = new BatchBuilder();
  for (let n = from; n < to; n++)
    builder.add(Buffer.from(n % 10 === 9 ? `no JSON ${n}` : `{"n":${n},"text":"event ${n}"}`));
  const log = { topic: 'events', partition: 3 };
  return builder.build().withProvenance({ place: 'events-3', log, positionOf: (delta) => from + delta });
}

/** Delivers events in small batches as a channel does and closes the files; what became of each batch. */
async function deliver(sink: Sink, from: number, to: number): Promise<DeliveryOutcome[]> {
  await sink.start();
  const underWay: ReturnType<Sink['deliver']>[] = [];
  for (let at = from; at < to; at += 20)
    underWay.push(sink.deliver(deliveryOf([eventsOf(at, Math.min(at + 20, to))]), { signal }));
  await sink.flush?.();
  const outcomes = await Promise.all(underWay);
  await sink.stop();
  return outcomes.map((outcome) => outcome ?? {});
}

/** What stands in files, in the order of its numbers. */
async function numbersIn(type: TableType, paths: readonly string[]): Promise<number[]> {
  const reader = type === 'avro' ? ('fastavro' as const) : ('duckdb' as const);
  const tables = await readTables(paths.map((path) => ({ reader, path })));
  const rows = tables.flatMap((table) => table.rows);
  return rows.map((row) => (JSON.parse(row) as { n: number }).n).sort((a, b) => a - b);
}

const written = (to: number) => Array.from({ length: to }, (_, n) => n).filter((n) => n % 10 !== 9);

const countRefused = (outcomes: readonly DeliveryOutcome[]) =>
  outcomes.flatMap(({ refused = [] }) => refused).length;

describe.each(['parquet', 'avro'] as const)('hdfs with files of %s', (type) => {
  it('has each event once under names by offsets, also when all come again', async () => {
    using dir = tempDir();
    const options = {
      ...{ 'hdfs.path': `file://${dir.join('out')}`, 'hdfs.fileType': type, names: 'deterministic' },
      ...{ 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 70 },
      openFilesFolder: dir.join('open'),
    };
    const sinkOf = () => hdfsSink.create(contextFor(hdfsSink, options, 'x1', [textSerializer]));
    expect(countRefused(await deliver(sinkOf(), 0, 200))).toBe(20);
    expect(countRefused(await deliver(sinkOf(), 0, 250))).toBe(25);
    const names = readdirSync(dir.join('out'));
    expect(names.every((name) => name.endsWith(`.${type}`))).toBe(true);
    expect(
      await numbersIn(
        type,
        names.map((name) => dir.join('out', name)),
      ),
    ).toEqual(written(250));
  });
});

describe.each(['parquet', 'avro'] as const)('file_roll with files of %s', (type) => {
  it('acknowledges events when their file is whole', async () => {
    using dir = tempDir();
    const options = {
      ...{ 'sink.directory': dir.join('out'), 'sink.fileType': type, 'sink.rollInterval': 0 },
      openFilesFolder: dir.join('open'),
    };
    const sink = fileRollSink.create(
      contextFor(fileRollSink, options, 'x1', [textSerializer, defaultPathManager]),
    );
    await sink.start();
    let acknowledged = 0;
    const underWay = [0, 20, 40].map(async (at) => {
      const outcome = await sink.deliver(deliveryOf([eventsOf(at, at + 20)]), { signal });
      acknowledged++;
      return outcome ?? {};
    });
    await vi.waitFor(() => expect(readdirSync(dir.join('out'))).toEqual([expect.stringMatching(/\.tmp$/)]), {
      timeout: 30_000,
    });
    expect(acknowledged).toBe(0);
    await sink.flush?.();
    expect(countRefused(await Promise.all(underWay))).toBe(6);
    await sink.stop();
    const names = readdirSync(dir.join('out'));
    expect(names).toEqual([expect.stringMatching(new RegExp(`^events\\.\\d+\\.${type}$`))]);
    expect(await numbersIn(type, [dir.join('out', names[0]!)])).toEqual(written(60));
  });
});

describe('s3', () => {
  let minio: ObjectStore;
  let credentials: Disposable;
  beforeAll(async () => {
    minio = await ObjectStore.start('minio');
    credentials = credentialsInEnvironment();
  });
  afterAll(async () => {
    credentials[Symbol.dispose]();
    await minio[Symbol.asyncDispose]();
  });

  it.each(['parquet', 'avro'] as const)(
    'has each event once in files of %s, also when all come again',
    async (type) => {
      using dir = tempDir();
      await minio.makeBucket(type);
      const options = {
        ...{ 's3.path': `s3://${type}/out`, 's3.endpoint': minio.endpoint, 's3.fileType': type },
        ...{ 's3.names': 'deterministic', 's3.rollInterval': 0, 's3.rollCount': 70 },
        openFilesFolder: dir.join('open'),
      };
      const sinkOf = () => s3Sink.create(contextFor(s3Sink, options, 'x1', [textSerializer]));
      const first = await deliver(sinkOf(), 0, 200);
      expect(first.flatMap(({ refused = [] }) => refused).length).toBe(20);
      expect(first.flatMap(({ pending = [] }) => pending)).toEqual([]);
      // Cut otherwise than the first time, and with more behind them.
      const again = await deliver(sinkOf(), 0, 250);
      expect(again.flatMap(({ refused = [] }) => refused).length).toBe(25);
      const keys = await minio.keys(type);
      expect(keys.every((key) => key.endsWith(`.${type}`))).toBe(true);
      expect(keys.length).toBeGreaterThan(3);
      const paths: string[] = [];
      for (const [i, key] of keys.entries()) {
        paths.push(dir.join(`${i}.${type}`));
        writeFileSync(paths.at(-1)!, (await minio.read(type, key))!);
      }
      expect(await numbersIn(type, paths)).toEqual(written(250));
    },
  );
});
