import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { fileChannelDefaults } from '../../../testkit/src/flume/file-channel-options.ts';
import { addFlumeLog, FlumeLogBytes } from '../../../testkit/src/flume/flume-log-files.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { openDurableQueue } from '../component/options/durable-queue.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { realFiles } from '../runtime/files.ts';
import { run } from './flume-ng.ts';

const open = (dir: TempDir) =>
  openDurableQueue(
    {
      name: 'c1',
      options: { ...fileChannelDefaults, dataDirs: [dir.join('data')], checkpointDir: dir.join('cp') },
      report: () => {},
    },
    {},
    () => {},
  );

/** A channel of five puts of ten events each. */
async function channelIn(dir: TempDir): Promise<void> {
  const queue = await open(dir);
  for (let n = 0; n < 5; n++) {
    const builder = new BatchBuilder();
    for (let i = 0; i < 10; i++) builder.add(`event ${n * 10 + i}`);
    queue.reserve(10);
    await queue.store([builder.build()], 10);
  }
  await queue.close();
}

const segmentOf = (dir: TempDir) => dir.join(`data/events-0/${'0'.repeat(20)}.log`);
const tool = (...argv: string[]) => runCli(run, ['tool', ...argv]);

describe('flume-ng tool FCINTEGRITYTOOL', () => {
  it('tells of a channel that is whole, with the lines of Flume', async () => {
    using dir = tempDir();
    await channelIn(dir);
    for (const words of [['-l'], ['--dataDirs'], ['-dataDirs']]) {
      const { code, stdout } = await tool('fcintegritytool', ...words, dir.join('data'));
      expect(code).toBe(0);
      expect(stdout).toBe(`---------- Summary --------------------
Number of Events in the Channel = 50
Number of Put Events Processed = 50
Number of Valid Put Events = 50
Number of Invalid Put Events = 0
Number of Put Events that threw Exception during validation = 0
Number of Corrupt Events = 0
---------------------------------------
`);
    }
  });

  it('sets damage aside, so that all the rest is delivered', async () => {
    using dir = tempDir();
    await channelIn(dir);
    const bytes = readFileSync(segmentOf(dir));
    bytes[bytes.indexOf('event 25')]! ^= 1;
    writeFileSync(segmentOf(dir), bytes);
    const { code, stdout, stderr } = await tool('FCINTEGRITYTOOL', '-l', dir.join('data'));
    expect(code).toBe(1);
    expect(stdout).toContain('Number of Valid Put Events = 40\n');
    expect(stdout).toContain('Number of Corrupt Events = 10\n');
    expect(stderr).toContain('set aside');
    expect((await tool('FCINTEGRITYTOOL', '-l', dir.join('data'))).code).toBe(0);
    const queue = await open(dir);
    const bodies: string[] = [];
    for (let taken = await queue.take(100); taken !== null; taken = await queue.take(100))
      for (let i = 0; i < taken.batch.count; i++) bodies.push(taken.batch.event(i).body.toString());
    await queue.close();
    const wanted = Array.from({ length: 50 }, (_, i) => `event ${i}`);
    expect(bodies).toEqual(wanted.filter((_, i) => i < 20 || i >= 30));
  });

  it('lets no running agent be disturbed', async () => {
    using dir = tempDir();
    await channelIn(dir);
    const queue = await open(dir);
    expect((await tool('FCINTEGRITYTOOL', '-l', dir.join('data'))).code).toBe(69);
    await queue.close();
  });

  it("says what to do with files of Flume's own, and touches nothing", async () => {
    using dir = tempDir();
    const log = new FlumeLogBytes();
    log.put(1, 1, 'a');
    addFlumeLog(realFiles, dir.join('data'), 1, log.bytes());
    const { code, stderr } = await tool('FCINTEGRITYTOOL', '-l', dir.join('data'));
    expect(code).toBe(1);
    expect(stderr).toContain('millrace import-channel --dry-run');
    expect(readdirSync(dir.join('data')).sort()).toEqual(['log-1', 'log-1.meta']);
  });

  it('ends with 1 for words that it does not know, as Flume does', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('data'));
    expect(await tool()).toMatchObject({ code: 1, stdout: expect.stringContaining('FCINTEGRITYTOOL') });
    expect(await tool('x')).toMatchObject({ code: 1, stderr: expect.stringContaining('no tool x') });
    for (const [argv, why] of [
      [[], 'dataDirs is required'],
      [['-l', dir.join('nowhere')], 'does not exist'],
      [['-l', dir.join('data'), '-e', 'com.acme.V', '-Da=b'], 'it is a Java class'],
      [['-l', dir.join('data')], 'no events of a file channel'],
    ] as const) {
      const { code, stderr } = await tool('fcintegritytool', ...argv);
      expect(code).toBe(1);
      expect(stderr).toContain(why);
    }
  });
});
