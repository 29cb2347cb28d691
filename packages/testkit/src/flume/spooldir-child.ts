/**
 * A process that reads a spool directory and writes what it puts to a file, for tests that kill it: `FOLDER OUT
 * DESERIALIZER`. Each batch is one write of its bodies in hex, a line each, and a line `put` on standard output.
 */
import { appendFileSync } from 'node:fs';
import { contextFor } from '../../../millrace/src/component/testing/context.ts';
import { DrivenSource } from '../../../millrace/src/component/testing/driven-source.ts';
import { avroDeserializer } from '../../../millrace/src/components/avro/deserializer.ts';
import { spoolDirSource } from '../../../millrace/src/components/spooldir/source.ts';
import { lineDeserializer } from '../../../millrace/src/components/text/line-deserializer.ts';
import type { EventBatch } from '../../../millrace/src/records/event-batch.ts';

const [folder = '', out = '', deserializer = 'LINE'] = process.argv.slice(2);
const properties = { spoolDir: folder, batchSize: 5, settleTime: 0, pollDelay: 5, deserializer };
const context = contextFor(spoolDirSource, properties, 'r1', [lineDeserializer, avroDeserializer]);
const channels = {
  async put(batch: EventBatch): Promise<void> {
    appendFileSync(out, [...batch].map((event) => `${event.body.toString('hex')}\n`).join(''));
    process.stdout.write('put\n');
  },
};
await new DrivenSource(spoolDirSource.create({ ...context, channels })).start();
