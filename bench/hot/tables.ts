/**
 * JSON events into tables, encoding and compression included, nothing written to a device: `node bench/hot/tables.ts
 * [MILLIONS]`. Events of 10 fields and about 300 bytes, in batches of 1000, a file for each million.
 */
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { s3Sink } from '../../packages/millrace/src/components/files/s3-sink.ts';
import { tableFormat } from '../../packages/millrace/src/components/files/table-format.ts';
import type { TableOptions } from '../../packages/millrace/src/components/files/table-options.ts';
import { textSerializer } from '../../packages/millrace/src/components/text/text-serializer.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';

const events = Number(process.argv[2] ?? 1) * 1_000_000;
const batchEvents = 1000;

function eventOf(n: number): string {
  return JSON.stringify({
    ...{
      time: new Date(1.79e12 + n * 7).toISOString(),
      level: ['INFO', 'WARN', 'DEBUG'][n % 3],
      host: `web-${n % 40}`,
    },
    ...{
      requestId: `${(n * 2_654_435_761) % 2 ** 32}-${n}`,
      status: 200 + (n % 7),
      bytes: (n * 7919) % 100_000,
    },
    ...{ seconds: (n % 1000) / 1000, path: `/articles/${n % 5000}/comments?page=${n % 97}` },
    ...{ user: { id: n % 100_000, tags: ['a', `group-${n % 12}`] } },
    message: `request ${n} was answered by a worker of pool ${n % 16} after ${n % 1000} ms`,
  });
}

const batches: EventBatch[] = [];
let bodyBytes = 0;
for (let b = 0; b < 300; b++) {
  const builder = new BatchBuilder();
  for (let i = 0; i < batchEvents; i++) {
    const body = Buffer.from(eventOf(b * batchEvents + i));
    bodyBytes += body.length;
    builder.add(body);
  }
  batches.push(builder.build());
}
const meanBytes = bodyBytes / (batches.length * batchEvents);

const defaults = contextFor(s3Sink, { 's3.path': 's3://bench/out' }, 'k1', [textSerializer]);
const options = defaults.options as unknown as TableOptions;

for (const type of ['parquet', 'avro'] as const) {
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    const cpu = process.cpuUsage();
    let fileBytes = 0;
    for (let done = 0; done < events; ) {
      const encoder = tableFormat(type, options).open();
      const count = (buffers: readonly Buffer[]) => {
        for (const { length } of buffers) fileBytes += length;
      };
      count(await encoder.begin());
      for (let i = 0; i < 1000 && done < events; i++, done += batchEvents)
        count(await encoder.encode(batches[i % batches.length]!));
      count(await encoder.end());
    }
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const cpuSeconds = (user + system) / 1e6;
    console.log(
      `${type}: ${Math.round(events / seconds)} events/s, ${Math.round(events / cpuSeconds)} events per second of CPU, ` +
        `${Math.round(meanBytes)} → ${Math.round(fileBytes / events)} bytes an event, ${Math.round(process.memoryUsage().rss / 1e6)} MB`,
    );
  }
}
