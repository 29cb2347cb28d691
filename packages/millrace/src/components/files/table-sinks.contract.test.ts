import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { credentials, ObjectStore } from '../../../../testkit/src/s3/object-store.ts';
import { readTables } from '../../../../testkit/src/tables/read-tables.ts';
import { type DeliveryOutcome, deliveryOf } from '../../component/delivery.ts';
import type { Sink } from '../../component/sink.ts';
import { contextFor } from '../../component/testing/context.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { s3Sink } from './s3-sink.ts';

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

const numbersIn = (rows: readonly string[]) => rows.map((row) => (JSON.parse(row) as { n: number }).n);
const written = (to: number) => Array.from({ length: to }, (_, n) => n).filter((n) => n % 10 !== 9);

describe('s3', () => {
  let minio: ObjectStore;
  beforeAll(async () => {
    minio = await ObjectStore.start('minio');
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  });
  afterAll(async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    await minio[Symbol.asyncDispose]();
  });

  it.each(['parquet'] as const)(
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
      const tables = await readTables(paths.map((path) => ({ reader: 'duckdb' as const, path })));
      const all = tables.flatMap(({ rows }) => numbersIn(rows)).sort((a, b) => a - b);
      expect(all).toEqual(written(250));
    },
  );
});
