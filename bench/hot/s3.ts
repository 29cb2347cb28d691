/**
 * The s3 sink into MinIO beside the AWS SDK alone (`Upload` of lib-storage), of the same bytes in objects of the same
 * size: `node bench/hot/s3.ts [MILLIONS]`. Both run in this process, one after the other, three times.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Upload } from '@aws-sdk/lib-storage';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { s3Sink } from '../../packages/millrace/src/components/files/s3-sink.ts';
import { textSerializer } from '../../packages/millrace/src/components/text/text-serializer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { credentialsInEnvironment, ObjectStore } from '../../packages/testkit/src/s3/object-store.ts';
import { median } from '../lib/measurement.ts';

const events = Number(process.argv[2] ?? 1) * 1_000_000;
const bodyBytes = 200;
const batchEvents = 1000;
const objectBytes = 32 * 1024 * 1024;
const { signal } = new AbortController();

await using minio = await ObjectStore.start('minio');
credentialsInEnvironment();
await minio.makeBucket('bench');

const builder = new BatchBuilder();
for (let i = 0; i < batchEvents; i++) builder.add(Buffer.alloc(bodyBytes, `event ${i} `));
const batch = builder.build();

async function measured(name: string, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = (events * (bodyBytes + 1)) / 1e6;
  const rate = megabytes / seconds;
  console.log(
    `${name}: ${rate.toFixed(0)} MB/s, ${Math.round(events / seconds)} events/s, CPU ${((user + system) / 1e6).toFixed(2)} s`,
  );
  return rate;
}

async function bySink(names: 'counter' | 'deterministic', run: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-s3-'));
  const options = {
    ...{ 's3.path': `s3://bench/${names}-${run}`, 's3.endpoint': minio.endpoint, 's3.names': names },
    ...{ 's3.rollInterval': 0, 's3.rollSize': objectBytes, openFilesFolder: folder },
  };
  const sink = s3Sink.create(contextFor(s3Sink, options, 'k1', [textSerializer]));
  await sink.start();
  const underWay: Promise<unknown>[] = [];
  for (let done = 0; done < events; done += batchEvents) {
    const log = { topic: 't', partition: 0 };
    const from = done;
    const positioned = batch.withProvenance({ place: 't-0', log, positionOf: (delta) => from + delta });
    underWay.push(sink.deliver(deliveryOf([positioned]), { signal }));
    // As the window of 64 MiB has it.
    if (underWay.length > 300) await underWay.shift();
  }
  await sink.flush?.();
  await Promise.all(underWay);
  await sink.stop();
}

async function bySdk(run: number): Promise<void> {
  const object = Buffer.alloc(objectBytes, 'x');
  const client = minio.clientWith({});
  const total = events * (bodyBytes + 1);
  for (let at = 0, n = 0; at < total; at += objectBytes, n++) {
    const Body = object.subarray(0, Math.min(objectBytes, total - at));
    const params = { Bucket: 'bench', Key: `sdk-${run}/${n}`, Body };
    await new Upload({ client, params, partSize: 8 * 1024 * 1024, queueSize: 4 }).done();
  }
  client.destroy();
}

const rates: Record<string, number[]> = { sdk: [], counter: [], deterministic: [] };
for (let run = 0; run < 3; run++) {
  rates.sdk!.push(await measured('AWS SDK alone', () => bySdk(run)));
  for (const names of ['counter', 'deterministic'] as const)
    rates[names]!.push(await measured(`s3 sink, ${names} names`, () => bySink(names, run)));
}
// What runs beside it changes from minute to minute: each run is told against that of the SDK just before it.
for (const names of ['counter', 'deterministic']) {
  const ratios = rates[names]!.map((rate, run) => rate / rates.sdk![run]!);
  console.log(`${names}: ${median(ratios).toFixed(2)} × the SDK's rate in the same minute (median of 3)`);
}
