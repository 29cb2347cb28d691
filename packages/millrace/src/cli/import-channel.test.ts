import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { addFlumeLog, FlumeLogBytes, flumeCheckpoint } from '../../../testkit/src/flume/flume-log-files.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { realFiles } from '../runtime/files.ts';
import { run } from './import-channel.ts';

function flumeFolder(dir: TempDir, damaged = false): void {
  const log = new FlumeLogBytes();
  const at = log.put(1, 1, 'a');
  log.put(1, 2, 'b');
  log.commit(1, 3, 'put');
  log.put(5, 5, 'never committed');
  const bytes = log.bytes(100);
  if (damaged) bytes[at] = 0xee;
  addFlumeLog(realFiles, dir.join('fc/data'), 1, bytes);
  const checkpoint = flumeCheckpoint({ order: 0, queue: [] });
  realFiles.makeDir(dir.join('fc/checkpoint'));
  for (const [name, content] of Object.entries(checkpoint))
    writeFileSync(dir.join(`fc/checkpoint/${name}`), content);
}

function conf(dir: TempDir, type = 'file'): string {
  const path = dir.join('flume.conf');
  const lines = [
    'a1.sources = s\na1.channels = c1\na1.sources.s.type = seq\na1.sources.s.channels = c1',
    `a1.channels.c1.type = ${type}`,
    ...(type === 'file'
      ? [
          `a1.channels.c1.dataDirs = ${dir.join('fc/data')}`,
          `a1.channels.c1.checkpointDir = ${dir.join('fc/checkpoint')}`,
          'a1.channels.c1.minimumRequiredSpace = 1048576',
        ]
      : []),
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const filesOf = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(`${dir}/${name}`, 'hex')]),
  );

describe('millrace import-channel', () => {
  it('takes the folders from the configuration, and leaves what Flume wrote as it was', async () => {
    using dir = tempDir();
    flumeFolder(dir);
    const before = { ...filesOf(dir.join('fc/data')), ...filesOf(dir.join('fc/checkpoint')) };
    const argv = ['-f', conf(dir), '-n', 'a1', '--channel', 'c1'];
    const first = await runCli(run, argv);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('2 events in');
    expect(first.stdout).toContain('1 puts were not committed');
    expect(first.stdout).toContain('2 imported into');
    expect({ ...filesOf(dir.join('fc/data')), ...filesOf(dir.join('fc/checkpoint')) }).toMatchObject(before);
    const second = await runCli(run, [...argv, '--json']);
    expect(JSON.parse(second.stdout)).toMatchObject({
      undelivered: 2,
      alreadyImported: 2,
      imported: 0,
      complete: true,
      from: { dataDirs: [dir.join('fc/data')], checkpointDir: dir.join('fc/checkpoint') },
      to: { dataDir: dir.join('fc/data'), checkpointDir: dir.join('fc/checkpoint') },
    });
  });

  it('takes a folder, too; a dry run makes nothing', async () => {
    using dir = tempDir();
    flumeFolder(dir);
    for (const at of ['fc', 'fc/data']) {
      const { code, stdout } = await runCli(run, [dir.join(at), '--dry-run']);
      expect(code).toBe(0);
      expect(stdout).toContain('2 events in');
      expect(stdout).toContain('nothing was imported: --dry-run');
    }
    expect(readdirSync(dir.join('fc/data')).sort()).toEqual(['log-1', 'log-1.meta']);
    const elsewhere = ['--to-data-dir', dir.join('new/data'), '--to-checkpoint-dir', dir.join('new/cp')];
    expect((await runCli(run, [dir.join('fc'), ...elsewhere])).code).toBe(0);
    expect(readdirSync(dir.join('fc/data')).sort()).toEqual(['log-1', 'log-1.meta']);
    expect(readdirSync(dir.join('new/data'))).toContain('events-0');
  });

  it('ends with 1 where something is damaged, and imports the rest where that is said', async () => {
    using dir = tempDir();
    flumeFolder(dir, true);
    const first = await runCli(run, [dir.join('fc')]);
    expect(first.code).toBe(1);
    expect(first.stdout).toContain(`${dir.join('fc/data/log-1')}: at 0: `);
    expect(first.stdout).toContain('nothing was imported: with --skip-damaged');
    const second = await runCli(run, [dir.join('fc'), '--skip-damaged']);
    expect(second.code).toBe(1);
    expect(second.stdout).toContain('1 imported into');
  });

  it.skipIf(process.platform !== 'linux')(
    'ends with 69 while another process has the files open',
    async () => {
      using dir = tempDir();
      flumeFolder(dir);
      const flume = spawn('tail', ['-f', dir.join('fc/data/log-1')], { stdio: ['ignore', 'pipe', 'ignore'] });
      try {
        await once(flume.stdout, 'data');
        const { code, stderr } = await runCli(run, [dir.join('fc')]);
        expect(code).toBe(69);
        expect(stderr).toContain(`log-1 is in use by process ${flume.pid}`);
      } finally {
        flume.kill();
        await once(flume, 'exit');
      }
      expect((await runCli(run, [dir.join('fc')])).code).toBe(0);
    },
  );

  it('says what is wrong with the command line', async () => {
    using dir = tempDir();
    flumeFolder(dir);
    expect(await runCli(run, [])).toMatchObject({ code: 64, stderr: expect.stringContaining('-f FILE') });
    expect(await runCli(run, ['-f', 'x'])).toMatchObject({ code: 64 });
    const noAgent = await runCli(run, ['-f', conf(dir), '-n', 'a2', '--channel', 'c1']);
    expect(noAgent).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('is not in the configuration'),
    });
    const memory = await runCli(run, ['-f', conf(dir, 'memory'), '-n', 'a1', '--channel', 'c1']);
    expect(memory).toMatchObject({ code: 78, stderr: expect.stringContaining('keeps no files') });
    const empty = await runCli(run, ['--data-dirs', dir.path, '--to-checkpoint-dir', dir.join('c')]);
    expect(empty).toMatchObject({ code: 78, stderr: expect.stringContaining('log-N') });
    const nowhere = await runCli(run, [dir.join('nowhere')]);
    expect(nowhere).toMatchObject({ code: 78, stderr: expect.stringContaining('log-N') });
  });
});
