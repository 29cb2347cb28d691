/**
 * A process to be killed: puts numbered events into a file channel and takes them out again, and says what it did on
 * standard output: `p FROM TO` after a put has committed, `d NUMBERS` when a sink's destination has the events, before
 * the take commits. Arguments: the folder, the first number, and a file of keys where it is to encrypt with the first.
 */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { testSurroundings } from '../../../millrace/src/component/testing/context.ts';
import { FileChannel } from '../../../millrace/src/components/file-channel/channel.ts';
import { silentLogger } from '../../../millrace/src/runtime/logger.ts';
import { eventBatch } from '../fuzz/event-batches.ts';
import { fileChannelDefaults, keysInFile } from './file-channel-options.ts';

const [folder = '', first = '0', keyFile] = process.argv.slice(2);
const options = {
  ...fileChannelDefaults,
  checkpointDir: join(folder, 'checkpoint'),
  dataDirs: [join(folder, 'data')],
  maxFileSize: 200_000,
  ...(keyFile === undefined
    ? {}
    : { encryption: keysInFile(keyFile, `k${Math.floor(Number(first) / 1_000_000)}`) }),
};
const channel = new FileChannel({
  ...testSurroundings(),
  ...{ agent: 'a1', name: 'c1', options, log: silentLogger, report: () => {} },
});
await channel.start();
say('ready');

let next = Number(first);
const signal = new AbortController().signal;
await Promise.all([source(), source(), source(), sink()]);

async function source(): Promise<void> {
  for (;;) {
    const from = next;
    next += 50;
    const bodies = Array.from({ length: 50 }, (_, i) => `${from + i} ${'x'.repeat(100)}`);
    const transaction = channel.begin();
    await transaction.put(eventBatch(bodies.slice(0, 20), 1000, new Map([['part', '1']])));
    await transaction.put(eventBatch(bodies.slice(20)));
    await transaction.commit();
    say(`p ${from} ${from + 50}`);
  }
}

async function sink(): Promise<void> {
  for (;;) {
    await channel.waitForEvents(1000, signal);
    const transaction = channel.begin();
    const batch = await transaction.take(33);
    if (batch !== null) say(`d ${[...batch].map((event) => event.body.toString().split(' ')[0]).join(',')}`);
    await transaction.commit();
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
