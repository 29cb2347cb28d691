import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../../../../../testkit/src/files/temp-dir.ts';
import { recordingLogger } from '../../../component/testing/context.ts';
import { propertiesOf } from '../load-config.ts';
import { originOf } from './config-origin.ts';

const lookUp = ['$', '{env:SECRET}'].join('');
const hard = String.raw`a1.sources = r1
a1.sources.r1.command = echo "${lookUp}" \\d # !x
a1.sources.r\ 1.key\:with\=all = \ leading and trailing \u00e9 čaj
a1.empty =
`;

it('keeps the last configuration, and starts with it while the original is away', async () => {
  using dir = tempDir();
  const file = dir.join('flume.conf');
  const backup = dir.join('backups', '.a1.properties');
  const lines: string[] = [];
  const open = async () => {
    const origin = await originOf(
      { kind: 'texts', places: [file], intervalMs: 5, backupFolder: dir.join('backups') },
      { agentName: 'a1', log: recordingLogger(lines) },
    );
    await origin.open();
    return origin;
  };
  const values = (texts: Parameters<typeof propertiesOf>[0]) =>
    [...propertiesOf(texts).properties].map(([key, { value }]) => [key, value]);

  await expect(open()).rejects.toThrow(`can't read ${file}`);
  writeFileSync(file, hard);
  // What a kill has left, in a mode that lets others read it.
  mkdirSync(dir.join('backups'), { recursive: true });
  writeFileSync(`${backup}.new`, 'left', { mode: 0o644 });
  const first = await open();
  const original = values(first.texts());
  expect(original).toHaveLength(4);
  expect(values([{ name: backup, bytes: readFileSync(backup) }])).toEqual(original);
  expect(statSync(backup).mode & 0o777).toBe(0o600);

  rmSync(file);
  const second = await open();
  expect(second.names).toEqual([backup]);
  expect(values(second.texts())).toEqual(original);
  expect(lines).toEqual([
    expect.stringMatching(
      /Unable to access primary configuration. Trying backup .*\.a1\.properties: can't read/,
    ),
  ]);

  // The original counts again as soon as it is there.
  const changed = Promise.withResolvers<string>();
  const watch = second.watch(async (line) => changed.resolve(line));
  writeFileSync(file, 'a1.sources = r2\n');
  expect(await changed.promise).toBe(`Reloading configuration file:${file}`);
  await watch.stop();
  expect(second.names).toEqual([file]);
  expect(values(second.texts())).toEqual([['a1.sources', 'r2']]);
  expect(readFileSync(backup, 'utf8')).toMatch(/^a1\.sources=r2$/m);
});

it('that can not be written is told and holds up nothing', async () => {
  using dir = tempDir();
  writeFileSync(dir.join('flume.conf'), 'a=1');
  mkdirSync(dir.join('.a1.properties', 'in the way'), { recursive: true });
  const lines: string[] = [];
  const origin = await originOf(
    { kind: 'texts', places: [dir.join('flume.conf')], intervalMs: 5, backupFolder: dir.path },
    { agentName: 'a1', log: recordingLogger(lines) },
  );
  await origin.open();
  expect(lines).toEqual([expect.stringContaining('Unable to create backup properties file')]);
  expect(Buffer.from(origin.texts()[0]!.bytes).toString()).toBe('a=1');
});

it('keeps the file of an agent with an odd name in its folder', async () => {
  using dir = tempDir();
  const file = dir.join('flume.conf');
  writeFileSync(file, 'x/../../up.sources = r1\n');
  const origin = await originOf(
    { kind: 'texts', places: [file], intervalMs: 5, backupFolder: dir.join('backups') },
    { agentName: 'x/../../up', log: recordingLogger() },
  );
  await origin.open();
  await origin.close();
  expect(readdirSync(dir.join('backups'))).toEqual(['.x_.._.._up.properties']);
});
