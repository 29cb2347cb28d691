/** `millrace import-channel`, killed while it stores, again and again: what it brings over comes once, in order. */
import { readdirSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from '../../packages/millrace/src/cli/import-channel.ts';
import { openDurableQueue } from '../../packages/millrace/src/component/options/durable-queue.ts';
import { realFiles } from '../../packages/millrace/src/runtime/files.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { fileChannelDefaults } from '../../packages/testkit/src/flume/file-channel-options.ts';
import { addFlumeLog, FlumeLogBytes } from '../../packages/testkit/src/flume/flume-log-files.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { runCli } from '../../packages/testkit/src/process/cli-io.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';

const events = 60_000;
const perTransaction = 50;

/** Bytes of the channel's log; 0 before there is one. */
function sizeOf(folder: string): number {
  return realFiles
    .list(folder)
    .filter((name) => name.endsWith('.log'))
    .reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
}

it('brings over each event once, however often it is killed', async () => {
  const chance = chanceOf('kills of an import');
  using dir = tempDir('millrace-import-kill-');
  let [order, next] = [1_700_000_000_000, 0];
  for (let id = 1; next < events; id++) {
    const log = new FlumeLogBytes();
    for (let end = next + 30_000; next < end; ) {
      const transaction = ++order;
      for (const last = next + perTransaction; next < last; next++)
        log.put(transaction, ++order, `event ${next}`);
      log.commit(transaction, ++order, 'put');
    }
    addFlumeLog(realFiles, dir.join('fc/data'), id, log.bytes(1000));
  }
  const to = ['--to-data-dir', dir.join('new/data'), '--to-checkpoint-dir', dir.join('new/checkpoint')];
  const folder = dir.join('new/data/events-0');
  let killed = 0;
  for (let code: number | null = null; code === null; ) {
    await using importing = await startMillrace(['import-channel', dir.join('fc'), ...to]);
    const killAt = sizeOf(folder) + chance.int(1, 500_000);
    while (importing.exit === null && sizeOf(folder) < killAt)
      await new Promise((done) => setImmediate(done));
    if (importing.exit === null) importing.signal('SIGKILL');
    code = (await importing.exited).code;
    if (code === null) killed++;
    else expect(code).toBe(0);
    // Each run stores something before it is killed: one that begins anew would never end.
    expect(killed).toBeLessThan(50);
  }
  expect(killed).toBeGreaterThan(0);
  const last = await runCli(run, [dir.join('fc'), ...to, '--json']);
  expect(JSON.parse(last.stdout)).toMatchObject({ imported: 0, alreadyImported: events, complete: true });
  expect(readdirSync(dir.join('fc/data'))).toHaveLength(4);

  const options = {
    ...fileChannelDefaults,
    dataDirs: [dir.join('new/data')],
    checkpointDir: dir.join('new/checkpoint'),
  };
  const queue = await openDurableQueue({ name: 'c1', options, report: () => {} }, {}, () => {});
  let taken = 0;
  for (let got = await queue.take(10_000); got !== null; got = await queue.take(10_000)) {
    for (let i = 0; i < got.batch.count; i++) {
      const body = got.batch.event(i).body.toString();
      if (body !== `event ${taken}`) expect(body, `event number ${taken}`).toBe(`event ${taken}`);
      taken++;
    }
  }
  expect(taken).toBe(events);
  await queue.close();
});
