/** What a run leaves in the checkout is nothing to the project's own checks. */
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const root = join(import.meta.dirname, '../..');

test('after `npm start`, in any folder, lint and git see nothing new', async () => {
  await using dir = tempDir();
  const files = ['package.json', '.gitignore', 'biome.json', 'tsconfig.json', 'scripts'];
  for (const file of files) cpSync(join(root, file), dir.join(file), { recursive: true });
  symlinkSync(join(root, 'node_modules'), dir.join('node_modules'));
  const git = (...args: string[]) =>
    runToEnd('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], { cwd: dir.path });
  await git('init', '-q');
  await git('add', '-A', '--', ...files);
  await git('commit', '-q', '-m', 'as cloned');
  const before = (await git('status', '--porcelain')).stdout;
  const lint = () =>
    runToEnd(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.'], {
      cwd: dir.path,
    });
  await lint();

  for (const data of [['--dir', 'my/data'], []]) {
    const [broker, http] = await freePorts(2);
    const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
    await using start = await startMillrace(['start', ...data, ...ports], { cwd: dir.path });
    await start.waitForLine(/^ready/);
    const folder = dir.join(data[1] ?? 'millrace-data');
    writeFileSync(join(folder, 'flume.log'), 'hello\n');
    await waitFor('positions', () => existsSync(join(folder, 'state/taildir_position.json')));
    await start.stop({ signal: 'SIGINT', graceMs: 60_000 });
    // What a formatter would not leave as it is.
    expect(readFileSync(join(folder, 'state/taildir_position.json'), 'utf8')).toMatch(/^\[/);
  }
  await lint();
  expect((await git('status', '--porcelain')).stdout).toBe(before);
});
