/**
 * A process to be killed: puts numbered events into a spillable channel and takes them out again, and says what it did
 * on standard output: `f NUMBERS` or `m NUMBERS` after a put has committed, in files or in memory; `d NUMBERS` when a
 * sink's destination has the events, before the take commits. Arguments: the folder, the first number.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { SpillableChannel } from '../../../millrace/src/components/spillable/channel.ts';
import { pause } from '../../../millrace/src/runtime/timers.ts';
import { eventBatch } from '../fuzz/event-batches.ts';
import { spillableContext } from './spillable-channel.ts';

const [folder = '', first = '0'] = process.argv.slice(2);
const channel = new SpillableChannel(
  spillableContext({
    ...{ checkpointDir: join(folder, 'checkpoint'), dataDirs: join(folder, 'data'), maxFileSize: 50_000 },
    ...{ memoryCapacity: 200, overflowTimeout: 0 },
  }),
);
await channel.start();

let next = Number(first);
const signal = new AbortController().signal;
await Promise.all([source(), source(), sink()]);

async function source(): Promise<void> {
  for (;;) {
    const numbers = Array.from({ length: 40 }, () => next++);
    let place = 'm';
    const transaction = channel.begin();
    await transaction.put(eventBatch(numbers.map((number) => `${number} ${'x'.repeat(100)}`)), (fate) => {
      if (fate === 'held') place = 'f';
    });
    await transaction.commit();
    say(`${place} ${numbers.join(',')}`);
    if (channel.eventCount > 600) await pause(10);
  }
}

async function sink(): Promise<void> {
  for (let takes = 1; ; takes++) {
    // It falls behind and catches up, so that memory and files are used.
    if (takes % 40 === 0) await pause(30);
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
