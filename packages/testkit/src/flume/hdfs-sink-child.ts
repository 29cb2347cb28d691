/**
 * A process for kill tests: an hdfs sink that is given numbered lines without end, from a number on. Prints `a FROM TO`
 * when the lines from FROM to TO (exclusive) are acknowledged.
 *
 *     node hdfs-sink-child.ts FOLDER WRITE_MODE FIRST [URL]
 *
 * Files go to URL, or to the folder's own `out`.
 */
import { writeSync } from 'node:fs';
import { deliveryOf } from '../../../millrace/src/component/delivery.ts';
import { contextFor } from '../../../millrace/src/component/testing/context.ts';
import { hdfsSink } from '../../../millrace/src/components/files/hdfs-sink.ts';
import { textSerializer } from '../../../millrace/src/components/text/text-serializer.ts';
import { BatchBuilder } from '../../../millrace/src/records/batch-builder.ts';

const [folder = '', writeMode = '', first = '', url = `file://${folder}/out`] = process.argv.slice(2);
const batchEvents = 7;
/** More than fill the files of both buckets. */
const underWay = writeMode === 'stream' ? 10 : 1;

const properties = {
  ...{ 'hdfs.path': `${url}/%{bucket}`, 'hdfs.fileType': 'DataStream' },
  ...{ 'hdfs.rollInterval': 0, 'hdfs.rollSize': 0, 'hdfs.rollCount': 25 },
  ...(url.startsWith('file:') ? {} : { 'hdfs.user': 'mill' }),
  ...{ writeMode, openFilesFolder: `${folder}/open` },
};
const sink = hdfsSink.create(contextFor(hdfsSink, properties, 'k1', [textSerializer]));
await sink.start();
const { signal } = new AbortController();
const acknowledging: Promise<void>[] = [];
for (let from = Number(first); ; from += batchEvents) {
  const builder = new BatchBuilder();
  for (let n = from; n < from + batchEvents; n++)
    builder.add(Buffer.from(`line ${n}`), new Map([['bucket', String(n % 2)]]));
  acknowledging.push(acknowledge(from, builder));
  if (acknowledging.length >= underWay) await acknowledging.shift();
}

async function acknowledge(from: number, builder: BatchBuilder): Promise<void> {
  const {
    pending = [],
    refused = [],
    error,
  } = (await sink.deliver(deliveryOf([builder.build()]), { signal })) ?? {};
  if (pending.length + refused.length > 0) throw new Error('not delivered', { cause: error });
  writeSync(1, `a ${from} ${from + batchEvents}\n`);
}
